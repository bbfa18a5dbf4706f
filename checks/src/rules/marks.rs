//! Which mark each answer belongs to.

use cancelproof_model::machine::{Call, Reply};
use cancelproof_model::{Mark, Unmark};

use crate::history::{Arming, Operation};

/// Every mark of an execution with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Marks(Vec<MarkRecord>);

/// One mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MarkRecord {
    pub(super) arming: Arming,
    /// What mark answered.
    pub(super) reply: Option<Mark>,
    /// What the first unmark that was not refused as misuse answered.
    pub(super) unmarked: Option<Unmark>,
}

impl MarkRecord {
    /// Whether the request accepted the mark and did not grant it back.
    pub(super) fn is_standing(&self) -> bool {
        self.reply == Some(Mark::Marked) && self.unmarked != Some(Unmark::Unmarked)
    }
}

impl Marks {
    /// Driver's calls come one at a time, so an unmark belongs to the latest mark that was accepted before it.
    pub(super) fn of(operations: &[Operation]) -> Self {
        let mut marks: Vec<MarkRecord> = Vec::new();
        for operation in operations {
            match (operation.call, operation.reply()) {
                (Call::Mark, reply) => {
                    let Some(arming) = operation.arming else { continue };
                    let reply = match reply {
                        Some(Reply::Mark(reply)) => Some(reply),
                        _ => None,
                    };
                    marks.push(MarkRecord { arming, reply, unmarked: None });
                }
                (Call::Unmark, Some(Reply::Unmark(answer @ (Unmark::Unmarked | Unmark::Canceled)))) => {
                    let latest = marks.iter_mut().rev().find(|mark| mark.reply == Some(Mark::Marked));
                    if let Some(mark) = latest.filter(|mark| mark.unmarked.is_none()) {
                        mark.unmarked = Some(answer);
                    }
                }
                _ => {}
            }
        }
        Marks(marks)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &MarkRecord> {
        self.0.iter()
    }
}
