//! Operations in flight in a table of slots, like those of io_uring: an operation is named by its slot and the slot's
//! generation, so that a name that outlives its operation finds nothing when the slot is used again.
//!
//! An operation *polls* until there is something to do and then *executes*. A cancel that finds it polling takes its
//! handler and calls it; one that finds it executing changes nothing. Either way it completes exactly once.

pub mod broken;

use std::sync::Arc;

use cancelproof_model::runtime::{Condvar, Mutex, Runtime, Thread};

/// What a cancel calls.
pub type Handler = Box<dyn FnOnce() + Send>;

/// The name of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    slot: usize,
    generation: u64,
}

/// What a cancel answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Canceled {
    /// The operation was polling: its handler has been called.
    Canceled,
    /// It is executing and will complete by itself (`-EALREADY`).
    Already,
    /// There is no such operation (`-ENOENT`).
    NotFound,
}

/// Where an operation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is being executed.
    Executing,
    /// It waits, and can be canceled.
    Polling,
    /// It was canceled, and its handler has not been started.
    Canceled,
    /// Its handler has been started.
    Called,
    /// It has completed; its slot may be used again.
    Completed,
}

/// The table.
pub struct Table<R: Runtime> {
    slots: Vec<R::Mutex<Slot<R>>>,
    /// What a completion waits on that meets a handler.
    returned: R::Condvar,
}

/// A slot.
pub struct Slot<R: Runtime> {
    generation: u64,
    place: Place,
    handler: Option<Arc<dyn Fn() + Send + Sync>>,
    /// The thread that the handler runs on, while it runs.
    runner: Option<R::Thread>,
}

impl<R: Runtime> Slot<R> {
    fn is_called_elsewhere(&self) -> bool {
        let is_here = self.runner.as_ref().is_some_and(|runner| runner.is_same(&R::current()));
        self.place == Place::Canceled || (self.runner.is_some() && !is_here)
    }
}

impl<R: Runtime> Table<R> {
    /// A table of `slots` free slots.
    #[must_use]
    pub fn new(slots: usize) -> Self {
        let free =
            || R::Mutex::new(Slot { generation: 0, place: Place::Completed, handler: None, runner: None });
        Table { slots: (0..slots).map(|_| free()).collect(), returned: R::Condvar::new() }
    }

    /// Begins an operation in the first free slot, executing; `None` if there is no free slot.
    pub fn begin(&self) -> Option<Name> {
        self.slots.iter().enumerate().find_map(|(slot, cell)| {
            let mut cell = cell.lock();
            (cell.place == Place::Completed && cell.runner.is_none()).then(|| {
                cell.generation += 1;
                cell.place = Place::Executing;
                Name { slot, generation: cell.generation }
            })
        })
    }

    /// The slot of an operation, if it is still the operation's.
    fn with<T>(&self, name: Name, act: impl FnOnce(&mut Slot<R>) -> T) -> Option<T> {
        let mut slot = self.slots[name.slot].lock();
        (slot.generation == name.generation).then(|| act(&mut slot))
    }

    /// Where an operation is.
    pub fn place(&self, name: Name) -> Place {
        self.with(name, |slot| slot.place).unwrap_or(Place::Completed)
    }

    /// Has an executing operation poll; whether it was executing.
    pub fn poll(&self, name: Name, handler: impl Fn() + Send + Sync + 'static) -> bool {
        let poll = |slot: &mut Slot<R>| {
            let is_executing = slot.place == Place::Executing;
            if is_executing {
                slot.place = Place::Polling;
                slot.handler = Some(Arc::new(handler));
            }
            is_executing
        };
        self.with(name, poll).unwrap_or(false)
    }

    /// Has a polling operation execute; whether it was polling, so that no cancel calls its handler.
    pub fn execute(&self, name: Name) -> bool {
        let execute = |slot: &mut Slot<R>| {
            let is_polling = slot.place == Place::Polling;
            if is_polling {
                slot.place = Place::Executing;
            }
            if is_polling { (true, slot.handler.take()) } else { (false, None) }
        };
        // What the handler holds is dropped without the lock.
        self.with(name, execute).is_some_and(|(is_polling, _handler)| is_polling)
    }

    /// Cancels an operation if it is polling.
    pub fn cancel(&self, name: Name) -> Canceled {
        let claimed = self.with(name, claim);
        self.finish_cancel(name, claimed)
    }

    fn finish_cancel(
        &self,
        name: Name,
        claimed: Option<Result<Arc<dyn Fn() + Send + Sync>, Canceled>>,
    ) -> Canceled {
        match claimed {
            None => Canceled::NotFound,
            Some(Err(answer)) => answer,
            Some(Ok(handler)) => {
                self.with(name, |slot| (slot.place, slot.runner) = (Place::Called, Some(R::current())));
                handler();
                // The handler may have completed the operation, but its slot is not used again before it has returned.
                self.slots[name.slot].lock().runner = None;
                self.returned.notify_all();
                Canceled::Canceled
            }
        }
    }

    /// Completes an operation; whether it could be. One that was canceled has its handler called first, and is completed by
    /// it, or by somebody else after it has returned: what the handler uses is not taken away from it.
    pub fn complete(&self, name: Name) -> bool {
        let mut slot = self.slots[name.slot].lock();
        while slot.generation == name.generation && slot.is_called_elsewhere() {
            slot = self.returned.wait(slot);
        }
        if slot.generation != name.generation || slot.place == Place::Completed {
            return false;
        }
        slot.place = Place::Completed;
        let handler = slot.handler.take();
        // What the handler holds is dropped without the lock.
        drop(slot);
        drop(handler);
        true
    }
}

fn claim<R: Runtime>(slot: &mut Slot<R>) -> Result<Arc<dyn Fn() + Send + Sync>, Canceled> {
    match (slot.place, slot.handler.take()) {
        (Place::Polling, Some(handler)) => {
            slot.place = Place::Canceled;
            Ok(handler)
        }
        (Place::Completed, _) => Err(Canceled::NotFound),
        (_, _) => Err(Canceled::Already),
    }
}
