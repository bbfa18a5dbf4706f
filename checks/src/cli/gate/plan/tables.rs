//! How the groups of a plan are laid out.

use comfy_table::Table;

use super::super::expectation::word_for;
use super::super::{Answers, growth, systems};
use super::{About, Column, Group, Plan};
use crate::cli::table;
use crate::job::{Answer, Replay};

impl Group {
    pub(in crate::cli::gate) fn table(&self, plan: &Plan, answers: &Answers) -> Table {
        if self.about == About::Systems {
            return systems::table(self, plan, answers);
        }
        if self.about == About::Growth {
            return growth::table(self.rows.iter().map(|row| (row.labels.as_slice(), row.jobs())), answers);
        }
        let labels = match self.about {
            About::Kept => vec!["request", "program"],
            About::Canary => vec!["engine"],
            About::Faults { .. } => vec!["fault", "breaks"],
            About::Request { .. } | About::Systems => vec!["scenario"],
            About::Staircase | About::SmallPrograms => vec!["request", "contract"],
            About::Growth => vec!["request"],
        };
        let columns = self.columns.iter().map(|column| match column {
            Column::Exhaustive(engine) => engine.name(),
            Column::Sampled if self.about == About::Canary => "sees",
            Column::Sampled => "sampled",
        });
        let header: Vec<&str> = labels.into_iter().chain(columns).collect();
        let rows = self
            .rows
            .iter()
            .map(|row| {
                let cells = row.jobs.iter().map(|jobs| self.cell(plan, jobs, answers));
                row.labels.iter().cloned().chain(cells).collect()
            })
            .collect();
        table::figures(&header, rows)
    }

    /// The worst answer of some jobs, with the executions of all of them.
    fn cell(&self, plan: &Plan, jobs: &[usize], answers: &Answers) -> String {
        let mut executions = 0;
        let mut word = None;
        for &number in jobs {
            match &answers[number] {
                None | Some(Answer::Explained { .. } | Answer::Fingerprinted(_) | Answer::Checked(_)) => {
                    return String::new();
                }
                Some(Answer::NotStarted) => return "not started".to_owned(),
                Some(Answer::Grown(_)) => return "grown".to_owned(),
                Some(Answer::Crashed(_)) => return "CRASHED".to_owned(),
                Some(Answer::NotApplicable(_)) => {}
                Some(Answer::Judged(judgement) | Answer::Replayed(Replay { judgement, .. })) => {
                    executions += judgement.executions;
                    let text = word_for(&judgement.verdict, plan.expectations[number]);
                    if text.is_loud || word.is_none() {
                        word = Some(text);
                    }
                }
            }
        }
        match (word, &self.about) {
            (Some(word), About::Canary) => word.text,
            (Some(word), _) => format!("{} {}", word.text, table::count(executions)),
            (None, About::Faults { .. }) => "cannot see it".to_owned(),
            (None, _) => "not applicable".to_owned(),
        }
    }
}
