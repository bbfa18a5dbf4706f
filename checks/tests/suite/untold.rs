//! Requests that do not say what the machine would: nothing is held against what is untold, and everything else still is.

use cancelproof::judge::{Engine, Settings, judge};
use cancelproof::model::contract::CancelClaims;
use cancelproof::model::faults::locked as faults;
use cancelproof::model::requests::locked::{self, Locked};
use cancelproof::model::runtime::{Atomic, Mutex};
use cancelproof::model::{
    Callback, Cancel, CancelableRequest, Complete, Contract, IsCanceled, Mark, Misuse, Rule, Runtime, Status,
    Unmark,
};
use cancelproof::scenario::groups::{Group, Size};
use cancelproof::scenario::{ad_hoc, catalogue};
use cancelproof::subject;
use cancelproof::subject::Subject;
use cancelproof::verdict::Verdict;
use std::sync::atomic::Ordering::SeqCst;

/// A locked request that answers nothing, whatever it is asked.
struct Mute<R: Runtime, P: locked::Protocol>(Locked<R, P>);

impl<R: Runtime, P: locked::Protocol> CancelableRequest<R> for Mute<R, P> {
    fn new() -> Self {
        Mute(Locked::with_contract(Contract::UMDF_1))
    }

    fn mark(&self, callback: Callback) -> Mark {
        let _ = self.0.mark(callback);
        Mark::Untold
    }

    fn unmark(&self) -> Unmark {
        let _ = self.0.unmark();
        Unmark::Untold
    }

    fn cancel(&self) -> Cancel {
        let _ = self.0.cancel();
        Cancel::Untold
    }

    fn complete(&self, status: Status) -> Complete {
        let _ = self.0.complete(status);
        Complete::Untold
    }

    fn is_canceled(&self) -> IsCanceled {
        let _ = self.0.is_canceled();
        IsCanceled::Untold
    }
}

type Right<R> = Mute<R, locked::Reference>;
type FiresTwice<R> = Mute<R, faults::cancel::FiresTwice>;
type ClaimsAndForgets<R> = Mute<R, faults::cancel::ClaimsAndForgets>;
type LeaksTheCallback<R> = Mute<R, faults::unmark::LeaksTheCallback>;
type LocksTwice<R> = Mute<R, faults::complete::LocksTwice>;
type CallsBackTheDead<R> = Mute<R, faults::again::CallsBackTheDead>;

/// Every verdict on `subject` that is no pass, over the catalogue and all small programs.
fn failures(subject: &'static dyn Subject, contract: &Contract, engine: Engine) -> Vec<(String, Verdict)> {
    let programs = Group::all(&Size::SMALL, contract).into_iter().flat_map(|group| group.programs(contract));
    let scenarios = catalogue::all().into_iter().chain(programs.map(ad_hoc));
    let judged = scenarios.filter(|scenario| scenario.applies_to(contract)).map(|scenario| {
        let judgement =
            cancelproof::judge::judge_as(subject, contract, &scenario, engine, Settings::default());
        (scenario.to_string(), judgement.expect("the scenario applies").verdict)
    });
    judged.filter(|(_, verdict)| !matches!(verdict, Verdict::Proved | Verdict::Vacuous { .. })).collect()
}

#[test]
fn a_request_that_tells_nothing_and_is_right_is_refuted_nowhere() {
    for engine in [Engine::Dpor, Engine::Rc11] {
        assert_eq!(failures(subject!(Right<_>), &Contract::UMDF_1, engine), []);
    }
}

#[test]
fn a_request_that_tells_nothing_and_is_wrong_is_still_refuted_for_what_it_does() {
    for (subject, rule, scenario) in [
        (
            subject!(FiresTwice<_>),
            Rule::ExactlyOnce,
            <faults::cancel::FiresTwice as cancelproof::model::faults::Fault>::ABOUT.scenario,
        ),
        (subject!(LeaksTheCallback<_>), Rule::CallbackReleased, "mark-unmark"),
        (subject!(LocksTwice<_>), Rule::NoDeadlock, "complete-unmarked"),
        (subject!(CallsBackTheDead<_>), Rule::NeverAfterCompletion, "misuse-mark-completed-and-canceled"),
    ] {
        let scenario = catalogue::named(scenario).expect("it is in the catalogue");
        let judgement =
            judge(subject, &scenario, Engine::Dpor, Settings::default()).expect("the scenario applies");
        let name = subject.name();
        match judgement.verdict {
            Verdict::Refuted { violation, .. } => assert_eq!(violation.rule, rule, "{name}: {violation}"),
            other => panic!("{name} in {scenario}: {other}"),
        }
    }
}

