//! Where groups of tasks meet, and gates that a task opens for others.

use core::cell::RefCell;

use rustc_hash::FxHashMap;

use super::raw::{At, RawCell};
use super::registered::Registration;
use crate::arena;
use crate::executor::controller::ObjectKind;
use crate::executor::session::{self, Handle};
use crate::operation::{Action, ObjectId};

/// Where groups of tasks meet.
#[derive(Debug)]
pub(crate) struct RawMeeting {
    arrivals: Registration,
    /// Read by each task that comes, where it leaves: the task that ends the meeting has to come after that.
    left: RawCell,
}

impl RawMeeting {
    pub(crate) const fn new() -> Self {
        RawMeeting { arrivals: Registration::new(), left: RawCell::new() }
    }

    /// Waits until `group` tasks have come, at least two. Says whether the calling one came last.
    pub(crate) fn wait(&self, group: u32, at: At) -> bool {
        let meeting = self.arrivals.handle_at(Some(at), || ObjectKind::Meeting);
        let (Ok(before) | Err(before)) = session::perform(Action::Arrive { group }, Some(meeting), at);
        let gate = Gate { of: meeting.object(), number: before / u64::from(group) };
        let is_last = (before + 1).is_multiple_of(u64::from(group));
        if is_last {
            gate.open(at);
        } else {
            gate.pass(at);
        }
        self.left.touch(false, at);
        is_last
    }
}

/// One of the gates of an object, all shut at first. It is known to the execution alone: it needs no memory and has no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Gate {
    /// The object.
    pub(crate) of: ObjectId,
    /// Which one.
    pub(crate) number: u64,
}

thread_local! {
    /// The gates of the present execution that somebody has come to, with its number.
    static GATES: RefCell<(u64, FxHashMap<Gate, u16>)> = RefCell::new((0, FxHashMap::default()));
}

impl Gate {
    /// Lets everyone pass, who comes later too.
    pub(crate) fn open(self, at: At) {
        let _ = session::perform(Action::GateOpen, Some(self.handle()), at);
    }

    /// Waits until it is open.
    pub(crate) fn pass(self, at: At) {
        let _ = session::perform(Action::GatePass, Some(self.handle()), at);
    }

    fn handle(self) -> Handle {
        let execution = session::execution();
        let known =
            GATES.with_borrow(
                |(of, gates)| {
                    if *of == execution.number() { gates.get(&self).copied() } else { None }
                },
            );
        let number = known.unwrap_or_else(|| {
            let number = session::find(ObjectKind::Gate).object().0;
            let note = |(of, gates): &mut (u64, FxHashMap<Gate, u16>)| {
                if *of != execution.number() {
                    *of = execution.number();
                    gates.clear();
                }
                gates.insert(self, number);
            };
            arena::outside(|| GATES.with_borrow_mut(note));
            number
        });
        Handle::new(ObjectId(number), execution)
    }
}
