//! Contracts in which a mark of a marked request takes the place of the one before it, as the waker of a future does, and in
//! which a cancel may interrupt what executes.

use cancelproof::diagnosis;
use cancelproof::judge::{Engine, Settings, judge, judge_as};
use cancelproof::model::contract::{CancelWhileUnmarked, MarkWhileMarked};
use cancelproof::model::runtime::Mutex;
use cancelproof::model::{
    Callback, Cancel, CancelableRequest, Complete, Contract, IsCanceled, Mark, Misuse, Rule, Runtime, Status,
    Unmark,
};
use cancelproof::scenario::groups::{Group, Size};
use cancelproof::scenario::{Scenario, ad_hoc, catalogue};
use cancelproof::subject;
use cancelproof::subject::{Declared, Subject};
use cancelproof::verdict::Verdict;

/// What a slot for one waker promises.
const WAKER: Contract =
    Contract { name: "WAKER", mark_while_marked: MarkWhileMarked::Replaces, ..Contract::UMDF_1 };

#[derive(Clone, Copy, PartialEq)]
enum Phase {
    Idle,
    Armed,
    Called,
    Done,
}

struct State {
    phase: Phase,
    is_asked: bool,
    callback: Option<Callback>,
    replaced: Vec<Callback>,
}

/// What is wrong with a slot.
const NOTHING: u8 = 0;
/// The second mark is accepted, and the callback of the first is kept.
const KEEPS_THE_FIRST: u8 = 1;
/// The cancel looks at the callback, lets go of the lock, and calls what it has seen.
const CALLS_WHAT_IT_SAW: u8 = 2;
/// The replaced callback is put aside and given back at the end.
const HOARDS: u8 = 3;

struct Slot<R: Runtime, const WRONG: u8>(R::Mutex<State>);

type Right<R> = Slot<R, NOTHING>;
type KeepsTheFirst<R> = Slot<R, KEEPS_THE_FIRST>;
type CallsWhatItSaw<R> = Slot<R, CALLS_WHAT_IT_SAW>;
type Hoards<R> = Slot<R, HOARDS>;

impl<R: Runtime, const WRONG: u8> CancelableRequest<R> for Slot<R, WRONG> {
    fn new() -> Self {
        let state = State { phase: Phase::Idle, is_asked: false, callback: None, replaced: Vec::new() };
        Slot(R::Mutex::new(state))
    }

    fn contract() -> Contract {
        WAKER
    }

    fn mark(&self, callback: Callback) -> Mark {
        let mut state = self.0.lock();
        match state.phase {
            Phase::Idle if state.is_asked => {
                state.phase = Phase::Called;
                drop(state);
                callback.invoke();
            }
            Phase::Armed if WRONG == KEEPS_THE_FIRST => drop(state),
            Phase::Idle | Phase::Armed => {
                state.phase = Phase::Armed;
                let last = state.callback.replace(callback);
                if WRONG == HOARDS {
                    state.replaced.extend(last);
                } else {
                    drop(state);
                    drop(last);
                }
            }
            Phase::Called => return Mark::Refused(Misuse::CancelClaimed),
            Phase::Done => return Mark::Refused(Misuse::AlreadyCompleted),
        }
        Mark::Marked
    }

    fn unmark(&self) -> Unmark {
        let mut state = self.0.lock();
        match state.phase {
            Phase::Idle => Unmark::Refused(Misuse::NotMarked),
            Phase::Called => Unmark::Canceled,
            Phase::Done => Unmark::Refused(Misuse::AlreadyCompleted),
            Phase::Armed => {
                state.phase = Phase::Idle;
                let callback = state.callback.take();
                drop(state);
                drop(callback);
                Unmark::Unmarked
            }
        }
    }

    fn cancel(&self) -> Cancel {
        let mut state = self.0.lock();
        state.is_asked = true;
        match state.phase {
            Phase::Done => return Cancel::NotFound,
            Phase::Armed => {}
            _ => return Cancel::NotClaimed,
        }
        if WRONG == CALLS_WHAT_IT_SAW {
            let seen = state.callback.as_ref().map(Callback::target);
            drop(state);
            let mut state = self.0.lock();
            if state.phase != Phase::Armed {
                return Cancel::NotClaimed;
            }
            state.phase = Phase::Called;
            drop(state);
            if let Some(seen) = seen {
                seen.invoke();
            }
            let callback = self.0.lock().callback.take();
            drop(callback);
            return Cancel::Claimed;
        }
        state.phase = Phase::Called;
        let callback = state.callback.take();
        drop(state);
        if let Some(callback) = callback {
            callback.invoke();
        }
        Cancel::Claimed
    }

    fn complete(&self, _: Status) -> Complete {
        let mut state = self.0.lock();
        match state.phase {
            Phase::Idle | Phase::Called => {
                state.phase = Phase::Done;
                Complete::Completed
            }
            Phase::Armed => Complete::Refused(Misuse::StillCancelable),
            Phase::Done => Complete::Refused(Misuse::AlreadyCompleted),
        }
    }

