//! References are counted: the orders in which they are dropped are executions.

use core::sync::atomic::Ordering::Acquire;

use cancelproof::engine::{dpor, rc11};
use cancelproof::executor::Controlled;
use cancelproof::exploration::{Exploration, Extent, FailureKind};
use cancelproof::sync::controlled::{Arc, Weak};
use cancelproof_model::runtime::{Atomic, JoinHandle, Runtime, UnsafeCell};

type Word = <Controlled as Runtime>::AtomicUsize;

/// What a destructor writes and a holder of a reference reads.
struct Holder(<Controlled as Runtime>::UnsafeCell<u32>);

// SAFETY: whoever reads holds a reference; only the last drop writes. That is what is tested.
unsafe impl Sync for Holder {}
// SAFETY: as above.
unsafe impl Send for Holder {}

impl Holder {
    fn new() -> Self {
        Holder(UnsafeCell::new(7))
    }

    fn read(&self) -> u32 {
        // SAFETY: whoever has a reference may read.
        self.0.with(|value| unsafe { *value })
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        // SAFETY: nobody has a reference any more.
        self.0.with_mut(|value| unsafe { *value = 0 });
    }
}

fn explored(body: fn()) -> [Exploration; 2] {
    [dpor::explore(&dpor::Options::default(), body), rc11::explore(&rc11::Options::default(), body)]
}

fn proved_in(executions: u64, body: fn()) {
    for exploration in explored(body) {
        assert!(exploration.failure.is_none(), "{exploration:?}");
        assert_eq!((exploration.executions, &exploration.extent), (executions, &Extent::Exhausted));
    }
}

/// The road of the alias modules and that of the trait count alike.
#[test]
fn both_roads_try_both_orders_of_two_drops() {
    proved_in(2, || {
        let one = Arc::new(Holder::new());
        let other = one.clone();
        let child = Controlled::spawn(move || assert_eq!(other.read(), 7));
        drop(one);
        child.join();
    });
    proved_in(2, || {
        let one = <Controlled as Runtime>::Arc::new(Holder::new());
        let other = one.clone();
        let child = Controlled::spawn(move || assert_eq!(other.read(), 7));
        drop(one);
        child.join();
    });
}

/// A drop race: which of the two is last decides who sees the flag, and one order breaks the assertion.
#[test]
fn drop_race_is_found() {
    struct Flag(std::sync::Arc<Word>);
    impl Drop for Flag {
        fn drop(&mut self) {
            self.0.store(1, core::sync::atomic::Ordering::Release);
        }
    }
    for exploration in explored(|| {
        let word = std::sync::Arc::new(Word::new(0));
        let one = Arc::new(Flag(std::sync::Arc::clone(&word)));
        let other = one.clone();
        let child = Controlled::spawn(move || {
            drop(other);
            word.load(Acquire)
        });
        drop(one);
        assert_eq!(child.join(), 1, "the thread's reference was not the last");
    }) {
        let kind = exploration.failure.map(|failure| failure.kind);
        let Some(FailureKind::Panic { message }) = kind else { panic!("{kind:?}") };
        assert!(message.contains("was not the last"), "{message}");
    }
}

#[test]
fn one_of_two_unwraps() {
    for exploration in explored(|| {
        let one = Arc::new(5);
        let other = one.clone();
        let child = Controlled::spawn(move || Arc::into_inner(other));
        let mine = Arc::into_inner(one);
        let theirs = child.join();
        assert!(mine.is_some() != theirs.is_some(), "{mine:?} {theirs:?}");
    }) {
        assert!(exploration.failure.is_none(), "{exploration:?}");
        assert_eq!(exploration.executions, 2);
    }
}

#[test]
fn weak_reference_finds_the_value_or_not() {
    for exploration in explored(|| {
        let one = Arc::new(Holder::new());
        let weak: Weak<Holder> = Arc::downgrade(&one);
        let child = Controlled::spawn(move || weak.upgrade().map(|found| found.read()));
        drop(one);
        assert!(matches!(child.join(), None | Some(7)));
    }) {
        assert!(exploration.failure.is_none(), "{exploration:?}");
        assert!(exploration.executions >= 2, "{exploration:?}");
    }
}

/// Everything of the standard library's interface, in one thread.
#[test]
fn the_interface_is_the_standard_one() {
    proved_in(1, || {
        let mut one: Arc<String> = Arc::from("a".to_owned());
        Arc::get_mut(&mut one).expect("the only reference").push('b');
        let two = Arc::clone(&one);
        assert_eq!((Arc::strong_count(&one), Arc::weak_count(&one)), (2, 0));
        assert!(Arc::ptr_eq(&one, &two) && Arc::as_ptr(&one) == Arc::as_ptr(&two));
        assert!(Arc::get_mut(&mut one).is_none());
        let two = Arc::try_unwrap(two).expect_err("there is another");
        assert_eq!(one, two);
        Arc::make_mut(&mut one).push('c');
        assert_eq!((one.as_str(), two.as_str()), ("abc", "ab"));
        assert_eq!(
            (format!("{one} {two:?}"), one.cmp(&two)),
            ("abc \"ab\"".to_owned(), std::cmp::Ordering::Greater)
        );
        assert_eq!(Arc::try_unwrap(one).as_deref(), Ok("abc"));
        assert_eq!(Arc::unwrap_or_clone(two), "ab");

        let object: Arc<dyn Fn() -> u8> = Arc::from_std(std::sync::Arc::new(|| 3));
        let again = object.clone();
        assert_eq!(again() + object(), 6);
        let slice: Arc<[u8]> = Arc::from(vec![1, 2]);
        let text: Arc<str> = Arc::from("text");
        assert_eq!((slice.len(), &*text, *Arc::<u8>::default()), (2, "text", 0));
        let weak = Arc::downgrade(&text);
        assert_eq!((weak.strong_count(), weak.upgrade().as_deref()), (1, Some("text")));
        drop(text);
        assert!(weak.upgrade().is_none() && Weak::<u8>::new().upgrade().is_none());
    });
}
