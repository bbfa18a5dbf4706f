//! The sum of a history: what an application could tell one execution from another by.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Event, History, Thread};
use crate::scenario::MAX_THREADS;

/// The answers that each thread got, in its own order, and how many callbacks were started.
///
/// Two executions with the same outcome differ only in what cannot be observed. Its text form is stable; sets of
/// outcomes are compared between engines and kept as reviewed snapshots.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Outcome(String);

impl Outcome {
    /// The outcome of a history.
    #[must_use]
    pub fn of(history: &History) -> Self {
        let threads: Vec<String> =
            (0..MAX_THREADS as Thread).filter_map(|thread| of_thread(history, thread)).collect();
        let starts =
            history.events.iter().filter(|event| matches!(event, Event::CallbackStarted { .. })).count();
        let callbacks = match starts {
            0 => "no callback".to_owned(),
            1 => "1 callback".to_owned(),
            more => format!("{more} callbacks"),
        };
        Outcome(format!("{} ; {callbacks}", threads.join(" | ")))
    }

    /// The outcome that this text stands for.
    #[must_use]
    pub fn from_text(text: &str) -> Self {
        Outcome(text.to_owned())
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The calls of a thread with their answers; those made inside a callback stand in brackets.
fn of_thread(history: &History, thread: Thread) -> Option<String> {
    let mut text = String::new();
    let mut open = Vec::new();
    for event in &history.events {
        match event {
            Event::Called { thread: by, call, .. } if *by == thread => open.push(call),
            Event::Answered { thread: to, reply } if *to == thread => {
                if let Some(call) = open.pop() {
                    append(&mut text, &format!("{call}={reply}"));
                }
            }
            Event::CallbackStarted { thread: on, .. } if *on == thread => append(&mut text, "["),
            Event::CallbackReturned { thread: on, .. } if *on == thread => text.push(']'),
            _ => {}
        }
    }
    (!text.is_empty()).then_some(text)
}

fn append(text: &mut String, word: &str) {
    if !text.is_empty() && !text.ends_with('[') {
        text.push_str(", ");
    }
    text.push_str(word);
}
