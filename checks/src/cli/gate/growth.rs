//! How far each request was shown correct beyond the catalogue, as a table and as words.

use comfy_table::Table;

use super::Answers;
use crate::cli::table;
use crate::job::Answer;
use crate::judge::growth::{Bounded, Growth, Sampled};

/// One row for each request.
pub(super) fn table<'a>(
    rows: impl Iterator<Item = (&'a [String], impl Iterator<Item = usize>)>,
    answers: &Answers,
) -> Table {
    let header = ["request", "every interleaving", "bounded", "sampled", "misses"];
    let rows = rows.map(|(labels, mut jobs)| {
        let cells = match jobs.next().and_then(|number| answers[number].as_ref()) {
            Some(Answer::Grown(growth)) => cells(growth),
            Some(Answer::Crashed(_)) => one("CRASHED"),
            Some(Answer::NotStarted) => one("not started"),
            Some(Answer::NotApplicable(_)) => one("not applicable"),
            Some(Answer::Judged(judgement)) => one(judgement.verdict.word()),
            None
            | Some(
                Answer::Replayed(_)
                | Answer::Explained { .. }
                | Answer::Fingerprinted(_)
                | Answer::Checked(_),
            ) => one(""),
        };
        labels.iter().cloned().chain(cells).collect()
    });
    table::figures(&header, rows.collect())
}

fn one(word: &str) -> [String; 4] {
    [word.to_owned(), String::new(), String::new(), String::new()]
}

fn cells(growth: &Growth) -> [String; 4] {
    if let Some(refuted) = &growth.refuted {
        return one(&format!("REFUTED {}", refuted.violation.rule));
    }
    if !growth.troubles.is_empty() {
        return one("TOOL FAILURE");
    }
    let proved = growth.proved.map(|threads| format!("{threads} threads"));
    let bounded =
        growth.bounded.map(|Bounded { threads, preemptions }| format!("{threads} threads, {preemptions}"));
    let sampled = growth
        .sampled
        .map(|Sampled { threads, samples, .. }| format!("{threads} threads, {}", table::count(samples)));
    let miss =
        growth.sampled.map(|sampled| format!("depth {}: {:.3}", sampled.depth, rounded_up(sampled.miss())));
    [proved, bounded, sampled, miss].map(|cell| cell.unwrap_or_else(|| "-".to_owned()))
}

/// The same in a sentence, for the end of the gate.
pub(super) fn sentence(growth: &Growth) -> String {
    let mut parts = Vec::new();
    if let Some(threads) = growth.proved {
        parts.push(format!("proved for the driver and {} cancelers", threads - 1));
    }
    if let Some(Bounded { threads, preemptions }) = growth.bounded {
        let cancelers = threads - 1;
        parts.push(format!("for {cancelers} every run with at most {}", preemptions_in_words(preemptions)));
    }
    if let Some(sampled) = growth.sampled {
        parts.push(format!(
            "for {} {} samples, which miss a bug of depth {} with a probability of at most {:.3}",
            sampled.threads - 1,
            table::count(sampled.samples),
            sampled.depth,
            rounded_up(sampled.miss())
        ));
    }
    if parts.is_empty() { "nothing beyond the catalogue".to_owned() } else { parts.join("; ") }
}

/// To three places, and never less than it is.
fn rounded_up(probability: f64) -> f64 {
    (probability * 1000.0).ceil() / 1000.0
}

fn preemptions_in_words(number: u32) -> String {
    match number {
        0 => "no preemption".to_owned(),
        1 => "1 preemption".to_owned(),
        more => format!("{more} preemptions"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probability_is_never_understated() {
        for (exact, shown) in [(0.0001, "0.001"), (0.999_1, "1.000"), (0.0, "0.000")] {
            assert_eq!(format!("{:.3}", rounded_up(exact)), shown);
        }
    }

    #[test]
    fn a_sentence_says_only_what_was_reached() {
        let nothing = Growth::default();
        assert_eq!(sentence(&nothing), "nothing beyond the catalogue");
        let growth = Growth {
            proved: Some(4),
            bounded: Some(Bounded { threads: 5, preemptions: 1 }),
            sampled: Some(Sampled { threads: 6, samples: 2_000, depth: 3, steps: 50 }),
            ..nothing
        };
        assert_eq!(
            sentence(&growth),
            "proved for the driver and 3 cancelers; for 4 every run with at most 1 preemption; for 5 2,000 \
             samples, which miss a bug of depth 3 with a probability of at most 0.876"
        );
    }
}
