//! What is known of how far loom and shuttle go.

use std::fs;
use std::path::Path;

use cancelproof::job::{Job, Task};
use cancelproof::judge::{Engine, unended};
use cancelproof::verdict::{Judgement, Verdict};
use cancelproof::{registry, scenario, system};

use crate::support::{job, judge_all};

const WITNESSES: [Engine; 2] = [Engine::Loom, Engine::Shuttle];

/// Every judgement of a witness in a gate that is to pass: of each reference request, and of the system.
fn all() -> Vec<Job> {
    let mut jobs = Vec::new();
    for engine in WITNESSES {
        for subject in registry::references() {
            for scenario in scenario::catalogue::all() {
                if scenario.applies_to(&subject.contract()) {
                    jobs.push(job(subject.name(), &scenario.name, engine));
                }
            }
        }
        for scenario in system::catalogue::all() {
            let system = system::registry::REFERENCE.name.to_owned();
            let task = Task::System { system, scenario: scenario.name.to_owned() };
            jobs.push(Job { task, ..job("", "", engine) });
        }
    }
    jobs
}

fn line(job: &Job) -> String {
    match &job.task {
        Task::Scenario { request, scenario } | Task::System { system: request, scenario } => {
            format!("{} {request} {scenario}", job.engine)
        }
        other => panic!("expected a scenario, got {other:?}"),
    }
}

fn listed() -> Vec<String> {
    unended().map(|words| words.join(" ")).collect()
}

/// A judgement that is renamed or gone would keep its line for ever, and one without a line costs its whole budget.
#[test]
fn what_witnesses_do_not_end_is_listed_once_and_by_names_that_exist() {
    let known: Vec<String> = all().iter().map(line).collect();
    let lines = listed();
    for line in &lines {
        assert!(known.contains(line), "{line:?} names no judgement of a gate");
    }
    assert!(lines.is_sorted_by(|one, next| one < next), "the lines are sorted, each once");
    for engine in WITNESSES {
        let of_engine =
            |lines: &[String]| lines.iter().filter(|line| line.starts_with(&format!("{engine} "))).count();
        let (ends_not, all) = (of_engine(&lines), of_engine(&known));
        assert!(ends_not * 20 <= all, "{engine} does not end {ends_not} of {all} judgements");
    }
}

/// What is listed is begun, is called bounded, and never proved; what is bounded by shuttle says by how many preemptions.
#[test]
fn what_is_known_not_to_end_is_bounded_with_what_was_covered() {
    let of_each = |engine: Engine, request: &str, scenario: &str| Job {
        executions: engine.usual_executions_in(request, scenario),
        ..job(request, scenario, engine)
    };
    let [loom, shuttle]: [Judgement; 2] = judge_all(&[
        of_each(Engine::Loom, "word-scoped", "two-unmarks-cancel"),
        of_each(Engine::Shuttle, "word-scoped", "two-unmarks-cancel"),
    ])
    .try_into()
    .expect("two jobs have two answers");
    assert_eq!(loom.executions, 5_000);
    assert!(matches!(loom.verdict, Verdict::Bounded(_)), "{:?}", loom.verdict);
    assert_eq!(shuttle.executions, 25_000);
    assert_eq!(shuttle.verdict.to_string(), "bounded: at most 3 preemptions");
}

/// Measures the list anew: everything, with the usual executions of each engine.
#[test]
#[ignore = "takes minutes; run by `make witnesses`"]
fn the_list_of_what_witnesses_do_not_end_is_as_measured() {
    let jobs: Vec<Job> =
        all().into_iter().map(|job| Job { executions: job.engine.usual_executions(), ..job }).collect();
    let mut measured = Vec::new();
    for (job, judgement) in jobs.iter().zip(judge_all(&jobs)) {
        match judgement.verdict {
            Verdict::Proved => {}
            Verdict::Bounded(_) => measured.push(line(job)),
            other => panic!("{}: {other:?}", line(job)),
        }
    }
    measured.sort_unstable();
    if std::env::var_os("REWRITE").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("judge/src/judge/witness/unended.txt");
        let kept = fs::read_to_string(&path).expect("the list can be read");
        let head = kept.lines().next().expect("the list begins with what it is");
        fs::write(path, format!("{head}\n{}\n", measured.join("\n"))).expect("the list can be written");
    }
    assert_eq!(
        listed(),
        measured,
        "the list is stale: run this test with REWRITE=1, and review what changed"
    );
}
