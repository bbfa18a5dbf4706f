//! The results that reports are made from.

use cancelproof::counterexample::of_failure;
use cancelproof::fingerprint;
use cancelproof::job::{Answer, Job, Task};
use cancelproof::judge::Engine;
use cancelproof::ledger::{Expected, Ledger, Selection};
use cancelproof::registry;
use cancelproof::report::{Results, Section, Tables};
use cancelproof::scenario::catalogue;
use cancelproof::system::registry::REFERENCE;
use cancelproof::verdict::Verdict;
use cancelproof_model::Rule;

/// A name that would run if it were not escaped.
pub(crate) const HOSTILE: &str =
    "<script>document.title = 'taken'</script><img src=x onerror=\"document.title = 'taken'\">{{ title }}";

const ENGINES: [Engine; 3] = [Engine::Dpor, Engine::Shuttle, Engine::ShuttleRandom];

/// A scenario of systems in which the driver waits for itself.
const HANGING: &str = "handler-awaits-its-callback";

const SCENARIOS: [&str; 3] = ["mark-cancel", "marked-finish-cancel", "remark-cancel"];

/// A job in this process.
fn job(task: Task, engine: Engine) -> Job {
    Job { task, engine, seed: 1, samples: 50, milliseconds: None, executions: None }
}

fn scenario(request: &str, scenario: &str) -> Task {
    Task::Scenario { request: request.to_owned(), scenario: scenario.to_owned() }
}

/// Two requests that are right, one that breaks a rule although nobody expects it, and a planted fault.
pub(crate) fn mixed() -> Results {
    let mut ledger = Ledger::new(Selection::default());
    for engine in ENGINES {
        let canary = job(Task::Canary, engine);
        ledger.add(&canary, Some(&canary.run(registry::subject)), Expected::Passes);
    }
    for (request, scenarios) in [
        ("word", &SCENARIOS[..]),
        ("exchange-kmdf", &SCENARIOS[..]),
        ("locked-fires-twice", &["marked-two-cancels"]),
    ] {
        for name in scenarios {
            for engine in ENGINES {
                add(&mut ledger, request, name, engine, Expected::Passes);
            }
        }
    }
    for (name, expected) in
        [("purge-finish", Expected::Passes), (HANGING, Expected::Breaks(Rule::NoDeadlock))]
    {
        add_system(&mut ledger, REFERENCE.name, name, expected);
    }
    let fault = registry::fault("locked-loses-early-cancel").expect("it is registered").about;
    add(&mut ledger, fault.name, fault.scenario, Engine::Dpor, Expected::Breaks(fault.breaks));
    for request in ["word", "exchange-kmdf", "locked-fires-twice", fault.name] {
        let subject = registry::subject(request).expect("it is registered");
        ledger.add_request(subject, Ok(fingerprint::of(subject, &fingerprint::roots())));
    }
    // Here nobody has planted it.
    for request in &mut ledger.requests {
        if request.name == "locked-fires-twice" {
            request.breaks = None;
        }
    }
    let table = Section {
        title: "word".to_owned(),
        sentence: "1 site, 1 change: 1 killed".to_owned(),
        header: ["site", "fate"].map(str::to_owned).to_vec(),
        rows: vec![["word.rs:1", "killed: publication"].map(str::to_owned).to_vec()],
    };
    let tables = Some(Tables::new(vec![table]));
    Results { ledger, mutants: tables.clone(), orderings: tables }
}

/// A system that breaks a rule although nobody expects it: what a fault does, told of the system as it should be.
pub(crate) fn broken_system() -> Results {
    let mut results = mixed();
    add_system(&mut results.ledger, "queue-last-come-first-served", "handler-cancels-two", Expected::Passes);
    results
}

/// Judges a system, and takes it down as the one that it should be.
fn add_system(ledger: &mut Ledger, system: &str, name: &str, expected: Expected) {
    let task = |system: &str| Task::System { system: system.to_owned(), scenario: name.to_owned() };
    let answer = job(task(system), Engine::Dpor).run(registry::subject);
    ledger.add(&job(task(REFERENCE.name), Engine::Dpor), Some(&answer), expected);
}

fn add(ledger: &mut Ledger, request: &str, name: &str, engine: Engine, expected: Expected) {
    let job = job(scenario(request, name), engine);
    let answer = job.run(registry::subject);
    ledger.add(&job, Some(&answer), expected);
    let Answer::Judged(judgement) = answer else { panic!("{}: {answer:?}", job.title()) };
    if let (Verdict::Refuted { violation, failure }, Expected::Passes, Engine::Dpor) =
        (&judgement.verdict, expected, engine)
    {
        let subject = registry::subject(request).expect("it is registered");
        let scenario = catalogue::named(name).expect("it is in the catalogue");
        let found = of_failure(subject, &scenario, engine, 1, violation, failure);
        ledger.add_finding(name, engine, &found);
    }
}

/// As [`mixed`], of requests that want to run as scripts wherever their texts are shown.
pub(crate) fn hostile() -> Results {
    let mut results = mixed();
    let hostile = || HOSTILE.to_owned();
    let ledger = &mut results.ledger;
    for request in &mut ledger.requests {
        request.name = format!("{HOSTILE}{}", request.name);
        request.contract = hostile();
    }
    for engine in &mut ledger.engines {
        engine.memory_model = hostile();
        engine.planted = vec![hostile()];
    }
    for record in &mut ledger.results {
        if !record.is_of_the_system() {
            record.request = format!("{HOSTILE}{}", record.request);
        }
        record.scenario = Some(hostile());
        record.program = hostile();
        for (outcome, _) in &mut record.outcomes {
            *outcome = hostile();
        }
        if record.verdict.detail.is_some() {
            record.verdict.detail = Some(hostile());
        }
    }
    for finding in &mut ledger.findings {
        finding.scenario = hostile();
        finding.trace.header.request = format!("{HOSTILE}{}", finding.trace.header.request);
        finding.trace.header.program = hostile();
        if let Some(broken) = &mut finding.trace.header.broken {
            broken.explanation = hostile();
        }
    }
    for tables in [&mut results.mutants, &mut results.orderings].into_iter().flatten() {
        for section in &mut tables.sections {
            section.title = hostile();
            section.rows[0][0] = hostile();
        }
    }
    results
}
