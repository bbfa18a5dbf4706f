//! The named scenarios: every race R1 to R12 and T1 to T5 of the specification, the handshakes, re-marking, and every
//! misuse.
//!
//! The minimal request has no queue, so a *purge* is a cancel from somebody else than the application: the races
//! with a purge are represented by a further cancel, and named so.

use super::{Demand, Reaches, Scenario, Scope};

/// A row of the catalogue.
#[derive(Clone, Copy)]
struct Row {
    name: &'static str,
    source: &'static str,
    about: &'static str,
    program: &'static str,
    scope: Scope,
    reaches: Reaches,
    only: Option<Demand>,
}

const fn lawful(name: &'static str, source: &'static str, program: &'static str, about: &'static str) -> Row {
    Row { name, source, about, program, scope: Scope::Lawful, reaches: Reaches::Callback, only: None }
}

const fn misuse(name: &'static str, source: &'static str, program: &'static str, about: &'static str) -> Row {
    Row { name, source, about, program, scope: Scope::Misuse, reaches: Reaches::Callback, only: None }
}

const fn without_cancel(row: Row) -> Row {
    Row { reaches: Reaches::Answer, ..row }
}

const fn without_callback(row: Row) -> Row {
    Row { reaches: Reaches::Cancel, ..row }
}

const fn scoped(row: Row, scope: Scope) -> Row {
    Row { scope, ..row }
}

const fn refusing(row: Row) -> Row {
    Row { only: Some(Demand::MarkRefuses), ..row }
}

const fn calling_back(row: Row) -> Row {
    Row { only: Some(Demand::MarkCallsBack), ..row }
}

const fn waiting(row: Row) -> Row {
    Row { only: Some(Demand::UnmarkWaits), ..row }
}

const fn only(demand: Demand, row: Row) -> Row {
    Row { only: Some(demand), ..row }
}

const fn refusing_completion(row: Row) -> Row {
    Row { only: Some(Demand::CompleteRefuses), ..row }
}