    /// As `IWDFIoRequest2::IsCanceled` is documented: no, of whatever is not owned and unmarked.
    fn is_canceled(&self) -> IsCanceled {
        let state = self.0.lock();
        if state.phase == Phase::Idle && state.is_asked { IsCanceled::Yes } else { IsCanceled::No }
    }
}

fn scenarios(contract: &Contract) -> impl Iterator<Item = Scenario> {
    let programs = Group::all(&Size::SMALL, contract).into_iter().flat_map(|group| group.programs(contract));
    let scenarios = catalogue::all().into_iter().chain(programs.map(ad_hoc)).collect::<Vec<_>>();
    scenarios.into_iter().filter(|scenario| scenario.applies_to(contract))
}

fn failures(subject: &'static dyn Subject, contract: &Contract, engine: Engine) -> Vec<String> {
    let judged = scenarios(contract).map(|scenario| {
        let judgement = judge_as(subject, contract, &scenario, engine, Settings::default());
        (scenario, judgement.expect("the scenario applies").verdict)
    });
    let failed = judged.filter(|(_, verdict)| !matches!(verdict, Verdict::Proved | Verdict::Vacuous { .. }));
    failed.map(|(scenario, verdict)| format!("{scenario}: {verdict}")).collect()
}

#[test]
fn a_slot_whose_marks_replace_is_proved_where_they_may_and_nowhere_else() {
    for engine in [Engine::Dpor, Engine::Rc11] {
        assert_eq!(failures(subject!(Right<_>), &WAKER, engine), Vec::<String>::new(), "{engine}");
    }
    let scenario = catalogue::named("misuse-mark-twice").expect("it is in the catalogue");
    let judgement =
        judge_as(subject!(Right<_>), &Contract::UMDF_1, &scenario, Engine::Dpor, Settings::default());
    let verdict = judgement.expect("the scenario applies").verdict;
    assert!(
        matches!(&verdict, Verdict::Refuted { violation, .. } if violation.rule == Rule::MisuseRefused),
        "{verdict}"
    );
}

/// Whoever does not declare it is told which point it is.
#[test]
fn a_slot_that_declares_nothing_is_told_the_point() {
    let declared: &'static Declared = Box::leak(Box::new(Declared {
        subject: subject!(Right<_>),
        contract: Contract { name: "SLOT", ..Contract::UMDF_1 },
    }));
    let mismatch = diagnosis::explain(declared).expect("one point explains it");
    let words = mismatch.to_string();
    assert!(words.contains("if one point of SLOT is declared otherwise"), "{words}");
    assert!(words.contains("mark while marked: Replaces instead of Refuses"), "{words}");
}

#[test]
fn the_witnesses_prove_it_where_marks_are_replaced_while_somebody_cancels() {
    for name in ["mark-again-finish-cancel", "mark-again-two-cancels"] {
        let scenario = catalogue::named(name).expect("it is in the catalogue");
        for engine in [Engine::Loom, Engine::Shuttle] {
            let judgement = judge(subject!(Right<_>), &scenario, engine, Settings::default());
            assert_eq!(judgement.expect("the scenario applies").verdict, Verdict::Proved, "{name} {engine}");
        }
    }
}

#[test]
fn what_is_wrong_with_replacing_is_refuted_for_its_own_rule() {
    for (subject, rule) in [
        (subject!(KeepsTheFirst<_>), Rule::ExactlyOnce),
        (subject!(CallsWhatItSaw<_>), Rule::ExactlyOnce),
        (subject!(Hoards<_>), Rule::CallbackReleased),
    ] {
        for engine in [Engine::Dpor, Engine::Rc11] {
            let scenario = catalogue::named("mark-again-two-cancels").expect("it is in the catalogue");
            let judgement = judge(subject, &scenario, engine, Settings::default());
            match judgement.expect("the scenario applies").verdict {
                Verdict::Refuted { violation, .. } => {
                    assert_eq!(violation.rule, rule, "{}: {violation}", subject.name());
                }
                other => panic!("{} by {engine}: {other}", subject.name()),
            }
        }
    }
}

/// A cancel that loses may interrupt what executes: what is remembered is right then, and so is what is forgotten.
#[test]
fn a_cancel_that_may_interrupt_may_be_remembered_and_forgotten() {
    const INTERRUPTING: Contract = Contract {
        name: "INTERRUPTING",
        cancel_while_unmarked: CancelWhileUnmarked::MayInterrupt,
        ..Contract::ASYNC_CANCEL
    };
    let of = |name| cancelproof::registry::subject(name).expect("it is registered");
    let verdict = |subject, contract: &Contract| {
        let scenario =
            ad_hoc("cancel is-canceled mark cancel ; callback returns".parse().expect("a program"));
        let judgement = judge_as(subject, contract, &scenario, Engine::Dpor, Settings::default());
        judgement.expect("the scenario applies").verdict
    };
    for name in ["locked", "locked-async-cancel"] {
        assert_eq!(verdict(of(name), &INTERRUPTING), Verdict::Proved, "{name}");
    }
    assert_eq!(verdict(of("locked-async-cancel"), &Contract::ASYNC_CANCEL), Verdict::Proved);
    assert!(matches!(verdict(of("locked"), &Contract::ASYNC_CANCEL), Verdict::Refuted { .. }));
}
