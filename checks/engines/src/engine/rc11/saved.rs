//! What is left of an exploration that was stopped, in a form that can be stored.
//!
//! A branch of the search is a graph, and a graph is full of places in running code. But how the search is cut into
//! jobs depends on the search alone, so the *names* of the jobs that are left say everything: whoever goes on runs the
//! jobs on the way to them once more, without counting, and finds their branches again. In a depth-first search these
//! are few, one for each level above what is left.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::explorer::Counts;

/// A job's name: which remainder of the first job, which remainder of that one, and so on.
pub(super) type Path = Vec<u32>;

/// The open part of an exploration: save it to go on later.
///
/// The jobs that were under way when the exploration stopped are run again from their beginning, which takes up to about
/// a thousand executions each. What was counted of them is remembered, so that every part counts on from where the
/// one before it stopped.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Frontier {
    /// The jobs that are left, without those that come of them.
    pub(super) left: BTreeSet<Path>,
    /// What was counted of those of them that were stopped before their end: they are run again from the beginning, and
    /// so much of them is not counted a second time.
    #[serde(default)]
    pub(super) begun: Vec<(Path, Counts)>,
    /// What was counted so far.
    pub(super) counts: Counts,
    /// The share of the space that they were, estimated.
    pub(super) share: f64,
    /// How the space is divided among shards, as far as that is known.
    pub(super) division: Vec<Divided>,
}

/// A job that every shard runs: what it counted, and how many jobs came of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Divided {
    pub(super) path: Path,
    pub(super) counts: Counts,
    pub(super) rest: u64,
}

/// What a job is to an exploration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// It was left, or came of one that was.
    Open,
    /// It was finished, and what was left came of it.
    OnTheWay,
    /// It was finished, and so was all that came of it.
    Finished,
}

impl Frontier {
    /// The whole search.
    pub(super) fn whole() -> Self {
        Frontier { left: BTreeSet::from([Path::new()]), ..Frontier::default() }
    }

    /// Whether nothing is left to explore.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.left.is_empty()
    }

    /// The number of open parts of the search.
    #[must_use]
    pub fn len(&self) -> usize {
        self.left.len()
    }

    /// What was counted of a job that was stopped before its end.
    pub(super) fn counted_of(&self, path: &Path) -> Counts {
        let begun = self.begun.iter().find(|(begun, _)| begun == path);
        begun.map_or_else(Counts::default, |(_, counts)| *counts)
    }

    pub(super) fn part(&self, path: &Path) -> Part {
        if (0..=path.len()).any(|length| self.left.contains(&path[..length])) {
            Part::Open
        } else if self.below(path).next().is_some() {
            Part::OnTheWay
        } else {
            Part::Finished
        }
    }

    /// The open jobs that come of a job.
    pub(super) fn below<'a>(&'a self, path: &'a Path) -> impl Iterator<Item = &'a Path> {
        self.left.range(path.clone()..).take_while(|open| open.starts_with(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_is_open_if_one_above_it_is() {
        let left = BTreeSet::from([vec![0, 2], vec![1]]);
        let frontier = Frontier { left, ..Frontier::default() };
        let part = |path: &[u32]| frontier.part(&path.to_vec());
        assert_eq!([part(&[]), part(&[0])], [Part::OnTheWay; 2]);
        assert_eq!([part(&[0, 2]), part(&[0, 2, 5]), part(&[1])], [Part::Open; 3]);
        assert_eq!([part(&[0, 1]), part(&[0, 1, 2]), part(&[2])], [Part::Finished; 3]);
        assert_eq!(Frontier::whole().part(&vec![3]), Part::Open);
    }
}
