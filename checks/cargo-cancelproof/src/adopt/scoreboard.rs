//! Many crates, each under loom as it is published and under both own engines in the same run, as a page.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

use super::outcome::{Outcome, Verdict};
use super::{Adopt, AdoptError, Adopted, BOUNDED, Judge, Row, adopted, table};

/// A line of the list.
#[derive(Parser)]
#[command(no_binary_name = true)]
struct Line {
    #[command(flatten)]
    adopt: Adopt,
}

/// A crate of the list, and what came of it.
pub(crate) struct Entry {
    of: String,
    result: Result<Adopted, AdoptError>,
}

/// Adopts each crate of a list, and writes the page.
pub(crate) fn run(adopt: &Adopt, list: &Path) -> Result<ExitCode, AdoptError> {
    let text = std::fs::read_to_string(list)?;
    let mut entries = Vec::new();
    for line in lines(&text, list, adopt)? {
        let of = line.of.clone().unwrap_or_default();
        eprintln!("{of}");
        let result = adopted(&line);
        if let Err(error) = &result {
            eprintln!("{of}: {error}");
        }
        entries.push(Entry { of, result });
    }
    if let Some(file) = &adopt.page {
        std::fs::write(file, page(&entries, adopt.time))?;
    }
    let judged: Vec<Adopted> = entries.into_iter().filter_map(|entry| entry.result.ok()).collect();
    println!("{}", summary(&judged));
    // What is bounded is what a scoreboard shows, and no failure of its run.
    let code = super::code(&judged);
    Ok(if code == BOUNDED { ExitCode::SUCCESS } else { ExitCode::from(code) })
}

/// The crates of a list, with what was said for all of them.
fn lines(text: &str, file: &Path, adopt: &Adopt) -> Result<Vec<Adopt>, AdoptError> {
    let mut read = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.is_empty() {
            continue;
        }
        let parsed = Line::try_parse_from(line.split_whitespace()).map_err(|error| AdoptError::List {
            file: file.display().to_string(),
            line: number + 1,
            words: error.to_string().lines().next().unwrap_or_default().to_owned(),
        })?;
        read.push(Adopt {
            time: adopt.time,
            every: adopt.every,
            compare: true,
            cancelproof: adopt.cancelproof.clone(),
            folder: adopt.folder.clone(),
            ..parsed.adopt
        });
    }
    Ok(read)
}

const HEAD: &str = "# Scoreboard

The loom tests of published crates, unedited, under loom as it is published and under both own engines. Each run is a process of its own,
one after another on one machine, so the ratio of two times in a line means something and a time alone does not.
`cargo cancelproof adopt --scoreboard checks/docs/scoreboard.txt --page checks/docs/scoreboard.md` makes this page anew.

*Proved* is every execution, as far as the engine holds some for the same; *bounded* says what stopped it; *not ended* had its time. loom says
how many executions it had only to whoever calls `loom::model`; `loom::model::Builder` does not tell.
";

/// The page.
pub(crate) fn page(entries: &[Entry], seconds: u64) -> String {
    let mut page = HEAD.to_owned();
    let judged: Vec<&Adopted> = entries.iter().filter_map(|entry| entry.result.as_ref().ok()).collect();
    let _ = writeln!(page, "Each engine had {seconds} s for a test.\n\n{}", summary(judged.iter().copied()));
    let _ = writeln!(
        page,
        "\n| crate | test | loom | dpor | rc11 | loom : dpor, executions | loom : dpor, time |\n|---|---|---|---|---|---|---|"
    );
    for adopted in &judged {
        for row in &adopted.rows {
            let cell = |judge| {
                of(row, judge)
                    .map_or_else(|| "-".to_owned(), |outcome| table::cell(outcome).replace('|', "\\|"))
            };
            let ratio =
                |ratio: Option<f64>| ratio.map_or_else(|| "-".to_owned(), |ratio| format!("{ratio:.1}"));
            let _ = writeln!(
                page,
                "| {} | `{}` | {} | {} | {} | {} | {} |",
                adopted.package,
                row.test,
                cell(Judge::Loom),
                cell(Judge::Dpor),
                cell(Judge::Rc11),
                ratio(fewer(row)),
                ratio(sooner(row))
            );
        }
    }
    let unseen: Vec<&&Adopted> = judged.iter().filter(|adopted| !adopted.unseen.is_empty()).collect();
    if !unseen.is_empty() {
        let _ = writeln!(
            page,
            "\nNot seen by our engines, nor by loom: what these have of their own of atomics, locks and threads.\n"
        );
        for adopted in unseen {
            let _ = writeln!(page, "- {}: {}", adopted.package, adopted.unseen.join(", "));
        }
    }
    let missing: Vec<&Entry> = entries.iter().filter(|entry| entry.result.is_err()).collect();
    if !missing.is_empty() {
        let _ = writeln!(page, "\nNot run:\n");
        for entry in missing {
            if let Err(error) = &entry.result {
                let _ = writeln!(
                    page,
                    "- {}: {}",
                    entry.of,
                    error.to_string().lines().next().unwrap_or_default()
                );
            }
        }
    }
    page
}

fn of(row: &Row, judge: Judge) -> Option<&Outcome> {
    row.outcomes.iter().find(|(of, _)| *of == judge).map(|(_, outcome)| outcome)
}

/// Both outcomes, if both engines came to the end.
fn both(row: &Row) -> Option<(&Outcome, &Outcome)> {
    let pair = (of(row, Judge::Loom)?, of(row, Judge::Dpor)?);
    (pair.0.verdict.is_whole() && pair.1.verdict.is_whole()).then_some(pair)
}

