//! Each point of a contract beyond Windows: a right request is proved, and a twin that is wrong in this point alone is refuted for it.

use std::sync::atomic::Ordering::AcqRel;

use cancelproof::judge::{Engine, Settings, judge, judge_as};
use cancelproof::model::contract::{
    CallbackCalls, CallbackRuns, CancelAnswers, CancelReturns, MarkAfterClaim, UnmarkDuringCallback,
};
use cancelproof::model::requests::Locked;
use cancelproof::model::runtime::{Atomic, Mutex};
use cancelproof::model::{
    Callback, Cancel, CancelableRequest, Complete, Contract, IsCanceled, Mark, Rule, Runtime, Status, Target,
    Unmark,
};
use cancelproof::registry;
use cancelproof::scenario::{Scenario, catalogue};
use cancelproof::subject;
use cancelproof::subject::Subject;
use cancelproof::verdict::Verdict;

/// The points, by number, since a twin is a type.
const EVERYBODY_IS_FIRST: u8 = 0;
const NOT_INVERTED: u8 = 1;
const THE_SECOND_IS_TOLD_NO: u8 = 2;
const NOTHING_IS_FOUND_AFTER_THE_END: u8 = 3;
const LATE_LISTENERS_ARE_CALLED: u8 = 4;
const LATE_REGISTRATIONS_ARE_FORGOTTEN: u8 = 5;
const REMOVED_TWICE: u8 = 6;
const DOES_NOT_WAIT_FOR_WORK: u8 = 7;
const KILLS_WITHOUT_WAITING: u8 = 8;
const CALLED_BY_EVERY_LATE_CANCEL: u8 = 9;
const MAY_NOT_WAIT_ANEW: u8 = 10;
const FORGETS_WHO_POLLS_AGAIN: u8 = 11;
const NOT_FOUND_IS_NO_COUNT: u8 = 12;

/// A source whose cancel says how many it found.
const COUNTS: Contract =
    Contract { name: "COUNTS", cancel_answers: CancelAnswers::HowManyItFound, ..Contract::IO_URING };

const fn declared(point: u8) -> Contract {
    match point {
        NOT_INVERTED => Contract::FOLLY_TOKEN,
        THE_SECOND_IS_TOLD_NO | MAY_NOT_WAIT_ANEW => Contract::ASYNCIO_TASK,
        LATE_LISTENERS_ARE_CALLED => Contract::ABORT_SIGNAL,
        REMOVED_TWICE => Contract::IOCSQ,
        DOES_NOT_WAIT_FOR_WORK => Contract::WORK_SYNC,
        KILLS_WITHOUT_WAITING => Contract::KILL_URB,
        CALLED_BY_EVERY_LATE_CANCEL => Contract::JOB_CANCEL,
        FORGETS_WHO_POLLS_AGAIN => Contract::TOKIO_TOKEN,
        NOT_FOUND_IS_NO_COUNT => COUNTS,
        _ => Contract::STOP_SOURCE,
    }
}

/// What a wrong twin keeps instead, where a contract can say it.
fn kept(point: u8) -> Contract {
    let declared = declared(point);
    match point {
        DOES_NOT_WAIT_FOR_WORK => {
            Contract { unmark_during_callback: UnmarkDuringCallback::Answers, ..declared }
        }
        KILLS_WITHOUT_WAITING => Contract {
            cancel_returns: CancelReturns::AtOnce,
            callback_runs: CallbackRuns::OnItsOwnThread,
            ..declared
        },
        MAY_NOT_WAIT_ANEW => Contract { mark_after_claim: MarkAfterClaim::Refuses, ..declared },
        FORGETS_WHO_POLLS_AGAIN => Contract { mark_after_claim: MarkAfterClaim::Ignores, ..declared },
        _ => declared,
    }
}

/// What has happened to a twin.
#[derive(Default)]
struct Past {
    is_asked: bool,
    is_ended: bool,
    is_removed: bool,
    target: Option<Target>,
}

/// The reference request, wrong in one point or in none.
struct Twin<R: Runtime, const POINT: u8, const IS_WRONG: bool> {
    request: Locked<R>,
    asked: R::AtomicU8,
    past: R::Mutex<Past>,
}

impl<R: Runtime, const POINT: u8, const IS_WRONG: bool> Twin<R, POINT, IS_WRONG> {
    fn is(point: u8) -> bool {
        IS_WRONG && POINT == point
    }

