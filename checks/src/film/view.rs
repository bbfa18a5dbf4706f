//! What the page shows, worded: the template and the script have nothing to find out themselves.

use cancelproof_machine::machine::State;
use serde::Serialize;

use super::facts::{self, Fact};
use super::source::Sources;
use crate::trace::{Access, Header, Lane, Object, ObjectKind, Place, ReadFrom, Step, Trace, What};

/// The page.
#[derive(Serialize)]
pub(super) struct View<'a> {
    title: String,
    header: &'a Header,
    broken: Option<Broken<'a>>,
    preemptions: String,
    replay: Option<String>,
    lanes: &'a [Lane],
    /// Whether the states are those of the machine, which the diagram shows.
    has_diagram: bool,
    atomics: Vec<Atomic>,
    steps: Vec<Frame>,
    /// The number of the violating step, from 1.
    violation: Option<usize>,
    why: Vec<String>,
}

/// The broken rule, in sentences.
#[derive(Serialize)]
struct Broken<'a> {
    rule: &'a str,
    meaning: String,
    explanation: String,
}

/// An atomic whose value is shown as it changes.
#[derive(Serialize)]
struct Atomic {
    object: usize,
    name: String,
    initial: String,
}

/// One step.
#[derive(Serialize)]
struct Frame {
    /// From 1.
    number: usize,
    lane: usize,
    depth: usize,
    /// The class by which it is styled.
    kind: &'static str,
    words: String,
    object: Option<String>,
    place: Option<String>,
    /// The line of the author's code.
    source: Option<String>,
    switch: Option<Stopped>,
    states: Vec<String>,
    /// The state, where it is another than before.
    new_state: Option<String>,
    state_words: String,
    is_explained: bool,
    is_telling: bool,
    /// Whether it belongs to the harness and matters to nobody but its authors.
    is_quiet: bool,
    arrows: Vec<Arrow>,
    write: Option<Written>,
    facts: Vec<Fact>,
    /// The step in a sentence, for whoever does not see it.
    says: String,
}

/// The lane that had been running before a step, and why it stopped.
#[derive(Serialize)]
struct Stopped {
    lane: usize,
    reason: &'static str,
}

/// An arrow that ends at the step.
#[derive(Serialize)]
struct Arrow {
    /// The number of the step where it begins, from 1.
    from: usize,
    kind: &'static str,
    words: &'static str,
}

/// A value that is shown from a step on.
#[derive(Serialize)]
struct Written {
    object: usize,
    value: String,
}

impl<'a> View<'a> {
    pub(super) fn of(trace: &'a Trace) -> Self {
        let header = &trace.header;
        let broken = header.broken.as_ref().map(|broken| Broken {
            rule: &broken.rule,
            meaning: sentence(&broken.meaning),
            explanation: sentence(&broken.explanation),
        });
        let mut sources = Sources::default();
        let names = names(trace, &mut sources);
        let verdict = header.broken.as_ref().map_or("no rule", |broken| &broken.rule);
        View {
            title: format!("{} breaks {verdict} in {}", header.request, header.scenario),
            header,
            broken,
            preemptions: match header.preemptions {
                1 => "1 preemption".to_owned(),
                count => format!("{count} preemptions"),
            },
            replay: header.token.as_ref().map(|token| format!("cancelproof replay {token}")),
            lanes: &trace.lanes,
            has_diagram: has_diagram(trace),
            atomics: atomics(trace, &names),
            steps: (0..trace.steps.len())
                .map(|number| Frame::of(trace, number, &names, &mut sources))
                .collect(),
            violation: trace.violation.map(|violation| violation + 1),
            why: trace.why.iter().flat_map(|why| &why.sentences).map(|text| sentence(text)).collect(),
        }
    }
}

/// A system has several requests, or none, and tells in words where they are.
fn has_diagram(trace: &Trace) -> bool {
    let names = State::ALL.map(|state| state.to_string());
    let mut states = trace.steps.iter().flat_map(|step| &step.states).peekable();
    let has_states = trace.steps.is_empty() || states.peek().is_some();
    has_states && states.all(|state| names.contains(state))
}

/// What an object is called.
pub(super) struct Name {
    /// The field through which it is first reached, where the source says so.
    field: Option<String>,
    /// That and the name in the trace, which is in the words of each operation.
    pub(super) full: String,
}

fn names(trace: &Trace, sources: &mut Sources) -> Vec<Name> {
    let mut fields: Vec<Option<String>> = vec![None; trace.objects.len()];
    for step in &trace.steps {
        let Some(object) = access_of(step).and_then(|access| access.object) else { continue };
        if let (Some(field @ None), Some(place)) = (fields.get_mut(object), &step.place) {
            *field = sources.field(place);
        }
    }
    let name = |(object, field): (&Object, Option<String>)| match field.filter(|_| !object.is_of_harness) {
        Some(field) => Name { full: format!("{field} ({})", object.name), field: Some(field) },
        None => Name { full: object.name.clone(), field: None },
    };
    trace.objects.iter().zip(fields).map(name).collect()
}

