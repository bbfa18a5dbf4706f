//! How far a request conforms, from what the tests of a run have shown.
//!
//! | level | what was proved |
//! |---|---|
//! | basic | every scenario of one and two threads, and every small program, by an engine that explores every order |
//! | full | every scenario, by an engine that explores every order |
//! | weak-memory | every scenario, by an engine that explores a weak memory model |
//! | progress | and a driver that dies at any point of a call leaves everybody else alive |
//!
//! A level is reached only with all levels before it. What is sampled, bounded, ignored or filtered out proves nothing, and
//! what was refuted ends it all.

mod shown;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use cancelproof_machine::Contract;
use cancelproof_references::faults::Sight;

use crate::engine::claims::{self, Claims, Matter};
use crate::judge::{Covered, Engine};
use crate::scenario::{Scenario, catalogue};

pub use shown::Shown;
pub(super) use shown::{keep, kept};

/// How far a request conforms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Less than basic.
    None,
    /// Every scenario of one and two threads, in every order.
    Basic,
    /// Every scenario, in every order.
    Full,
    /// Every scenario, under a weak memory model.
    WeakMemory,
    /// And nobody is left waiting for a driver that died.
    Progress,
}

/// The result of a run, or of several put together.
#[derive(Clone, Debug)]
pub struct Conformance {
    request: String,
    contract: Contract,
    shown: Vec<Shown>,
    /// The checks that [`Level::Progress`] asks for.
    progress: Vec<String>,
    /// The groups of small programs that [`Level::Basic`] asks for.
    programs: Vec<String>,
}

impl Level {
    const ALL: [Level; 5] = [Level::None, Level::Basic, Level::Full, Level::WeakMemory, Level::Progress];

    /// The name in reports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Level::None => "none",
            Level::Basic => "basic",
            Level::Full => "full",
            Level::WeakMemory => "weak-memory",
            Level::Progress => "progress",
        }
    }
}

impl Conformance {
    /// The conformance of `request`, which keeps `contract`, by what was shown of it; `progress` are the checks of the
    /// highest level.
    #[must_use]
    pub fn new(request: &str, contract: Contract, progress: Vec<String>, shown: Vec<Shown>) -> Self {
        let mut shown: Vec<Shown> = shown.into_iter().filter(|shown| shown.request == request).collect();
        shown.sort_by(|a, b| (&a.what, a.engine).cmp(&(&b.what, b.engine)));
        Conformance { request: request.to_owned(), contract, shown, progress, programs: Vec::new() }
    }

    /// Likewise, with these groups of small programs, which the lowest level then asks for as well.
    #[must_use]
    pub fn with_programs(mut self, programs: Vec<String>) -> Self {
        self.programs = programs;
        self
    }

    /// The level that was reached.
    #[must_use]
    pub fn level(&self) -> Level {
        let reached = Level::ALL.into_iter().take_while(|&level| self.missing(level).is_empty());
        reached.last().unwrap_or(Level::None)
    }

    /// What is missing for a level, beyond what is missing for those before it.
    #[must_use]
    pub fn missing(&self, level: Level) -> Vec<String> {
        let scenarios =
            || catalogue::all().into_iter().filter(|scenario| scenario.applies_to(&self.contract));
        let small = |scenario: &Scenario| scenario.program.threads.len() <= 2;
        match level {
            Level::None => Vec::new(),
            Level::Basic => {
                let failed = self.shown.iter().filter(|shown| is_failure(&shown.word));
                let failed =
                    failed.map(|shown| format!("{}::{} is {}", shown.what, shown.engine, shown.word));
                let unproved =
                    scenarios().filter(small).filter(|scenario| !self.is_proved(scenario, |_| true));
                let unproved = unproved.map(|scenario| self.describe(&scenario, "every order"));
                failed.chain(unproved).chain(self.missing_programs()).collect()
            }
            Level::Full => scenarios()
                .filter(|scenario| !small(scenario) && !self.is_proved(scenario, |_| true))
                .map(|scenario| self.describe(&scenario, "every order"))
                .collect(),
            Level::WeakMemory => scenarios()
                .filter(|scenario| !self.is_proved(scenario, |engine| engine.claims(Sight::WeakMemory)))
                .map(|scenario| self.describe(&scenario, "a weak memory model, by loom or rc11"))
                .collect(),
            Level::Progress if self.progress.is_empty() => {
                vec!["crashes are not modelled for this contract or platform".to_owned()]
            }
            Level::Progress => self
                .progress
                .iter()
                .filter(|check| {
                    !self.shown.iter().any(|shown| shown.what == **check && shown.word == "proved")
                })
                .map(|check| format!("{check} was not proved (add --include-ignored)"))
                .collect(),
        }
    }

