//! Annotations of GitHub's: one line each, shown beside the line of code that they name.

use super::{Results, place, relative, trouble};
use crate::ledger::{Finding, Record};

/// One command of a workflow for each thing that is not as it should be.
#[must_use]
pub fn github(results: &Results) -> String {
    let ledger = &results.ledger;
    let shown = |record: &&Record| !record.is_as_expected() && super::finding(ledger, record).is_none();
    let engines = ledger.engines.iter().filter(|engine| engine.canary != "seen");
    let blind = engines.map(|engine| annotation("", &format!("canary / {}", engine.name), &engine.canary));
    let findings = ledger.findings.iter().map(of_finding);
    let others = ledger.results.iter().filter(shown);
    let others = others.map(|record| annotation("", &record.title(), &trouble(record)));
    blind.chain(findings).chain(others).collect()
}

fn of_finding(finding: &Finding) -> String {
    let trace = &finding.trace;
    let header = &trace.header;
    let place = place(trace).map(|place| {
        format!("file={},line={},col={},", property(&relative(&place.file)), place.line, place.column)
    });
    let (rule, text) =
        header.broken.as_ref().map_or(("a rule", ""), |broken| (&broken.rule, &broken.explanation));
    let why: Vec<String> = trace.why.iter().flat_map(|why| why.sentences.iter().cloned()).collect();
    let title = format!("{} breaks {rule}", header.request);
    let message = format!(
        "{text}\n{}\nin {}\nreplay: cancelproof replay {}",
        why.join("\n"),
        header.program,
        finding.token
    );
    annotation(&place.unwrap_or_default(), &title, &message)
}

fn annotation(place: &str, title: &str, message: &str) -> String {
    format!("::error {place}title={}::{}\n", property(title), data(message))
}

/// Text after the two colons: only what ends a line has to be escaped.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text between commas and colons.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_ends_its_line_or_its_property() {
        let line = annotation("", "a,b::c", "100%\n::error::no");
        assert_eq!(line, "::error title=a%2Cb%3A%3Ac::100%25%0A::error::no\n");
    }
}
