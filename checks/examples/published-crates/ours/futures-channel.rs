//! A oneshot channel whose ends go while the other is at work.

use std::future::poll_fn;

use cancelproof::task::block_on;
use cancelproof::thread;
use futures_channel::oneshot;

#[test]
fn what_is_sent_is_received() {
    cancelproof::model(|| {
        let (sender, receiver) = oneshot::channel();
        let child = thread::spawn(move || sender.send(7));
        assert_eq!(block_on(receiver), Ok(7));
        assert_eq!(child.join().unwrap(), Ok(()));
    });
}

#[test]
fn a_sender_that_goes_wakes_the_receiver() {
    cancelproof::model(|| {
        let (sender, receiver) = oneshot::channel::<u8>();
        let child = thread::spawn(move || drop(sender));
        assert!(block_on(receiver).is_err());
        child.join().unwrap();
    });
}

#[test]
fn a_receiver_that_goes_wakes_the_sender() {
    cancelproof::model(|| {
        let (mut sender, receiver) = oneshot::channel::<u8>();
        let child = thread::spawn(move || drop(receiver));
        block_on(poll_fn(|context| sender.poll_canceled(context)));
        assert!(sender.is_canceled());
        child.join().unwrap();
    });
}

#[test]
fn a_value_is_received_or_comes_back_once() {
    cancelproof::model(|| {
        let (sender, mut receiver) = oneshot::channel();
        let child = thread::spawn(move || sender.send(7));
        receiver.close();
        let received = receiver.try_recv().ok().flatten();
        drop(receiver);
        let came_back = child.join().unwrap().err();
        assert!(received.is_none() || came_back.is_none(), "it was received, and came back");
    });
}