/// The catalogue, smallest situations first.
const ROWS: &[Row] = &[
    // One thread: what the calls mean when nothing races.
    without_cancel(lawful(
        "mark-unmark",
        "2.4",
        "mark finish",
        "nobody cancels: the driver finishes its request",
    )),
    without_cancel(lawful(
        "complete-unmarked",
        "2.4",
        "complete",
        "a request that was never marked is completed",
    )),
    lawful("marked-cancel", "2.4", "mark cancel", "a marked request is canceled: the callback completes it"),
    lawful(
        "marked-cancel-cancel",
        "R10",
        "mark cancel cancel ; callback returns",
        "a request is canceled again after its callback",
    ),
    calling_back(lawful(
        "cancel-then-mark",
        "I7",
        "cancel mark",
        "the cancel came before the mark: marking calls back",
    )),
    refusing(without_callback(lawful(
        "cancel-then-mark-refused",
        "I7",
        "cancel mark",
        "the cancel came before the mark: marking is refused and the driver completes",
    ))),
    without_callback(lawful(
        "cancel-then-is-canceled",
        "R29",
        "cancel is-canceled complete",
        "the driver asks after a cancel and completes",
    )),
    lawful(
        "marked-cancel-reentrant",
        "I12",
        "mark cancel ; callback reenters",
        "the callback calls the request it was called for",
    ),
    without_callback(lawful(
        "unmark-then-cancel",
        "I3",
        "mark unmark cancel complete",
        "the cancel comes after a granted unmark: it calls nobody back",
    )),
    calling_back(lawful(
        "cancel-mark-worker-finishes",
        "I7, R8",
        "cancel mark start:1 | finish ; callback returns",
        "a worker finishes a request whose callback was called by mark itself",
    )),
    refusing(without_callback(lawful(
        "cancel-mark-refused-cancel",
        "R2, I8",
        "cancel mark cancel",
        "a second cancel after a refused mark: the refused callback stays uncalled",
    ))),
    lawful(
        "marked-cancel-panics",
        "I6",
        "mark cancel ; callback panics",
        "the callback panics: whoever catches it completes the request",
    ),
    // Two parties.
    lawful("mark-cancel", "R1, R2", "mark | cancel", "a mark and a cancel race"),
    lawful(
        "mark-cancel-returns",
        "R1, R2",
        "mark | cancel ; callback returns",
        "a mark and a cancel race, and nobody completes",
    ),
    lawful(
        "worker-unmarks-cancel",
        "R5",
        "mark start:1 cancel | unmark",
        "a worker unmarks what is surely marked, while the handler cancels",
    ),
    lawful(
        "worker-finishes-cancel",
        "R5",
        "mark start:1 cancel | finish",
        "a worker finishes what is surely marked, while the handler cancels",
    ),
    lawful(
        "marked-cancel-finish-cancel",
        "R5, R10",
        "mark cancel finish | cancel ; callback returns",
        "a request is canceled and then finished, while somebody else cancels as well",
    ),
    lawful(
        "mark-cancel-panics",
        "I6",
        "mark finish | cancel ; callback panics",
        "the callback panics while the driver finishes",
    ),
    waiting(lawful(
        "wait-then-complete",
        "I14",
        "mark finish-alone | cancel ; callback returns",
        "unmark waits for the callback, and then the driver completes",
    )),
    lawful(
        "marked-finish-cancel",
        "R5",
        "mark finish | cancel",
        "the driver finishes while somebody cancels",
    ),
    lawful(
        "marked-two-cancels",
        "R10, T5",
        "mark | cancel | cancel",
        "a mark against two cancels, one of which may stand for a purge: one claims",
    ),
    lawful(
        "unmark-while-called-back",
        "R7, R8",
        "mark cancel start:1 | unmark ; callback returns",
        "unmark after the callback was called, and before anybody completed",
    ),
    lawful(
        "unmark-after-completed-by-callback",
        "R9",
        "mark cancel unmark!",
        "the callback completed the request: unmark is refused, and not as canceled",
    ),
    lawful(
        "remark-cancel",
        "T8",
        "mark unmark mark finish | cancel",
        "the cancel may come in the gap between two marks",
    ),
    lawful(
        "remark-and-leave-cancel",
        "T8",
        "mark unmark mark | cancel",
        "the cancel may come in the gap between two marks, the second of which is left standing",
    ),
    lawful(
        "finish-together",
        "R13",
        "mark finish-together | cancel ; callback completes-together",
        "on a refusal the later of driver and callback completes",
    ),
    lawful(
        "mark-cancel-reentrant",
        "I12",
        "mark finish | cancel ; callback reenters",
        "the callback calls the request while the driver finishes it",
    ),
    without_callback(lawful(
        "is-canceled-cancel",
        "R29",
        "is-canceled complete | cancel",
        "the driver asks while somebody cancels an unmarked request",
    )),
    without_callback(lawful("complete-cancel", "R30", "complete | cancel", "a cancel races with the end")),
    // Three parties.
    lawful(
        "mark-worker-cancel",
        "T1, T2",
        "mark start:1 | finish | cancel",
        "a worker finishes what the handler has marked, while somebody cancels",
    ),
    lawful(
        "mark-finish-two-cancels",
        "R3, R4, R6, T3, T4",
        "mark finish | cancel | cancel",
        "the driver against two cancelers, one of which may stand for a purge",
    ),
    // Misuse, one call at a time.
    misuse("misuse-mark-twice", "V2", "mark mark! cancel", "a marked request is marked again"),
    misuse(
        "misuse-mark-after-claim",
        "I20",
        "mark cancel mark! complete! ; callback returns",
        "a request is marked again after its callback",
    ),
    without_cancel(misuse(
        "misuse-unmark-unmarked",
        "V3",
        "unmark! complete",
        "a request that was never marked",
    )),
    without_cancel(misuse(
        "misuse-unmark-twice",
        "V3",
        "mark unmark unmark! complete",
        "one mark, two unmarks",
    )),
    without_cancel(misuse(
        "misuse-complete-while-cancelable",
        "R11, V6",
        "mark complete! finish",
        "a marked request is completed without unmarking",
    )),
    misuse(
        "misuse-complete-before-callback",
        "R12",
        "mark unmark! complete! | cancel",
        "the driver ignores a refused unmark and completes",
    ),
    misuse(
        "misuse-complete-promised",
        "R12, V8",
        "mark unmark! complete! | cancel ; callback returns",
        "the driver completes although the callback may be owed, and nobody else does",
    ),
    without_cancel(misuse(
        "misuse-complete-twice",
        "V7",
        "complete complete!",
        "one request, two completions",
    )),
    without_cancel(misuse(
        "misuse-calls-after-completion",
        "V4, V5, V7",
        "complete mark! unmark! is-canceled! complete!",
        "every driver's call on a request that has ended",
    )),
    without_callback(misuse(
        "cancel-after-completion",
        "R30",
        "complete cancel cancel",
        "cancels that come too late",
    )),
    misuse(
        "misuse-is-canceled-while-marked",
        "V10",
        "mark is-canceled! cancel is-canceled! ; callback returns",
        "the driver asks about a marked and about a claimed request",
    ),
    misuse(
        "complete-marked-cancel",
        "R11",
        "mark complete! | cancel",
        "completion without unmarking, against a cancel",
    ),
    misuse(
        "misuse-complete-twice-while-called-back",
        "R9, V7",
        "mark start:1 cancel | complete! complete! ; callback returns",
        "a worker completes twice while the callback runs elsewhere: once is accepted, at whatever moment",
    ),
    // Contracts beyond Windows. Sources are the pages that the presets name.
    only(
        Demand::UnmarkAnswers,
        lawful(
            "unmark-while-the-callback-waits",
            "2.7, CancellationTokenRegistration.Unregister",
            "mark start:1 cancel | unmark ; callback waits-for-unmark",
            "the callback waits for the driver that unmarks, so unmark must not wait for the callback",
        ),
    ),
    only(
        Demand::CompleteDisarms,
        without_callback(lawful(
            "complete-disarms",
            "stopcallback.cons",
            "mark complete cancel ; callback returns",
            "completion takes the mark with it: the cancel comes too late",
        )),
    ),
    only(
        Demand::Tells,
        lawful(
            "is-canceled-tells",
            "stoptoken.mem",
            "mark is-canceled cancel is-canceled ; callback returns",
            "the driver asks a marked request, before and after the cancel",
        ),
    ),
    only(
        Demand::Tells,
        lawful(
            "marked-is-canceled-cancel",
            "stoptoken.mem",
            "mark is-canceled | cancel ; callback returns",
            "the driver asks a marked request while somebody cancels",
        ),
    ),
    only(
        Demand::CancelForgets,
        lawful(
            "cancel-executing-cancel-polling",
            "io_uring_prep_cancel(3)",
            "cancel mark cancel ; callback returns",
            "a cancel that finds the operation executing leaves nothing behind; one that finds it polling claims it",
        ),
    ),
    only(
        Demand::CancelForgets,
        without_callback(lawful(
            "cancel-executing-then-finish",
            "io_uring_prep_cancel(3)",
            "cancel mark finish ; callback returns",
            "an operation that was canceled while it was executing completes with its result",
        )),
    ),
    only(
        Demand::CancelCompletes,
        without_callback(lawful(
            "cancel-then-resume",
            "CancellableContinuation",
            "cancel complete",
            "a continuation that was canceled is resumed: too late, and no misuse",
        )),
    ),
    only(
        Demand::CancelCompletes,
        lawful(
            "marked-resume-cancel",
            "CancellableContinuation",
            "mark complete | cancel ; callback returns",
            "a resume races with a cancel: the continuation ends once, and the handler is called if the cancel won",
        ),
    ),
    only(
        Demand::NoUnmark,
        misuse(
            "misuse-unmark-not-offered",
            "CancellableContinuation",
            "mark unmark! cancel",
            "a handler cannot be taken back",
        ),
    ),
    // What follows from misuse.
    refusing_completion(scoped(
        misuse(
            "complete-while-marked-then-cancel",
            "R11",
            "mark complete! cancel ; callback returns",
            "if completion of a marked request goes through, the cancel must not call back",
        ),
        Scope::Consequences,
    )),
    // Two driver threads at once.
    scoped(
        without_cancel(misuse(
            "two-completions",
            "V7",
            "complete! | complete!",
            "two threads complete at once: one is accepted",
        )),
        Scope::DriversRace,
    ),
    scoped(
        without_cancel(misuse(
            "two-drivers-mark-and-unmark",
            "R26",
            "mark! unmark! | mark! unmark!",
            "two threads mark and unmark at once: no memory is corrupted",
        )),
        Scope::DriversRace,
    ),
    scoped(
        without_cancel(misuse(
            "two-drivers-mark-and-complete",
            "R26",
            "mark! | complete!",
            "one thread marks and another completes at once: no memory is corrupted",
        )),
        Scope::DriversRace,
    ),
    scoped(
        misuse(
            "two-unmarks-cancel",
            "R27, T7",
            "mark start:1 unmark! | unmark! | cancel",
            "two threads unmark one mark while somebody cancels: at most one is granted",
        ),
        Scope::DriversRace,
    ),
];

