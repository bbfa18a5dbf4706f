//! Critical sections that are split, or whose lock is held for each access alone.

use cancelproof::judge::Engine;
use cancelproof::model::runtime::Mutex;
use cancelproof::model::{
    Callback, Cancel, CancelableRequest, Complete, IsCanceled, Mark, Misuse, Rule, Runtime, Status, Unmark,
};
use cancelproof::mutation::{self, By, Change, Family, Fate, Row, Survey};
use cancelproof::registry;
use cancelproof::scenario::{Scenario, catalogue};
use cancelproof::subject::{self, Subject};

const SCENARIOS: [&str; 5] =
    ["mark-cancel", "marked-finish-cancel", "marked-two-cancels", "complete-cancel", "two-completions"];

fn scenarios() -> Vec<Scenario> {
    SCENARIOS.map(|name| catalogue::named(name).expect("it is in the catalogue")).into()
}

fn rows(subject: &'static dyn Subject, engine: Engine) -> Vec<Row> {
    let survey = Survey::of(&Family::of_one(subject), &scenarios(), engine, |_| ());
    assert!(survey.failing.is_empty(), "{} is right as it is", subject.name());
    let sections = mutation::sections(&survey);
    let operations = mutation::alterations(&survey);
    let is_section = |change| matches!(change, Change::SplitSection | Change::HoldPerAccess);
    assert!(operations.iter().all(|alteration| !is_section(alteration.change)));
    assert!(sections.iter().all(|alteration| is_section(alteration.change)));
    mutation::run(&survey, &sections, |_| ())
}

fn killed(rows: &[Row], change: Change) -> Vec<(u32, Rule)> {
    let of = |row: &Row| match &row.fate {
        Fate::Killed(kill) if row.alteration.change == change => match kill.by {
            By::Rule(rule) => Some((row.alteration.site.line, rule)),
            By::Vacuous => None,
        },
        _ => None,
    };
    rows.iter().filter_map(of).collect()
}

/// The request whose every call is one section needs most of them whole.
#[test]
fn the_sections_of_a_request_under_one_lock_are_needed_whole() {
    let locked = registry::subject("locked").expect("it is registered");
    for engine in [Engine::Dpor, Engine::Rc11] {
        let rows = rows(locked, engine);
        let unjudged = rows.iter().filter(|row| matches!(row.fate, Fate::NotJudged { .. }));
        assert_eq!(unjudged.count(), 0, "{rows:#?}");
        for change in [Change::SplitSection, Change::HoldPerAccess] {
            assert!(killed(&rows, change).len() >= 2, "{engine}, {change}: {rows:#?}");
        }
    }
}

/// A request of two flags under a lock. Two of its sections may be split, since what they look at first cannot change meanwhile.
struct TwoFlags<R: Runtime>(R::Mutex<Flags>);

#[derive(Default)]
struct Flags {
    is_completed: bool,
    is_canceled: bool,
    completions: u32,
}

impl<R: Runtime> CancelableRequest<R> for TwoFlags<R> {
    fn new() -> Self {
        TwoFlags(R::Mutex::new(Flags::default()))
    }

    fn mark(&self, callback: Callback) -> Mark {
        drop(callback);
        Mark::Refused(Misuse::NotOffered)
    }

    fn unmark(&self) -> Unmark {
        Unmark::Refused(Misuse::NotOffered)
    }

    fn cancel(&self) -> Cancel {
        let mut flags = self.0.lock();
        if flags.is_completed {
            return Cancel::NotFound;
        }
        flags.is_canceled = true;
        Cancel::NotClaimed
    }

    fn complete(&self, _status: Status) -> Complete {
        let mut flags = self.0.lock();
        if flags.is_completed {
            return Complete::Refused(Misuse::AlreadyCompleted);
        }
        flags.is_completed = true;
        flags.completions += 1;
        Complete::Completed
    }

    fn is_canceled(&self) -> IsCanceled {
        if self.0.lock().is_canceled { IsCanceled::Yes } else { IsCanceled::No }
    }
}

#[test]
fn a_section_is_split_where_it_changes_what_it_has_looked_at() {
    let subject = cancelproof::subject!(TwoFlags<_>);
    assert!(subject.runs_on(subject::Platform::Controlled));
    let scenarios = vec![catalogue::named("two-completions").expect("it is in the catalogue")];
    let survey = Survey::of(&Family::of_one(subject), &scenarios, Engine::Dpor, |_| ());
    assert!(survey.failing.is_empty());
    let rows = mutation::run(&survey, &mutation::sections(&survey), |_| ());
    // The first write after the look is what the second thread must not come before; the count after it may come apart.
    let killed: Vec<_> =
        rows.iter().filter(|row| row.fate.is_kill()).map(|row| row.alteration.change).collect();
    assert_eq!(rows.len(), 3, "{rows:#?}");
    assert_eq!(killed.len(), 2, "{rows:#?}");
    assert!(killed.contains(&Change::SplitSection) && killed.contains(&Change::HoldPerAccess));
}