    /// The groups of small programs of which no engine has proved all.
    fn missing_programs(&self) -> impl Iterator<Item = String> + '_ {
        let is_proved =
            |group: &String| self.shown.iter().any(|shown| shown.what == *group && shown.word == "proved");
        let missing = self.programs.iter().filter(move |group| !is_proved(group));
        missing.map(|group| format!("{group} is not proved over every order"))
    }

    fn is_proved(&self, scenario: &Scenario, by: impl Fn(Engine) -> bool) -> bool {
        self.shown.iter().any(|shown| {
            shown.what == scenario.name
                && shown.word == "proved"
                && shown.engine.is_exhaustive()
                && by(shown.engine)
        })
    }

    /// What became of a scenario that was not proved.
    fn describe(&self, scenario: &Scenario, over: &str) -> String {
        let others: Vec<String> = self
            .shown
            .iter()
            .filter(|shown| shown.what == scenario.name)
            .map(|shown| format!("{} by {}", shown.word, shown.engine))
            .collect();
        let others = if others.is_empty() { "not run".to_owned() } else { others.join(", ") };
        format!("{} is not proved over {over}: {others}", scenario.name)
    }

    /// For each engine that did not end for some scenarios how many it proved, which not, who has proved those, and what it
    /// covered of them.
    fn bounded(&self) -> Vec<String> {
        let of = |engine: Engine, word: &str| -> Vec<&str> {
            let such = self.shown.iter().filter(|shown| shown.engine == engine && shown.word == word);
            such.map(|shown| shown.what.as_str()).collect()
        };
        let line = |engine: Engine| {
            let (proved, bounded) = (of(engine, "proved"), of(engine, "bounded"));
            if bounded.is_empty() {
                return None;
            }
            let others: Vec<&str> = Engine::ALL
                .into_iter()
                .filter(|other| bounded.iter().all(|what| of(*other, "proved").contains(what)))
                .map(Engine::name)
                .collect();
            let others = match others.as_slice() {
                [] => "no engine proved all of these".to_owned(),
                some => format!("proved by {}", some.join(", ")),
            };
            let all = proved.len() + bounded.len();
            let mut covered = Covered::default();
            let bounds = self.shown.iter().filter(|shown| shown.engine == engine);
            bounds.filter_map(|shown| shown.bound.as_ref()).for_each(|bound| covered.add(bound));
            // A result that was kept by an older build says no bound.
            let known = covered.in_each().filter(|_| covered.judgements() == bounded.len());
            let covered = known.map_or_else(String::new, |words| format!("; covered there: {words}"));
            Some(format!(
                "{engine} proved {} of {all} scenarios, and did not get to the end of {}: {} ({others}){covered}",
                proved.len(),
                bounded.len(),
                bounded.join(", "),
            ))
        };
        Engine::ALL.into_iter().filter_map(line).collect()
    }

    /// One line that says what was proved, and by what.
    #[must_use]
    pub fn badge(&self) -> String {
        let by = |word: &str| {
            let engines: BTreeSet<Engine> =
                self.shown.iter().filter(|shown| shown.word == word).map(|shown| shown.engine).collect();
            let names: Vec<&str> = engines.into_iter().map(Engine::name).collect();
            if names.is_empty() { String::new() } else { format!(" | {word} by {}", names.join(", ")) }
        };
        let proved: BTreeSet<&str> = self
            .shown
            .iter()
            .filter(|shown| shown.word == "proved")
            .map(|shown| shown.what.as_str())
            .collect();
        let proved: Vec<Scenario> = proved.into_iter().filter_map(catalogue::named).collect();
        let threads = proved.iter().map(|scenario| scenario.program.threads.len()).max().unwrap_or_default();
        format!(
            "[cancelproof {} | {} | {} | {} scenarios of up to {threads} threads{}{}{}{}{}]",
            self.level().name(),
            self.request,
            self.contract,
            proved.len(),
            self.all_programs(),
            by("proved"),
            by("bounded"),
            by("sampled"),
            match self.unseen() {
                unseen if unseen.is_empty() => String::new(),
                unseen => format!(" | not looked at: {}", listed(&unseen)),
            },
        )
    }

    /// Whether all small programs were proved.
    fn all_programs(&self) -> &'static str {
        if self.programs.is_empty() {
            " | small programs not run"
        } else if self.missing_programs().next().is_none() {
            " | all small programs"
        } else {
            " | small programs not proved"
        }
    }

    /// What no engine looked at wholly in some proof.
    fn unseen(&self) -> Vec<Matter> {
        let mut proofs: BTreeMap<&str, Vec<&Claims>> = BTreeMap::new();
        for shown in self.shown.iter().filter(|shown| shown.word == "proved") {
            proofs.entry(&shown.what).or_default().push(shown.engine.record());
        }
        claims::unseen(proofs.into_values())
    }
}

fn listed(matters: &[Matter]) -> String {
    let names: Vec<&str> = matters.iter().map(|matter| matter.name()).collect();
    names.join(", ")
}

fn is_failure(word: &str) -> bool {
    !matches!(word, "proved" | "bounded" | "sampled" | "passed" | "expected failure")
}

