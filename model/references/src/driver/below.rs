//! The driver below, to which a driver sends requests: it ends each on a thread of its own.

use std::sync::Mutex as StdMutex;

use super::request::lock;
use crate::framework::Id;
use crate::request::Status;
use crate::runtime::{Condvar, Mutex, Runtime};

/// What a driver wants called when a request that it sent has ended.
type Routine = Box<dyn FnOnce(Status) + Send>;

/// The requests that the driver below has. Drivers that send nothing have none, since an object costs the engine even when nobody
/// touches it.
pub(super) struct Below<R: Runtime> {
    /// How many threads of the driver below have not ended.
    running: Option<(R::Mutex<usize>, R::Condvar)>,
    /// Not seen by any engine: the framework orders who sends and who ends.
    routines: StdMutex<Vec<(Id, Routine)>>,
}

impl<R: Runtime> Below<R> {
    pub(super) fn new(is_there: bool) -> Self {
        let running = is_there.then(|| (R::Mutex::new(0), R::Condvar::new()));
        Below { running, routines: StdMutex::default() }
    }

    /// A request is about to be sent.
    ///
    /// # Panics
    ///
    /// Panics if there is no driver below.
    pub(super) fn sends(&self, id: Id, routine: Routine) {
        let (running, _) =
            self.running.as_ref().expect("a driver that sends says so: `const SENDS: bool = true`");
        *running.lock() += 1;
        lock(&self.routines).push((id, routine));
    }

    /// A thread of the driver below has done its work.
    pub(super) fn ended(&self) {
        if let Some((running, changed)) = &self.running {
            *running.lock() -= 1;
            changed.notify_all();
        }
    }

    /// Calls what is to be called when a request has ended, if it was sent.
    pub(super) fn complete(&self, id: Id, status: Status) {
        let mut routines = lock(&self.routines);
        let routine = routines.iter().position(|(sent, _)| *sent == id).map(|place| routines.remove(place).1);
        drop(routines);
        if let Some(routine) = routine {
            routine(status);
        }
    }

    /// Waits until every thread of the driver below has ended.
    pub(super) fn wait(&self) {
        if let Some((running, changed)) = &self.running {
            let mut running = running.lock();
            while *running > 0 {
                running = changed.wait(running);
            }
        }
    }
}
