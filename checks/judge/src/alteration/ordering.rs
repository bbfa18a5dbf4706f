//! Which orderings can be written where, and which is weaker than which.

use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};

use super::site::Written;
use crate::operation::Action;

/// Which of the orderings of an operation is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The only one.
    Only,
    /// That of a compare-exchange that succeeds.
    Success,
    /// That of a compare-exchange that fails.
    Failure,
}

impl Part {
    /// The action with another ordering in this part.
    pub(super) fn rewritten(self, action: Action, to: Ordering) -> Action {
        match action {
            Action::Load { .. } => Action::Load { ordering: to },
            Action::Store { value, .. } => Action::Store { value, ordering: to },
            Action::Update { update, operand, .. } => Action::Update { update, operand, ordering: to },
            Action::CompareExchange { expected, new, success, failure, weak } => match self {
                Part::Failure => Action::CompareExchange { expected, new, success, failure: to, weak },
                _ => Action::CompareExchange { expected, new, success: to, failure, weak },
            },
            Action::Fence { .. } => Action::Fence { ordering: to },
            other => other,
        }
    }
}

/// The orderings of what is written, part by part.
#[must_use]
pub fn parts(written: Written) -> Vec<(Part, Ordering)> {
    match written {
        Written::Load(ordering)
        | Written::Store(ordering)
        | Written::Update(_, ordering)
        | Written::Fence(ordering) => vec![(Part::Only, ordering)],
        Written::CompareExchange { success, failure, .. } => {
            vec![(Part::Success, success), (Part::Failure, failure)]
        }
        Written::NotifyOne | Written::NotifyAll | Written::Unpark | Written::Access | Written::Lock => {
            Vec::new()
        }
    }
}

/// The orderings that can be written in that part, the weakest first. A relaxed fence cannot: it would be none.
#[must_use]
pub fn possible(written: Written, part: Part) -> &'static [Ordering] {
    match (written, part) {
        (Written::Load(_), _) | (_, Part::Failure) => &[Relaxed, Acquire, SeqCst],
        (Written::Store(_), _) => &[Relaxed, Release, SeqCst],
        (Written::Fence(_), _) => &[Acquire, Release, AcqRel, SeqCst],
        _ => &[Relaxed, Acquire, Release, AcqRel, SeqCst],
    }
}

/// Whether `weak` promises less than `strong`.
#[must_use]
pub fn is_weaker(weak: Ordering, strong: Ordering) -> bool {
    match (weak, strong) {
        _ if weak == strong => false,
        (Relaxed, _) | (_, SeqCst) => true,
        (Acquire | Release, AcqRel) => true,
        _ => false,
    }
}

/// The orderings one step weaker than `ordering`: those with nothing in between. What is weaker still allows all that
/// they allow.
#[must_use]
pub fn next_weaker(written: Written, part: Part, ordering: Ordering) -> Vec<Ordering> {
    let weaker: Vec<Ordering> =
        possible(written, part).iter().copied().filter(|weak| is_weaker(*weak, ordering)).collect();
    let is_next = |weak: &Ordering| !weaker.iter().any(|between| is_weaker(*weak, *between));
    weaker.iter().copied().filter(is_next).collect()
}

/// What an ordering means for a load.
pub(super) fn acquiring(ordering: Ordering) -> Ordering {
    match ordering {
        SeqCst => SeqCst,
        AcqRel | Acquire => Acquire,
        _ => Relaxed,
    }
}

/// What an ordering means for a store.
pub(super) fn releasing(ordering: Ordering) -> Ordering {
    match ordering {
        SeqCst => SeqCst,
        AcqRel | Release => Release,
        _ => Relaxed,
    }
}

/// The weakest ordering of a load that promises what both promise.
pub(super) fn join_loads(one: Ordering, other: Ordering) -> Ordering {
    if is_weaker(one, other) { other } else { one }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operation::Update;

    #[test]
    fn one_step_weaker_leaves_nothing_out() {
        let update = Written::Update(Update::Or, SeqCst);
        assert_eq!(next_weaker(update, Part::Only, SeqCst), [AcqRel]);
        assert_eq!(next_weaker(update, Part::Only, AcqRel), [Acquire, Release]);
        assert_eq!(next_weaker(update, Part::Only, Release), [Relaxed]);
        assert_eq!(next_weaker(update, Part::Only, Relaxed), []);
        assert_eq!(next_weaker(Written::Load(SeqCst), Part::Only, SeqCst), [Acquire]);
        assert_eq!(next_weaker(Written::Store(SeqCst), Part::Only, SeqCst), [Release]);
        assert_eq!(next_weaker(Written::Fence(Acquire), Part::Only, Acquire), []);
    }

    #[test]
    fn acquire_and_release_are_not_comparable() {
        assert!(!is_weaker(Acquire, Release) && !is_weaker(Release, Acquire));
        assert!(is_weaker(Relaxed, Release) && is_weaker(Release, AcqRel) && is_weaker(AcqRel, SeqCst));
    }
}
