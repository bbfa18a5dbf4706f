//! All small programs, as one judgement on a request or a system.

use std::time::Instant;

use crate::exploration::Bound;
use crate::judge::{self, Engine, Settings};
use crate::scenario::ad_hoc;
use crate::scenario::groups::{Group, Size};
use crate::subject::Subject;
use crate::system::{self, System};
use crate::verdict::{Judgement, Verdict};

/// Judges `subject` in every small program of its contract, the smallest of each group first.
///
/// *Proved* means that it keeps every rule in each of them; a program in which there is nothing to reach says nothing. The
/// first program that fails decides, and is named. The time of the settings is for all of them together.
pub(super) fn judge(subject: &'static dyn Subject, engine: Engine, settings: Settings) -> Judgement {
    let contract = subject.contract();
    let programs =
        Group::all(&Size::SMALL, &contract).into_iter().flat_map(|group| group.programs(&contract));
    let judged = programs.map(|program| {
        let name = program.to_string();
        let judge = move |settings| judge::judge(subject, &ad_hoc(program), engine, settings).ok();
        (name, judge)
    });
    judge_all(judged, settings)
}

/// Judges `system` in every small program of systems, likewise.
pub(super) fn judge_system(system: &System, engine: Engine, settings: Settings) -> Judgement {
    let judged = system::small::scenarios().map(|scenario| {
        let name = scenario.program.to_string();
        let judge = move |settings| {
            system::judge(system, &scenario, engine, settings).ok().map(|judged| judged.judgement)
        };
        (name, judge)
    });
    judge_all(judged, settings)
}

/// Asks for the judgement in one program after another.
fn judge_all(
    programs: impl Iterator<Item = (String, impl FnOnce(Settings) -> Option<Judgement>)>,
    settings: Settings,
) -> Judgement {
    let begin = Instant::now();
    let (mut executions, mut verdict) = (0, Verdict::Proved);
    for (program, judge) in programs {
        let time = settings.time.map(|time| time.saturating_sub(begin.elapsed()));
        if let Some(limit) = settings.time.filter(|limit| *limit <= begin.elapsed()) {
            verdict = Verdict::Bounded(Bound::Milliseconds(limit.as_millis() as u64));
            break;
        }
        let named = format!("in {program}, ");
        let Some(judged) = judge(Settings { time, ..settings }) else { continue };
        executions += judged.executions;
        match judged.verdict {
            Verdict::Proved | Verdict::Vacuous { .. } => {}
            Verdict::Bounded(bound) => verdict = Verdict::Bounded(bound),
            Verdict::Refuted { mut violation, failure } => {
                violation.explanation.insert_str(0, &named);
                verdict = Verdict::Refuted { violation, failure };
                break;
            }
            other => {
                verdict = Verdict::ToolFailure { reason: format!("{named}{other}") };
                break;
            }
        }
    }
    Judgement { executions, ..Judgement::without_executions(verdict) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Rule;
    use crate::registry;

    #[test]
    fn a_fault_is_refuted_in_the_smallest_program_and_named_with_it() {
        let faulty = registry::FAULTS.iter().find(|faulty| faulty.about.breaks == Rule::MisuseRefused);
        let subject = faulty.expect("there is one").subject;
        let judgement = judge(subject, Engine::Dpor, Settings::default());
        let Verdict::Refuted { violation, .. } = judgement.verdict else {
            panic!("{:?}", judgement.verdict);
        };
        assert!(violation.explanation.starts_with("in "), "{}", violation.explanation);
    }

    #[test]
    fn a_system_is_judged_in_small_programs_of_its_own() {
        let faulty = system::registry::named("queue-never-looks-on-requeue").expect("it is registered");
        let judgement = judge_system(&faulty, Engine::Dpor, Settings::default());
        let Verdict::Refuted { violation, .. } = judgement.verdict else {
            panic!("{:?}", judgement.verdict);
        };
        assert!(violation.explanation.starts_with("in requeue:0 | cancel:0"), "{}", violation.explanation);
    }

    #[test]
    fn what_is_cut_short_by_time_is_bounded() {
        let settings = Settings { time: Some(std::time::Duration::ZERO), ..Settings::default() };
        let subject = registry::subject("word").expect("it is registered");
        let verdict = judge(subject, Engine::Dpor, settings).verdict;
        assert_eq!(verdict, Verdict::Bounded(Bound::Milliseconds(0)));
    }
}
