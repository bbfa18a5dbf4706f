//! What the driver is called for: cancel callbacks, the queue's notifications, completions.

use std::sync::{Arc, OnceLock};

use cancelproof_machine::machine::Reply;
use cancelproof_machine::runtime::Runtime;
use cancelproof_machine::{OnCancel, Status, Unmark};
use cancelproof_references::application::Application;
use cancelproof_references::framework::target::{Life, Sender};
use cancelproof_references::framework::{self, Id};
use cancelproof_references::object::{Body, Interface};

use super::super::history::{Answer, Arming, Event, Request};
use super::super::program::{Behaviour, OnStop, Verb};
use super::super::record::Record;
use super::{Back, Call, World, step};

/// The callback object of one mark.
pub(super) struct Registered<R: Runtime> {
    world: Back<R>,
    record: Arc<Record>,
    request: Request,
    arming: Arming,
}

impl<R: Runtime> Registered<R> {
    /// The framework takes its reference on the callback object with the interface.
    pub(super) fn new(world: &Arc<World<R>>, request: Request, arming: Arming) -> Self {
        if let Some(object) = &world.object {
            object.query_interface(Interface::RequestCallbackCancel);
        }
        Registered { world: Arc::downgrade(world), record: Arc::clone(&world.record), request, arming }
    }
}

impl<R: Runtime> OnCancel for Registered<R> {
    fn on_cancel(&self) {
        let Some(world) = self.world.upgrade() else { return };
        let (thread, request, arming) = (world.thread(), self.request, self.arming);
        self.record.push(Event::CallbackStarted { thread, request, arming });
        world.enter_scope();
        let found = world.read_context(request);
        let expected = u64::from(arming) + 1;
        assert!(found >= expected, "{STALE_CONTEXT}: expected mark {expected}, got {found}");
        world.use_payload(request);
        world.use_body();
        world.behave(thread, request);
        self.record.push(Event::CallbackReturned { thread, request, arming });
        world.note_returned(request);
    }

    fn on_release(&self) {
        self.record.push(Event::Released { arming: self.arming });
        if let Some(world) = self.world.upgrade()
            && let Some(object) = &world.object
        {
            object.release();
        }
    }
}

/// How the panic begins of a callback that sees what another mark wrote.
pub(crate) const STALE_CONTEXT: &str = "the callback sees an older context than its mark wrote";

/// The driver, as the framework knows it.
pub(super) struct Driver<R: Runtime> {
    pub(super) world: OnceLock<Back<R>>,
}

impl<R: Runtime> Driver<R> {
    fn with(&self, then: impl FnOnce(&Arc<World<R>>)) {
        if let Some(world) = self.world.get().and_then(Back::upgrade) {
            then(&world);
        }
    }
}

impl<R: Runtime> framework::Driver for Driver<R> {
    fn on_canceled_on_queue(&self, id: Id) {
        self.with(|world| {
            let (thread, request) = (world.thread(), id as Request);
            world.record.push(Event::ToldOnQueue { thread, request });
            world.enter_scope();
            world.complete(
                Call::of(thread, step(Verb::Complete, request)).inside(Some(request)),
                Status::Canceled,
            );
        });
    }

    fn on_stop(&self, id: Id, is_cancelable: bool) {
        self.with(|world| {
            let request = id as Request;
            world.record.push(Event::Stopped { request, is_cancelable });
            world.enter_scope();
            world.stop(request, is_cancelable);
        });
    }

    fn on_purged(&self) {
        self.with(|world| world.record.push(Event::Purged));
    }

    fn on_completed(&self, id: Id, status: Status) {
        self.with(|world| {
            world.record.push(Event::Completed { request: id as Request, status });
            if let Some(application) = &world.application {
                Application::completed(application, id, status);
            }
        });
    }

    fn on_destroyed(&self, id: Id) {
        self.with(|world| world.record.push(Event::Destroyed { request: id as Request }));
    }
}

impl<R: Runtime> Sender for Driver<R> {
    fn on_sent_completed(&self, life: Life, status: Status) {
        self.with(|world| world.record.push(Event::SentCompleted { life: life as u8, status }));
    }
}

/// The body of the callback object.
pub(super) struct Destroyed<R: Runtime>(pub(super) Arc<Driver<R>>);

impl<R: Runtime> Body for Destroyed<R> {
    fn on_destroy(&self) {
        self.0.with(|world| world.destroy_body());
    }
}

impl<R: Runtime> World<R> {
    fn behave(self: &Arc<Self>, thread: u8, request: Request) {
        let inside = |verb| Call::of(thread, step(verb, request)).inside(Some(request));
        match self.program.setup.behaviour {
            Behaviour::Returns => {}
            Behaviour::Completes => self.complete(inside(Verb::Complete), Status::Canceled),
            Behaviour::Succeeds => self.complete(inside(Verb::Complete), Status::Success),
            Behaviour::Reenters => {
                self.unmark(inside(Verb::Unmark));
                for other in 0..self.program.requests() as Request {
                    if other != request {
                        self.cancel(Call::of(thread, step(Verb::Cancel, other)).inside(Some(request)));
                    }
                }
                self.complete(inside(Verb::Complete), Status::Canceled);
            }
        }
    }

    /// What the driver does with a request that it is told of as its queue stops.
    fn stop(self: &Arc<Self>, request: Request, is_cancelable: bool) {
        let thread = self.thread();
        let call = |verb| Call::of(thread, step(verb, request)).inside(Some(request));
        let unmarked = Answer::Reply(Reply::Unmark(Unmark::Unmarked));
        let behaviour = self.program.setup.on_stop;
        if behaviour == OnStop::Misuses {
            let mut raw = call(Verb::Complete);
            raw.step.is_raw = true;
            self.complete(raw, Status::Success);
        }
        if is_cancelable && self.unmark(call(Verb::Unmark)) != unmarked {
            return;
        }
        match behaviour {
            OnStop::Finishes | OnStop::Misuses => self.complete(call(Verb::Complete), Status::Success),
            OnStop::Requeues => {
                self.requeue(call(Verb::Requeue));
            }
        }
    }
}
