//! What real implementations have done, recorded by the programs in `checks/tests/real-histories`: each history is explained under the
//! preset of its implementation, and each of these presets is refuted by histories that the real thing never shows.
//!
//! A line of data is a number of executions and the events of one history: `0:mark` is a call of thread 0, `0=marked` its answer,
//! `1>1` the start of the callback of mark 1 on thread 1, and `1<1` its return.

use cancelproof::history::{Event, History, Order, Title};
use cancelproof::model::contract::{CancelAnswers, CancelClaims};
use cancelproof::model::machine::{Call, Misuse, Reply};
use cancelproof::model::{Cancel, Complete, Contract, IsCanceled, Mark, Rule, Unmark};
use cancelproof::rules::{Evidence, Violation, judge};
use cancelproof::scenario::Scope;

/// An implementation, and what it did.
struct Real {
    contract: Contract,
    histories: &'static str,
    /// How many executions there are at least, and whether chance plays a part in them.
    executions_min: u64,
}

const REAL: [Real; 7] = [
    Real {
        contract: Contract::STOP_SOURCE,
        histories: include_str!("../real-histories/stop_source.histories"),
        executions_min: 24_000,
    },
    Real {
        contract: Contract::FUTURE_TASK,
        histories: include_str!("../real-histories/future_task.histories"),
        executions_min: 12_000,
    },
    Real {
        contract: Contract::COMPLETABLE_FUTURE,
        histories: include_str!("../real-histories/completable_future.histories"),
        executions_min: 12_000,
    },
    Real {
        contract: Contract::ABORT_SIGNAL,
        histories: include_str!("../real-histories/abort_signal.histories"),
        executions_min: 500,
    },
    Real {
        contract: Contract::ASYNCIO_TASK,
        histories: include_str!("../real-histories/asyncio_task.histories"),
        executions_min: 10_000,
    },
    Real {
        contract: Contract::IO_URING,
        histories: include_str!("../real-histories/io_uring.histories"),
        executions_min: 12_000,
    },
    Real {
        contract: Contract::IO_URING_DEFERRED,
        histories: include_str!("../real-histories/io_uring_deferred.histories"),
        executions_min: 12_000,
    },
];

/// The number of executions and the events of each line.
fn lines(real: &Real) -> impl Iterator<Item = (u64, &'static str)> {
    let lines = real.histories.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| {
        let (count, events) = line.split_once(' ').unwrap_or_else(|| panic!("{line}"));
        (count.parse().unwrap_or_else(|_| panic!("{line}")), events)
    })
}

/// The history of these events. Its end is told: the callback objects are given back, and all threads have ended.
fn history(text: &str) -> History {
    let mut events = Vec::new();
    let mut last = [None; 8];
    let mut marks: u8 = 0;
    for word in text.split_whitespace() {
        let (thread, what) = word.split_at(1);
        let thread: u8 = thread.parse().unwrap_or_else(|_| panic!("{word}"));
        let (kind, rest) = what.split_at(1);
        let arming = || rest.parse::<u8>().unwrap_or_else(|_| panic!("{word}")) - 1;
        events.push(match kind {
            ":" => {
                let call = Call::ALL.into_iter().find(|call| call.to_string() == rest);
                let call = call.unwrap_or_else(|| panic!("{word}"));
                last[usize::from(thread)] = Some(call);
                marks += u8::from(call == Call::Mark);
                let arming = (call == Call::Mark).then(|| marks - 1);
                Event::Called { thread, call, title: Title::Raw, arming }
            }
            "=" => Event::Answered { thread, reply: reply(last[usize::from(thread)], rest) },
            ">" => Event::CallbackStarted { thread, arming: arming() },
            "<" => Event::CallbackReturned { thread, arming: arming() },
            _ => panic!("{word}"),
        });
    }
    events.extend((0..marks).map(|arming| Event::Released { arming }));
    events.push(Event::Settled);
    History { events, order: Order::RealTime }
}

