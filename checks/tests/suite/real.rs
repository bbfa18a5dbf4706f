//! What real implementations have done, recorded by the programs in `checks/tests/real-histories`: each history is explained under the
//! preset of its implementation, and each of these presets is refuted by histories that the real thing never shows.
//!
//! A line of data is a number of executions and the events of one history: `0:mark` is a call of thread 0, `0=marked` its answer,
//! `1>1` the start of the callback of mark 1 on thread 1, and `1<1` its return.

mod characteristic;
mod never;

use cancelproof::history::{Event, History, Order, Title};
use cancelproof::model::machine::{Call, Misuse, Reply};
use cancelproof::model::{Cancel, Complete, Contract, IsCanceled, Mark, Unmark};
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