    /// Notes what happens, in twins that need to know.
    fn note(&self, note: impl FnOnce(&mut Past)) {
        if IS_WRONG {
            note(&mut self.past.lock());
        }
    }

    fn has(&self, what: impl FnOnce(&Past) -> bool) -> bool {
        IS_WRONG && what(&self.past.lock())
    }
}

impl<R: Runtime, const POINT: u8, const IS_WRONG: bool> CancelableRequest<R> for Twin<R, POINT, IS_WRONG> {
    fn new() -> Self {
        let contract = if IS_WRONG { kept(POINT) } else { declared(POINT) };
        Twin {
            request: Locked::with_contract(contract),
            asked: R::AtomicU8::new(0),
            past: R::Mutex::new(Past::default()),
        }
    }

    fn contract() -> Contract {
        declared(POINT)
    }

    fn mark(&self, callback: Callback) -> Mark {
        if self.has(|past| past.is_asked) {
            if Self::is(LATE_LISTENERS_ARE_CALLED) {
                callback.invoke();
                return Mark::Marked;
            }
            if Self::is(LATE_REGISTRATIONS_ARE_FORGOTTEN) {
                return Mark::Marked;
            }
        }
        if Self::is(CALLED_BY_EVERY_LATE_CANCEL) {
            self.note(|past| past.target = Some(callback.target()));
        }
        self.note(|past| past.is_removed = false);
        self.request.mark(callback)
    }

    fn unmark(&self) -> Unmark {
        let answer = self.request.unmark();
        if answer == Unmark::Unmarked {
            self.note(|past| past.is_removed = true);
        } else if Self::is(REMOVED_TWICE) && self.has(|past| past.is_removed) {
            return Unmark::Unmarked;
        }
        answer
    }

    fn cancel(&self) -> Cancel {
        self.note(|past| past.is_asked = true);
        if Self::is(CALLED_BY_EVERY_LATE_CANCEL) && self.has(|past| past.is_ended) {
            let target = self.past.lock().target.clone();
            target.iter().for_each(Target::invoke);
            return Cancel::Untold;
        }
        let was_asked = Self::is(THE_SECOND_IS_TOLD_NO) && self.asked.swap(1, AcqRel) == 1;
        match (self.request.cancel(), POINT) {
            (answer, _) if !IS_WRONG => answer,
            (_, NOTHING_IS_FOUND_AFTER_THE_END) if self.has(|past| past.is_ended) => Cancel::NotFound,
            (_, EVERYBODY_IS_FIRST) => Cancel::Claimed,
            (Cancel::Claimed, NOT_INVERTED) => Cancel::NotClaimed,
            (Cancel::NotClaimed, NOT_INVERTED) => Cancel::Claimed,
            (Cancel::Claimed, THE_SECOND_IS_TOLD_NO) if was_asked => Cancel::NotClaimed,
            (_, NOT_FOUND_IS_NO_COUNT) if self.has(|past| past.is_ended) => Cancel::NotFound,
            (answer, _) => answer,
        }
    }

    fn complete(&self, status: Status) -> Complete {
        let answer = self.request.complete(status);
        self.note(|past| past.is_ended |= answer == Complete::Completed);
        answer
    }

    fn is_canceled(&self) -> IsCanceled {
        self.request.is_canceled()
    }

    fn settle(&self) {
        self.request.settle();
    }
}

fn scenarios(contract: &Contract) -> impl Iterator<Item = Scenario> {
    let contract = *contract;
    let fits =
        move |scenario: &Scenario| scenario.applies_to(&contract) && scenario.program.threads.len() <= 2;
    catalogue::all().into_iter().filter(fits)
}

fn verdict(subject: &'static dyn Subject, scenario: &Scenario, engine: Engine) -> Verdict {
    judge(subject, scenario, engine, Settings::default()).expect("the scenario applies").verdict
}

fn unproved(subject: &'static dyn Subject) -> Vec<String> {
    let contract = subject.contract();
    let judged = scenarios(&contract).flat_map(|scenario| {
        [Engine::Dpor, Engine::Rc11].map(|engine| (scenario.clone(), verdict(subject, &scenario, engine)))
    });
    let failed = judged.filter(|(_, verdict)| *verdict != Verdict::Proved);
    failed.map(|(scenario, verdict)| format!("{scenario}: {verdict}")).collect()
}

