//! Faults of a [`Locked`] that show only when something is asked once more: a call after the end, a question that was
//! answered before, a mark that was given back before.

use std::sync::Arc;

use crate::callback::Callback;
use crate::machine::Misuse;
use crate::request::{Cancel, IsCanceled, Mark, Unmark};
use crate::requests::Locked;
use crate::requests::locked::{Inner, Phase, Protocol, Reference};
use crate::rule::Rule;
use crate::runtime::{Mutex, Runtime};

use super::super::{About, Fault};

/// Mark looks whether a cancel was asked for before it looks whether the request has ended.
#[derive(Debug)]
pub struct CallsBackTheDead;

impl Protocol for CallsBackTheDead {
    fn mark<R: Runtime>(request: &Locked<R, Self>, callback: Callback) -> Mark {
        let inner = request.inner().lock();
        let (phase, is_asked) = (inner.phase, inner.cancel_asked);
        drop(inner);
        if phase == Phase::Completed && is_asked {
            Self::call_back(request, Arc::new(callback));
            return Mark::Marked;
        }
        Reference::mark(&request.share_as(), callback)
    }
}
impl Fault for CallsBackTheDead {
    const ABOUT: About = About {
        name: "locked-calls-back-the-dead",
        edit: "mark looks at the cancel flag before it looks whether the request has ended",
        breaks: Rule::NeverAfterCompletion,
        scenario: "misuse-mark-completed-and-canceled",
        origin: "specification I5: no callback after completion, whatever was asked for in between",
        ..About::of("locked")
    };
}

/// Is-canceled takes the answer out of the flag.
#[derive(Debug)]
pub struct ClearsWhatItTells;

impl Protocol for ClearsWhatItTells {
    fn is_canceled<R: Runtime>(request: &Locked<R, Self>) -> IsCanceled {
        let answer = Reference::is_canceled(&request.share_as());
        if answer == IsCanceled::Yes {
            request.inner().lock().cancel_asked = false;
        }
        answer
    }
}
impl Fault for ClearsWhatItTells {
    const ABOUT: About = About {
        name: "locked-clears-what-it-tells",
        edit: "is-canceled resets the cancel flag when it answers yes",
        breaks: Rule::Linearizable,
        scenario: "cancel-then-is-canceled-twice",
        origin: "specification 2.1: K is set once and stays; Thread.interrupted of Java clears what it tells",
        ..About::of("locked")
    };
}

/// Unmark looks in one critical section, takes in another, and grants by what it saw in the first.
#[derive(Debug)]
pub struct GrantsByTheFirstLook;

impl Protocol for GrantsByTheFirstLook {
    fn unmark<R: Runtime>(request: &Locked<R, Self>) -> Unmark {
        if request.inner().lock().phase != Phase::Cancelable {
            return Self::withdraw(&mut request.inner().lock());
        }
        let mut inner = request.inner().lock();
        let callback = inner.callback.clone();
        let answer = match Self::withdraw(&mut inner) {
            Unmark::Refused(Misuse::NotMarked) => Unmark::Unmarked,
            answer => answer,
        };
        drop(inner);
        drop(callback);
        answer
    }
}
impl Fault for GrantsByTheFirstLook {
    const ABOUT: About = About {
        name: "locked-grants-by-the-first-look",
        edit: "unmark lets go of the lock between looking and taking, and grants what another unmark has taken",
        breaks: Rule::TruthfulUnmark,
        scenario: "two-unmarks",
        origin: "specification R27: two disarms of one mark, one is granted",
        ..About::of("locked")
    };
}

/// The canceler notes that it is under way, and an unmark that finds the note says again that it has stopped it.
#[derive(Debug)]
pub struct StopsTwice;

impl StopsTwice {
    /// Whether a canceler is under way; the note lies where the thread of a running callback does.
    fn is_under_way<R: Runtime>(inner: &Inner<R>) -> bool {
        inner.runner.is_some()
    }
}

impl Protocol for StopsTwice {
    fn cancel<R: Runtime>(request: &Locked<R, Self>) -> Cancel {
        let mut inner = request.inner().lock();
        if inner.phase == Phase::Cancelable {
            inner.runner = Some(R::current());
        }
        drop(inner);
        let answer = Reference::cancel(&request.share_as());
        request.inner().lock().runner = None;
        answer
    }

    fn withdraw<R: Runtime>(inner: &mut Inner<R>) -> Unmark {
        match Reference::withdraw(inner) {
            Unmark::Refused(Misuse::NotMarked) if Self::is_under_way(inner) => Unmark::Unmarked,
            answer => answer,
        }
    }
}
impl Fault for StopsTwice {
    const ABOUT: About = About {
        name: "locked-stops-twice",
        edit: "unmark is granted as long as a cancel is under way that an unmark before it has stopped",
        breaks: Rule::MisuseRefused,
        scenario: "misuse-unmark-twice-cancel",
        origin: "golang/go 80760: a stop that voided a send is counted until the sender notices",
        ..About::of("locked")
    };
}
