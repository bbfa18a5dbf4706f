//! The executions that keep every rule, counted by what can be told apart from outside.

use rustc_hash::FxHashMap;

use crate::execution::Record;
use crate::history::code::{self, Code};
use crate::history::form::{self, Forms};
use crate::history::{Event, Thread};

/// Forms of histories that are remembered, so that each is judged once. Beyond that they are judged again.
const FORMS_MAX: usize = 400_000;

/// Counts executions, and knows which need no judging.
#[derive(Debug, Default)]
pub(super) struct Tally {
    forms: Forms,
    /// The history in hand.
    history: Vec<Code>,
    /// The forms of histories that keep every rule, each with what the thread of each name does in it.
    passed: FxHashMap<Box<[Code]>, Box<[Sequence]>>,
    sequences: Sequences,
    /// The executions in which the threads did the same, each by itself.
    counted: FxHashMap<Box<[Sequence]>, u64>,
    /// What each thread did in the execution in hand.
    by_thread: Vec<Sequence>,
}

/// What one thread did: the number of its sequence of events. A thread without any has number 0.
type Sequence = u32;

/// Everything that threads have been seen to do.
#[derive(Debug)]
struct Sequences {
    numbers: FxHashMap<Box<[Code]>, Sequence>,
    /// The sequence of each number.
    events: Vec<Box<[Code]>>,
}

/// Whether a history like one has been judged before.
pub(super) enum Known {
    Yes,
    No,
}

impl Tally {
    /// Counts an execution if a history like its own has kept every rule before.
    pub(super) fn count_if_known(&mut self, record: &Record) -> Known {
        record.read(&mut self.history);
        let (form, threads) = self.forms.take_apart(&self.history);
        let Some(sequences) = self.passed.get(form) else { return Known::No };
        count(&mut self.counted, &mut self.by_thread, threads, sequences);
        Known::Yes
    }

    /// Remembers and counts an execution that is the first of its like to keep every rule.
    pub(super) fn pass(&mut self, record: &Record) {
        record.read(&mut self.history);
        let (form, threads) = self.forms.take_apart(&self.history);
        let names = 0..threads.len() as Thread;
        let sequences: Box<[Sequence]> =
            names.map(|name| self.sequences.number(form::of_name(form, name))).collect();
        count(&mut self.counted, &mut self.by_thread, threads, &sequences);
        if self.passed.len() < FORMS_MAX {
            self.passed.insert(form.into(), sequences);
        }
    }

    /// The events of threads, thread after thread, with how often they were seen.
    pub(super) fn counts(&self) -> impl Iterator<Item = (Vec<Event>, u64)> {
        let sequences = &self.sequences;
        self.counted.iter().map(|(by_thread, &executions)| {
            let of_thread = |(thread, &sequence): (usize, &Sequence)| {
                let events = sequences.events[sequence as usize].iter();
                events.map(move |&event| code::event(code::with_thread(event, thread as Thread)))
            };
            (by_thread.iter().enumerate().flat_map(of_thread).collect(), executions)
        })
    }
}

/// Counts an execution in which the thread of each name did as `sequences` says.
fn count(
    counted: &mut FxHashMap<Box<[Sequence]>, u64>,
    by_thread: &mut Vec<Sequence>,
    threads: &[Thread],
    sequences: &[Sequence],
) {
    by_thread.clear();
    for (&thread, &sequence) in threads.iter().zip(sequences) {
        let thread = usize::from(thread);
        if by_thread.len() <= thread {
            by_thread.resize(thread + 1, 0);
        }
        by_thread[thread] = sequence;
    }
    match counted.get_mut(&**by_thread) {
        Some(executions) => *executions += 1,
        None => {
            counted.insert((&**by_thread).into(), 1);
        }
    }
}

impl Default for Sequences {
    fn default() -> Self {
        let nothing: Box<[Code]> = Box::default();
        Sequences { numbers: std::iter::once((nothing.clone(), 0)).collect(), events: vec![nothing] }
    }
}

impl Sequences {
    /// The number of a sequence, which does not depend on whose it is.
    fn number(&mut self, mut events: Vec<Code>) -> Sequence {
        for event in &mut events {
            *event = code::with_thread(*event, 0);
        }
        let next = Sequence::try_from(self.events.len()).expect("memory ends before numbers do");
        *self.numbers.entry(events.into()).or_insert_with_key(|events| {
            self.events.push(events.clone());
            next
        })
    }
}
