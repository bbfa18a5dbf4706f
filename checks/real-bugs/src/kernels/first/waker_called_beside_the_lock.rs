//! A waker is called after the lock was given up under which it is replaced.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "waker_called_beside_the_lock",
    reference: "fereidani/kanal#14",
    language: Language::Rust,
    class: Class::Ordering,
    seen: Seen::Excerpt,
    mechanism: "The waker of an asynchronous signal is written under the channel's lock; whoever completes the \
        signal gives the lock up and reads the waker afterwards.",
    users: "A data race in safe code, between a poll with a new waker and a send.",
    fix: "The waker is read while the lock is held.",
    missed: "Not by tests on real threads; the report recommends a model checker and Miri.",
    rule: Rule::Ordered,
    needs: Needs::Races,
};

struct Channel<R: Runtime> {
    lock: R::Mutex<()>,
    waker: Plain<R, u8>,
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let channel = Arc::new(Channel::<R> { lock: Mutex::new(()), waker: Plain::new(1) });
    let sender = Arc::clone(&channel);
    let send = move || {
        let guard = sender.lock.lock();
        if FIXED {
            sender.waker.get();
        }
        drop(guard);
        if !FIXED {
            sender.waker.get();
        }
    };
    two::<R>(send, || {
        let guard = channel.lock.lock();
        channel.waker.set(2);
        drop(guard);
    });
}
