//! The state diagram that was learned of a request, beside the reference.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use cancelproof_machine::Contract;
use cancelproof_machine::machine::{Call, Reply, State};

use super::walk::Walks;
use super::{Departure, Edge, Step, reference};

/// The edges that executions have taken, and those that they took outside the protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Learned {
    reference: BTreeSet<Edge>,
    possible: BTreeSet<Edge>,
    certain: BTreeSet<Edge>,
    extra: BTreeSet<(State, Step)>,
}

/// How an edge of the reference was met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Met {
    /// Some execution cannot be explained without it.
    Certainly,
    /// Executions may have taken it, and can be explained without it.
    Perhaps,
    /// No execution can have taken it.
    Never,
}

impl Learned {
    /// Nothing yet, of a request under `contract`.
    #[must_use]
    pub fn of(contract: &Contract) -> Self {
        Learned {
            reference: reference::edges(contract),
            possible: BTreeSet::new(),
            certain: BTreeSet::new(),
            extra: BTreeSet::new(),
        }
    }

    /// Adds the walks of an execution.
    pub fn add(&mut self, walks: &Walks) {
        self.possible.extend(&walks.possible);
        self.certain.extend(&walks.certain);
    }

    /// Adds the step by which an execution left the protocol, from the first state that it may have been in.
    pub fn add_departure(&mut self, departure: &Departure) {
        let from = departure.states.first().copied().unwrap_or(State::INITIAL);
        self.extra.insert((from, departure.step));
    }

    /// Adds what was learned elsewhere.
    pub fn merge(&mut self, other: &Learned) {
        self.possible.extend(&other.possible);
        self.certain.extend(&other.certain);
        self.extra.extend(&other.extra);
    }

    /// Every edge of the reference.
    #[must_use]
    pub fn reference(&self) -> &BTreeSet<Edge> {
        &self.reference
    }

    /// The edges that some execution cannot be explained without.
    #[must_use]
    pub fn certain(&self) -> &BTreeSet<Edge> {
        &self.certain
    }

    /// The edges of the reference that no execution has taken, whatever walk explains it.
    #[must_use]
    pub fn missing(&self) -> Vec<Edge> {
        self.reference.difference(&self.possible).copied().collect()
    }

    /// The edges of the reference that executions may have taken, and can be explained without.
    #[must_use]
    pub fn uncertain(&self) -> Vec<Edge> {
        self.possible.difference(&self.certain).copied().collect()
    }

    /// The steps outside the reference, each with the state that it was taken in.
    #[must_use]
    pub fn extra(&self) -> &BTreeSet<(State, Step)> {
        &self.extra
    }

    fn met(&self, edge: &Edge) -> Met {
        match (self.certain.contains(edge), self.possible.contains(edge)) {
            (true, _) => Met::Certainly,
            (_, true) => Met::Perhaps,
            _ => Met::Never,
        }
    }

    /// The diagram in DOT, for Graphviz: drawn through what is certain, dashed what is possible, dotted what was never
    /// taken, and bold red what is not of the protocol.
    #[must_use]
    pub fn to_dot(&self, name: &str) -> String {
        let mut text = format!("digraph {name:?} {{\n  rankdir=LR\n  node [shape=box, style=rounded]\n");
        for state in self.states() {
            let _ = writeln!(text, "  s{} [label={:?}]", place(state), state.to_string());
        }
        for ((from, to, met), labels) in self.bundles() {
            let style = match met {
                Met::Certainly => "solid",
                Met::Perhaps => "dashed",
                Met::Never => "dotted",
            };
            let label = labels.join("\\n");
            let _ = writeln!(text, "  s{} -> s{} [style={style}, label=\"{label}\"]", place(from), place(to));
        }
        for (number, (from, step)) in self.extra.iter().enumerate() {
            let _ = writeln!(text, "  x{number} [label=\"not of the protocol\", color=red]");
            let label = without_thread(*step);
            let _ =
                writeln!(text, "  s{} -> x{number} [color=red, style=bold, label={label:?}]", place(*from));
        }
        text.push_str("}\n");
        text
    }

    /// The diagram in Mermaid: edges that were never taken are marked with an empty circle, those that are only possible
    /// with a half-filled one.
    #[must_use]
    pub fn to_mermaid(&self) -> String {
        let mut text = String::from("stateDiagram-v2\n");
        for state in self.states() {
            let _ = writeln!(text, "  state {:?} as s{}", state.to_string(), place(state));
        }
        let _ = writeln!(text, "  [*] --> s{}", place(State::INITIAL));
        for ((from, to, met), labels) in self.bundles() {
            let mark = match met {
                Met::Certainly => "",
                Met::Perhaps => "◐ ",
                Met::Never => "○ ",
            };
            let _ = writeln!(text, "  s{} --> s{} : {mark}{}", place(from), place(to), labels.join(" / "));
        }
        for (number, (from, step)) in self.extra.iter().enumerate() {
            let _ = writeln!(text, "  state \"not of the protocol\" as x{number}");
            let _ = writeln!(text, "  s{} --> x{number} : ✗ {}", place(*from), without_thread(*step));
        }
        text
    }

    fn states(&self) -> BTreeSet<State> {
        self.reference.iter().flat_map(|edge| [edge.from, edge.to]).collect()
    }

    /// The labels of all edges between two states that were met alike.
    fn bundles(&self) -> Vec<((State, State, Met), Vec<String>)> {
        let mut bundles: BTreeMap<(State, State, u8), Vec<String>> = BTreeMap::new();
        for edge in &self.reference {
            let label = match edge.reply {
                Reply::Done => edge.call.to_string(),
                reply => format!("{} = {reply}", edge.call),
            };
            bundles.entry((edge.from, edge.to, self.met(edge) as u8)).or_default().push(label);
        }
        let met = |number| [Met::Certainly, Met::Perhaps, Met::Never][usize::from(number)];
        bundles.into_iter().map(|((from, to, number), labels)| ((from, to, met(number)), labels)).collect()
    }
}

/// The number of a state in the table of the machine.
fn place(state: State) -> usize {
    State::ALL.iter().position(|known| *known == state).unwrap_or(State::ALL.len())
}

fn without_thread(step: Step) -> String {
    match step {
        Step::Answer { call, reply, .. } => format!("{call} = {reply}"),
        Step::Start { .. } => Call::CallbackStart.to_string(),
        Step::End => "the execution ends".to_owned(),
    }
}
