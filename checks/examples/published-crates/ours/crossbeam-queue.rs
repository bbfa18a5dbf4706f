//! Queues that several threads push to and pop from: each value comes out once.

use cancelproof::sync::Arc;
use cancelproof::thread;
use crossbeam_queue::{ArrayQueue, SegQueue};

#[test]
fn two_that_push_to_a_bounded_queue_find_room_once() {
    cancelproof::model(|| {
        let queue = Arc::new(ArrayQueue::new(1));
        let other = Arc::clone(&queue);
        let pushing = thread::spawn(move || other.push(1).is_ok());
        let mine = queue.push(2).is_ok();
        let theirs = pushing.join().unwrap();
        assert!(mine != theirs, "there is room for one");
        assert_eq!(queue.pop(), Some(if mine { 2 } else { 1 }));
        assert_eq!(queue.pop(), None);
    });
}

#[test]
fn a_value_is_popped_once() {
    cancelproof::model(|| {
        let queue = Arc::new(ArrayQueue::new(2));
        queue.push(1).unwrap();
        let other = Arc::clone(&queue);
        let popping = thread::spawn(move || other.pop());
        let popped = [queue.pop(), popping.join().unwrap()];
        assert_eq!(popped.iter().flatten().collect::<Vec<_>>(), [&1]);
    });
}

#[test]
fn what_is_pushed_to_an_unbounded_queue_comes_out() {
    cancelproof::model(|| {
        let queue = Arc::new(SegQueue::new());
        let other = Arc::clone(&queue);
        let pushing = thread::spawn(move || other.push(7));
        let early = queue.pop();
        pushing.join().unwrap();
        assert_eq!(early.or_else(|| queue.pop()), Some(7));
    });
}
