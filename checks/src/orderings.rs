//! The ordering advisor: for each ordering that a request writes down, the weakest with which everything is still
//! proved.
//!
//! Each ordering is weakened, and weakened further as long as the request stays proved by `rc11` in every scenario that
//! performs the operation, and in every small program besides. What is left is *needed*, and each weaker one has a
//! scenario that refutes it. If the request is refuted as it is written, orderings are strengthened instead, one at a
//! time, until one is found that mends it.
//!
//! # What the advice is worth
//!
//! It holds within RC11 (see [`rc11`](crate::engine::rc11)), for the scenarios and programs that are named with it, and
//! for one ordering at a time: two orderings that can each be weaker need not be weaker together. Therefore all advice
//! of one request is taken together at the end, and judged once more ([`Advice::together`]). An ordering that is
//! called exact is needed for certain, because there is an execution that shows it; one that is called stronger than
//! needed is so only as far as these programs go.

mod render;

use std::sync::atomic::Ordering;

pub use render::page;

use crate::judge::Engine;
use crate::mutation::{
    self, Alteration, Case, Change, Family, Fate, Kill, Part, Site, Survey, is_weaker, next_weaker, parts,
    possible,
};
use crate::pool;
use crate::scenario::{Scenario, ad_hoc, catalogue, enumerate};

/// The size of the small programs that back the scenarios: threads, and calls of each.
pub const PROGRAMS: (usize, usize) = (2, 3);

/// What is advised on one family of requests.
#[derive(Clone, Debug)]
pub struct Advice {
    /// The family, by name.
    pub family: String,
    /// The requests in it.
    pub requests: Vec<String>,
    /// Named scenarios that applied to at least one of them.
    pub scenarios: usize,
    /// Small programs.
    pub programs: usize,
    /// Every ordering, by place.
    pub rows: Vec<Row>,
    /// What comes of following all the advice at once; nothing if there is none to follow.
    pub together: Option<Fate>,
    /// What is refuted although nothing is changed, and by no single ordering mended.
    pub failing: Vec<String>,
}

/// What is advised on one ordering.
#[derive(Clone, Debug)]
pub struct Row {
    /// The operation.
    pub site: Site,
    /// Which of its orderings.
    pub part: Part,
    /// As it is written.
    pub written: Ordering,
    /// The weakest with which everything is proved: more than one where acquire and release would each do.
    pub needed: Vec<Ordering>,
    /// The comparison of the two.
    pub verdict: Adequacy,
    /// What refutes the orderings one step weaker than a needed one.
    pub refuted: Vec<(Ordering, Box<Kill>)>,
    /// What the suite could not answer, which it should.
    pub unanswered: Vec<String>,
}

/// How an ordering compares with what is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Adequacy {
    /// The request is refuted, and with a stronger ordering here it would not be.
    TooWeak,
    /// Nothing weaker would do.
    Exact,
    /// Something weaker would do.
    Stronger,
}

/// The scenarios by which advice is given: the catalogue, and the small programs.
#[must_use]
pub fn scenarios() -> Vec<Scenario> {
    let (threads, calls) = PROGRAMS;
    let programs = enumerate::programs(threads, calls).into_iter().map(ad_hoc);
    catalogue::all().into_iter().chain(programs).collect()
}

