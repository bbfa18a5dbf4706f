//! The two pages of the documentation.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use cancelproof_references::faults::Sight;

use super::{Malformed, Page, Proof, Row, Section, Shown, Situation, fault, pages, sections, situations};
use crate::judge::{self, Engine, Settings};
use crate::registry;
use crate::scenario::catalogue;
use crate::system;
use crate::verdict::Verdict;

/// What the coverage page is, for a reader who comes from a search.
const COVERAGE: &str = "\
# What of the specification is exercised

Every row of the specification that the suite is written against, by section, in our own words, with what exercises it. A
scenario of a request is walked through the protocol for every reference request
(`checks/tests/staircase/references.rs`) and proved by every engine in every gate; one of a system (*in italics*) is proved
by every engine with exactly its allowed outcomes (`checks/tests/system/outcomes.rs`). A fault must be refuted under its own
rule (`checks/tests/suite/faults.rs`, `checks/tests/system/faults.rs`). Where nothing exercises a row, the last column says
why; where something does, it says what is not covered of it. *Rests on* is what the specification's own claim rests on;
**inference** means that the point itself is published nowhere.

Windows' request cancellation has no specification of its own: the rows were taken from the published source of the framework
(`microsoft/Windows-Driver-Frameworks` at b6191d95, below `src/framework/shared`), the pages of `MicrosoftDocs/windows-driver-docs-ddi`
(6dcd4d9f), `MicrosoftDocs/windows-driver-docs` (825aa15f), `MicrosoftDocs/sdk-api` and `MicrosoftDocs/win32`, the samples, and Wine's
conformance tests. Each section names its own; numbers behind a file are lines. A scenario's *R5*, *I7* or *T3* is the row of that name.

A test fails when this page is stale, when a scenario, fault or test that it names does not exist, and when a row has
neither a proof nor a reason: `REWRITE=1 cargo test --test specification` writes it anew.
";

/// What the rules page is.
const RULES: &str = "\
# The Windows rules on cancel and completion

Each static rule of Windows that concerns cancel or completion: our rule, a plain sentence, the scenario it is about, a fault
that breaks it there, and what happens then. Where a rule is about what a driver does, the fault is one of a driver over a framework that
is right (`driver-…`); otherwise it is one of a request, which lets the driver do what the rule forbids. `cancelproof show FAULT` prints the whole counterexample, or says how to get it.
`docs/coverage.md` lists all rules, with those that concern something else.

A test fails when this page is stale, when a rule has no page, and when a fault is not refuted under the rule that it names:
`REWRITE=1 cargo test --test specification` writes it anew.
";

/// The page `docs/coverage.md`.
///
/// # Errors
///
/// Returns the first line of the tables that cannot be understood.
pub fn coverage_page() -> Result<String, Malformed> {
    let situations: BTreeMap<String, Situation> = situations().into_iter().collect();
    let sections = sections()?;
    let mut text = COVERAGE.to_owned();
    let rows = || sections.iter().flat_map(|section| &section.rows);
    let (all, shown) = (rows().count(), rows().filter(|row| !row.proofs.is_empty()).count());
    // Writing to a string does not fail.
    let _ =
        writeln!(text, "\n{all} rows: {shown} are exercised, {} are not, each for a reason.", all - shown);
    for section in &sections {
        write_section(&mut text, section, &situations);
    }
    Ok(text)
}

fn write_section(text: &mut String, section: &Section, situations: &BTreeMap<String, Situation>) {
    let _ = writeln!(text, "\n## {}\n\nSource: {}.", section.title, section.source);
    let _ = writeln!(text, "\n| row | what it says | rests on | exercised by | remark |");
    text.push_str("|---|---|---|---|---|\n");
    for row in &section.rows {
        let proofs: Vec<String> = row.proofs.iter().map(|proof| worded(proof, situations)).collect();
        let Row { item, statement, grade, remark, .. } = row;
        let _ = writeln!(text, "| {item} | {statement} | {grade} | {} | {remark} |", proofs.join(", "));
    }
}