fn reply(call: Option<Call>, word: &str) -> Reply {
    match (call, word) {
        (Some(Call::Mark), "marked") => Reply::Mark(Mark::Marked),
        (Some(Call::Mark), "canceled") => Reply::Mark(Mark::Canceled),
        (Some(Call::Mark), "untold") => Reply::Mark(Mark::Untold),
        (Some(Call::Unmark), "unmarked") => Reply::Unmark(Unmark::Unmarked),
        (Some(Call::Unmark), "canceled") => Reply::Unmark(Unmark::Canceled),
        (Some(Call::Unmark), "untold") => Reply::Unmark(Unmark::Untold),
        (Some(Call::Cancel), "claimed") => Reply::Cancel(Cancel::Claimed),
        (Some(Call::Cancel), "not-claimed") => Reply::Cancel(Cancel::NotClaimed),
        (Some(Call::Cancel), "untold") => Reply::Cancel(Cancel::Untold),
        (Some(Call::Complete), "completed") => Reply::Complete(Complete::Completed),
        (Some(Call::Complete), "canceled") => Reply::Complete(Complete::Canceled),
        (Some(Call::Complete), "refused") => Reply::Complete(Complete::Refused(Misuse::AlreadyCompleted)),
        (Some(Call::IsCanceled), "yes") => Reply::IsCanceled(IsCanceled::Yes),
        (Some(Call::IsCanceled), "no") => Reply::IsCanceled(IsCanceled::No),
        other => panic!("{other:?}"),
    }
}

/// What is wrong with a history under a contract.
fn violation(contract: &Contract, text: &str) -> Option<Violation> {
    judge(&Evidence::new(&history(text), contract, Scope::Misuse, None, None))
}

#[test]
fn what_real_implementations_did_is_explained_under_their_presets() {
    for real in &REAL {
        let mut executions = 0;
        let mut unexplained = Vec::new();
        for (count, events) in lines(real) {
            executions += count;
            unexplained.extend(violation(&real.contract, events).map(|found| format!("{events}\n  {found}")));
        }
        let name = real.contract.name;
        assert!(
            unexplained.is_empty(),
            "{name}, {}:\n{}",
            unexplained.len(),
            unexplained[..unexplained.len().min(8)].join("\n")
        );
        assert!(executions >= real.executions_min, "{name}: {executions} executions");
    }
}

