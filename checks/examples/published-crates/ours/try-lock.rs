//! Whoever has the lock has it alone.

use cancelproof::sync::Arc;
use cancelproof::thread;
use try_lock::TryLock;

#[test]
fn what_is_added_under_the_lock_is_there() {
    cancelproof::model(|| {
        let lock = Arc::new(TryLock::new(0));
        let add = |lock: &TryLock<i32>| lock.try_lock().map(|mut value| *value += 1).is_some();
        let other = Arc::clone(&lock);
        let child = thread::spawn(move || add(&other));
        let added = i32::from(add(&lock)) + i32::from(child.join().unwrap());
        assert!(added >= 1, "the lock was held by nobody, and nobody got it");
        assert_eq!(*lock.try_lock().expect("it is free"), added);
    });
}
