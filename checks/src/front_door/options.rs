//! What an author may say about the judging of a request; everything has a default.

use std::fmt;
use std::time::Duration;

use cancelproof_machine::{Contract, Rule};

use crate::history::History;
use crate::judge::{Engine, Property, Settings};
use crate::scenario::groups::Size;
use crate::scenario::{Program, ProgramError, Scenario, ad_hoc, catalogue};
use crate::subject::{Platform, Subject};

/// The options of [`suite!`](crate::suite). Each is a method, and in the macro a name with its value:
///
/// ```no_run
/// use cancelproof::judge::Engine;
/// use cancelproof::model::requests::Locked as MyRequest;
/// use cancelproof::model::{Contract, Rule};
///
/// cancelproof::suite!(
///     MyRequest<_>,
///     contract = Contract::UMDF_1,
///     engines = [Engine::Dpor, Engine::Loom],
///     threads = 2,
///     samples = 500,
///     expects = [("misuse-mark-twice", Rule::MisuseRefused)],
/// );
/// ```
#[derive(Clone)]
pub struct Options {
    pub(super) contract: Option<Contract>,
    pub(super) engines: Option<Vec<Engine>>,
    pub(super) scenarios: Option<Vec<&'static str>>,
    pub(super) sizes: Vec<Size>,
    pub(super) threads: usize,
    pub(super) seed: u64,
    pub(super) samples: u64,
    pub(super) time: Option<Duration>,
    pub(super) accepts_bounded: bool,
    pub(super) expects: Vec<(&'static str, Rule)>,
    pub(super) own: Vec<&'static str>,
    pub(super) properties: Vec<&'static dyn Property>,
}

impl Default for Options {
    fn default() -> Self {
        let Settings { seed, samples, .. } = Settings::default();
        Options {
            contract: None,
            engines: None,
            scenarios: None,
            sizes: Size::SMALL.to_vec(),
            threads: usize::MAX,
            seed,
            samples,
            time: None,
            accepts_bounded: false,
            expects: Vec::new(),
            own: Vec::new(),
            properties: Vec::new(),
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let properties: Vec<&str> = self.properties.iter().map(|property| property.name()).collect();
        f.debug_struct("Options")
            .field("contract", &self.contract)
            .field("engines", &self.engines)
            .field("scenarios", &self.scenarios)
            .field("sizes", &self.sizes)
            .field("own", &self.own)
            .field("properties", &properties)
            .finish_non_exhaustive()
    }
}

/// A property that is a function.
struct Demanded(fn(&History) -> Option<String>);

impl Property for Demanded {
    fn name(&self) -> &'static str {
        "property"
    }

