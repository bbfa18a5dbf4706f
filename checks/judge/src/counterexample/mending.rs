//! Which stronger ordering makes a failure go away that only a weak memory shows: there an edge is missing.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::alteration::{Alteration, Altered, Change, Part, Site, is_weaker, parts, possible};
use crate::execution::is_of_harness;
use crate::judge::{Engine, Intercepting, Settings, judge_through};
use crate::recorder::Happened;
use crate::scenario::Scenario;
use crate::subject::Subject;
use crate::trace::Log;
use crate::verdict::Verdict;

/// Time after which one attempt is given up.
const TIME_MAX: Duration = Duration::from_millis(200);

/// One ordering of the request, made stronger.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stronger {
    pub(super) site: Site,
    part: Part,
    written: Ordering,
    ordering: Ordering,
}

/// The fewest orderings that have to be stronger for no execution of the scenario to fail, each of them as little
/// stronger as will do: one if one is enough, or else two; the first that are found. None if no two are enough.
pub(super) fn mending(subject: &'static dyn Subject, scenario: &Scenario, log: &Log) -> Vec<Stronger> {
    let sites = sites(log);
    let single = sites.iter().flat_map(|&site| stronger(site)).map(|stronger| vec![stronger]);
    let synchronizing: Vec<Stronger> =
        sites.iter().flat_map(|&site| stronger(site)).filter(Stronger::only_synchronizes).collect();
    let pairs = synchronizing.iter().enumerate().flat_map(|(place, &one)| {
        synchronizing[place + 1..]
            .iter()
            .filter(move |other| other.site != one.site)
            .map(move |&other| vec![one, other])
    });
    single.chain(pairs).find(|changes| mends(subject, scenario, changes)).unwrap_or_default()
}

/// The sites of the request at which an atomic operation was performed.
fn sites(log: &Log) -> BTreeSet<Site> {
    let operations = log.entries.iter().filter_map(|entry| match &entry.what {
        Happened::Operation(performed) => Some(&performed.operation),
        _ => None,
    });
    operations.filter(|operation| !is_of_harness(operation.location.file())).filter_map(Site::of).collect()
}

/// Every stronger ordering at a site, the weakest first.
fn stronger(site: Site) -> Vec<Stronger> {
    let of_part = |(part, written)| {
        let stronger =
            possible(site.written, part).iter().filter(move |&&ordering| is_weaker(written, ordering));
        stronger.map(move |&ordering| Stronger { site, part, written, ordering })
    };
    parts(site.written).into_iter().flat_map(of_part).collect()
}

fn mends(subject: &'static dyn Subject, scenario: &Scenario, changes: &[Stronger]) -> bool {
    let alterations: Arc<[Alteration]> = changes
        .iter()
        .map(|change| Alteration { site: change.site, change: Change::Order(change.part, change.ordering) })
        .collect();
    let altering = Intercepting::new(move || Altered::once(&alterations));
    let settings = Settings { time: Some(TIME_MAX), ..Settings::default() };
    let judgement = judge_through(subject, scenario, Engine::Rc11, settings, &altering);
    judgement.is_ok_and(|judgement| matches!(judgement.verdict, Verdict::Proved | Verdict::Vacuous { .. }))
}

impl Stronger {
    /// Whether it makes an edge between two threads, and promises nothing of an order of all.
    fn only_synchronizes(&self) -> bool {
        self.ordering != Ordering::SeqCst
    }
}

/// What `changes` say, in a sentence: they are not empty.
pub(super) fn sentence(changes: &[Stronger]) -> String {
    let words: Vec<String> = changes
        .iter()
        .map(|Stronger { site, written, ordering, .. }| {
            format!("{ordering:?} in place of {written:?} in {} at {}", site.written, site.place())
        })
        .collect();
    format!("with {} no execution of this program fails", words.join(" and "))
}
