//! Takes down what a driver does whose requests are delivered to it: its calls are its own and no steps of the program.

use std::sync::{Arc, Weak};

use cancelproof_machine::machine::{Call, Reply};
use cancelproof_machine::runtime::Runtime;
use cancelproof_machine::{Complete, IsCanceled, Mark, Observer, Unmark};

use super::{Record, World};
use crate::history::{Arming, Event, Title};

/// Writes calls and callbacks of a driver into the record of its execution.
pub(super) struct Watch<R: Runtime> {
    /// Weak, because the request inside the world keeps this observer.
    world: Weak<World<R>>,
    record: Arc<Record>,
}

impl<R: Runtime> Watch<R> {
    /// An observer of what happens in `world`.
    pub(super) fn observer(world: &Arc<World<R>>) -> Arc<dyn Observer> {
        Arc::new(Watch { world: Arc::downgrade(world), record: Arc::clone(&world.record) })
    }

    /// The thread that the caller runs on; the main one while the request is being destroyed.
    fn thread(&self) -> u8 {
        self.world.upgrade().map_or(0, |world| world.thread())
    }

    fn note<T: Copy>(
        &self,
        call: Call,
        arming: Option<Arming>,
        reply: fn(T) -> Reply,
        make: &mut dyn FnMut() -> T,
    ) -> T {
        let thread = self.thread();
        self.record.push::<R>(Event::Called { thread, call, title: Title::Entitled, arming });
        let answer = make();
        self.record.push::<R>(Event::Answered { thread, reply: reply(answer) });
        answer
    }
}

impl<R: Runtime> Observer for Watch<R> {
    fn mark(&self, mark: u8, call: &mut dyn FnMut() -> Mark) -> Mark {
        self.note(Call::Mark, Some(mark), Reply::Mark, call)
    }

    fn unmark(&self, inside: Option<u8>, call: &mut dyn FnMut() -> Unmark) -> Unmark {
        self.note(Call::Unmark, inside, Reply::Unmark, call)
    }

    fn complete(&self, inside: Option<u8>, call: &mut dyn FnMut() -> Complete) -> Complete {
        self.note(Call::Complete, inside, Reply::Complete, call)
    }

    fn is_canceled(&self, inside: Option<u8>, call: &mut dyn FnMut() -> IsCanceled) -> IsCanceled {
        self.note(Call::IsCanceled, inside, Reply::IsCanceled, call)
    }

    fn callback(&self, mark: u8, call: &mut dyn FnMut()) {
        let (thread, arming) = (self.thread(), mark);
        self.record.push::<R>(Event::CallbackStarted { thread, arming });
        call();
        self.record.push::<R>(Event::CallbackReturned { thread, arming });
    }

    fn released(&self, mark: u8) {
        self.record.push::<R>(Event::Released { arming: mark });
    }
}
