//! Handles of one buffer in several threads: the last of them frees it.

use bytes::Bytes;
use cancelproof::sync::Arc;
use cancelproof::thread;

#[test]
fn whoever_drops_the_last_handle_frees_the_buffer() {
    cancelproof::model(|| {
        let mine = Bytes::from(b"abcdefgh".to_vec());
        let theirs = mine.clone();
        let other = thread::spawn(move || {
            assert_eq!(theirs[0], b'a');
            drop(theirs);
        });
        drop(mine);
        other.join().unwrap();
    });
}

#[test]
fn a_handle_is_cloned_by_two_at_once() {
    cancelproof::model(|| {
        let shared = Arc::new(Bytes::from(b"abcdefgh".to_vec()));
        let other = shared.clone();
        let cloning = thread::spawn(move || assert_eq!((*other).clone()[0], b'a'));
        assert_eq!((*shared).clone()[0], b'a');
        drop(shared);
        cloning.join().unwrap();
    });
}