/// Histories by which a framework is known, each with its contract and what is characteristic of it. Those of the Windows contracts are
/// scenarios of the catalogue.
const CHARACTERISTIC: &[(Contract, &str, &str)] = &[
    (
        Contract::JOB_CANCEL,
        "0:mark 0=marked 0:complete 0=completed 1:cancel 1>1 1<1 1=untold",
        "a continuation that was resumed is canceled before it is dispatched, and its handler is called",
    ),
    (
        Contract::AFTER_FUNC,
        "0:mark 0=marked 1:cancel 0:is-canceled 0=yes 0:unmark 0=unmarked 1=untold",
        "Err says canceled, and stop is granted",
    ),
    (
        Contract::AFTER_FUNC,
        "0:mark 0=marked 0:unmark 0=unmarked 0:unmark 0=canceled",
        "stop is called twice, and is false",
    ),
    (
        Contract::DOTNET_UNREGISTER,
        "0:mark 0=marked 1:cancel 0:is-canceled 0=yes 0:unmark 0=unmarked 1=untold",
        "a registration is taken back by the callback of another one",
    ),
    (
        Contract::DOTNET_UNREGISTER,
        "0:mark 0=marked 1:cancel 2:cancel 2=untold 0:unmark 0=unmarked 1=untold",
        "a second Cancel returns before the first has come to the registration, which is taken back",
    ),
    (
        Contract::DOTNET_DISPOSE,
        "0:mark 0=marked 0:unmark 0=unmarked 0:unmark 0=canceled",
        "a registration is disposed of twice",
    ),
    (
        Contract::STOP_SOURCE,
        "0:mark 0=marked 1:cancel 0:is-canceled 0=yes 0:unmark 0=unmarked 1=claimed",
        "stop_requested is true, and the destructor prevents the callback",
    ),
    (
        Contract::STOP_SOURCE,
        "1:cancel 1=claimed 2:cancel 2=not-claimed",
        "who was first is told, whatever is registered",
    ),
    (
        Contract::STOP_SOURCE,
        "0:mark 0=marked 0:complete 0=completed 1:cancel 1=claimed 0:is-canceled 0=yes",
        "the source is asked when the registration is over",
    ),
    (
        Contract::STDEXEC,
        "1:cancel 1=claimed 0:mark 0>1 0<1 0=marked 0:unmark 0=canceled 0:mark 0>2 0<2 0=marked",
        "every registration after the request is called by its constructor",
    ),
    (
        Contract::STOP_CALLBACK,
        "0:mark 0=marked 1:cancel 1>1 0:complete 1<1 1=claimed 0=completed",
        "the end of the scope waits for the callback",
    ),
    (
        Contract::FOLLY_TOKEN,
        "1:cancel 1=not-claimed 2:cancel 2=claimed",
        "whether somebody was before it is told",
    ),
    (
        Contract::TOKIO_TOKEN,
        "0:mark 0=marked 0:mark 0=marked 1:cancel 1>2 1<2 1=untold 0:mark 0=canceled",
        "each poll leaves a waker in place of the last, and the one after the wake is ready",
    ),
    (Contract::ABORT_HANDLE, "0:complete 0=completed 1:cancel 1=untold", "a value that is ready first wins"),
    (
        Contract::ABORT_HANDLE,
        "1:cancel 1=untold 0:mark 0=marked 3>1 3<1",
        "a task that is aborted while it runs is dropped where it waits next",
    ),
    (
        Contract::ABORT_SIGNAL,
        "1:cancel 1=untold 0:mark 0=untold 1:cancel 1=untold 0:is-canceled 0=yes",
        "a listener that is added to an aborted signal is never called",
    ),
    (
        Contract::ASYNCIO_TASK,
        "0:mark 0=marked 1:cancel 1=claimed 1:cancel 1=claimed 0>1 0<1 0:mark 0=marked 1:cancel 1=claimed 0>2 0<2 0:complete 0=completed 1:cancel 1=not-claimed",
        "each cancel is true until the task has ended; a cancel that is swallowed is followed by another",
    ),
    (
        Contract::FUTURE_TASK,
        "1:cancel 1=claimed 2:cancel 2=not-claimed 0:mark 0=canceled",
        "a task that was canceled does not run, and only the first cancel is true",
    ),
    (
        Contract::COMPLETABLE_FUTURE,
        "0:mark 0=marked 1:cancel 1>1 1<1 1=claimed 2:cancel 2=claimed 0:complete 0=canceled",
        "everybody who cancels a canceled future is told yes",
    ),
    (
        Contract::COMPLETABLE_FUTURE,
        "1:cancel 1=claimed 0:mark 0>1 0<1 0=marked 0:mark 0>2 0<2 0=marked",
        "every action that is added to a canceled future is called at once",
    ),
    (
        Contract::IO_URING,
        "1:cancel 1=not-claimed 0:mark 0=marked 0>1 0<1",
        "an operation that executes is answered -EALREADY, and is interrupted all the same",
    ),
    (
        Contract::IO_URING,
        "0:mark 0=marked 1:cancel 1=claimed 1>1 1<1",
        "the completion of the cancel is first",
    ),
    (
        Contract::IO_URING_DEFERRED,
        "0:mark 0=marked 1:cancel 1=claimed 3>1 3<1",
        "the completion of the operation comes when its task asks for it",
    ),
    (
        Contract::ASYNC_CANCEL,
        "0:complete 0=completed 1:cancel 1=not-claimed",
        "there is no such operation any more",
    ),
    (
        Contract { name: "CANCEL_ALL", cancel_answers: CancelAnswers::HowManyItFound, ..Contract::IO_URING },
        "1:cancel 1=claimed 0:complete 0=completed 1:cancel 1=not-claimed",
        "an operation that executes is counted, and none is no error",
    ),
    (
        Contract::THREADPOOL_IO,
        "1:cancel 1=not-claimed 0:mark 0=marked 1:cancel 1=claimed 3>1 3<1",
        "the callback runs on the pool",
    ),
    (
        Contract::WORK_SYNC,
        "0:unmark 0=canceled 0:mark 0=marked 1:cancel 1=claimed 3>1 0:mark 0=marked 3<1 2:cancel 2=claimed 3>2 3<2",
        "idle work is canceled to no effect; work is queued again while it runs",
    ),
    (
        Contract::TIMER_SYNC,
        "0:mark 0=marked 0:mark 0=marked 1:cancel 1=claimed 3>2 3<2 0:unmark 0=canceled",
        "a timer that is armed is armed anew",
    ),
    (
        Contract::KILL_URB,
        "0:mark 0=marked 1:cancel 1>1 2:cancel 1<1 1=claimed 2=not-claimed",
        "a second kill waits for the handler of the first",
    ),
    (
        Contract::KIOCB,
        "0:mark 0=marked 1:cancel 1>1 1<1 1=claimed 0:complete 0=completed",
        "the function is called under a lock, and the operation is completed afterwards",
    ),
    (
        Contract::IOCSQ,
        "0:mark 0=marked 1:cancel 0:is-canceled 0=yes 0:unmark 0=unmarked 1=not-claimed 0:unmark 0=canceled",
        "the flag is raised before the routine is taken, and a second removal finds nothing",
    ),
    (
        Contract::UMDF_1,
        "0:complete 0=completed 0:is-canceled 0=no",
        "is-canceled answers FALSE of a request that is not owned",
    ),
];

