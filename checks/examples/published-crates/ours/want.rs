//! Who gives waits until somebody wants, or nobody will.

use cancelproof::task::block_on;
use cancelproof::thread;

#[test]
fn a_want_wakes_the_giver() {
    cancelproof::model(|| {
        let (mut giver, mut taker) = want::new();
        let child = thread::spawn(move || {
            taker.want();
            taker
        });
        assert!(block_on(giver.want()).is_ok());
        drop(child.join().unwrap());
    });
}

#[test]
fn a_taker_that_goes_wakes_the_giver() {
    cancelproof::model(|| {
        let (mut giver, taker) = want::new();
        let child = thread::spawn(move || drop(taker));
        assert!(block_on(giver.want()).is_err());
        child.join().unwrap();
    });
}
