//! The interceptors of this module: one alters operations, one only notes where they are written.

use std::cell::Cell;
use std::panic::Location;
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashSet;

use super::change::Change;
use super::site::{Site, Written};
use crate::executor::{Ahead, Interceptor, TASKS_MAX};
use crate::operation::{Operation, TaskId};

/// A change at a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Alteration {
    /// Where.
    pub site: Site,
    /// What.
    pub change: Change,
}

/// Performs operations with some of them altered.
///
/// # Example
///
/// ```
/// use cancelproof_judge::alteration::{Altered, Alteration, Change};
/// use cancelproof_judge::engine::dpor;
/// use cancelproof_judge::executor::{Controlled, intercept};
/// # fn sites() -> Vec<Alteration> { Vec::new() }
///
/// let alterations: std::sync::Arc<[Alteration]> = sites().into();
/// let exploration = dpor::explore(&dpor::Options::default(), move || {
///     intercept(Altered::once(&alterations));
///     // The code under test, on `Controlled`.
/// });
/// assert_eq!(exploration.failure, None);
/// ```
#[derive(Debug)]
pub struct Altered {
    alterations: Arc<[Alteration]>,
    /// By task: whether what it does once in each execution has been done.
    is_spent: [Cell<bool>; TASKS_MAX],
}

impl Altered {
    /// The interceptor of one execution.
    #[must_use]
    pub fn once(alterations: &Arc<[Alteration]>) -> Rc<dyn Interceptor> {
        Rc::new(Altered { alterations: Arc::clone(alterations), is_spent: Default::default() })
    }
}

impl Interceptor for Altered {
    fn perform(&self, task: TaskId, operation: &Operation, ahead: Ahead) -> Result<u64, u64> {
        let (mut action, mut other) = (operation.action, None);
        for Alteration { site, change } in &*self.alterations {
            match change {
                _ if !site.is_of(operation) => {}
                // Both orderings of a compare-exchange may be altered at once.
                Change::Order(part, ordering) => action = part.rewritten(action, *ordering),
                change => other = Some(change),
            }
        }
        match other {
            Some(change) => change.perform(action, ahead, &self.is_spent[usize::from(task.0)]),
            None => ahead.perform(action),
        }
    }

    fn splits(
        &self,
        _: TaskId,
        taken: &'static Location<'static>,
        access: &'static Location<'static>,
    ) -> bool {
        self.alterations.iter().any(|Alteration { site, change }| match change {
            Change::SplitSection => *site == Site::at(access, Written::Access),
            Change::HoldPerAccess => *site == Site::at(taken, Written::Lock),
            _ => false,
        })
    }
}

/// Notes every site of the executions that it is in.
#[derive(Debug)]
pub struct Listener {
    into: Arc<Mutex<FxHashSet<Site>>>,
}

impl Listener {
    /// One for one execution, which adds the sites that it meets to `into`.
    pub fn once(into: &Arc<Mutex<FxHashSet<Site>>>) -> Rc<dyn Interceptor> {
        Rc::new(Listener { into: Arc::clone(into) })
    }
}

impl Interceptor for Listener {
    fn perform(&self, _: TaskId, operation: &Operation, ahead: Ahead) -> Result<u64, u64> {
        if let Some(site) = Site::of(operation) {
            self.into.lock().unwrap_or_else(PoisonError::into_inner).insert(site);
        }
        ahead.perform(operation.action)
    }

    fn splits(
        &self,
        _: TaskId,
        taken: &'static Location<'static>,
        access: &'static Location<'static>,
    ) -> bool {
        let mut into = self.into.lock().unwrap_or_else(PoisonError::into_inner);
        into.extend([Site::at(access, Written::Access), Site::at(taken, Written::Lock)]);
        false
    }
}