/// Whether a mark of which nothing is told stands, nobody knows: so a callback that never comes is no lost cancel, and no
/// proof either.
#[test]
fn a_request_that_tells_nothing_and_forgets_its_callback_is_proved_by_no_engine() {
    let scenario = catalogue::named("marked-cancel").expect("it is in the catalogue");
    for engine in [Engine::Dpor, Engine::Rc11, Engine::Loom, Engine::Shuttle] {
        let judgement = judge(subject!(ClaimsAndForgets<_>), &scenario, engine, Settings::default());
        let verdict = judgement.expect("the scenario applies").verdict;
        assert!(matches!(verdict, Verdict::Vacuous { .. }), "{engine}: {verdict}");
    }
}

/// A source whose cancel raises a flag and then takes what is registered, and of which nobody learns more than the flag.
struct Source<R: Runtime> {
    is_canceled: R::AtomicU8,
    registered: R::Mutex<Registered>,
}

enum Registered {
    Nothing,
    Waiting(Callback),
    Taken,
    Over,
}

impl<R: Runtime> Source<R> {
    fn take(&self) {
        let mut registered = self.registered.lock();
        if !matches!(*registered, Registered::Waiting(_)) {
            return;
        }
        let taken = std::mem::replace(&mut *registered, Registered::Taken);
        drop(registered);
        if let Registered::Waiting(callback) = taken {
            callback.invoke();
        }
    }
}

impl<R: Runtime> CancelableRequest<R> for Source<R> {
    fn new() -> Self {
        Source { is_canceled: R::AtomicU8::new(0), registered: R::Mutex::new(Registered::Nothing) }
    }

    fn contract() -> Contract {
        Contract::DOTNET_UNREGISTER
    }

    fn mark(&self, callback: Callback) -> Mark {
        let mut registered = self.registered.lock();
        match *registered {
            Registered::Nothing => *registered = Registered::Waiting(callback),
            Registered::Waiting(_) => return Mark::Refused(Misuse::AlreadyMarked),
            Registered::Taken => return Mark::Refused(Misuse::CancelClaimed),
            Registered::Over => return Mark::Refused(Misuse::AlreadyCompleted),
        }
        drop(registered);
        if self.is_canceled.fetch_or(0, SeqCst) == 1 {
            self.take();
        }
        Mark::Marked
    }

    fn unmark(&self) -> Unmark {
        let mut registered = self.registered.lock();
        match *registered {
            Registered::Nothing => Unmark::Refused(Misuse::NotMarked),
            Registered::Taken => Unmark::Canceled,
            Registered::Over => Unmark::Refused(Misuse::AlreadyCompleted),
            Registered::Waiting(_) => {
                let callback = std::mem::replace(&mut *registered, Registered::Nothing);
                drop(registered);
                drop(callback);
                Unmark::Unmarked
            }
        }
    }

    fn cancel(&self) -> Cancel {
        if self.is_canceled.swap(1, SeqCst) == 0 {
            self.take();
        }
        Cancel::Untold
    }

    fn complete(&self, _status: Status) -> Complete {
        let mut registered = self.registered.lock();
        match *registered {
            Registered::Waiting(_) => Complete::Refused(Misuse::StillCancelable),
            Registered::Over => Complete::Refused(Misuse::AlreadyCompleted),
            Registered::Nothing | Registered::Taken => {
                *registered = Registered::Over;
                Complete::Completed
            }
        }
    }

    fn is_canceled(&self) -> IsCanceled {
        if matches!(*self.registered.lock(), Registered::Over) {
            return IsCanceled::Refused(Misuse::AlreadyCompleted);
        }
        if self.is_canceled.fetch_or(0, SeqCst) == 1 { IsCanceled::Yes } else { IsCanceled::No }
    }
}

#[test]
fn a_source_that_asks_before_it_claims_keeps_the_contract_of_the_real_one() {
    for engine in [Engine::Dpor, Engine::Rc11] {
        assert_eq!(failures(subject!(Source<_>), &Contract::DOTNET_UNREGISTER, engine), []);
    }
}

/// Told that a cancel was asked for, and then granted its mark back: where a cancel claims what it asks for, never.
#[test]
fn a_source_that_asks_before_it_claims_keeps_no_contract_in_which_the_two_are_one_step() {
    let contract =
        Contract { name: "ONE_STEP", cancel_claims: CancelClaims::WhenItAsks, ..Contract::DOTNET_UNREGISTER };
    let failures = failures(subject!(Source<_>), &contract, Engine::Dpor);
    let is_apt = |verdict: &Verdict| {
        let apt = [Rule::Linearizable, Rule::MisuseRefused];
        matches!(verdict, Verdict::Refuted { violation, .. } if apt.contains(&violation.rule))
    };
    assert!(!failures.is_empty() && failures.iter().all(|(_, verdict)| is_apt(verdict)), "{failures:#?}");
}
