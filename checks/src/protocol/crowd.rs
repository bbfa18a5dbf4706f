//! The cancelers, one by one or counted.
//!
//! The moves of the protocol are written once, over [`Crowd`]. [`Cancelers`] knows each canceler and makes the protocol
//! of that many. [`Counted`] knows only whether nobody, one or many have come to a point, and so stands for every
//! number of cancelers at once; whatever it answers covers every number, because the moves are the same.

use std::fmt;
use std::hash::Hash;

use super::{CANCELERS_MAX, Insistence, Protocol, REQUESTS_MAX};

/// How far a canceler has come with the request of that number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Canceler {
    /// It has not called yet, and need not.
    Ready(u8),
    /// It has set the bit of a pending request, and looks whether there is a routine to take.
    Asked(u8),
    /// It has claimed, and has to call the callback.
    Owes(u8),
    /// It runs the callback, which has done nothing yet.
    Running(u8),
    /// It runs the callback, which has done everything.
    Returning(u8),
    /// It has been through all requests.
    Ended,
}

/// A number of cancelers.
pub trait Crowd: Copy + Eq + Hash + Send + Sync + 'static {
    /// By which a canceler, or all that have come equally far, are named.
    type Who: Copy + Eq + Ord + Hash + fmt::Debug + Send + Sync + 'static;

    /// All that can move differently, each with how far it has come.
    fn members(&self) -> impl Iterator<Item = (Self::Who, Canceler)> + '_;

    /// The crowd in which one of `who` has come to `to`: one, or each that is possible.
    fn moved(&self, who: Self::Who, to: Canceler) -> impl Iterator<Item = Self>;

    /// A name for traces.
    fn describe(&self, who: Self::Who) -> String;

    /// A small number for `who`, for sets of threads.
    fn number(who: Self::Who) -> u32;
}

/// Each canceler by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cancelers {
    each: [Canceler; CANCELERS_MAX],
    count: u8,
}

impl Cancelers {
    /// As many as the protocol has, none of whom has done anything.
    ///
    /// # Panics
    ///
    /// Panics if there are more than [`CANCELERS_MAX`].
    #[must_use]
    pub fn of(protocol: &Protocol) -> Self {
        assert!(protocol.cancelers <= CANCELERS_MAX, "at most {CANCELERS_MAX} cancelers fit into a position");
        let mut each = [Canceler::Ended; CANCELERS_MAX];
        each[..protocol.cancelers].fill(Canceler::Ready(0));
        Cancelers { each, count: protocol.cancelers as u8 }
    }

    /// The same cancelers in a fixed order, so that crowds that differ only in who is who become equal.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.each[..usize::from(self.count)].sort_unstable();
        self
    }

    /// How many have come to each point.
    #[must_use]
    pub fn counted(&self) -> Counted {
        let mut counted = Counted::NOBODY;
        for (_, canceler) in self.members() {
            counted = counted.with_one_more(canceler);
        }
        counted
    }
}

impl Crowd for Cancelers {
    type Who = u8;

    fn members(&self) -> impl Iterator<Item = (u8, Canceler)> + '_ {
        (0..self.count).map(|who| (who, self.each[usize::from(who)]))
    }

    fn moved(&self, who: u8, to: Canceler) -> impl Iterator<Item = Self> {
        let mut next = *self;
        next.each[usize::from(who)] = to;
        std::iter::once(next)
    }

    fn describe(&self, who: u8) -> String {
        format!("canceler {who}")
    }

    fn number(who: u8) -> u32 {
        u32::from(who)
    }
}

/// None, one, or more than one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Many {
    /// Nobody.
    #[default]
    None,
    /// Exactly one.
    One,
    /// Two or more, however many.
    Many,
}

/// How many cancelers have come to each point: none, one or many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Counted {
    each: [Many; POINTS],
}

/// Every point that a canceler can come to.
const POINTS: usize = 5 * REQUESTS_MAX + 1;

