//! A channel for one value: it is sent, received or closed, and whoever waits is woken.

use cancelproof::task::block_on;
use cancelproof::thread;

use async_oneshot::{Closed, oneshot};

#[test]
fn what_is_sent_is_received() {
    cancelproof::model(|| {
        let (mut sender, receiver) = oneshot::<u32>();
        let sending = thread::spawn(move || sender.send(7).unwrap());
        assert_eq!(block_on(receiver).unwrap(), 7);
        sending.join().unwrap();
    });
}

#[test]
fn a_sender_that_goes_wakes_the_receiver() {
    cancelproof::model(|| {
        let (sender, receiver) = oneshot::<u32>();
        let going = thread::spawn(move || drop(sender));
        assert!(matches!(block_on(receiver), Err(Closed())));
        going.join().unwrap();
    });
}

#[test]
fn a_sender_that_waits_is_woken_by_the_receiver() {
    cancelproof::model(|| {
        let (sender, receiver) = oneshot::<u32>();
        let sending = thread::spawn(move || {
            let mut sender = block_on(sender.wait()).unwrap();
            sender.send(7).unwrap();
        });
        assert_eq!(block_on(receiver).unwrap(), 7);
        sending.join().unwrap();
    });
}

#[test]
fn a_receiver_that_goes_wakes_the_sender() {
    cancelproof::model(|| {
        let (sender, receiver) = oneshot::<u32>();
        let going = thread::spawn(move || drop(receiver));
        assert!(block_on(sender.wait()).is_err());
        going.join().unwrap();
    });
}
