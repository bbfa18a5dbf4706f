//! Fuses: a cancel that goes off at every point of what the other party does, and a crash that does.
//!
//! An engine explores every interleaving and says that all is well; a fuse shows *what happens where*. A driver's thread
//! makes its calls one operation after another. Before the first, between any two, and after the last there is a
//! *point*, and for each point there is one row:
//!
//! - **cancel**: at the point another thread cancels, from beginning to end unless it is blocked, and then the driver
//!   goes on. One execution for each point, the same on every run. Each is judged by all rules; besides, no request may
//!   stay pending for ever and no callback may be lost. See [`cancel_at_every_point`].
//! - **crash**: at the point the driver's call panics, while another thread cancels; every interleaving of the two is
//!   explored. See [`crash_at_every_point`] for what may be demanded of a request whose driver has died in a call.
//!
//! What is dropped while a cancel may come has its points, too: a registration, which is what *unmark* drops, and the
//! callback object, whose release is part of completing. The request itself has none: its drop owns it, and a cancel
//! borrows it, so whoever could still cancel keeps it from being dropped. The party *drop* ends at the last use of the
//! request by its driver, with the cancel after it.
//!
//! The result is a [`Grid`] of points by outcomes, in which the outcomes that no point reaches can be seen as well.

mod cancel;
mod crash;
mod grid;

use cancelproof_machine::contract::MarkAfterCancel;

use crate::scenario::{Program, ad_hoc};
use crate::subject::Subject;

pub use cancel::at_every_point as cancel_at_every_point;
pub use crash::at_every_point as crash_at_every_point;
pub use grid::{Grid, Reach};

/// What the driver's thread does while the fuse burns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Party {
    /// The name: the call that is of interest.
    pub name: &'static str,
    /// The program with the driver's thread, and the canceler behind the bar.
    pub program: &'static str,
}

/// The parties, one for each call that a cancel can overtake, and for the callback and the drop.
pub const PARTIES: &[Party] = &[
    Party { name: "mark", program: "mark | cancel" },
    Party { name: "unmark", program: "mark unmark complete | cancel" },
    Party { name: "unmark, mark again", program: "mark unmark mark finish | cancel" },
    Party { name: "complete", program: "complete | cancel" },
    Party { name: "is-canceled", program: "is-canceled complete | cancel" },
    Party { name: "callback", program: "mark cancel | cancel ; callback reenters" },
    Party { name: "callback inside mark", program: "cancel mark | cancel" },
    Party { name: "drop", program: "mark finish | cancel ; callback returns" },
];

/// The parties that make sense under the contract of `subject`.
pub fn parties_of(subject: &dyn Subject) -> impl Iterator<Item = &'static Party> {
    let calls_back = subject.contract().mark_after_cancel == MarkAfterCancel::CallsBack;
    let contract = subject.contract();
    let applies = move |party: &&Party| {
        let program: Option<Program> = party.program.parse().ok();
        program.is_some_and(|program| ad_hoc(program).applies_to(&contract))
    };
    PARTIES.iter().filter(move |party| calls_back || party.name != "callback inside mark").filter(applies)
}
