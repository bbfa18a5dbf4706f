//! Histories that frameworks are known by, and what no contract can say.

use cancelproof::model::contract::CancelAnswers;
use cancelproof::model::{Contract, Rule};

use super::violation;

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
