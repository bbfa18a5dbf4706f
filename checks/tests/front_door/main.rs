//! An author's own request, judged through the front door exactly as the README says.

use cancelproof::history::Event;
use cancelproof::model::runtime::{Mutex, Runtime};
use cancelproof::model::{
    Callback, Cancel, CancelableRequest, Complete, IsCanceled, Mark, Misuse, Status, Unmark,
};

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Pending,
    Cancelable,
    Promised,
    Notified,
    Completed,
}

struct Inner {
    phase: Phase,
    cancel_asked: bool,
    callback: Option<Callback>,
}

struct MyRequest<R: Runtime>(R::Mutex<Inner>);

impl<R: Runtime> MyRequest<R> {
    fn notify(&self, callback: &Callback) {
        self.0.lock().phase = Phase::Notified;
        callback.invoke();
    }
}

impl<R: Runtime> CancelableRequest<R> for MyRequest<R> {
    fn new() -> Self {
        MyRequest(R::Mutex::new(Inner { phase: Phase::Pending, cancel_asked: false, callback: None }))
    }

    fn mark(&self, callback: Callback) -> Mark {
        let mut inner = self.0.lock();
        match inner.phase {
            Phase::Pending if inner.cancel_asked => inner.phase = Phase::Promised,
            Phase::Pending => {
                inner.phase = Phase::Cancelable;
                inner.callback = Some(callback);
                return Mark::Marked;
            }
            Phase::Cancelable => return Mark::Refused(Misuse::AlreadyMarked),
            Phase::Promised | Phase::Notified => return Mark::Refused(Misuse::CancelClaimed),
            Phase::Completed => return Mark::Refused(Misuse::AlreadyCompleted),
        }
        drop(inner);
        self.notify(&callback);
        Mark::Marked
    }

    fn unmark(&self) -> Unmark {
        let mut inner = self.0.lock();
        match inner.phase {
            Phase::Pending => Unmark::Refused(Misuse::NotMarked),
            Phase::Cancelable => {
                inner.phase = Phase::Pending;
                let callback = inner.callback.take();
                drop(inner);
                drop(callback);
                Unmark::Unmarked
            }
            Phase::Promised | Phase::Notified => Unmark::Canceled,
            Phase::Completed => Unmark::Refused(Misuse::AlreadyCompleted),
        }
    }

    fn cancel(&self) -> Cancel {
        let mut inner = self.0.lock();
        inner.cancel_asked = true;
        match inner.phase {
            Phase::Completed => Cancel::NotFound,
            Phase::Cancelable => {
                inner.phase = Phase::Promised;
                let callback = inner.callback.take().expect("a cancelable request has a callback");
                drop(inner);
                self.notify(&callback);
                Cancel::Claimed
            }
            _ => Cancel::NotClaimed,
        }
    }

    fn complete(&self, _status: Status) -> Complete {
        let mut inner = self.0.lock();
        match inner.phase {
            Phase::Pending | Phase::Notified => {
                inner.phase = Phase::Completed;
                Complete::Completed
            }
            Phase::Cancelable => Complete::Refused(Misuse::StillCancelable),
            Phase::Promised => Complete::Refused(Misuse::CallbackPromised),
            Phase::Completed => Complete::Refused(Misuse::AlreadyCompleted),
        }
    }

    fn is_canceled(&self) -> IsCanceled {
        let inner = self.0.lock();
        match inner.phase {
            Phase::Pending if inner.cancel_asked => IsCanceled::Yes,
            Phase::Completed => IsCanceled::Refused(Misuse::AlreadyCompleted),
            _ => IsCanceled::No,
        }
    }
}

cancelproof::suite!(
    MyRequest<_>,
    programs =
        ["mark unmark mark finish | cancel | cancel ; callback completes", "mark is-canceled! | cancel"],
    property = |history| {
        let is_start = |event: &&Event| matches!(event, Event::CallbackStarted { .. });
        let starts = history.events.iter().filter(is_start).count();
        (starts > 1).then(|| format!("{starts} callbacks were called"))
    },
);
