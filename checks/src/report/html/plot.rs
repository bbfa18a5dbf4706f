//! How the executions grow with the program, as a plot.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::ledger::{Ledger, Record};

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 300.0;
const LEFT: f64 = 62.0;
const RIGHT: f64 = 90.0;
const TOP: f64 = 14.0;
const BOTTOM: f64 = 44.0;

/// The median of the executions of programs with one number of calls.
#[derive(Clone, Copy, Serialize)]
pub(super) struct Point {
    pub(super) calls: usize,
    pub(super) executions: u64,
    /// How many judgements it is the median of.
    pub(super) of: usize,
}

/// The curve of an engine.
#[derive(Serialize)]
pub(super) struct Curve {
    pub(super) engine: String,
    pub(super) points: Vec<Point>,
}

/// One curve for each engine that has proved something, over the programs that all of these engines have proved: others
/// would make an engine look better that has not come to the larger ones. Systems have other calls, and stay out.
pub(super) fn curves(ledger: &Ledger) -> Vec<Curve> {
    let mut proved: BTreeMap<(&str, &str), BTreeMap<&str, u64>> = BTreeMap::new();
    let is_compared = |record: &&Record| record.verdict.word == "proved" && !record.is_of_the_system();
    for record in ledger.results.iter().filter(is_compared) {
        let program = proved.entry((&record.request, &record.program)).or_default();
        program.insert(&record.engine, record.executions);
    }
    let has_proved = |name: &str| proved.values().any(|engines| engines.contains_key(name));
    let engines: Vec<&str> =
        ledger.engines.iter().map(|engine| engine.name.as_str()).filter(|name| has_proved(name)).collect();
    let by_all: Vec<_> =
        proved.iter().filter(|(_, by)| engines.iter().all(|name| by.contains_key(name))).collect();
    let curve = |engine: &&str| {
        let mut by_calls: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
        for ((_, program), executions) in &by_all {
            by_calls.entry(calls(program)).or_default().push(executions[engine]);
        }
        let point = |(calls, mut executions): (usize, Vec<u64>)| {
            executions.sort_unstable();
            Point { calls, executions: executions[executions.len() / 2], of: executions.len() }
        };
        Curve { engine: (*engine).to_owned(), points: by_calls.into_iter().map(point).collect() }
    };
    engines.iter().map(curve).filter(|curve| !curve.points.is_empty()).collect()
}

/// The steps of a program in its text form.
fn calls(program: &str) -> usize {
    let steps = program.split(';').next().unwrap_or_default();
    steps.split([' ', '|']).filter(|word| !word.is_empty()).count()
}

/// The plot; executions on a logarithmic scale.
pub(super) fn growth(ledger: &Ledger) -> String {
    let curves = curves(ledger);
    let points = || curves.iter().flat_map(|curve| curve.points.iter());
    let Some(most_calls) = points().map(|point| point.calls).max() else { return String::new() };
    let fewest = points().map(|point| point.calls).min().unwrap_or(1);
    let most = points().map(|point| point.executions).max().unwrap_or(1).max(10);
    let decades = (most as f64).log10().ceil();
    let x = |calls: usize| {
        let span = (most_calls - fewest).max(1) as f64;
        LEFT + (calls - fewest) as f64 / span * (WIDTH - LEFT - RIGHT)
    };
    let y = |executions: u64| {
        HEIGHT - BOTTOM - (executions.max(1) as f64).log10() / decades * (HEIGHT - TOP - BOTTOM)
    };
    let mut svg = format!(
        "<svg class=\"plot\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-labelledby=\"growth-title growth-about\">"
    );
    let mut decade = 1_u64;
    while y(decade) >= TOP - 0.5 {
        let (at, right) = (y(decade), WIDTH - RIGHT);
        let _ = write!(
            svg,
            "<path class=\"rule\" d=\"M{LEFT} {at:.1}H{right}\"/><text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            LEFT - 8.0,
            at + 4.0,
            thousands(decade)
        );
        decade = decade.saturating_mul(10);
    }
    for calls in fewest..=most_calls {
        let (at, below) = (x(calls), HEIGHT - BOTTOM + 18.0);
        let _ = write!(svg, "<text x=\"{at:.1}\" y=\"{below}\" text-anchor=\"middle\">{calls}</text>");
    }
    let middle = f64::midpoint(LEFT, WIDTH - RIGHT);
    let _ = write!(
        svg,
        "<text x=\"{middle}\" y=\"{}\" text-anchor=\"middle\">calls in the program</text>",
        HEIGHT - 6.0
    );
    let mut labels: Vec<f64> = Vec::new();
    for (number, curve) in curves.iter().enumerate() {
        let path: Vec<String> = curve
            .points
            .iter()
            .map(|point| format!("{:.1} {:.1}", x(point.calls), y(point.executions)))
            .collect();
        let _ = write!(svg, "<g class=\"curve c{number}\"><path d=\"M{}\"/>", path.join("L"));
        for point in &curve.points {
            let (x, y) = (x(point.calls), y(point.executions));
            let _ = write!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.2\"/>");
        }
        if let Some(last) = curve.points.last() {
            // Names of curves that end at the same place would hide each other.
            let mut at = y(last.executions) + 4.0;
            while labels.iter().any(|known| (known - at).abs() < 14.0) {
                at -= 14.0;
            }
            labels.push(at);
            let right = x(last.calls) + 9.0;
            let _ = write!(svg, "<text x=\"{right:.1}\" y=\"{at:.1}\">{}</text>", escape(&curve.engine));
        }
        svg.push_str("</g>");
    }
    svg.push_str("</svg>");
    svg
}

/// A power of ten with its thousands apart.
fn thousands(number: u64) -> String {
    match number {
        1_000_000.. => format!("{}M", number / 1_000_000),
        1_000.. => format!("{}k", number / 1_000),
        small => small.to_string(),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_without_the_callback() {
        assert_eq!(calls("mark finish | cancel | cancel ; callback completes"), 4);
        assert_eq!(calls("mark start:1 cancel | unmark ; callback returns"), 4);
    }
}
