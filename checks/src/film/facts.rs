//! What is told about one step beside its lane: in pairs of term and text, and in a sentence.

use serde::Serialize;

use super::view::{Name, access_of, sentence};
use crate::trace::{Access, ReadFrom, Step, Trace, What};

/// Something that is known about a step.
#[derive(Serialize)]
pub(super) struct Fact {
    term: &'static str,
    text: String,
    /// The class by which it is styled.
    look: &'static str,
}

fn plain(term: &'static str, text: String) -> Fact {
    Fact { term, text, look: "" }
}

fn code(term: &'static str, text: String) -> Fact {
    Fact { term, text, look: "mono" }
}

/// Everything about a step, in the order in which it is shown. `names` are those of the objects, `source` is the line of
/// the author's code.
pub(super) fn facts(trace: &Trace, number: usize, names: &[Name], source: Option<&str>) -> Vec<Fact> {
    let step = &trace.steps[number];
    let mut facts = vec![plain("thread", lane(trace, step))];
    match access_of(step) {
        Some(access) => facts.extend(access_facts(trace, number, access, names)),
        None => facts.push(plain("what", spoken(trace, step))),
    }
    facts.extend(step.place.as_ref().map(|place| code("code", place.to_string())));
    facts.extend(source.map(|line| code("line", line.to_owned())));
    if !step.ordered_after.is_empty() {
        let steps: Vec<String> = step.ordered_after.iter().map(|from| name(trace, *from)).collect();
        facts.push(plain("ordered after", steps.join("; ")));
    }
    if let Some(switch) = step.switch {
        let from = trace.lanes.get(switch.from).map_or("another thread", |lane| &lane.title);
        facts.push(plain("switch", format!("from {from}, which was {}", switch.reason.word())));
    }
    if trace.violation == Some(number) {
        let text = trace.header.broken.as_ref().map_or_else(
            || "here".to_owned(),
            |broken| format!("breaks {}: {}", broken.rule, sentence(&broken.explanation)),
        );
        facts.push(Fact { term: "violation", text, look: "bad" });
    }
    facts
}

fn access_facts(trace: &Trace, number: usize, access: &Access, names: &[Name]) -> Vec<Fact> {
    let ordering = if access.ordering.is_empty() { String::new() } else { format!(" ({})", access.ordering) };
    let mut facts = vec![code("operation", format!("{}{ordering}", access.name))];
    let object = access.object.and_then(|object| names.get(object));
    facts.extend(object.map(|object| plain("object", object.full.clone())));
    if let Some(operand) = access.operand {
        let term = if access.name.starts_with("compare_exchange") { "expected" } else { "operand" };
        facts.push(code(term, trace.value(operand)));
    }
    let before = access.read.or_else(|| access.written.and_then(|_| value_before(trace, number, access)));
    let after = access.written.or(access.read);
    facts.extend(before.map(|before| code("value before", trace.value(before))));
    facts.extend(after.map(|after| code("value after", trace.value(after))).map(|fact| {
        let is_kept = access.written.is_none();
        Fact { text: format!("{}{}", fact.text, if is_kept { " (nothing written)" } else { "" }), ..fact }
    }));
    match access.read_from {
        Some(ReadFrom::Initial) => facts.push(plain("read from", "the initial value".to_owned())),
        Some(ReadFrom::Step(from)) => facts.push(plain("read from", name(trace, from))),
        None => {}
    }
    facts
}

/// What the object of a plain write held before it, as far as the trace shows.
fn value_before(trace: &Trace, number: usize, access: &Access) -> Option<u64> {
    let object = access.object?;
    let written = trace.steps[..number]
        .iter()
        .rev()
        .filter_map(access_of)
        .find_map(|earlier| if earlier.object == Some(object) { earlier.written } else { None });
    written.or_else(|| trace.objects.get(object)?.initial)
}

/// The states after a step, in words.
pub(super) fn state(step: &Step) -> String {
    let Some((state, others)) = step.states.split_first() else { return "not known".to_owned() };
    if !step.is_explained {
        return format!(
            "No run of the machine explains what was seen. The last state that could be: {state}."
        );
    }
    match others {
        [] => format!("{state}."),
        others => {
            format!("{state}. Until a call under way has answered, it may also be: {}.", others.join("; "))
        }
    }
}

/// The step in a sentence.
pub(super) fn says(trace: &Trace, number: usize) -> String {
    let step = &trace.steps[number];
    let thread = trace.lanes.get(step.lane).map_or("a thread", |lane| &lane.title);
    let place = step.place.as_ref().map(|place| format!(" at {}", place.short())).unwrap_or_default();
    let text = format!(
        "Step {} of {}, {thread}: {}{place}. State: {}",
        number + 1,
        trace.steps.len(),
        spoken(trace, step),
        state(step)
    );
    if trace.violation != Some(number) {
        return text;
    }
    let rule = trace.header.broken.as_ref().map_or("a rule", |broken| &broken.rule);
    format!("{text} This step breaks {rule}.")
}

fn spoken(trace: &Trace, step: &Step) -> String {
    match &step.what {
        What::Call { call, is_raw, .. } if *is_raw => format!("calls {call}, whatever the state"),
        What::Call { call, .. } => format!("calls {call}"),
        What::Answer { call, reply } => format!("{call} answers {reply}"),
        What::CallbackStart { mark } => format!("the callback of mark {mark} starts"),
        What::CallbackReturn { mark } => format!("the callback of mark {mark} returns"),
        What::Release { mark } => format!("the callback of mark {mark} is released"),
        _ => trace.words(step),
    }
}

fn lane(trace: &Trace, step: &Step) -> String {
    trace.lanes.get(step.lane).map_or_else(String::new, |lane| match lane.program.as_str() {
        "" => lane.title.clone(),
        program => format!("{} ({program})", lane.title),
    })
}

/// Another step, as it is referred to.
fn name(trace: &Trace, number: usize) -> String {
    let Some(step) = trace.steps.get(number) else { return format!("step {}", number + 1) };
    let thread = trace.lanes.get(step.lane).map_or("", |lane| &lane.title);
    format!("step {} ({thread}: {})", number + 1, trace.words(step))
}