/// What no contract can say, each with the rule that it breaks and why.
const UNEXPLAINED: &[(Contract, &str, Rule, &str)] = &[
    (
        Contract::STOP_SOURCE,
        "0:mark 0=marked 1:cancel 1>1 1<1 1=claimed 1:cancel 1>1 1<1 1=not-claimed",
        Rule::ExactlyOnce,
        "a cancellation slot of Asio calls its handler at every emit: one mark, several callbacks",
    ),
    (
        Contract::WORK_SYNC,
        "0:mark 0=marked 1:cancel 1=claimed 3>1 3<1 2:cancel 2=claimed 3>1 3<1",
        Rule::ExactlyOnce,
        "a timeout of blk-mq gives its claim back and comes again, of the same mark",
    ),
    (
        Contract::IO_URING,
        "0:mark 0=marked 0:complete 0=completed 0:complete 0=completed",
        Rule::SingleCompletion,
        "a multishot operation is completed several times",
    ),
    (
        Contract::DOTNET_UNREGISTER,
        "0:mark 0=marked 1:cancel 1=untold",
        Rule::NoLostCancel,
        "Cancel(true) ends at the first callback that throws, and the others are never called",
    ),
];

#[test]
fn characteristic_histories_are_explained() {
    assert_eq!((CHARACTERISTIC.len(), UNEXPLAINED.len()), (32, 4));
    let explain = |(contract, text, about): &(Contract, &str, &str)| {
        violation(contract, text).map(|found| format!("{contract}: {about}\n  {text}\n  {found}"))
    };
    let unexplained: Vec<String> = CHARACTERISTIC.iter().filter_map(explain).collect();
    assert!(unexplained.is_empty(), "{}", unexplained.join("\n"));
}

#[test]
fn what_no_contract_can_say_is_known() {
    for (contract, text, rule, about) in UNEXPLAINED {
        assert_eq!(violation(contract, text).map(|found| found.rule), Some(*rule), "{about}");
    }
}

