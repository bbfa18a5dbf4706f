//! A driver as a request, so that everything which judges requests judges drivers.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, Weak};

use cancelproof_machine::shape::found;

use super::request::{CANCELED, Core};
use super::{Driver, IoRequest};
use crate::callback::Callback;
use crate::contract::Contract;
use crate::framework::{self, Framework, Id, Place, Purge, Record, Reference, Retrieved, Settings};
use crate::machine::Misuse;
use crate::request::{Cancel, CancelableRequest, Happening, Mark, Observer, Status};
use crate::rule::Rule;
use crate::runtime::Runtime;

/// How many requests there are: with a second one it shows what a driver does that keeps one place for all.
const REQUESTS: usize = 2;

/// A [`Driver`] over the reference framework, as a request.
pub struct AsDriver<R: Runtime, D: Driver<R>> {
    core: Arc<Core<R>>,
    driver: Arc<D>,
    /// Not seen by any engine: asked when all threads have ended.
    was_canceled: AtomicBool,
}

/// What the framework tells the driver through.
struct Handlers<R: Runtime, D> {
    driver: Arc<D>,
    /// Set once the framework is there, which is made with these.
    core: OnceLock<Weak<Core<R>>>,
}

impl<R: Runtime, D: Driver<R>> Handlers<R, D> {
    fn request(&self, id: Id) -> Option<IoRequest<R>> {
        let core = self.core.get()?.upgrade()?;
        Some(IoRequest::new(&core, id))
    }
}

impl<R: Runtime, D: Driver<R>> framework::Driver for Handlers<R, D> {
    fn on_canceled_on_queue(&self, id: Id) {
        if let Some(request) = self.request(id) {
            self.driver.canceled_on_queue(request);
        }
    }

    fn on_stop(&self, id: Id, is_cancelable: bool) {
        if let Some(request) = self.request(id) {
            self.driver.stopped(request, is_cancelable);
        }
    }

    fn on_completed(&self, id: Id, status: Status) {
        if let Some(core) = self.core.get().and_then(Weak::upgrade) {
            core.below.complete(id, status);
        }
    }

    fn on_purged(&self) {
        self.driver.purged();
    }
}

impl<R: Runtime, D: Driver<R>> AsDriver<R, D> {
    fn deliver(&self) {
        let framework = &self.core.framework;
        if self.owned().len() >= D::AT_A_TIME {
            return;
        }
        framework.handle(|| {
            if let Retrieved::Delivered(id) = framework.retrieve(0) {
                self.driver.dispatch(IoRequest::new(&self.core, id));
            }
        });
    }

    fn finish_device(&self) {
        if D::IS_SYNCHRONIZED {
            self.core.framework.synchronize(|| self.driver.device_done());
        } else {
            self.driver.device_done();
        }
    }

    /// The requests that the driver owns.
    fn owned(&self) -> Vec<Id> {
        let lists = self.core.framework.queue(0);
        let is_owned =
            |id: &Id| lists.records[*id].as_ref().is_some_and(|record| record.place == Place::Owned);
        (0..REQUESTS).filter(is_owned).collect()
    }

    /// Finds fault with a request that was canceled, and waits for a device that may never be done.
    fn judge_canceled(&self) {
        let is_canceled = self.was_canceled.load(Ordering::SeqCst);
        // A purge that has ended is no business of what was delivered after it.
        let is_purged = self.core.framework.queue(0).is_purged;
        for id in self.owned() {
            if is_purged || is_canceled && id == CANCELED {
                let who =
                    if is_purged { "the queue was purged" } else { "the application canceled the request" };
                let words = format!(
                    "{who}, and the driver holds it all the same until its device is done{}",
                    self.core.told(id)
                );
                found(Rule::NoLostCancel, &words);
            }
        }
    }

    /// Lets the device be done with all that is left, and finds fault with what does not end by that.
    fn judge_rest(&self) {
        for _ in 0..REQUESTS {
            if !self.owned().is_empty() {
                self.finish_device();
                self.core.framework.settle();
            }
        }
        if let Some(&id) = self.owned().first() {
            let words = format!(
                "the device is done, and the driver has not completed request {id}{}",
                self.core.told(id)
            );
            found(Rule::RequestCompleted, &words);
        }
    }
}

impl<R: Runtime, D: Driver<R>> CancelableRequest<R> for AsDriver<R, D> {
    #[track_caller]
    fn new() -> Self {
        let driver = Arc::new(D::new());
        let handlers = Arc::new(Handlers { driver: Arc::clone(&driver), core: OnceLock::new() });
        let settings = Settings {
            contract: D::contract(),
            queues: 1,
            is_synchronized: D::IS_SYNCHRONIZED,
            tells_on_queue: true,
        };
        let records = (0..REQUESTS).map(|_| Record::queued()).collect();
        let told: Arc<dyn framework::Driver> = Arc::clone(&handlers) as _;
        let core = Arc::new(Core::new(
            Framework::new(settings, records, told, Box::new(Reference)),
            REQUESTS,
            D::SENDS,
        ));
        // Nobody has set it before.
        let _ = handlers.core.set(Arc::downgrade(&core));
        AsDriver { core, driver, was_canceled: AtomicBool::new(false) }
    }

    fn contract() -> Contract {
        D::contract()
    }

    fn mark(&self, _callback: Callback) -> Mark {
        Mark::Refused(Misuse::NotOffered)
    }

    fn cancel(&self) -> Cancel {
        self.was_canceled.store(true, Ordering::SeqCst);
        let _ = self.core.framework.cancel(CANCELED);
        Cancel::Untold
    }

    fn happen(&self, happening: Happening, observer: &Arc<dyn Observer>) {
        self.core.is_observed_by(observer);
        match happening {
            Happening::Delivered => self.deliver(),
            Happening::DeviceDone => self.finish_device(),
            Happening::Purged => self.core.framework.purge(if D::PURGES_LATER_MARKS {
                Purge::AndTell
            } else {
                Purge::LeavingLaterMarks
            }),
            Happening::Stopped => self.core.framework.stop(),
        }
    }

    fn settle(&self) {
        self.core.below.wait();
        self.core.framework.settle();
        if !D::ENDS_SOON {
            self.judge_canceled();
        }
        self.judge_rest();
    }
}