/// How many executions loom had for each of dpor's.
fn fewer(row: &Row) -> Option<f64> {
    let (loom, dpor) = both(row)?;
    Some(loom.executions? as f64 / dpor.executions.filter(|count| *count > 0)? as f64)
}

/// How much longer loom took.
fn sooner(row: &Row) -> Option<f64> {
    let (loom, dpor) = both(row)?;
    Some(loom.time.as_secs_f64() / dpor.time.as_secs_f64().max(f64::EPSILON))
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

/// What the rows come to.
fn summary<'a>(adopted: impl IntoIterator<Item = &'a Adopted>) -> String {
    let adopted: Vec<&Adopted> = adopted.into_iter().collect();
    let rows: Vec<&Row> = adopted.iter().flat_map(|one| &one.rows).collect();
    let ends = |judge| move |row: &&&Row| of(row, judge).is_some_and(|outcome| outcome.verdict.is_whole());
    let count = |judge| rows.iter().filter(ends(judge)).count();
    let only_ours = rows.iter().filter(|row| ends(Judge::Dpor)(row) && !ends(Judge::Loom)(row)).count();
    let only_loom = rows.iter().filter(|row| ends(Judge::Loom)(row) && !ends(Judge::Dpor)(row)).count();
    let differs = |row: &&&Row| {
        let refuted = |judge| of(row, judge).map(|outcome| outcome.verdict.is_refuted());
        let unfinished = |judge| of(row, judge).is_some_and(|outcome| outcome.verdict == Verdict::Unfinished);
        let ours = refuted(Judge::Dpor) == Some(true) || refuted(Judge::Rc11) == Some(true);
        refuted(Judge::Loom).is_some_and(|loom| loom != ours) && !unfinished(Judge::Loom)
    };
    let mut text = format!(
        "{} tests of {} crates. Exhausted: loom {}, dpor {}, rc11 {}; by dpor and not by loom {only_ours}, by loom and not by dpor {only_loom}. \
         Refuted by one and not by the other: {}.",
        rows.len(),
        adopted.len(),
        count(Judge::Loom),
        count(Judge::Dpor),
        count(Judge::Rc11),
        rows.iter().filter(differs).count()
    );
    let ratios =
        |ratio: fn(&Row) -> Option<f64>| rows.iter().filter_map(|row| ratio(row)).collect::<Vec<_>>();
    if let (Some(executions), Some(time)) = (median(ratios(fewer)), median(ratios(sooner))) {
        let _ = write!(
            text,
            " Where both came to the end, loom had {executions:.1} times the executions and took {time:.1} times the time in the median."
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::time::Duration;

    use super::*;
    use crate::adopt::package::Package;

    fn outcome(verdict: Verdict, executions: u64, milliseconds: u64) -> Outcome {
        Outcome { verdict, executions: Some(executions), time: Duration::from_millis(milliseconds) }
    }

    fn some() -> Adopted {
        let row = |test: &str, loom, dpor| Row {
            test: test.to_owned(),
            outcomes: vec![(Judge::Loom, loom), (Judge::Dpor, dpor)],
        };
        let package = Package {
            name: "some".to_owned(),
            version: "1.0.0".to_owned(),
            source: PathBuf::new(),
            described: serde_json::Value::Null,
        };
        let both = row("both", outcome(Verdict::Proved, 300, 900), outcome(Verdict::Proved, 3, 9));
        let ours = row("ours", outcome(Verdict::Unfinished, 4_000, 1_000), outcome(Verdict::Proved, 20, 10));
        Adopted { package, rows: vec![both, ours], unseen: vec!["crate other".to_owned()] }
    }

    #[test]
    fn the_page_counts_what_each_engine_ended_and_says_the_ratio_only_where_both_did() {
        let missing = AdoptError::KnowsNoLoom { name: "none 1.0.0".to_owned() };
        let entries = [
            Entry { of: "some@1.0.0".to_owned(), result: Ok(some()) },
            Entry { of: "none@1.0.0".to_owned(), result: Err(missing) },
        ];
        let page = page(&entries, 10);
        assert!(page.contains("Exhausted: loom 1, dpor 2, rc11 0; by dpor and not by loom 1"), "{page}");
        assert!(
            page.contains(
                "`both` | proved, 300 executions, 0.90 s | proved, 3 executions, 0.01 s | - | 100.0 | 100.0 |"
            ),
            "{page}"
        );
        assert!(
            page.contains(
                "`ours` | not ended, 4000 executions, 1.00 s | proved, 20 executions, 0.01 s | - | - | - |"
            ),
            "{page}"
        );
        assert!(
            page.contains("some 1.0.0: crate other") && page.contains("none@1.0.0: none 1.0.0 knows no loom"),
            "{page}"
        );
    }

    #[test]
    fn a_list_has_a_crate_and_its_options_in_each_line() {
        let adopt = Line::try_parse_from(["x@1.0.0", "--time", "3"]).unwrap().adopt;
        let text = "# all of them\na@1.0.0 --features std,async # why\n\nb@2.0.0 --only fuzz\n";
        let read = lines(text, Path::new("list"), &adopt).unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!((read[0].features.len(), read[0].time, read[0].compare), (2, 3, true));
        assert_eq!(read[1].only.as_deref(), Some("fuzz"));
        let wrong = lines("a@1.0.0 --what\n", Path::new("list"), &adopt).unwrap_err().to_string();
        assert!(wrong.starts_with("list, line 1: "), "{wrong}");
    }
}
