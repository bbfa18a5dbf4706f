//! The reference requests on the production platform, one thread: each call in each state that a caller can bring
//! about answers what the machine allows.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use cancelproof_model::contract::MarkAfterClaim;
use cancelproof_model::machine::{Call, Reply, State, step};
use cancelproof_model::requests::{Exchange, Locked, Word, exchange, locked, word};
use cancelproof_model::{Callback, CancelableRequest, Contract, OnCancel, Status, Std};

/// Counts its calls and its release.
struct Counting {
    calls: Arc<AtomicU32>,
    releases: Arc<AtomicU32>,
}

impl OnCancel for Counting {
    fn on_cancel(&self) {
        self.calls.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.releases.fetch_add(1, Ordering::Relaxed);
    }
}

/// Makes the calls, and follows every state that the machine may be in. A callback that is owed may start and return
/// at any time.
fn follows_the_machine(request: &dyn CancelableRequest<Std>, contract: &Contract, calls: &[Call]) {
    let (count, releases) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let mut marks = 0;
    let mut possible = BTreeSet::from([State::INITIAL]);
    for &call in calls {
        let reply = match call {
            Call::Mark => {
                marks += 1;
                let (calls, releases) = (Arc::clone(&count), Arc::clone(&releases));
                Reply::Mark(request.mark(Callback::new(Counting { calls, releases })))
            }
            Call::Unmark => Reply::Unmark(request.unmark()),
            Call::Cancel => Reply::Cancel(request.cancel()),
            Call::Complete => Reply::Complete(request.complete(Status::Success)),
            Call::IsCanceled => Reply::IsCanceled(request.is_canceled()),
            Call::CallbackStart | Call::CallbackReturn | Call::Claim => continue,
        };
        // Where the callback has a thread of its own, it too has returned before the next call.
        request.settle();
        possible = possible
            .into_iter()
            .flat_map(|state| step(contract, state, call).iter().collect::<Vec<_>>())
            .filter(|outcome| reply.agrees_with(outcome.reply, contract))
            .flat_map(|outcome| {
                // A callback that may come after completion need not.
                let may_stay = matches!(outcome.state, State::Completed(_)).then_some(outcome.state);
                may_stay.into_iter().chain([after_callback(contract, outcome.state)])
            })
            .collect();
        assert!(!possible.is_empty(), "{contract}: {call} in {calls:?} answered {reply:?}");
    }
    let is_claimed_once = !contract.rearms() && contract.mark_after_claim != MarkAfterClaim::CallsBack;
    let calls_max = if is_claimed_once { 1 } else { marks };
    assert!(count.load(Ordering::Relaxed) <= calls_max, "{calls:?}");
    assert!(releases.load(Ordering::Relaxed) <= marks, "{calls:?}");
}

/// On one thread an owed callback has returned before the call that owed it.
fn after_callback(contract: &Contract, state: State) -> State {
    [Call::CallbackStart, Call::CallbackReturn].into_iter().fold(state, |state, call| {
        step(contract, state, call).iter().next().map_or(state, |outcome| outcome.state)
    })
}

/// Every sequence of up to `length` calls.
fn sequences(length: usize) -> Vec<Vec<Call>> {
    const CALLS: [Call; 5] = [Call::Mark, Call::Unmark, Call::Cancel, Call::Complete, Call::IsCanceled];
    (0..length).fold(vec![Vec::new()], |shorter, _| {
        let longer = shorter.iter().flat_map(|calls| {
            CALLS.iter().map(move |&call| calls.iter().copied().chain([call]).collect::<Vec<_>>())
        });
        longer.collect()
    })
}

#[test]
fn every_sequence_of_six_calls_is_answered_as_the_machine_allows() {
    for contract in Contract::PRESETS {
        for calls in sequences(6) {
            if contract.is_of_one_word() {
                let word = Word::<Std, word::Reference>::with_contract(contract);
                follows_the_machine(&word, &contract, &calls);
                let exchange = Exchange::<Std, exchange::Reference>::with_contract(contract);
                follows_the_machine(&exchange, &contract, &calls);
            }
            follows_the_machine(
                &Locked::<Std, locked::Reference>::with_contract(contract),
                &contract,
                &calls,
            );
        }
    }
}

#[test]
fn the_callback_object_is_released_with_the_request_at_the_latest() {
    let releases = Arc::new(AtomicU32::new(0));
    let mark = |request: &dyn CancelableRequest<Std>| {
        let counting = Counting { calls: Arc::default(), releases: Arc::clone(&releases) };
        let _marked = request.mark(Callback::new(counting));
    };
    mark(&Word::<Std>::new());
    mark(&Exchange::<Std>::new());
    mark(&Locked::<Std>::new());
    assert_eq!(releases.load(Ordering::Relaxed), 3);
}
