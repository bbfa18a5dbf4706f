//! A trace as a Mermaid sequence diagram, which issue trackers draw.

use std::fmt::Write;

use super::data::{Place, Trace, What};

/// The text of the diagram. Everything that comes from the author's code is escaped.
#[must_use]
pub fn diagram(trace: &Trace) -> String {
    let mut text = String::from("sequenceDiagram\n");
    let mut add = |words: String| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "    {words}");
    };
    for (number, lane) in trace.lanes.iter().enumerate() {
        add(format!("participant T{number} as {}", escape(&lane.title)));
    }
    add("participant R as request".to_owned());
    if let Some(broken) = &trace.header.broken {
        add(format!("Note over R: {} is broken", escape(&broken.rule)));
    }
    let end = trace.violation.map_or(trace.steps.len(), |violation| violation + 1);
    let mut state = String::new();
    for (number, step) in trace.steps.iter().take(end).enumerate() {
        let (lane, words) = (step.lane, escape(&trace.words(step)));
        if let Some(switch) = step.switch {
            add(format!("Note over T{}: {}", switch.from, switch.reason.word()));
        }
        match &step.what {
            What::Call { .. } => add(format!("T{lane}->>+R: {words}")),
            What::Answer { reply, .. } => add(format!("R-->>-T{lane}: {}", escape(reply))),
            What::CallbackStart { .. } => add(format!("R->>+T{lane}: {words}")),
            What::CallbackReturn { .. } => add(format!("T{lane}-->>-R: {words}")),
            What::Operation(access) if access.name == "spawn" || access.name == "join" => {}
            What::Operation(_) => {
                let place = step.place.as_ref().map(Place::short).unwrap_or_default();
                add(format!("Note over T{lane}: {words} ({})", escape(&place)));
            }
            What::End | What::Release { .. } | What::Settled => {}
            What::Note { .. } | What::Stuck { .. } | What::Finding(_) => {
                add(format!("Note over T{lane}: {words}"));
            }
        }
        if trace.violation == Some(number)
            && let Some(broken) = &trace.header.broken
        {
            add(format!("Note over T{lane},R: here: {}", escape(&broken.explanation)));
        }
        let now = step.states.first().cloned().unwrap_or_default();
        if now != state && step.is_explained {
            add(format!("Note right of R: {}", escape(&now)));
            state = now;
        }
    }
    text.pop();
    text
}

/// What Mermaid would read as its own is written as the number of the character. Line breaks become spaces.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            character if character.is_alphanumeric() => escaped.push(character),
            ' ' | '-' | '_' | '.' | ',' | '(' | ')' | '!' | '→' => escaped.push(character),
            character if character.is_control() => escaped.push(' '),
            character => {
                let _ = write!(escaped, "#{};", character as u32);
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn nothing_of_mermaid_s_own_language_gets_through() {
        assert_eq!(escape("a;b\nend"), "a#59;b end");
        assert_eq!(escape("<script>"), "#60;script#62;");
        assert_eq!(escape("word.rs:12"), "word.rs#58;12");
    }
}