impl fmt::Display for Conformance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = self.level();
        writeln!(f, "conformance of {} with {}: {}", self.request, self.contract, level.name())?;
        let next = Level::ALL.into_iter().find(|next| *next > level);
        for (next, missing) in
            next.into_iter().flat_map(|next| self.missing(next).into_iter().map(move |m| (next, m)))
        {
            writeln!(f, "  missing for {}: {missing}", next.name())?;
        }
        let unseen = self.unseen();
        if !unseen.is_empty() {
            let what = "not looked at, or not wholly, by the engines that proved";
            writeln!(f, "  {what}: {} (see \"What is proved, and what is not\")", listed(&unseen))?;
        }
        for line in self.bounded() {
            writeln!(f, "{line}")?;
        }
        writeln!(f, "badge: {}", self.badge())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exploration::Bound;

    fn shown(what: &str, engine: Engine, word: &str) -> Shown {
        Shown {
            request: "mine".to_owned(),
            what: what.to_owned(),
            engine,
            word: word.to_owned(),
            bound: None,
        }
    }

    fn of(shown: Vec<Shown>) -> Conformance {
        Conformance::new("mine", Contract::UMDF_1, vec!["crash-in-mark".to_owned()], shown)
    }

    fn everything(engine: Engine) -> Vec<Shown> {
        let contract = Contract::UMDF_1;
        let scenarios = catalogue::all().into_iter().filter(|scenario| scenario.applies_to(&contract));
        scenarios.map(|scenario| shown(&scenario.name, engine, "proved")).collect()
    }

    #[test]
    fn each_level_asks_for_more_than_the_one_before() {
        assert_eq!(of(Vec::new()).level(), Level::None);
        let small = |engine| {
            let is_small = |shown: &Shown| {
                catalogue::named(&shown.what).is_some_and(|scenario| scenario.program.threads.len() <= 2)
            };
            everything(engine).into_iter().filter(is_small).collect()
        };
        assert_eq!(of(small(Engine::Dpor)).level(), Level::Basic);
        assert_eq!(of(everything(Engine::Dpor)).level(), Level::Full);
        assert_eq!(of(everything(Engine::Rc11)).level(), Level::WeakMemory);
        let mut all = everything(Engine::Loom);
        all.push(shown("crash-in-mark", Engine::Dpor, "proved"));
        assert_eq!(of(all).level(), Level::Progress);
    }

    #[test]
    fn samples_prove_nothing_and_a_failure_ends_it_all() {
        let mut all = everything(Engine::ShuttleRandom);
        for shown in &mut all {
            "sampled".clone_into(&mut shown.word);
        }
        assert_eq!(of(all).level(), Level::None);
        let mut all = everything(Engine::Rc11);
        all.push(shown("mark-cancel", Engine::Dpor, "refuted"));
        let conformance = of(all);
        assert_eq!(conformance.level(), Level::None);
        assert_eq!(conformance.missing(Level::Basic), ["mark-cancel::dpor is refuted"]);
    }

    #[test]
    fn the_badge_says_what_no_engine_looked_at() {
        let by_dpor = of(everything(Engine::Dpor)).badge();
        assert!(by_dpor.contains("not looked at: weak memory, load buffering"), "{by_dpor}");
        let mut all = everything(Engine::Dpor);
        all.extend(everything(Engine::Rc11));
        let by_both = of(all).badge();
        assert!(by_both.contains("not looked at: load buffering"), "{by_both}");
        assert!(
            !of(Vec::new()).badge().contains("not looked at"),
            "where nothing is proved nothing is claimed"
        );
    }

    #[test]
    fn what_a_witness_did_not_end_is_named_with_who_proved_it() {
        let mut all = everything(Engine::Rc11);
        let bound = Some(Bound::Executions(25_000));
        all.push(Shown { bound, ..shown("mark-finish-two-cancels", Engine::Loom, "bounded") });
        all.push(shown("mark-cancel", Engine::Loom, "proved"));
        let told = of(all).to_string();
        let expected = "loom proved 1 of 2 scenarios, and did not get to the end of 1: mark-finish-two-cancels (proved by rc11); covered there: the first 25,000 executions of each\n";
        assert!(told.contains(expected), "{told}");
        let alone = of(vec![shown("mark-cancel", Engine::Shuttle, "bounded")]).to_string();
        assert!(alone.contains("(no engine proved all of these)"), "{alone}");
    }

    #[test]
    fn what_is_missing_for_the_next_level_is_listed_exactly() {
        let mut all = everything(Engine::Dpor);
        all.retain(|shown| shown.what != "mark-finish-two-cancels");
        all.push(shown("mark-finish-two-cancels", Engine::ShuttlePct, "sampled"));
        let conformance = of(all);
        assert_eq!(conformance.level(), Level::Basic);
        assert_eq!(
            conformance.missing(Level::Full),
            ["mark-finish-two-cancels is not proved over every order: sampled by shuttle-pct"]
        );
    }
}