/// What is advised on the family that was surveyed under `rc11`. Before each ordering `progress` is told its number.
#[must_use]
pub fn advise(family: &Family, survey: &Survey, progress: impl Fn(usize) + Sync) -> Advice {
    debug_assert!(survey.engine == Engine::Rc11, "other engines do not see what orderings are for");
    let places: Vec<(Site, Part, Ordering)> = places(survey);
    let rows: Vec<Row> = if survey.failing.is_empty() {
        pool::map(&places, |number, place| {
            progress(number);
            weaken(&survey.cases, *place)
        })
    } else {
        let cases: Vec<Case> = survey.failing.iter().chain(&survey.cases).cloned().collect();
        let mended = pool::map(&places, |number, place| {
            progress(number);
            strengthen(&cases, *place)
        });
        mended.into_iter().flatten().collect()
    };
    let is_named = |case: &&Case| case.asked.is_named();
    let mut names: Vec<String> =
        survey.cases.iter().filter(is_named).map(|case| case.asked.scenario()).collect();
    names.sort_unstable();
    names.dedup();
    Advice {
        family: family.name.clone(),
        requests: if family.members.is_empty() {
            vec![family.name.clone()]
        } else {
            family.members.iter().map(|member| member.name().to_owned()).collect()
        },
        scenarios: names.len(),
        // The small programs are of one request.
        programs: if family.members.is_empty() {
            0
        } else {
            enumerate::programs(PROGRAMS.0, PROGRAMS.1).len()
        },
        together: together(&survey.cases, &rows),
        failing: if rows.iter().any(|row| row.verdict == Adequacy::TooWeak) {
            Vec::new()
        } else {
            survey.failing.iter().map(|case| format!("{}: {}", case.asked.scenario(), case.verdict)).collect()
        },
        rows,
    }
}

/// The number of orderings that a survey has found.
#[must_use]
pub fn count(survey: &Survey) -> usize {
    places(survey).len()
}

fn places(survey: &Survey) -> Vec<(Site, Part, Ordering)> {
    let of_site = |site: &Site| {
        let site = *site;
        parts(site.written).into_iter().map(move |(part, ordering)| (site, part, ordering))
    };
    survey.sites.iter().flat_map(of_site).collect()
}

/// Goes down from an ordering with which all is proved, to the least ones with which it still is.
fn weaken(cases: &[Case], (site, part, written): (Site, Part, Ordering)) -> Row {
    let mut row = Row {
        site,
        part,
        written,
        needed: Vec::new(),
        verdict: Adequacy::Exact,
        refuted: Vec::new(),
        unanswered: Vec::new(),
    };
    descend(cases, &mut row, written);
    if row.needed != [written] {
        row.verdict = Adequacy::Stronger;
    }
    row
}

fn descend(cases: &[Case], row: &mut Row, from: Ordering) {
    let mut is_least = true;
    for weaker in next_weaker(row.site.written, row.part, from) {
        if row.refuted.iter().any(|(refuted, _)| *refuted == weaker) {
            continue;
        }
        let change = Change::Order(row.part, weaker);
        match mutation::fate(cases, Engine::Rc11, &[Alteration { site: row.site, change }]) {
            Fate::Killed(kill) => row.refuted.push((weaker, kill)),
            Fate::NotJudged { scenario, reason } => row.unanswered.push(format!("{scenario}: {reason}")),
            Fate::Survived { .. } => {
                is_least = false;
                descend(cases, row, weaker);
            }
        }
    }
    if is_least && !row.needed.contains(&from) {
        row.needed.push(from);
    }
}

/// Looks for a stronger ordering that mends a request which is refuted as it is.
fn strengthen(cases: &[Case], place: (Site, Part, Ordering)) -> Option<Row> {
    let (site, part, written) = place;
    let strongest = *possible(site.written, part).last()?;
    let change = Change::Order(part, strongest);
    let mends = |change| mutation::fate(cases, Engine::Rc11, &[Alteration { site, change }]).is_survival();
    if !is_weaker(written, strongest) || !mends(change) {
        return None;
    }
    let mut row = weaken(cases, (site, part, strongest));
    row.written = written;
    row.verdict = Adequacy::TooWeak;
    Some(row)
}

/// Follows all the advice at once.
fn together(cases: &[Case], rows: &[Row]) -> Option<Fate> {
    let all: Vec<Alteration> = rows
        .iter()
        .filter(|row| row.verdict == Adequacy::Stronger)
        .filter_map(|row| {
            let change = Change::Order(row.part, *row.needed.first()?);
            Some(Alteration { site: row.site, change })
        })
        .collect();
    (!all.is_empty()).then(|| mutation::fate(cases, Engine::Rc11, &all))
}