/// The object of an access, for its step: by its field, or by its name where the words of the access lack that.
fn shown(access: &Access, names: &[Name]) -> Option<String> {
    let name = names.get(access.object?)?;
    let has_value = access.read.is_some() || access.written.is_some();
    name.field.clone().or_else(|| has_value.then(|| name.full.clone()))
}

fn atomics(trace: &Trace, names: &[Name]) -> Vec<Atomic> {
    let objects = trace.objects.iter().enumerate();
    objects
        .filter(|(_, object)| object.kind == ObjectKind::Atomic && !object.is_of_harness)
        .map(|(number, object)| Atomic {
            object: number,
            name: names[number].full.clone(),
            initial: object.initial.map_or_else(|| "?".to_owned(), |value| trace.value(value)),
        })
        .collect()
}

impl Frame {
    fn of(trace: &Trace, number: usize, names: &[Name], sources: &mut Sources) -> Frame {
        let step = &trace.steps[number];
        let access = access_of(step);
        let source = step.place.as_ref().and_then(|place| sources.line(place));
        Frame {
            number: number + 1,
            lane: step.lane,
            depth: step.depth,
            kind: kind(&step.what),
            words: trace.words(step),
            object: access.and_then(|access| shown(access, names)),
            place: step.place.as_ref().map(Place::short),
            switch: step.switch.map(|switch| Stopped { lane: switch.from, reason: switch.reason.word() }),
            new_state: new_state(trace, number),
            state_words: facts::state(step),
            states: step.states.clone(),
            is_explained: step.is_explained,
            is_telling: is_telling(trace, number),
            is_quiet: is_quiet(trace, number),
            arrows: arrows(step),
            write: access.and_then(|access| {
                Some(Written { object: access.object?, value: trace.value(access.written?) })
            }),
            facts: facts::facts(trace, number, names, source.as_deref()),
            source,
            says: facts::says(trace, number),
        }
    }
}

pub(super) fn access_of(step: &Step) -> Option<&Access> {
    match &step.what {
        What::Operation(access) => Some(access),
        _ => None,
    }
}

fn kind(what: &What) -> &'static str {
    match what {
        What::Call { .. } => "call",
        What::Answer { .. } => "answer",
        What::CallbackStart { .. }
        | What::CallbackReturn { .. }
        | What::Release { .. }
        | What::Note { .. } => "callback",
        What::Operation(_) => "operation",
        What::Settled | What::End => "end",
        What::Stuck { .. } | What::Finding(_) => "finding",
    }
}

fn is_telling(trace: &Trace, number: usize) -> bool {
    trace.why.as_ref().is_some_and(|why| why.steps.contains(&number))
}

/// The state after a step, where it is another than before it.
fn new_state(trace: &Trace, number: usize) -> Option<String> {
    let step = &trace.steps[number];
    let before = number.checked_sub(1).map(|before| &trace.steps[before]);
    if !step.is_explained {
        return before.is_none_or(|before| before.is_explained).then(|| "no state explains this".to_owned());
    }
    let state = step.states.first()?;
    (before.and_then(|before| before.states.first()) != Some(state)).then(|| state.clone())
}

/// What the harness does to run the program, unless the failure is about it.
fn is_quiet(trace: &Trace, number: usize) -> bool {
    let in_race = |step: &Step| {
        matches!(&step.what, What::Finding(finding)
            if finding.race.is_some_and(|(one, other)| number == one || number == other))
    };
    if trace.violation == Some(number) || is_telling(trace, number) || trace.steps.iter().any(in_race) {
        return false;
    }
    match &trace.steps[number].what {
        What::Settled | What::End => true,
        What::Operation(access) => {
            let object = access.object.and_then(|object| trace.objects.get(object));
            matches!(access.name.as_str(), "spawn" | "join") || object.is_some_and(|it| it.is_of_harness)
        }
        _ => false,
    }
}

/// Where a value was read from and what the step is ordered after are often the same step: that is one arrow.
fn arrows(step: &Step) -> Vec<Arrow> {
    let read_from = match access_of(step).and_then(|access| access.read_from) {
        Some(ReadFrom::Step(from)) => Some(from),
        _ => None,
    };
    let after = step.ordered_after.iter().filter(|from| Some(**from) != read_from);
    let mut arrows: Vec<Arrow> =
        after.map(|from| Arrow { from: from + 1, kind: "after", words: "after" }).collect();
    if let Some(from) = read_from {
        let is_both = step.ordered_after.contains(&from);
        let (kind, words) = if is_both { ("both", "reads from and after") } else { ("reads", "reads from") };
        arrows.push(Arrow { from: from + 1, kind, words });
    }
    if let What::Finding(finding) = &step.what
        && let Some((one, other)) = finding.race
    {
        for from in [one, other] {
            arrows.push(Arrow { from: from + 1, kind: "race", words: "not ordered:" });
        }
    }
    arrows
}

/// With a full stop at its end, if it has none.
pub(super) fn sentence(text: &str) -> String {
    let text = text.trim_end();
    let is_ended = text.ends_with(['.', '!', '?']);
    format!("{text}{}", if is_ended { "" } else { "." })
}
