//! Every execution of the code below, under every interleaving and memory order that is explored.
//!
//! Put your own code in the place of `Flag`, with its primitives imported from `cancelproof::sync` and `thread`.

use cancelproof::sync::Arc;
use cancelproof::sync::atomic::{AtomicU32, Ordering};
use cancelproof::thread;

/// Canceled by any thread; one of them wins.
struct Flag(AtomicU32);

impl Flag {
    fn cancel(&self) -> bool {
        self.0.compare_exchange(0, 1, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

#[cancelproof::test]
fn one_of_two_cancels_wins() {
    let flag = Arc::new(Flag(AtomicU32::new(0)));
    let other = Arc::clone(&flag);
    let thread = thread::spawn(move || other.cancel());
    let here = flag.cancel();
    let there = thread.join().unwrap();
    assert!(here != there, "one cancel wins: here {here}, there {there}");
}
