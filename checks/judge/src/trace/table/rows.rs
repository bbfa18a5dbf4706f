//! Which steps are shown, and what stands in each row.

use super::super::data::{Access, Trace, What};

/// The rows of the table.
pub(super) struct Rows {
    pub(super) shown: Vec<Row>,
    /// Steps before the violation that are not shown.
    pub(super) left_out: usize,
    /// Steps after it.
    pub(super) after: usize,
}

/// One step.
#[expect(clippy::struct_excessive_bools, reason = "each is a mark of its own on the row, in any combination")]
pub(super) struct Row {
    pub(super) lane: usize,
    pub(super) text: String,
    pub(super) place: String,
    /// The lane that was switched away from and why.
    pub(super) switch: Option<(usize, &'static str)>,
    /// The state, where it is another than in the row before.
    pub(super) state: String,
    /// Whether this step breaks the rule.
    pub(super) breaks: bool,
    /// Whether the reason speaks of it.
    pub(super) is_telling: bool,
    /// Whether the text may run over the columns to its right.
    pub(super) is_sentence: bool,
    /// Whether it is something that happens at the outside of the request.
    pub(super) is_outer: bool,
    /// Whether steps before it are left out.
    pub(super) follows_gap: bool,
}

/// How much a step says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    /// What the harness does to run the program. Never shown unless everything is.
    Harness,
    /// One more turn of a loop. Not shown either, and counted among what is left out.
    Repeated,
    /// What has no bearing on other threads.
    Private,
    Read,
    Write,
    Outer,
    Needed,
}

impl Rows {
    /// At most `most` rows, of the steps that matter most.
    pub(super) fn of(trace: &Trace, most: usize, is_full: bool) -> Rows {
        let end = if is_full { trace.steps.len() } else { end(trace) };
        let weights: Vec<Weight> = (0..end).map(|step| weight(trace, step)).collect();
        let mut chosen: Vec<usize> =
            (0..end).filter(|&step| is_full || weights[step] > Weight::Repeated).collect();
        // The lightest go first; of equals, the earliest.
        for lightest in
            [Weight::Repeated, Weight::Private, Weight::Read, Weight::Write, Weight::Outer, Weight::Needed]
        {
            let excess = chosen.len().saturating_sub(most);
            let mut dropped = 0;
            chosen.retain(|&step| {
                let drop = dropped < excess && weights[step] == lightest;
                dropped += usize::from(drop);
                !drop
            });
        }
        let visible = weights.iter().filter(|&&weight| weight > Weight::Harness).count();
        let left_out = if is_full { 0 } else { visible.saturating_sub(chosen.len()) };
        let shown = rows(trace, &chosen, &weights);
        Rows { shown, left_out, after: trace.steps.len() - end }
    }
}

/// Nothing after the violation matters, except the sentence that says what it is.
fn end(trace: &Trace) -> usize {
    match trace.violation {
        None => trace.steps.len(),
        Some(violation) => match trace.steps.get(violation + 1).map(|step| &step.what) {
            Some(What::Finding(_)) => violation + 2,
            _ => violation + 1,
        },
    }
}

fn weight(trace: &Trace, number: usize) -> Weight {
    let step = &trace.steps[number];
    let is_telling = trace.why.as_ref().is_some_and(|why| why.steps.contains(&number));
    if trace.violation == Some(number) || is_telling {
        return Weight::Needed;
    }
    if is_repeated(trace, number) {
        return Weight::Repeated;
    }
    match &step.what {
        What::Finding(finding) if finding.race.is_some() => Weight::Harness,
        What::Finding(_) | What::Stuck { .. } => Weight::Needed,
        What::Call { .. } | What::Answer { .. } => Weight::Outer,
        What::CallbackStart { .. } | What::CallbackReturn { .. } | What::Note { .. } => Weight::Outer,
        What::Release { .. } => Weight::Private,
        What::Settled | What::End => Weight::Harness,
        What::Operation(access) => weight_of_access(trace, access),
    }
}

/// Turns of a loop after which the next ones say nothing new.
const TURNS: usize = 2;

/// Whether the thread has done the same at the same place, with the same values, several times before.
fn is_repeated(trace: &Trace, number: usize) -> bool {
    let step = &trace.steps[number];
    let What::Operation(access) = &step.what else { return false };
    let is_same = |other: &&super::super::data::Step| {
        other.lane == step.lane
            && other.place == step.place
            && matches!(&other.what, What::Operation(earlier)
                if (earlier.read, earlier.written, &earlier.name) == (access.read, access.written, &access.name))
    };
    trace.steps[..number].iter().filter(is_same).take(TURNS).count() == TURNS
}

fn weight_of_access(trace: &Trace, access: &Access) -> Weight {
    let object = access.object.and_then(|object| trace.objects.get(object));
    match access.name.as_str() {
        "spawn" | "join" => Weight::Harness,
        "read" | "write" if object.is_some_and(|object| object.is_of_harness) => Weight::Harness,
        "read" | "write" | "unlock" | "clone" | "yield" => Weight::Private,
        _ if access.written.is_some() => Weight::Write,
        _ => Weight::Read,
    }
}

fn rows(trace: &Trace, chosen: &[usize], weights: &[Weight]) -> Vec<Row> {
    let mut state = String::new();
    let mut before = None;
    let mut rows = Vec::new();
    for &number in chosen {
        let step = &trace.steps[number];
        let now = state_of(trace, number);
        let from = before.map_or(0, |before| before + 1);
        let skipped = from..number;
        // A switch that leads to a step which is not shown shows at the next step of the same thread.
        let switch = skipped
            .clone()
            .chain([number])
            .rev()
            .find_map(|place| trace.steps[place].switch.filter(|_| trace.steps[place].lane == step.lane));
        rows.push(Row {
            lane: step.lane,
            text: format!("{}{}{}", " ".repeat(step.depth), trace.words(step), old(trace, number)),
            place: step.place.as_ref().map(super::super::data::Place::short).unwrap_or_default(),
            switch: switch.map(|switch| (switch.from, switch.reason.word())),
            state: if now == state { String::new() } else { now.clone() },
            breaks: trace.violation == Some(number),
            is_telling: trace.why.as_ref().is_some_and(|why| why.steps.contains(&number)),
            is_sentence: matches!(step.what, What::Finding(_)),
            is_outer: weights[number] == Weight::Outer,
            follows_gap: skipped.clone().any(|place| weights[place] > Weight::Harness),
        });
        if let Some(row) = rows.last_mut().filter(|row| row.breaks) {
            "breaks the rule".clone_into(&mut row.state);
        }
        state = now;
        before = Some(number);
    }
    rows
}

/// Said of a read that has not seen the latest write.
fn old(trace: &Trace, number: usize) -> &'static str {
    if trace.overlooked_write(number).is_some() { " (old)" } else { "" }
}

fn state_of(trace: &Trace, number: usize) -> String {
    let step = &trace.steps[number];
    match (step.states.first(), step.is_explained) {
        (Some(state), true) => state.clone(),
        (Some(state), false) => format!("unexplained after: {state}"),
        (None, _) => String::new(),
    }
}
