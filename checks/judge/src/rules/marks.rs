//! Which mark each answer belongs to.

use cancelproof_machine::machine::{Call, Reply};
use cancelproof_machine::{Contract, Mark, Unmark};

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
    /// Whether a later mark took its place, under a contract whose marks do.
    pub(super) is_replaced: bool,
}

impl MarkRecord {
    /// Whether the request is known to have accepted the mark and not to have granted it back.
    pub(super) fn is_standing(&self) -> bool {
        self.reply == Some(Mark::Marked)
            && !matches!(self.unmarked, Some(Unmark::Unmarked | Unmark::Untold))
            && !self.is_replaced
    }

    /// Whether the mark may stand for all that was told.
    pub(super) fn may_stand(&self) -> bool {
        matches!(self.reply, Some(Mark::Marked | Mark::Untold))
            && self.unmarked != Some(Unmark::Unmarked)
            && !self.is_replaced
    }
}

impl Marks {
    /// Driver's calls come one at a time, so an unmark belongs to the latest mark that was accepted before it.
    pub(super) fn of(operations: &[Operation], contract: &Contract) -> Self {
        let mut marks: Vec<MarkRecord> = Vec::new();
        for operation in operations {
            match (operation.call, operation.reply()) {
                (Call::Mark, reply) => {
                    let Some(arming) = operation.arming else { continue };
                    let reply = match reply {
                        Some(Reply::Mark(reply)) => Some(reply),
                        _ => None,
                    };
                    // A mark that stands anew after a claim replaces nothing, and which one does is not told from answers.
                    if contract.marks_replace() && !contract.rearms() && reply == Some(Mark::Marked) {
                        for mark in marks.iter_mut().filter(|mark| mark.is_standing()) {
                            mark.is_replaced = true;
                        }
                    }
                    marks.push(MarkRecord { arming, reply, unmarked: None, is_replaced: false });
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
