//! Requests that do not have every call: the others are judged all the same, declared or not.

use cancelproof::judge::{Engine, Settings, judge};
use cancelproof::model::contract::{Asking, Completing, Misusing, Unmarking};
use cancelproof::model::runtime::Mutex;
use cancelproof::model::{
    Callback, Cancel, CancelableRequest, Contract, IsCanceled, Mark, Misuse, Rule, Runtime, Unmark,
};
use cancelproof::scenario::{ad_hoc, catalogue};
use cancelproof::subject;
use cancelproof::verdict::Verdict;

use crate::judged::{assert_right, failures, named, unrefuted};

/// A slot that can be marked and canceled, and nothing else.
struct Slot<R: Runtime, const CALLS_AGAIN: bool>(R::Mutex<State>);

#[derive(Default)]
struct State {
    is_canceled: bool,
    callback: Option<Callback>,
}

const NOTHING_ELSE: Contract = Contract {
    name: "NOTHING_ELSE",
    unmarking: Unmarking::NotOffered,
    completing: Completing::NotOffered,
    asking: Asking::NotOffered,
    misusing: Misusing::IsExcluded,
    ..Contract::UMDF_1
};

impl<R: Runtime, const CALLS_AGAIN: bool> CancelableRequest<R> for Slot<R, CALLS_AGAIN> {
    fn new() -> Self {
        Slot(R::Mutex::new(State::default()))
    }

    fn contract() -> Contract {
        NOTHING_ELSE
    }

    fn mark(&self, callback: Callback) -> Mark {
        let mut state = self.0.lock();
        if state.is_canceled {
            drop(state);
            callback.invoke();
        } else {
            state.callback = Some(callback);
        }
        Mark::Untold
    }

    fn cancel(&self) -> Cancel {
        let mut state = self.0.lock();
        state.is_canceled = true;
        let callback = state.callback.take();
        drop(state);
        if let Some(callback) = callback {
            callback.invoke();
            if CALLS_AGAIN {
                callback.invoke();
            }
        }
        Cancel::Untold
    }
}

type Right<R> = Slot<R, false>;
type CallsTwice<R> = Slot<R, true>;

#[test]
fn a_request_that_can_be_marked_and_canceled_alone_is_judged_by_what_that_needs() {
    let subject = subject!(Right<_>);
    let names: Vec<String> = named(subject).into_iter().map(|scenario| scenario.name).collect();
    assert!(
        names.contains(&"mark-cancel".to_owned()) && !names.contains(&"marked-finish-cancel".to_owned()),
        "{names:?}"
    );
    assert_right(subject);
    let wrong = unrefuted(
        subject!(CallsTwice<_>),
        "mark-cancel",
        &[Rule::ExactlyOnce],
        &[Engine::Dpor, Engine::Rc11, Engine::Loom, Engine::Shuttle],
    );
    assert_eq!(wrong, Vec::<String>::new());
}

/// The same, by an author who does not know that contracts say what is not offered.
struct Undeclared<R: Runtime>(Right<R>);

impl<R: Runtime> CancelableRequest<R> for Undeclared<R> {
    fn new() -> Self {
        Undeclared(Slot::new())
    }

    fn contract() -> Contract {
        Contract { name: "UNDECLARED", misusing: Misusing::IsExcluded, ..Contract::UMDF_1 }
    }

    fn mark(&self, callback: Callback) -> Mark {
        self.0.mark(callback)
    }

    fn cancel(&self) -> Cancel {
        self.0.cancel()
    }
}

#[test]
fn a_call_that_nobody_said_is_missing_changes_nothing() {
    assert_eq!(failures(subject!(Undeclared<_>), Engine::Dpor), Vec::<String>::new());
}

/// A request that offers its unmark once, and not again.
struct Moody<R: Runtime>(R::Mutex<u32>);

impl<R: Runtime> CancelableRequest<R> for Moody<R> {
    fn new() -> Self {
        Moody(R::Mutex::new(0))
    }

    fn mark(&self, _: Callback) -> Mark {
        Mark::Refused(Misuse::NotOffered)
    }

    fn unmark(&self) -> Unmark {
        let mut calls = self.0.lock();
        *calls += 1;
        if *calls == 1 { Unmark::Refused(Misuse::NotMarked) } else { Unmark::Refused(Misuse::NotOffered) }
    }

    fn cancel(&self) -> Cancel {
        Cancel::NotClaimed
    }

    fn is_canceled(&self) -> IsCanceled {
        IsCanceled::No
    }
}

#[test]
fn a_call_is_offered_always_or_never_and_marks_always_are() {
    for (program, rule) in
        [("unmark! unmark! | cancel", Rule::Linearizable), ("mark | cancel", Rule::Linearizable)]
    {
        let scenario = ad_hoc(program.parse().expect("it is a program"));
        let judged = judge(subject!(Moody<_>), &scenario, Engine::Dpor, Settings::default());
        let verdict = judged.expect("the program applies").verdict;
        assert!(
            matches!(&verdict, Verdict::Refuted { violation, .. } if violation.rule == rule),
            "{program}: {verdict}"
        );
    }
}

#[test]
fn what_types_exclude_is_not_tried() {
    let lawful = Contract { misusing: Misusing::IsExcluded, ..Contract::UMDF_1 };
    let applies = |name: &str| catalogue::named(name).expect("it is in the catalogue").applies_to(&lawful);
    assert!(applies("marked-finish-cancel") && !applies("misuse-mark-twice"));
    assert!(!ad_hoc("complete! complete!".parse().expect("it is a program")).applies_to(&lawful));
}