fn worded(proof: &Proof, situations: &BTreeMap<String, Situation>) -> String {
    match proof {
        Proof::Scenario(name) if situations.get(name).is_some_and(|found| found.is_of_systems) => {
            format!("*{name}*")
        }
        Proof::Scenario(name) => name.clone(),
        Proof::Fault(name) => format!("fault {name}"),
        Proof::Test { file, name } => format!("`{file}`: {}", name.replace('_', " ")),
        Proof::Rule(name) => format!("[{name}](rules.md#{})", name.to_lowercase()),
    }
}

/// The page `docs/rules.md`.
///
/// # Errors
///
/// Returns the first line of the pages that cannot be understood.
pub fn rules_page() -> Result<String, Malformed> {
    let situations: BTreeMap<String, Situation> = situations().into_iter().collect();
    let mut text = RULES.to_owned();
    for page in pages()? {
        let Page { name, sets, statement, shown, remark } = page;
        let _ = writeln!(text, "\n## {name}\n\n{statement} ({sets})\n");
        if let Some(shown) = shown {
            write_shown(&mut text, &shown, &situations);
        }
        if !remark.is_empty() {
            let _ = writeln!(text, "- remark: {remark}");
        }
    }
    Ok(text)
}

fn write_shown(text: &mut String, shown: &Shown, situations: &BTreeMap<String, Situation>) {
    let Shown { scenario, fault: name } = shown;
    let program = situations.get(scenario).map_or("", |situation| &situation.program);
    let (rule, meaning, edit) =
        fault(name).map_or(("", "", ""), |about| (about.breaks.name(), about.breaks.meaning(), about.edit));
    let is_of_systems = situations.get(scenario).is_some_and(|situation| situation.is_of_systems);
    let is_of_drivers = registry::DRIVERS.iter().any(|fault| fault.about.name == name);
    let file = match (is_of_systems, is_of_drivers) {
        (true, _) => "system/faults.rs",
        (_, true) => "shapes/driver.rs",
        _ => "suite/faults.rs",
    };
    let _ = writeln!(text, "- our rule: *{rule}*: {meaning}");
    let _ = writeln!(text, "- scenario: {scenario}: `{program}`");
    let _ = writeln!(text, "- fault: {name}: {edit}");
    let _ = writeln!(text, "- counterexample: {}", happens(shown));
    let _ = writeln!(text, "- test: every fault is refuted under its own rule, `checks/tests/{file}`");
}

/// What happens when the fault meets the scenario, by the engine that claims it.
fn happens(shown: &Shown) -> String {
    let settings = Settings::default();
    let needs = fault(&shown.fault).map_or(Sight::Order, |about| about.needs);
    let engine = if needs == Sight::WeakMemory { Engine::Rc11 } else { Engine::Dpor };
    let verdict = match (registry::fault(&shown.fault), catalogue::named(&shown.scenario)) {
        (Some(fault), Some(scenario)) => judge::judge(fault.subject, &scenario, engine, settings)
            .map(|judgement| judgement.verdict)
            .map_err(|reason| reason.to_string()),
        _ => match (system::registry::fault(&shown.fault), system::catalogue::named(&shown.scenario)) {
            (Some(fault), Some(scenario)) => system::judge(&fault.system, &scenario, engine, settings)
                .map(|judged| judged.judgement.verdict)
                .map_err(|reason| reason.to_string()),
            _ => return "there is no such fault and scenario".to_owned(),
        },
    };
    match verdict {
        Ok(Verdict::Refuted { violation, failure }) => {
            format!(
                "{} (*{}*, execution {} of {engine})",
                violation.explanation, violation.rule, failure.execution
            )
        }
        Ok(verdict) => format!("none: {verdict}"),
        Err(reason) => format!("none: {reason}"),
    }
}
