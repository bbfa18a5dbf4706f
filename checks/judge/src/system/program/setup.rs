//! The system that a program runs on, in words.

/// What the callback of a request does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Behaviour {
    /// Completes the request as canceled.
    #[default]
    Completes,
    /// Nothing.
    Returns,
    /// Completes the request with success all the same.
    Succeeds,
    /// Calls everything that it may: the request itself, and a cancel of each other request.
    Reenters,
}

/// What the driver does with I/O that the application issues.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Delivery {
    /// Marks it, in the thread that has issued it.
    #[default]
    Marks,
    /// Leaves it unmarked.
    Keeps,
    /// It stays in the queue.
    Waits,
}

/// What the driver does with a request when its queue stops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum OnStop {
    /// Unmarks, and completes if that was granted.
    #[default]
    Finishes,
    /// Unmarks, and puts it back into the queue if that was granted.
    Requeues,
    /// Completes a marked request, which it must not.
    Misuses,
}

/// The system that a program runs on.
#[expect(
    clippy::struct_excessive_bools,
    reason = "they are switches of the setup, and any combination makes sense"
)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Setup {
    /// What cancel callbacks do.
    pub behaviour: Behaviour,
    /// What the driver does with issued I/O.
    pub delivery: Delivery,
    /// What the driver does when the queue stops.
    pub on_stop: OnStop,
    /// Whether mark refuses canceled requests (`MarkCancelableEx`) instead of calling back.
    pub refuses: bool,
    /// Whether callbacks of the driver's exclude each other.
    pub is_synchronized: bool,
    /// Whether the driver is told of requests that are canceled in the queue.
    pub tells_on_queue: bool,
    /// Whether the requests wait in the queue at first, instead of being the driver's.
    pub is_queued: bool,
}

/// A word of a setup, what it means, and what it sets.
type Word = (&'static str, &'static str, fn(&mut Setup));

/// The words of a setup that are not what goes without saying.
const WORDS: &[Word] = &[
    ("callback-completes", "the callback completes the request as canceled", |setup| {
        setup.behaviour = Behaviour::Completes;
    }),
    ("callback-returns", "the callback does nothing", |setup| setup.behaviour = Behaviour::Returns),
    ("callback-succeeds", "the callback completes the request with success all the same", |setup| {
        setup.behaviour = Behaviour::Succeeds;
    }),
    ("callback-reenters", "the callback calls everything that it may", |setup| {
        setup.behaviour = Behaviour::Reenters;
    }),
    ("driver-keeps", "the driver does not mark what the application issues", |setup| {
        setup.delivery = Delivery::Keeps;
    }),
    ("driver-waits", "what the application issues waits in the queue", |setup| {
        setup.delivery = Delivery::Waits;
    }),
    ("stop-requeues", "a driver whose queue stops puts its requests back", |setup| {
        setup.on_stop = OnStop::Requeues;
    }),
    ("stop-misuses", "a driver whose queue stops completes marked requests, which it must not", |setup| {
        setup.on_stop = OnStop::Misuses;
    }),
    ("refusing", "mark refuses a canceled request instead of calling back", |setup| setup.refuses = true),
    ("synchronized", "callbacks of the driver's exclude each other", |setup| setup.is_synchronized = true),
    ("telling", "the driver is told of requests that are canceled in the queue", |setup| {
        setup.tells_on_queue = true;
    }),
    ("queued", "the requests wait in the queue at first", |setup| setup.is_queued = true),
];

impl Setup {
    /// The words that make it from what goes without saying, each with its meaning. Of the callback something is always
    /// said, for the reader.
    #[must_use]
    pub fn words(self) -> Vec<(&'static str, &'static str)> {
        let mut words = Vec::new();
        let mut so_far = Setup::default();
        for (number, &(word, meaning, set)) in WORDS.iter().enumerate() {
            let mut with = so_far;
            set(&mut with);
            let is_said = number == 0 && self.behaviour == Behaviour::Completes;
            let is_new = with != so_far && self.has(set);
            if is_said || is_new {
                words.push((word, meaning));
                so_far = with;
            }
        }
        words
    }

    /// Whether a word would change nothing.
    fn has(self, set: fn(&mut Setup)) -> bool {
        let mut with = self;
        set(&mut with);
        with == self
    }
}

/// What a word sets.
pub(super) fn named(word: &str) -> Option<fn(&mut Setup)> {
    WORDS.iter().find(|row| row.0 == word).map(|row| row.2)
}

/// All words.
pub(super) fn names() -> String {
    WORDS.iter().map(|row| row.0).collect::<Vec<_>>().join(", ")
}
