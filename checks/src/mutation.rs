//! Run-time mutation: changes one operation of a request at a time, without compiling anything again, and asks whether
//! any check notices.
//!
//! A check that nothing can fail is worth nothing. So each operation of the request, known by where it is written, is
//! changed in every way that makes sense for it ([`Change`], of the room [`alteration`](crate::alteration)), and the changed request is judged in every scenario in
//! which the operation is performed. The change is *killed* by the first scenario in which a rule is broken. One that
//! *survives* says that no check needs the line as it is written: it is redundant, or the checks have a hole.
//!
//! | file | what it knows |
//! |---|---|
//! | `family.rs`, `survey.rs` | requests that share a text; which of their operations are performed where |
//! | `changed.rs` | the counterexample of a changed request |
//! | `explained.rs` | why the survivors of the reference requests survive |
//!
//! The changes are made by an [interceptor](crate::executor::Interceptor) on our own executor, so they work under
//! `dpor` and under `rc11`. What only weak memory shows is noticed by `rc11` alone.

mod asked;
mod changed;
mod explained;
mod family;
mod source;
mod survey;

use std::fmt;
use std::sync::Arc;

use cancelproof_machine::Rule;

use crate::exploration::Failure;
use crate::judge::{Engine, Intercepting};
use crate::pool;
use crate::verdict::Verdict;

pub use crate::alteration::{
    Alteration, Altered, Change, Part, Site, Written, is_weaker, next_weaker, parts, possible,
};
pub use asked::Asked;
pub use changed::of_change;
pub use explained::{EXPLAINED, Explained};
pub use family::Family;
pub use source::step_at;
pub use survey::{Case, Survey, written_operations};

/// What became of one change.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was changed, and where.
    pub alteration: Alteration,
    /// What came of it.
    pub fate: Fate,
}

/// Whether any check needs what was changed.
#[derive(Clone, Debug)]
pub enum Fate {
    /// A scenario refutes the changed request.
    Killed(Box<Kill>),
    /// No check needs the line as it is written.
    Survived {
        /// In how many scenarios it was judged.
        scenarios: usize,
        /// In how many executions altogether.
        executions: u64,
    },
    /// The suite has no answer, which it should have.
    NotJudged {
        /// In which scenario.
        scenario: String,
        /// Why.
        reason: String,
    },
}

/// How a change was noticed.
#[derive(Clone, Debug)]
pub struct Kill {
    /// By what.
    pub by: By,
    /// Which request, which tells the contract.
    pub request: String,
    /// In which scenario, or which program where it has no name.
    pub scenario: String,
    /// What happened.
    pub explanation: String,
    /// The execution that shows it, if one does.
    pub failure: Option<Failure>,
    /// Executions until then, those of the scenarios that did not notice included.
    pub executions: u64,
}

/// What notices a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A rule is broken.
    Rule(Rule),
    /// The scenario does not come to what it is about any more.
    Vacuous,
}

/// Every change of every critical section of a survey, by place: split before an access, or held for each access alone.
///
/// They stand apart from those of operations, because many of them change nothing that anybody could notice: a section that begins with
/// what cannot change meanwhile may as well be two.
#[must_use]
pub fn sections(survey: &Survey) -> Vec<Alteration> {
    let is_section = |site: &&Site| matches!(site.written, Written::Access | Written::Lock);
    let of_site = |&site: &Site| {
        Change::of_operation(site.written).iter().map(move |&change| Alteration { site, change })
    };
    survey.sites.iter().filter(is_section).flat_map(of_site).collect()
}

/// Every change of every operation of a survey, by place. Orderings are weakened one step at a time: what is weaker still
/// allows all that the step allows, and so is noticed too if the step is.
#[must_use]
pub fn alterations(survey: &Survey) -> Vec<Alteration> {
    survey
        .sites
        .iter()
        .filter(|site| !matches!(site.written, Written::Access | Written::Lock))
        .flat_map(|&site| {
            let orders = parts(site.written).into_iter().flat_map(move |(part, ordering)| {
                let weaker = next_weaker(site.written, part, ordering);
                weaker.into_iter().map(move |weaker| Change::Order(part, weaker))
            });
            let others = Change::of_operation(site.written).iter().copied();
            orders.chain(others).map(move |change| Alteration { site, change })
        })
        .collect()
}

/// Judges each change in every case that performs it. Before each, `progress` is told its number.
#[must_use]
pub fn run(survey: &Survey, alterations: &[Alteration], progress: impl Fn(usize) + Sync) -> Vec<Row> {
    pool::map(alterations, |number, &alteration| {
        progress(number);
        Row { alteration, fate: fate(&survey.cases, survey.engine, &[alteration]) }
    })
}

/// What comes of all `alterations` together in the `cases` that perform one of them.
#[must_use]
pub fn fate(cases: &[Case], engine: Engine, alterations: &[Alteration]) -> Fate {
    let concerned = cases.iter().filter(|case| alterations.iter().any(|one| case.sites.contains(&one.site)));
    let (mut scenarios, mut executions, mut unjudged) = (0, 0, None);
    let shared: Arc<[Alteration]> = alterations.into();
    for case in concerned {
        let alterations = Arc::clone(&shared);
        let altering = Intercepting::new(move || Altered::once(&alterations));
        let judgement = match case.asked.judge_through(engine, &altering) {
            Ok(judgement) => judgement,
            Err(reason) => {
                unjudged.get_or_insert_with(|| not_judged(case, reason));
                continue;
            }
        };
        scenarios += 1;
        executions += judgement.executions;
        let (by, explanation, failure) = match judgement.verdict {
            Verdict::Proved => continue,
            Verdict::Refuted { violation, failure } => {
                (By::Rule(violation.rule), violation.explanation, Some(failure))
            }
            Verdict::Vacuous { missing } => (By::Vacuous, missing, None),
            // A changed request may do what no engine can follow, and another scenario may refute it all the same.
            other => {
                unjudged.get_or_insert_with(|| not_judged(case, other.to_string()));
                continue;
            }
        };
        let request = case.asked.name().to_owned();
        let scenario = case.asked.scenario();
        return Fate::Killed(Box::new(Kill { by, request, scenario, explanation, failure, executions }));
    }
    unjudged.unwrap_or(Fate::Survived { scenarios, executions })
}

fn not_judged(case: &Case, reason: String) -> Fate {
    Fate::NotJudged { scenario: format!("{} / {}", case.asked.name(), case.asked.scenario()), reason }
}

impl Row {
    /// Whether something is wrong with the request: it does not survive what it must.
    #[must_use]
    pub fn is_broken_demand(&self) -> bool {
        self.is_demand() && self.fate.is_kill()
    }

    /// Whether no check needs the line as it is written.
    #[must_use]
    pub fn is_survivor(&self) -> bool {
        !self.is_demand() && self.fate.is_survival()
    }

    fn is_demand(&self) -> bool {
        self.alteration.change.is_demand(self.alteration.site.written)
    }
}

impl Fate {
    /// Whether no check noticed.
    #[must_use]
    pub fn is_survival(&self) -> bool {
        matches!(self, Fate::Survived { .. })
    }

    /// Whether a check noticed.
    #[must_use]
    pub fn is_kill(&self) -> bool {
        matches!(self, Fate::Killed(_))
    }
}

impl fmt::Display for By {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            By::Rule(rule) => rule.fmt(f),
            By::Vacuous => f.write_str("vacuous"),
        }
    }
}
