//! A glob import of an alias module brings in what the standard library has there, and hides nothing.

#[allow(unused_imports, reason = "that they stand beside each other is what is tested")]
mod imported {
    use cancelproof::cell::*;
    use cancelproof::hint::*;
    use cancelproof::sync::atomic::*;
    use cancelproof::sync::*;
    use cancelproof::task::*;
    use cancelproof::thread::*;
    use cancelproof::time::*;

    /// `std` is the crate, and the prelude is what it was.
    pub(super) fn exchanged() -> std::string::String {
        format!("{:?}", std::mem::take(&mut vec![Some(1)]))
    }

    pub(super) fn counted() {
        let count = Arc::new(AtomicUsize::new(0));
        let other = Arc::clone(&count);
        let child = spawn(move || other.fetch_add(1, Ordering::AcqRel));
        child.join().unwrap();
        assert_eq!(count.load(Ordering::Acquire), 1);
    }
}

#[test]
fn the_names_of_crates_are_theirs() {
    assert_eq!(imported::exchanged(), "[Some(1)]");
    cancelproof::model(imported::counted);
}
