//! The sentence for which the suite was made: what the two engines of others have proved, of everything that is judged.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Answers;
use super::expectation::Expectation;
use super::plan::Plan;
use crate::job::{Answer, Job, Task};
use crate::judge::{Covered, Engine};
use crate::scenario::catalogue;
use crate::system;
use crate::verdict::Verdict;

/// Judgements of scenarios with one number of threads.
#[derive(Clone, Copy, Debug, Default)]
struct Count {
    proved: usize,
    judgements: usize,
}

/// What one witness has found.
#[derive(Debug, Default)]
struct Witnessed {
    /// By the number of threads of the scenario: how many judgements there are, and in how many it is proved.
    by_threads: BTreeMap<usize, Count>,
    covered: Covered,
}

impl Witnessed {
    fn of(engine: Engine, plan: &Plan, answers: &Answers) -> Self {
        let mut found = Witnessed::default();
        for ((job, expectation), answer) in plan.jobs.iter().zip(&plan.expectations).zip(answers) {
            let Some(threads) = threads(job).filter(|_| job.engine == engine) else { continue };
            if *expectation == Expectation::Passes && !matches!(answer, Some(Answer::NotApplicable(_))) {
                found.add(threads, answer.as_ref().and_then(Answer::judgement).map(|known| &known.verdict));
            }
        }
        found
    }

    fn add(&mut self, threads: usize, verdict: Option<&Verdict>) {
        let count = self.by_threads.entry(threads).or_default();
        count.judgements += 1;
        count.proved += usize::from(verdict == Some(&Verdict::Proved));
        if let Some(verdict) = verdict {
            self.covered.add_verdict(verdict);
        }
    }

    fn sentence(&self, engine: Engine) -> Option<String> {
        let most = *self.by_threads.keys().last()?;
        let all = |part: fn(&Count) -> usize| self.by_threads.values().map(part).sum::<usize>();
        let (proved, judgements) = (all(|count| count.proved), all(|count| count.judgements));
        if proved == judgements {
            return Some(format!(
                "  {engine}: proved in all {judgements} judgements, of up to {most} threads"
            ));
        }
        let each: Vec<String> = self
            .by_threads
            .iter()
            .map(|(threads, count)| format!("{} of {} with {threads}", count.proved, count.judgements))
            .collect();
        let mut words = format!(
            "  {engine}: proved in {proved} of {judgements} judgements, by threads {}",
            each.join(", ")
        );
        if let Some(bounded) = self.covered.words() {
            words = format!("{words}; {bounded}");
        }
        let others = judgements - proved - self.covered.judgements();
        if others > 0 {
            words = format!("{words}; NOT shown in {others}");
        }
        Some(words)
    }
}

/// The threads of the scenario of a job, if it judges a request or a system in one.
fn threads(job: &Job) -> Option<usize> {
    match &job.task {
        Task::Scenario { scenario, .. } => Some(catalogue::named(scenario)?.program.threads.len()),
        Task::System { scenario, .. } => Some(system::catalogue::named(scenario)?.program.threads.len()),
        _ => None,
    }
}

/// Says it, if both were asked.
pub(super) fn write(out: &mut impl Write, plan: &Plan, answers: &Answers) -> io::Result<()> {
    let witnesses = [Engine::Loom, Engine::Shuttle];
    let sentences: Vec<String> = witnesses
        .into_iter()
        .filter_map(|engine| Witnessed::of(engine, plan, answers).sentence(engine))
        .collect();
    if sentences.len() < witnesses.len() {
        return Ok(());
    }
    writeln!(
        out,
        "\npending, cancelable, canceled or completed: the callback is called exactly once if a cancel wins, and never after \
         completion"
    )?;
    sentences.iter().try_for_each(|sentence| writeln!(out, "{sentence}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exploration::Bound;

    #[test]
    fn only_what_holds_for_all_is_claimed() {
        let mut found = Witnessed::default();
        found.add(2, Some(&Verdict::Proved));
        found.add(3, Some(&Verdict::Proved));
        assert_eq!(
            found.sentence(Engine::Loom).as_deref(),
            Some("  loom: proved in all 2 judgements, of up to 3 threads")
        );
        found.add(3, Some(&Verdict::Bounded(Bound::Preemptions(3))));
        found.add(3, Some(&Verdict::Bounded(Bound::Preemptions(2))));
        let words = "  shuttle: proved in 2 of 4 judgements, by threads 1 of 1 with 2, 1 of 3 with 3; \
                     bounded 2: every run with at most 2 preemptions";
        assert_eq!(found.sentence(Engine::Shuttle).as_deref(), Some(words));
        found.add(2, Some(&Verdict::Bounded(Bound::Executions(7))));
        found.add(2, None);
        let words = "  loom: proved in 2 of 6 judgements, by threads 1 of 3 with 2, 1 of 3 with 3; \
                     bounded 3: what fitted into the budget; NOT shown in 1";
        assert_eq!(found.sentence(Engine::Loom).as_deref(), Some(words));
    }
}