    fn broken_by(&self, history: &History) -> Option<String> {
        (self.0)(history)
    }
}

/// What is wrong with the options of a suite.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum OptionsError {
    /// A scenario that is not in the catalogue.
    #[error("option {option}: there is no scenario {name:?}{}", .nearest.as_ref().map_or_else(String::new, |nearest| format!(", did you mean {nearest:?}")))]
    UnknownScenario { option: &'static str, name: &'static str, nearest: Option<String> },
    /// A program that cannot be read.
    #[error("option programs: {text:?}: {error}")]
    Unreadable { text: &'static str, error: ProgramError },
    /// A program of calls that the request does not have, or that its types exclude.
    #[error(
        "option programs: {text:?} makes calls that a request with the contract {contract} does not have"
    )]
    NotOffered { text: &'static str, contract: Contract },
    /// An expected failure of a scenario that is not run.
    #[error("option expects: the scenario {name:?} does not apply to the contract {contract}")]
    NeverRun { name: &'static str, contract: Contract },
    /// More programs than a test can run.
    #[error("option programs: {0} has no calls, or more than {most} in all", most = Size::CALLS_MAX)]
    Size(Size),
    /// No scenario or engine is left.
    #[error("the options leave nothing to judge: {0}")]
    Nothing(&'static str),
}

impl Options {
    /// The contract that is to be kept, if it is not the one that the request declares.
    #[must_use]
    pub fn contract(mut self, contract: Contract) -> Self {
        self.contract = Some(contract);
        self
    }

    /// The engines; by default all that are repeatable and run on the request's platform.
    #[must_use]
    pub fn engines(mut self, engines: impl IntoIterator<Item = Engine>) -> Self {
        self.engines = Some(engines.into_iter().collect());
        self
    }

    /// The scenarios by name, or as the text of a program; by default all that apply to the contract.
    #[must_use]
    pub fn scenarios(mut self, scenarios: impl IntoIterator<Item = &'static str>) -> Self {
        let is_program = |text: &&str| text.contains([' ', '|', ';']);
        let (programs, names): (Vec<_>, Vec<_>) = scenarios.into_iter().partition(is_program);
        self.scenarios = Some(names);
        self.own_programs(programs)
    }

    /// The sizes of which *all* programs are run by the own engines, as threads and calls of each; by default `(1, 4)` and
    /// `(2, 3)`, and none where scenarios are named. The last line of the run says what was left out.
    ///
    /// # Example
    ///
    /// ```
    /// use cancelproof::front_door::Options;
    ///
    /// let quick = Options::default().programs([(1, 3), (2, 2)]);
    /// let without = Options::default().programs([]);
    /// # let _ = (quick, without);
    /// ```
    #[must_use]
    pub fn programs(mut self, sizes: impl IntoIterator<Item = (usize, usize)>) -> Self {
        self.sizes = sizes.into_iter().map(|(threads, calls)| Size { threads, calls }).collect();
        self
    }

    /// Programs of one's own, in the text form of [`Program`], each of which is a test for each engine; `suite!` takes them as
    /// `programs = ["mark finish | cancel | cancel ; callback returns"]`. Whether the driver keeps the rules, and what has to
    /// be reached, follows from the steps.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # use cancelproof::model::requests::Locked as MyRequest;
    /// cancelproof::suite!(MyRequest<_>, programs = ["mark unmark mark finish | cancel | cancel"], threads = 3);
    /// ```
    #[must_use]
    pub fn own_programs(mut self, programs: impl IntoIterator<Item = &'static str>) -> Self {
        self.own.extend(programs);
        self
    }

    /// What every execution has to keep beside the rules: a function that says how its history breaks it, or nothing. It is
    /// asked before the rules, of every execution that came to its end by itself; what breaks it is *own-property*.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # use cancelproof::model::requests::Locked as MyRequest;
    /// use cancelproof::history::Event;
    ///
    /// cancelproof::suite!(
    ///     MyRequest<_>,
    ///     property = |history| {
    ///         let starts = history.events.iter().filter(|event| matches!(event, Event::CallbackStarted { .. })).count();
    ///         (starts > 1).then(|| format!("{starts} callbacks were called"))
    ///     },
    /// );
    /// ```
    #[must_use]
    pub fn property(mut self, broken_by: fn(&History) -> Option<String>) -> Self {
        self.properties.push(Box::leak(Box::new(Demanded(broken_by))));
        self
    }

    /// The most threads of a scenario; by default there is no limit.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// What the draws of sampling engines follow from; 1 by default.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Executions of a sampling engine; 2,000 by default.
    #[must_use]
    pub fn samples(mut self, samples: u64) -> Self {
        self.samples = samples;
        self
    }

    /// Time after which an engine gives up on a scenario. What is cut short by it is bounded, and fails unless
    /// [`Options::accepts_bounded`] says otherwise. By default `dpor` and `rc11` go to the end, and loom and shuttle, which
    /// are witnesses beside them, give up after a number of executions ([`Engine::usual_executions`]): what they do not end
    /// is bounded, passes, and is named at the end of the run. Where neither of our engines is asked, nobody gives up.
    #[must_use]
    pub fn time(mut self, time: Duration) -> Self {
        self.time = Some(time);
        self
    }

    /// Whether a scenario that was cut short passes. It is never called proved. Without this it passes only where a loop waits
    /// whose turns no engine could follow to their end.
    #[must_use]
    pub fn accepts_bounded(mut self, accepts: bool) -> Self {
        self.accepts_bounded = accepts;
        self
    }

    /// Scenarios that are known to fail, each with the rule that is broken. They pass as long as they fail for that rule,
    /// and fail once they no longer do.
    #[must_use]
    pub fn expects(mut self, failures: impl IntoIterator<Item = (&'static str, Rule)>) -> Self {
        self.expects = failures.into_iter().collect();
        self
    }

    /// The rule that a scenario is expected to break.
    pub(super) fn expected(&self, scenario: &str) -> Option<Rule> {
        self.expects.iter().find(|(name, _)| *name == scenario).map(|(_, rule)| *rule)
    }

    /// The scenarios that are judged, for a request that keeps `contract`.
    pub(super) fn scenarios_for(&self, contract: &Contract) -> Vec<Scenario> {
        let is_wanted = |scenario: &Scenario| {
            scenario.applies_to(contract)
                && scenario.program.threads.len() <= self.threads
                && self.scenarios.as_ref().is_none_or(|names| names.contains(&scenario.name.as_str()))
        };
        catalogue::all().into_iter().filter(is_wanted).collect()
    }

    /// The programs of the author's own.
    pub(super) fn own_programs_parsed(&self) -> Vec<Program> {
        self.own.iter().filter_map(|text| text.parse().ok()).collect()
    }

    /// The sizes of which all programs are run.
    pub(super) fn sizes(&self) -> Vec<Size> {
        let is_wanted = |size: &Size| self.scenarios.is_none() && size.threads <= self.threads;
        self.sizes.iter().copied().filter(is_wanted).collect()
    }

    /// Whether a scenario is expected to break `rule`; then the same fault may show in any program.
    pub(super) fn expects_anywhere(&self, rule: Rule) -> bool {
        self.expects.iter().any(|(_, expected)| *expected == rule)
    }

    /// The engines that are asked. Real threads repeat nothing, so they are asked only when named, or when the request runs
    /// nowhere else.
    pub(super) fn engines_for(&self, subject: &dyn Subject) -> Vec<Engine> {
        let is_std_only = Engine::ALL
            .iter()
            .all(|engine| engine.platform() == Platform::Std || !subject.runs_on(engine.platform()));
        let is_wanted = |engine: &Engine| match &self.engines {
            Some(engines) => engines.contains(engine),
            None => engine.is_repeatable() || is_std_only,
        };
        Engine::ALL.into_iter().filter(is_wanted).collect()
    }

    /// Whether everything that is named exists.
    pub(super) fn check(&self, subject: &dyn Subject) -> Result<(), OptionsError> {
        let contract = self.contract.unwrap_or_else(|| subject.contract());
        let named = self.scenarios.iter().flatten().map(|name| ("scenarios", *name));
        let expected = self.expects.iter().map(|(name, _)| ("expects", *name));
        for (option, name) in named.chain(expected) {
            if option == "expects" && self.own.contains(&name) {
                continue;
            }
            let Some(scenario) = catalogue::named(name) else {
                return Err(OptionsError::UnknownScenario { option, name, nearest: nearest(name) });
            };
            if option == "expects" && !scenario.applies_to(&contract) {
                return Err(OptionsError::NeverRun { name, contract });
            }
        }
        for &text in &self.own {
            let program: Program = text.parse().map_err(|error| OptionsError::Unreadable { text, error })?;
            if !ad_hoc(program).applies_to(&contract) {
                return Err(OptionsError::NotOffered { text, contract });
            }
        }
        if let Some(size) = self.sizes.iter().find(|size| !size.is_small()) {
            return Err(OptionsError::Size(*size));
        }
        if self.own.is_empty() && self.scenarios_for(&contract).is_empty() {
            return Err(OptionsError::Nothing("no scenario applies"));
        }
        if self.engines_for(subject).is_empty() {
            return Err(OptionsError::Nothing("no engine is named"));
        }
        Ok(())
    }
}

fn nearest(name: &str) -> Option<String> {
    let distance = |known: &str| strsim::jaro_winkler(known, name);
    let known = catalogue::all().into_iter().map(|scenario| scenario.name);
    known.max_by(|a, b| distance(a).total_cmp(&distance(b))).filter(|nearest| distance(nearest) > 0.8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry;

    fn check(options: &Options) -> Result<(), OptionsError> {
        options.check(registry::subject("word").expect("it is registered"))
    }

    #[test]
    fn what_does_not_exist_is_named_with_what_was_meant() {
        assert_eq!(check(&Options::default()), Ok(()));
        let error = check(&Options::default().scenarios(["mark-cancle"])).expect_err("there is none");
        assert_eq!(
            error.to_string(),
            "option scenarios: there is no scenario \"mark-cancle\", did you mean \"mark-cancel\""
        );
        let error = check(&Options::default().expects([("cancel-then-resume", Rule::Linearizable)]));
        assert_eq!(
            error.expect_err("it does not apply").to_string(),
            "option expects: the scenario \"cancel-then-resume\" does not apply to the contract UMDF_1"
        );
        assert_eq!(
            check(&Options::default().programs([(3, 3)])).expect_err("it is too large").to_string(),
            "option programs: 3x3 has no calls, or more than 8 in all"
        );
        assert_eq!(check(&Options::default().threads(0)), Err(OptionsError::Nothing("no scenario applies")));
        assert_eq!(check(&Options::default().engines([])), Err(OptionsError::Nothing("no engine is named")));
    }

    #[test]
    fn real_threads_are_asked_only_when_named() {
        let word = registry::subject("word").expect("it is registered");
        assert!(!Options::default().engines_for(word).contains(&Engine::Threads));
        assert_eq!(Options::default().engines([Engine::Threads]).engines_for(word), [Engine::Threads]);
    }
}