/// What the real thing never shows: a history for each preset.
const NEVER: &[(Contract, &str, Rule)] = &[
    (
        Contract::UMDF_1,
        "0:mark 0=marked 1:cancel 1>1 1<1 1=claimed 0:unmark 0=unmarked",
        Rule::TruthfulUnmark,
    ),
    (Contract::KMDF, "0:mark 0=marked 0:is-canceled 0=no", Rule::MisuseRefused),
    (Contract::KMDF_EX, "1:cancel 1=not-claimed 0:mark 0=marked 0>1 0<1", Rule::Linearizable),
    (
        Contract::SCOPED,
        "0:mark 0=marked 1:cancel 1>1 0:unmark 0=canceled 1<1 1=claimed",
        Rule::TruthfulUnmark,
    ),
    (Contract::STOP_CALLBACK, "0:mark 0=marked 1:cancel 1=claimed 1>1 1<1", Rule::CallbackThread),
    (Contract::STOP_SOURCE, "1:cancel 1=claimed 2:cancel 2=claimed", Rule::Linearizable),
    (Contract::STOP_SOURCE, "0:complete 0=completed 1:cancel 1=not-claimed", Rule::Linearizable),
    (Contract::STDEXEC, "1:cancel 1=claimed 0:mark 0=marked", Rule::NoLostCancel),
    (Contract::FOLLY_TOKEN, "1:cancel 1=claimed 2:cancel 2=not-claimed", Rule::Linearizable),
    (Contract::TOKIO_TOKEN, "1:cancel 1=untold 0:is-canceled 0=no", Rule::Linearizable),
    (Contract::ABORT_HANDLE, "1:cancel 1=untold 0:mark 0=marked", Rule::NoLostCancel),
    (
        Contract::ABORT_SIGNAL,
        "1:cancel 1=untold 0:mark 0=untold 1:cancel 1>1 1<1 1=untold",
        Rule::ExactlyOnce,
    ),
    (Contract::ABORT_SIGNAL, "0:mark 0=untold 1:cancel 1=untold 1>1 1<1", Rule::CallbackThread),
    (
        Contract::ASYNCIO_TASK,
        "0:mark 0=marked 1:cancel 1=claimed 1:cancel 1=not-claimed 0>1 0<1",
        Rule::Linearizable,
    ),
    (Contract::ASYNCIO_TASK, "0:complete 0=completed 1:cancel 1=claimed", Rule::Linearizable),
    (Contract::FUTURE_TASK, "0:mark 0=marked 0:complete 0=completed 1:cancel 1=claimed", Rule::Linearizable),
    (
        Contract::FUTURE_TASK,
        "0:mark 0=marked 1:cancel 1>1 1<1 1=claimed 2:cancel 2=claimed",
        Rule::Linearizable,
    ),
    (
        Contract::COMPLETABLE_FUTURE,
        "0:mark 0=marked 1:cancel 1>1 1<1 1=claimed 2:cancel 2=not-claimed",
        Rule::Linearizable,
    ),
    (
        Contract::INVOKE_ON_CANCELLATION,
        "0:mark 0=marked 0:complete 0=completed 1:cancel 1>1 1<1 1=not-claimed",
        Rule::NeverAfterCompletion,
    ),
    (
        Contract::JOB_CANCEL,
        "0:mark 0=marked 0:complete 0=completed 1:cancel 1>1 1<1 1=untold 2:cancel 2>1 2<1 2=untold",
        Rule::ExactlyOnce,
    ),
    (Contract::DOTNET_UNREGISTER, "1:cancel 1=untold 0:is-canceled 0=no", Rule::Linearizable),
    (
        Contract::DOTNET_DISPOSE,
        "0:mark 0=marked 1:cancel 1>1 0:unmark 0=canceled 1<1 1=untold",
        Rule::TruthfulUnmark,
    ),
    (Contract::AFTER_FUNC, "0:mark 0=marked 1:cancel 1>1 1<1 1=untold", Rule::CallbackThread),
    (Contract::ASYNC_CANCEL, "1:cancel 1=not-claimed 0:mark 0=marked 0>1 0<1", Rule::ExactlyOnce),
    (Contract::ASYNC_CANCEL, "0:mark 0=marked 1:cancel 1=claimed 1>1 1<1", Rule::CallbackThread),
    (Contract::IO_URING, "0:mark 0=marked 1:cancel 1=claimed", Rule::NoLostCancel),
    (Contract::IO_URING_DEFERRED, "0:mark 0=marked 1:cancel 1>1 1<1 1=claimed", Rule::CallbackThread),
    (Contract::THREADPOOL_IO, "0:mark 0=marked 1:cancel 1>1 1<1 1=claimed", Rule::CallbackThread),
    (
        Contract::WORK_SYNC,
        "0:mark 0=marked 1:cancel 1=claimed 3>1 0:unmark 0=canceled 3<1",
        Rule::TruthfulUnmark,
    ),
    (Contract::TIMER_SYNC, "0:mark 0=marked 0:unmark 0=unmarked 0:unmark 0=unmarked", Rule::Linearizable),
    (Contract::URB, "0:mark 0=marked 1:cancel 1>1 1<1 1=claimed 2:cancel 2=claimed", Rule::NoLostCancel),
    (
        Contract::KILL_URB,
        "0:mark 0=marked 1:cancel 1>1 2:cancel 2=not-claimed 1<1 1=claimed",
        Rule::NeverAfterCompletion,
    ),
    (Contract::KIOCB, "0:mark 0=marked 1:cancel 1=claimed 3>1 3<1", Rule::CallbackThread),
    (Contract::IOCSQ, "0:mark 0=marked 0:unmark 0=unmarked 0:unmark 0=unmarked", Rule::Linearizable),
];

#[test]
fn every_preset_is_refuted_by_what_the_real_thing_never_shows() {
    let mut wrong = Vec::new();
    for (contract, text, rule) in NEVER {
        let found = violation(contract, text);
        if found.as_ref().map(|found| found.rule) != Some(*rule) {
            wrong.push(format!("{contract}: {text}: {found:?}, and not {rule}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for preset in Contract::PRESETS {
        assert!(NEVER.iter().any(|(contract, ..)| *contract == preset), "{preset}");
    }
}

/// What the presets said before they were held to the real things, and what the real things do.
#[test]
fn what_an_older_contract_would_refuse_is_refused_by_it() {
    let one_registration =
        Contract { cancel_claims: CancelClaims::WhenItAsks, ..Contract::DOTNET_UNREGISTER };
    let tells = "0:mark 0=marked 1:cancel 0:is-canceled 0=yes 0:unmark 0=unmarked 1=untold";
    assert!(violation(&one_registration, tells).is_some());
    assert!(violation(&Contract::ASYNC_CANCEL, "1:cancel 1=not-claimed 0:mark 0=marked 0>1 0<1").is_some());
    assert!(violation(&Contract::STOP_CALLBACK, "1:cancel 1=claimed 2:cancel 2=not-claimed").is_some());
}
