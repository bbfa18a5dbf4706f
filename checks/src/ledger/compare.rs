//! Two ledgers held against each other.

use std::fmt;

use super::record::by_title;
use super::{Ledger, Record, Selection};

/// Something in which a ledger differs from what was found now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What it is about.
    pub subject: String,
    /// Which figure or word.
    pub what: &'static str,
    /// What the ledger says.
    pub recorded: String,
    /// What was found now.
    pub found: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Difference { subject, what, recorded, found } = self;
        write!(f, "{subject}: {what}: the ledger has {recorded}, now it is {found}")
    }
}

/// The judgements that the last ledger has and this one should have and has not. A run that was restricted is asked
/// only for what it was restricted to.
#[must_use]
pub fn disappeared(last: &Ledger, now: &Ledger) -> Vec<String> {
    let found = by_title(now);
    by_title(last)
        .into_iter()
        .filter(|(_, record)| record.is_judged() && now.selection.covers(record))
        .filter(|(title, _)| found.get(title).is_none_or(|record| record.verdict.word == "not applicable"))
        .map(|(title, _)| title)
        .collect()
}

/// Everything in which what was found now differs from what was recorded, as far as the new run went.
#[must_use]
pub fn differences(recorded: &Ledger, found: &Ledger) -> Vec<Difference> {
    let mut all = Comparison::default();
    all.compare("the suite", "version", &recorded.version, &found.version);
    for engine in &found.engines {
        if let Some(known) = recorded.engines.iter().find(|known| known.name == engine.name) {
            all.compare(&engine.name, "version", &known.version, &engine.version);
            all.compare(&engine.name, "memory model", &known.memory_model, &engine.memory_model);
            let (known_limits, limits) = (known.not_looked_at.join(" "), engine.not_looked_at.join(" "));
            all.compare(&engine.name, "limits", &known_limits, &limits);
            all.compare(&engine.name, "canary", &known.canary, &engine.canary);
            all.compare(
                &engine.name,
                "planted faults",
                &known.planted.join(", "),
                &engine.planted.join(", "),
            );
        }
    }
    for request in &found.requests {
        let Some(known) = recorded.requests.iter().find(|known| known.name == request.name) else { continue };
        all.compare(&request.name, "contract", &known.contract, &request.contract);
        let hashes = |record: &super::RequestRecord| {
            let print = record.fingerprint.as_ref();
            let of = |hash: Option<&String>| hash.cloned().unwrap_or_else(|| "none".to_owned());
            (
                of(print.and_then(|print| print.source.as_ref())),
                of(print.and_then(|print| print.behaviour.as_ref())),
            )
        };
        let ((source, behaviour), (new_source, new_behaviour)) = (hashes(known), hashes(request));
        all.compare(&request.name, "source hash", &source, &new_source);
        all.compare(&request.name, "behaviour hash", &behaviour, &new_behaviour);
    }
    let now = by_title(found);
    for (title, known) in by_title(recorded) {
        match now.get(&title) {
            Some(record) => all.compare_results(&title, (recorded, known), (found, record)),
            None if found.selection.covers(known) && known.verdict.word != "not started" => {
                all.compare(&title, "judgement", &known.verdict.word, &"none");
            }
            None => {}
        }
    }
    all.differences
}

#[derive(Default)]
struct Comparison {
    differences: Vec<Difference>,
}

impl Comparison {
    fn compare(
        &mut self,
        subject: &str,
        what: &'static str,
        recorded: &impl ToString,
        found: &impl ToString,
    ) {
        let (recorded, found) = (recorded.to_string(), found.to_string());
        if recorded != found {
            self.differences.push(Difference { subject: subject.to_owned(), what, recorded, found });
        }
    }

    fn compare_results(
        &mut self,
        title: &str,
        (recorded, known): (&Ledger, &Record),
        (found, record): (&Ledger, &Record),
    ) {
        self.compare(title, "program", &known.program, &record.program);
        // How far time reaches is another figure in every run; that nothing is wrong must hold in any.
        if is_cut_by_time(known) && record.is_as_expected() {
            return;
        }
        self.compare(title, "verdict", &words(known), &words(record));
        self.compare(title, "executions", &known.executions, &record.executions);
        self.compare(title, "abandoned executions", &known.abandoned, &record.abandoned);
        let outcomes = |record: &Record| -> String {
            let texts: Vec<String> =
                record.outcomes.iter().map(|(outcome, count)| format!("{count} x {outcome}")).collect();
            texts.join("; ")
        };
        self.compare(title, "outcomes", &outcomes(known), &outcomes(record));
        let edges = |ledger: &Ledger, record: &Record| -> String {
            let texts: Vec<String> = ledger.coverage(record).edges().map(ToString::to_string).collect();
            texts.join("; ")
        };
        self.compare(title, "edges of the machine", &edges(recorded, known), &edges(found, record));
        self.compare(title, "rules", &known.rules.join(", "), &record.rules.join(", "));
    }
}

fn words(record: &Record) -> String {
    let verdict = &record.verdict;
    let mut text = verdict.word.clone();
    if let Some(rule) = &verdict.rule {
        text = format!("{text}: {rule}");
    }
    if let Some(bound) = &verdict.bound {
        text = format!("{text}: {bound}");
    }
    text
}

fn is_cut_by_time(record: &Record) -> bool {
    matches!(record.verdict.bound, Some(crate::exploration::Bound::Milliseconds(_)))
        || record.bounds.milliseconds.is_some() && ["sampled", "bounded"].contains(&&*record.verdict.word)
        || record.verdict.word == "not started"
}

impl Selection {
    /// Whether nothing is left out.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.requests.is_empty() && self.scenarios.is_empty() && self.engines.is_empty()
    }

    /// Whether a run that is restricted like this has to have that result.
    #[must_use]
    pub fn covers(&self, record: &Record) -> bool {
        let names = |list: &[String], name: &str| list.iter().any(|known| known == name);
        let Some(scenario) = &record.scenario else { return true };
        if !self.engines.is_empty() && !names(&self.engines, &record.engine) {
            return false;
        }
        if record.is_planted() {
            // Each planted fault has a scenario of its own, whichever are selected.
            return names(&self.requests, &record.request)
                || self.requests.is_empty() && self.scenarios.is_empty();
        }
        (self.requests.is_empty() || names(&self.requests, &record.request))
            && (self.scenarios.is_empty() || names(&self.scenarios, scenario))
    }
}
