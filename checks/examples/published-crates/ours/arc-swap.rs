//! A pointer that is exchanged while others read it: they read the old or the new, and each is freed once.

use arc_swap::ArcSwap;
use cancelproof::sync::Arc as Shared;
use cancelproof::thread;
use std::sync::Arc;

#[test]
fn who_reads_while_it_is_exchanged_reads_one_or_the_other() {
    cancelproof::model(|| {
        let swap = Shared::new(ArcSwap::new(Arc::new(1)));
        let other = Shared::clone(&swap);
        let storing = thread::spawn(move || other.store(Arc::new(2)));
        let read = **swap.load();
        assert!(read == 1 || read == 2);
        storing.join().unwrap();
        assert_eq!(**swap.load(), 2);
    });
}