/// Every named scenario, in catalogue order.
///
/// # Panics
///
/// Panics if a row does not parse, which the tests exclude.
#[must_use]
pub fn all() -> Vec<Scenario> {
    ROWS.iter().map(Row::scenario).collect()
}

/// The scenario of that name.
#[must_use]
pub fn named(name: &str) -> Option<Scenario> {
    ROWS.iter().find(|row| row.name == name).map(Row::scenario)
}

impl Row {
    fn scenario(&self) -> Scenario {
        Scenario {
            name: self.name.to_owned(),
            about: self.about.to_owned(),
            source: self.source.to_owned(),
            scope: self.scope,
            // The catalogue is constant, and a test parses every row.
            program: self.program.parse().expect("catalogue rows are programs"),
            reaches: self.reaches,
            only: self.only,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_every_row_parses() {
        let names: BTreeSet<String> = all().into_iter().map(|scenario| scenario.name).collect();
        assert_eq!(names.len(), ROWS.len());
    }

    #[test]
    fn every_race_that_the_core_must_cover_has_a_scenario() {
        let sources: BTreeSet<&str> = ROWS.iter().flat_map(|row| row.source.split(", ")).collect();
        let needed = (1..=12).map(|n| format!("R{n}")).chain((1..=5).map(|n| format!("T{n}")));
        let missing: Vec<String> = needed.filter(|race| !sources.contains(race.as_str())).collect();
        assert_eq!(missing, Vec::<String>::new());
    }
}