impl Counted {
    /// No canceler at all.
    pub const NOBODY: Counted = Counted { each: [Many::None; POINTS] };

    /// That many cancelers, none of whom has done anything.
    #[must_use]
    pub fn ready(many: Many) -> Self {
        let mut counted = Counted::NOBODY;
        counted.each[Canceler::Ready(0).place()] = many;
        counted
    }

    /// How many have come to that point.
    #[must_use]
    pub fn count(&self, canceler: Canceler) -> Many {
        self.each[canceler.place()]
    }

    fn with_one_more(mut self, canceler: Canceler) -> Self {
        let count = &mut self.each[canceler.place()];
        *count = if *count == Many::None { Many::One } else { Many::Many };
        self
    }
}

impl Crowd for Counted {
    type Who = u8;

    fn members(&self) -> impl Iterator<Item = (u8, Canceler)> + '_ {
        let occupied = (0..POINTS).filter(|&place| self.each[place] != Many::None);
        occupied.map(|place| (place as u8, Canceler::at(place)))
    }

    /// Of many, one leaves many or one behind.
    fn moved(&self, who: u8, to: Canceler) -> impl Iterator<Item = Self> {
        let left: &[Many] = match self.each[usize::from(who)] {
            Many::Many => &[Many::Many, Many::One],
            Many::One => &[Many::None],
            Many::None => &[],
        };
        left.iter().map(move |&left| {
            let mut next = *self;
            next.each[usize::from(who)] = left;
            next.with_one_more(to)
        })
    }

    fn describe(&self, who: u8) -> String {
        match self.each[usize::from(who)] {
            Many::Many => "many cancelers".to_owned(),
            _ => "a canceler".to_owned(),
        }
    }

    fn number(who: u8) -> u32 {
        u32::from(who)
    }
}

impl Canceler {
    /// The number of the point in [`Counted`].
    pub(super) fn place(self) -> usize {
        let at = |point, request: u8| point * REQUESTS_MAX + usize::from(request);
        match self {
            Canceler::Ready(request) => at(0, request),
            Canceler::Asked(request) => at(1, request),
            Canceler::Owes(request) => at(2, request),
            Canceler::Running(request) => at(3, request),
            Canceler::Returning(request) => at(4, request),
            Canceler::Ended => POINTS - 1,
        }
    }

    /// The point of that number.
    pub(super) fn at(place: usize) -> Self {
        let request = (place % REQUESTS_MAX) as u8;
        match place / REQUESTS_MAX {
            0 => Canceler::Ready(request),
            1 => Canceler::Asked(request),
            2 => Canceler::Owes(request),
            3 => Canceler::Running(request),
            4 => Canceler::Returning(request),
            _ => Canceler::Ended,
        }
    }

    /// Where it stands after its call on `request` has been answered.
    pub(super) fn after(protocol: &Protocol, request: u8) -> Self {
        match (usize::from(request) + 1 < protocol.requests, protocol.insistence) {
            (true, _) => Canceler::Ready(request + 1),
            (false, Insistence::Once) => Canceler::Ended,
            (false, Insistence::Again) => Canceler::Ready(0),
        }
    }

    /// Whether it is inside a call.
    #[must_use]
    pub fn is_calling(self) -> bool {
        !matches!(self, Canceler::Ready(_) | Canceler::Ended)
    }
}

impl fmt::Display for Canceler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Canceler::Ready(request) => write!(f, "may cancel request {request}"),
            Canceler::Asked(request) => write!(f, "has set the bit of request {request}"),
            Canceler::Owes(request) => write!(f, "owes the callback of request {request}"),
            Canceler::Running(request) => write!(f, "runs the callback of request {request}"),
            Canceler::Returning(request) => write!(f, "returns from the callback of request {request}"),
            Canceler::Ended => f.write_str("has ended"),
        }
    }
}
