//! What can be changed at a site, and how the changed operation is performed.

use std::cell::Cell;
use std::fmt;
use std::sync::atomic::Ordering;

use super::ordering::{Part, acquiring, join_loads, releasing};
use super::site::Written;
use crate::executor::Ahead;
use crate::operation::{Action, Update};

/// A change of one operation. It holds for the whole exploration, and for every task that comes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// Another ordering is written.
    Order(Part, Ordering),
    /// A read-modify-write is split into a load and a store, so that another task may come in between. Both keep
    /// what the ordering gave them, so that nothing but the atomicity is lost.
    Split,
    /// A compare-exchange that would succeed fails once in each execution, the first time that each task comes by, and
    /// answers with the value that it expected. The weak form may do so as it is written, so there this is no change
    /// but a demand: it must be survived.
    FailOnce,
    /// The value is read and nothing is written. A compare-exchange that would have succeeded says that it has.
    DropWrite,
    /// A swap becomes a store. It answers with the value that it stored, as if that had been there before: the value
    /// from before can be learnt from no store.
    StoreOnly,
    /// A notification or an unpark is left out.
    DropNotification,
    /// All are to be woken, and one is.
    NotifyOne,
    /// A fence is left out.
    DropFence,
    /// A critical section is split: its task lets go of the lock before this access, and takes it anew.
    SplitSection,
    /// The lock is held for each access alone, and let go of in between: as good as no lock around all of them. No access is left
    /// without any lock, since code that relies on the types of the language would then be what it cannot be.
    HoldPerAccess,
}

impl Change {
    /// Every change that can be made to what is `written`, but for those of orderings.
    #[must_use]
    pub fn of_operation(written: Written) -> &'static [Change] {
        match written {
            Written::Load(_) => &[],
            Written::Store(_) => &[Change::DropWrite],
            Written::Update(Update::Swap, _) => &[Change::Split, Change::DropWrite, Change::StoreOnly],
            Written::Update(..) => &[Change::Split, Change::DropWrite],
            Written::CompareExchange { .. } => &[Change::Split, Change::FailOnce, Change::DropWrite],
            Written::Fence(_) => &[Change::DropFence],
            Written::NotifyOne | Written::Unpark => &[Change::DropNotification],
            Written::NotifyAll => &[Change::DropNotification, Change::NotifyOne],
            Written::Access => &[Change::SplitSection],
            Written::Lock => &[Change::HoldPerAccess],
        }
    }

    /// Whether the changed operation is one that the written one allows, so that it must be survived.
    #[must_use]
    pub fn is_demand(self, written: Written) -> bool {
        self == Change::FailOnce && matches!(written, Written::CompareExchange { weak: true, .. })
    }

    /// Performs the changed `action`. `is_spent` says whether the task has made a change that it makes once only. One
    /// task must not decide that for another: which of them comes first is not for an interceptor to know.
    pub(super) fn perform(self, action: Action, ahead: Ahead, is_spent: &Cell<bool>) -> Result<u64, u64> {
        match self {
            Change::Order(part, ordering) => ahead.perform(part.rewritten(action, ordering)),
            Change::Split => split(action, ahead),
            Change::FailOnce => fail_once(action, ahead, is_spent),
            Change::DropWrite => drop_write(action, ahead),
            Change::StoreOnly => store_only(action, ahead),
            Change::NotifyOne => ahead.perform(Action::NotifyOne),
            Change::DropNotification | Change::DropFence => Ok(0),
            // What they change is no operation: see `Altered::splits`.
            Change::SplitSection | Change::HoldPerAccess => ahead.perform(action),
        }
    }
}

/// The load that a compare-exchange makes whether it succeeds or not, when nothing else is left of it.
fn load_of_exchange(success: Ordering, failure: Ordering) -> Action {
    Action::Load { ordering: join_loads(acquiring(success), failure) }
}

fn split(action: Action, ahead: Ahead) -> Result<u64, u64> {
    match action {
        Action::Update { update, operand, ordering } => {
            let old = ahead.perform(Action::Load { ordering: acquiring(ordering) })?;
            let value = update.apply(old, operand);
            ahead.perform(Action::Store { value, ordering: releasing(ordering) })?;
            Ok(old)
        }
        Action::CompareExchange { expected, new, success, failure, .. } => {
            let found = ahead.perform(load_of_exchange(success, failure))?;
            if found != expected {
                return Err(found);
            }
            ahead.perform(Action::Store { value: new, ordering: releasing(success) })?;
            Ok(found)
        }
        other => ahead.perform(other),
    }
}

fn fail_once(action: Action, ahead: Ahead, is_spent: &Cell<bool>) -> Result<u64, u64> {
    let Action::CompareExchange { expected, failure, .. } = action else { return ahead.perform(action) };
    if is_spent.get() {
        return ahead.perform(action);
    }
    let found = ahead.perform(Action::Load { ordering: failure })?;
    is_spent.set(found == expected);
    Err(found)
}

fn drop_write(action: Action, ahead: Ahead) -> Result<u64, u64> {
    match action {
        Action::Update { ordering, .. } => ahead.perform(Action::Load { ordering: acquiring(ordering) }),
        Action::CompareExchange { expected, success, failure, .. } => {
            let found = ahead.perform(load_of_exchange(success, failure))?;
            if found == expected { Ok(found) } else { Err(found) }
        }
        _ => Ok(0),
    }
}

fn store_only(action: Action, ahead: Ahead) -> Result<u64, u64> {
    let Action::Update { operand, ordering, .. } = action else { return ahead.perform(action) };
    ahead.perform(Action::Store { value: operand, ordering: releasing(ordering) })?;
    Ok(operand)
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Change::Order(Part::Only, ordering) => write!(f, "ordering {ordering:?}"),
            Change::Order(Part::Success, ordering) => write!(f, "success {ordering:?}"),
            Change::Order(Part::Failure, ordering) => write!(f, "failure {ordering:?}"),
            Change::Split => f.write_str("split into load and store"),
            Change::FailOnce => f.write_str("fail once for no reason"),
            Change::DropWrite => f.write_str("write nothing"),
            Change::StoreOnly => f.write_str("store instead of swap"),
            Change::DropNotification => f.write_str("notify nobody"),
            Change::NotifyOne => f.write_str("notify one"),
            Change::DropFence => f.write_str("no fence"),
            Change::SplitSection => f.write_str("let go of the lock before it"),
            Change::HoldPerAccess => f.write_str("hold it for each access alone"),
        }
    }
}
