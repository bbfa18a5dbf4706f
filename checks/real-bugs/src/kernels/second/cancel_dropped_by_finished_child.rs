//! A cancel goes to the child that a future awaits; the child has just finished and takes no cancel, and the future does not
//! hear of it.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "cancel_dropped_by_finished_child",
    reference: "status-im/nim-chronos#208",
    language: Language::Nim,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "A cancel goes to the child that a future awaits; the child has just finished and takes no cancel, and \
                the future does not hear of it.",
    users: "A procedure went on with its work although it had been canceled.",
    fix: "The future itself notes that it must cancel, and looks at the note when its child lets it go on.",
    missed: "With a cancel in the turn of the loop in which the child finishes; the tests for it came with the changes.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

#[derive(Clone, Copy, Default, PartialEq)]
enum Future {
    #[default]
    AwaitsChild,
    ChildIsFinished,
    MustCancel,
    Canceled,
    WentOn,
}

struct Loop<R: Runtime>(R::Mutex<Future>);

impl<R: Runtime> Loop<R> {
    /// The child finishes in one turn of the loop, and the future goes on in a later one.
    fn turn(&self) {
        let mut future = self.0.lock();
        if *future == Future::AwaitsChild {
            *future = Future::ChildIsFinished;
        }
        drop(future);
        let mut future = self.0.lock();
        *future = match *future {
            Future::MustCancel | Future::Canceled => Future::Canceled,
            _ => Future::WentOn,
        };
    }

    /// Returns whether the cancel was accepted.
    fn cancel<const FIXED: bool>(&self) -> bool {
        let mut future = self.0.lock();
        match *future {
            Future::AwaitsChild => *future = Future::Canceled,
            Future::ChildIsFinished if FIXED => *future = Future::MustCancel,
            _ => {}
        }
        *future != Future::WentOn
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let event_loop = Arc::new(Loop::<R>(Mutex::new(Future::default())));
    let turning = Arc::clone(&event_loop);
    let mut is_accepted = false;
    two::<R>(move || turning.turn(), || is_accepted = event_loop.cancel::<FIXED>());
    let is_canceled = *event_loop.0.lock() == Future::Canceled;
    Rule::NotLost.demand(is_canceled || !is_accepted, "a cancel was accepted and the future went on");
}
