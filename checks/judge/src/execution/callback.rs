//! The callback object that the harness registers: it reports what happens to it.

use std::any::Any;
use std::panic::resume_unwind;
use std::sync::{Arc, Weak};

use cancelproof_machine::runtime::Runtime;
use cancelproof_machine::{Cancel, OnCancel, Status};

use super::{Record, World};
use crate::history::{Arming, Event, Thread, Title};
use crate::platform::Deliberate;
use crate::scenario::Behaviour;

/// The callback object of one mark.
pub(super) struct Registered<R: Runtime> {
    /// Weak, because the request inside the world owns this object.
    world: Weak<World<R>>,
    record: Arc<Record>,
    arming: Arming,
    title: Title,
}

impl<R: Runtime> Registered<R> {
    pub(super) fn new(world: &Arc<World<R>>, arming: Arming, title: Title) -> Self {
        Registered { world: Arc::downgrade(world), record: Arc::clone(&world.record), arming, title }
    }
}

impl<R: Runtime> OnCancel for Registered<R> {
    fn on_cancel(&self) {
        let Some(world) = self.world.upgrade() else {
            // Called while the request is being destroyed, after all threads have ended.
            let (thread, arming) = (0, self.arming);
            self.record.push::<R>(Event::CallbackStarted { thread, arming });
            self.record.push::<R>(Event::CallbackReturned { thread, arming });
            return;
        };
        let (thread, arming) = (world.thread(), self.arming);
        self.record.push::<R>(Event::CallbackStarted { thread, arming });
        if self.title == Title::Entitled {
            assert_context(world.read_context(), arming);
        }
        world.use_payload();
        world.behave(thread, arming);
        self.record.push::<R>(Event::CallbackReturned { thread, arming });
        if world.program.callback == Behaviour::Panics {
            self.record.expect_panic();
            // Not `panic!`, whose hook would speak of an accident.
            resume_unwind(Box::new(Deliberate));
        }
    }

    fn on_release(&self) {
        self.record.push::<R>(Event::Released { arming: self.arming });
    }
}

/// Whether a callback has thrown `panic`.
pub(super) fn has_thrown(panic: &(dyn Any + Send)) -> bool {
    panic.is::<Deliberate>()
}

/// A callback that sees another mark's context sees what was not published to it.
fn assert_context(found: u64, arming: Arming) {
    let expected = u64::from(arming) + 1;
    assert!(found >= expected, "{STALE_CONTEXT}: expected mark {expected}, got {found}");
}

/// How the panic of [`assert_context`] begins, for the attribution to recognise it.
pub(crate) const STALE_CONTEXT: &str = "the callback sees an older context than its mark wrote";

impl<R: Runtime> World<R> {
    fn behave(&self, thread: Thread, arming: Arming) {
        let complete = || self.complete(thread, Title::Entitled, Some(arming), Status::Canceled);
        match self.program.callback {
            Behaviour::Returns | Behaviour::Panics => {}
            Behaviour::Completes => complete(),
            Behaviour::WaitsForUnmark => self.wait_for_unmark(thread),
            Behaviour::Reenters => {
                self.unmark(thread, Title::Entitled, Some(arming));
                let _: Cancel = self.cancel(thread, Some(arming));
                complete();
            }
            Behaviour::CompletesTogether => {
                if self.is_second_to_meet() {
                    complete();
                }
            }
        }
    }
}
