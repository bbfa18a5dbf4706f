//! What the real things never show: each preset is refuted by it.

use cancelproof::model::contract::CancelClaims;
use cancelproof::model::{Contract, Rule};

use super::violation;

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
