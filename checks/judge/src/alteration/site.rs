//! Where an operation is written, and how.

use std::fmt;
use std::panic::Location;
use std::sync::atomic::Ordering;

use crate::operation::{Action, Operation, Update};

/// One operation in the text of a request: its place, and what is written there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Site {
    /// The file.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
    /// The operation.
    pub written: Written,
}

/// An operation as it is written: without the values, which differ from one execution to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Written {
    /// An atomic read.
    Load(Ordering),
    /// An atomic write.
    Store(Ordering),
    /// An unconditional read-modify-write.
    Update(Update, Ordering),
    /// A compare-exchange.
    CompareExchange {
        /// The ordering when it succeeds.
        success: Ordering,
        /// The ordering when it fails.
        failure: Ordering,
        /// Whether it is the weak form.
        weak: bool,
    },
    /// A fence.
    Fence(Ordering),
    /// Wakes one waiter.
    NotifyOne,
    /// Wakes every waiter.
    NotifyAll,
    /// Gives a task its park token.
    Unpark,
    /// Changes what a lock protects, which has been looked at under it before.
    Access,
    /// Takes a lock under which there is such an access.
    Lock,
}

impl Site {
    /// The site of an operation, if it is of a kind that can be altered.
    #[must_use]
    pub fn of(operation: &Operation) -> Option<Self> {
        let written = Written::of(operation.action)?;
        Some(Site::at(operation.location, written))
    }

    /// The place of what is `written` there without being an operation.
    pub(super) fn at(location: &'static Location<'static>, written: Written) -> Self {
        Site { file: location.file(), line: location.line(), column: location.column(), written }
    }

    /// Whether `operation` is performed from here.
    #[must_use]
    #[inline]
    pub fn is_of(&self, operation: &Operation) -> bool {
        let location = operation.location;
        // The cheapest first: this is asked at every operation.
        location.line() == self.line
            && location.column() == self.column
            && Written::of(operation.action) == Some(self.written)
            && location.file() == self.file
    }

    /// Where it is, from the root of its crate.
    #[must_use]
    pub fn place(&self) -> String {
        let file = self.file.rsplit("/src/").next().unwrap_or(self.file);
        format!("{file}:{}", self.line)
    }
}

impl Written {
    /// Whether the operation takes part in the single order of sequentially consistent operations.
    #[must_use]
    pub fn is_sequentially_consistent(self) -> bool {
        match self {
            Written::Load(ordering)
            | Written::Store(ordering)
            | Written::Update(_, ordering)
            | Written::Fence(ordering) => ordering == Ordering::SeqCst,
            Written::CompareExchange { success, failure, .. } => {
                success == Ordering::SeqCst || failure == Ordering::SeqCst
            }
            Written::NotifyOne | Written::NotifyAll | Written::Unpark | Written::Access | Written::Lock => {
                false
            }
        }
    }

    /// How an action is written; `None` for what cannot be altered.
    #[must_use]
    pub fn of(action: Action) -> Option<Self> {
        Some(match action {
            Action::Load { ordering } => Written::Load(ordering),
            Action::Store { ordering, .. } => Written::Store(ordering),
            Action::Update { update, ordering, .. } => Written::Update(update, ordering),
            Action::CompareExchange { success, failure, weak, .. } => {
                Written::CompareExchange { success, failure, weak }
            }
            Action::Fence { ordering } => Written::Fence(ordering),
            Action::NotifyOne => Written::NotifyOne,
            Action::NotifyAll => Written::NotifyAll,
            Action::Unpark { .. } => Written::Unpark,
            _ => return None,
        })
    }
}

impl PartialOrd for Written {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Written {
    /// By text: two operations at one place are rare, and any fixed order will do.
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.to_string().cmp(&other.to_string())
    }
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place(), self.written)
    }
}

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Written::Load(ordering) => write!(f, "load({ordering:?})"),
            Written::Store(ordering) => write!(f, "store({ordering:?})"),
            Written::Update(update, ordering) => write!(f, "{update}({ordering:?})"),
            Written::CompareExchange { success, failure, weak } => {
                let name = if *weak { "compare_exchange_weak" } else { "compare_exchange" };
                write!(f, "{name}({success:?}, {failure:?})")
            }
            Written::Fence(ordering) => write!(f, "fence({ordering:?})"),
            Written::NotifyOne => f.write_str("notify_one"),
            Written::NotifyAll => f.write_str("notify_all"),
            Written::Unpark => f.write_str("unpark"),
            Written::Access => f.write_str("change under a lock"),
            Written::Lock => f.write_str("lock"),
        }
    }
}