/// The rules that refute a twin, each with the first scenario in which it does.
fn refuting(subject: &'static dyn Subject) -> Vec<(Rule, String)> {
    let contract = subject.contract();
    let mut found: Vec<(Rule, String)> = Vec::new();
    for scenario in scenarios(&contract) {
        if let Verdict::Refuted { violation, .. } = verdict(subject, &scenario, Engine::Dpor)
            && found.iter().all(|(rule, _)| *rule != violation.rule)
        {
            found.push((violation.rule, scenario.name));
        }
    }
    found
}

macro_rules! points {
    ($($name:ident: $point:ident breaks $($rule:ident in $scenario:literal),+;)+) => {
        $(#[test]
        fn $name() {
            type Right<R> = Twin<R, $point, false>;
            type Wrong<R> = Twin<R, $point, true>;
            assert_eq!(unproved(subject!(Right<_>)), Vec::<String>::new());
            let found = refuting(subject!(Wrong<_>));
            assert_eq!(found, [$((Rule::$rule, $scenario.to_owned())),+]);
        })+
    };
}

points! {
    the_first_to_ask_is_told_so: EVERYBODY_IS_FIRST breaks Linearizable in "marked-cancel-cancel";
    whoever_comes_second_is_told_so: NOT_INVERTED breaks Linearizable in "marked-cancel";
    everybody_is_told_yes: THE_SECOND_IS_TOLD_NO breaks Linearizable in "marked-cancel-cancel";
    a_source_is_asked_after_the_end: NOTHING_IS_FOUND_AFTER_THE_END breaks Linearizable in "marked-cancel";
    what_comes_after_an_abort_is_not_called: LATE_LISTENERS_ARE_CALLED breaks ExactlyOnce in "remark-cancel", Linearizable in "is-canceled-around-every-call";
    what_comes_after_a_claim_is_called: LATE_REGISTRATIONS_ARE_FORGOTTEN breaks NoLostCancel in "cancel-then-mark", Linearizable in "misuse-complete-before-callback";
    a_second_removal_is_harmless: REMOVED_TWICE breaks Linearizable in "misuse-unmark-twice";
    work_is_waited_for: DOES_NOT_WAIT_FOR_WORK breaks TruthfulUnmark in "worker-unmarks-cancel", NeverAfterCompletion in "wait-then-complete";
    a_kill_waits: KILLS_WITHOUT_WAITING breaks NeverAfterCompletion in "marked-cancel";
    a_late_handler_is_called_once: CALLED_BY_EVERY_LATE_CANCEL breaks CallbackReleased in "complete-marked-cancel", ExactlyOnce in "resumed-then-canceled";
    a_task_waits_anew: MAY_NOT_WAIT_ANEW breaks Linearizable in "misuse-mark-after-claim";
    a_second_poll_is_told: FORGETS_WHO_POLLS_AGAIN breaks ExactlyOnce in "misuse-mark-after-claim";
    what_was_found_is_counted: NOT_FOUND_IS_NO_COUNT breaks Linearizable in "marked-cancel";
}

/// Where the callback must call nothing, a lock may be held around it, as nowhere else.
#[test]
fn a_callback_that_calls_nothing_may_be_called_under_a_lock() {
    let locking = registry::fault("locked-calls-back-under-the-lock").expect("it is registered").subject;
    let contract = Contract { callback_calls: CallbackCalls::Nothing, ..locking.contract() };
    for scenario in scenarios(&contract) {
        let judgement = judge_as(locking, &contract, &scenario, Engine::Dpor, Settings::default());
        let verdict = judgement.expect("the scenario applies").verdict;
        assert_eq!(verdict, Verdict::Proved, "{scenario}");
    }
    let (rule, _) = refuting(locking).remove(0);
    assert!(matches!(rule, Rule::ReentrantCallback | Rule::NoDeadlock), "{rule}");
}

/// A handler that comes after the end is right under a job, and wrong under the continuation's own cancel.
#[test]
fn a_late_handler_is_one_of_jobs_alone() {
    let job = registry::subject("locked-job-cancel").expect("it is registered");
    let contract =
        Contract { callback_runs: Contract::JOB_CANCEL.callback_runs, ..Contract::INVOKE_ON_CANCELLATION };
    let scenario = catalogue::named("complete-disarms").expect("it is in the catalogue");
    let judgement = judge_as(job, &contract, &scenario, Engine::Dpor, Settings::default());
    let verdict = judgement.expect("the scenario applies").verdict;
    let Verdict::Refuted { violation, .. } = &verdict else { panic!("{verdict}") };
    assert_eq!(violation.rule, Rule::NeverAfterCompletion, "{violation}");
}
