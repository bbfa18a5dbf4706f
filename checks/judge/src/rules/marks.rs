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
    /// What the first unmark that was not refused as misuse answered, or did not tell.
    pub(super) unmarked: Option<Unmark>,
}

impl MarkRecord {
    /// Whether the request is known to have accepted the mark and not to have granted it back.
    pub(super) fn is_standing(&self) -> bool {
        self.reply == Some(Mark::Marked) && !matches!(self.unmarked, Some(Unmark::Unmarked | Unmark::Untold))
    }

    /// Whether the mark may stand for all that was told.
    pub(super) fn may_stand(&self) -> bool {
        matches!(self.reply, Some(Mark::Marked | Mark::Untold)) && self.unmarked != Some(Unmark::Unmarked)
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
                (
                    Call::Unmark,
                    Some(Reply::Unmark(answer @ (Unmark::Unmarked | Unmark::Canceled | Unmark::Untold))),
                ) => {
                    let latest = marks
                        .iter_mut()
                        .rev()
                        .find(|mark| matches!(mark.reply, Some(Mark::Marked | Mark::Untold)));
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
