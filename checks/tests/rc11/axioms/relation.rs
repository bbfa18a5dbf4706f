//! Relations on events, and their algebra.

/// A relation on at most 64 events: for each event, the set of those it is related to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Relation(Vec<u64>);

impl Relation {
    pub(super) fn of(size: usize, holds: impl Fn(usize, usize) -> bool) -> Self {
        let row = |from| (0..size).filter(|to| holds(from, *to)).fold(0, |row, to| row | 1 << to);
        Relation((0..size).map(row).collect())
    }

    pub(super) fn has(&self, from: usize, to: usize) -> bool {
        self.0[from] >> to & 1 == 1
    }

    pub(super) fn or(&self, other: &Relation) -> Relation {
        Relation(self.0.iter().zip(&other.0).map(|(one, other)| one | other).collect())
    }

    pub(super) fn then(&self, other: &Relation) -> Relation {
        let size = self.0.len();
        Relation::of(size, |from, to| (0..size).any(|via| self.has(from, via) && other.has(via, to)))
    }

    pub(super) fn or_nothing(&self) -> Relation {
        self.or(&Relation::of(self.0.len(), |from, to| from == to))
    }

    pub(super) fn closure(&self) -> Relation {
        let longer = self.or(&self.then(self));
        if longer == *self { longer } else { longer.closure() }
    }

    pub(super) fn and(&self, holds: impl Fn(usize, usize) -> bool) -> Relation {
        Relation::of(self.0.len(), |from, to| self.has(from, to) && holds(from, to))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|row| *row == 0)
    }

    pub(super) fn is_irreflexive(&self) -> bool {
        (0..self.0.len()).all(|event| !self.has(event, event))
    }
}
