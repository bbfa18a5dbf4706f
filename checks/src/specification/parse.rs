//! The rows and pages as they are written: one a line, their parts between bars.

use super::{Grade, Page, Proof, Row, Section, Shown};

/// A line that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: expected {expected}, got {got:?}")]
pub struct Malformed {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What should be there.
    pub expected: &'static str,
    /// What is there.
    pub got: String,
}

/// Tests that many rows rest on, by a short name.
const TESTS: [(&str, &str, &str); 5] = [
    ("@table", "model/machine.rs", "the_whole_table_of_each_preset_is_reviewed"),
    ("@follows", "staircase/references.rs", "every_correct_request_follows_the_protocol_in_every_scenario"),
    ("@staircase", "staircase/faults.rs", "whatever_breaks_the_protocol_leaves_it"),
    ("@protocol", "protocol/counts.rs", "every_contract_and_every_client_keeps_every_property"),
    ("@protocol-faults", "protocol/faults.rs", "each_fault_breaks_its_property"),
];

pub(super) fn sections(file: &str, text: &str) -> Result<Vec<Section>, Malformed> {
    let mut sections: Vec<Section> = Vec::new();
    for (line, content) in lines(text) {
        let malformed =
            |expected| Malformed { file: file.to_owned(), line, expected, got: content.to_owned() };
        if let Some(title) = content.strip_prefix("# ") {
            sections.push(Section { title: title.to_owned(), source: String::new(), rows: Vec::new() });
            continue;
        }
        let section = sections.last_mut().ok_or_else(|| malformed("a section before its rows"))?;
        let parts: Vec<&str> = content.split('|').map(str::trim).collect();
        let [item, grade, statement, proofs, remark] = parts[..] else {
            return Err(malformed("item | grade | statement | proofs | remark"));
        };
        section.rows.push(Row {
            item: item.to_owned(),
            grade: self::grade(grade).ok_or_else(|| malformed("a grade from A to D"))?,
            statement: statement.to_owned(),
            proofs: proofs.split(", ").filter(|proof| !proof.is_empty()).map(proof).collect(),
            remark: remark.to_owned(),
        });
    }
    Ok(sections)
}

/// Where the section of that title is from; empty if nothing says so.
pub(super) fn source(text: &str, title: &str) -> String {
    let of_title = |(_, line): (usize, &str)| {
        let (known, source) = line.split_once(" | ")?;
        (known == title).then(|| source.to_owned())
    };
    lines(text).find_map(of_title).unwrap_or_default()
}

pub(super) fn pages(file: &str, text: &str) -> Result<Vec<Page>, Malformed> {
    let page = |(line, content): (usize, &str)| {
        let parts: Vec<&str> = content.split('|').map(str::trim).collect();
        let [name, sets, statement, scenario, fault, remark] = parts[..] else {
            return Err(Malformed {
                file: file.to_owned(),
                line,
                expected: "name | sets | statement | scenario | fault | remark",
                got: content.to_owned(),
            });
        };
        let shown =
            (!scenario.is_empty()).then(|| Shown { scenario: scenario.to_owned(), fault: fault.to_owned() });
        let [name, sets, statement, remark] = [name, sets, statement, remark].map(str::to_owned);
        Ok(Page { name, sets, statement, shown, remark })
    };
    lines(text).map(page).collect()
}

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text.lines().enumerate().map(|(place, line)| (place + 1, line.trim()));
    numbered.filter(|(_, line)| !line.is_empty())
}

fn grade(text: &str) -> Option<Grade> {
    match text {
        "A" => Some(Grade::Source),
        "B" => Some(Grade::Documentation),
        "C" => Some(Grade::Observation),
        "D" => Some(Grade::Inference),
        _ => None,
    }
}

fn proof(text: &str) -> Proof {
    let proof_by = |file: &str, name: &str| Proof::Test { file: file.to_owned(), name: name.to_owned() };
    if let Some((_, file, name)) = TESTS.iter().find(|(short, _, _)| *short == text) {
        return proof_by(file, name);
    }
    match text.split_once(':') {
        Some(("fault", name)) => Proof::Fault(name.to_owned()),
        Some(("rule", name)) => Proof::Rule(name.to_owned()),
        Some(("test", path)) => {
            let (file, name) = path.split_once("::").unwrap_or((path, ""));
            proof_by(file, name)
        }
        _ => Proof::Scenario(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_not_understood_is_named() {
        let error = sections("x.txt", "# 1\nR1 | A | two parties").unwrap_err();
        assert_eq!(
            error.to_string(),
            "x.txt:2: expected item | grade | statement | proofs | remark, got \"R1 | A | two parties\""
        );
        assert_eq!(sections("x.txt", "R1 | A | b | c |").unwrap_err().line, 1);
        assert_eq!(sections("x.txt", "# 1\nR1 | E | b | c |").unwrap_err().expected, "a grade from A to D");
        assert_eq!(pages("x.txt", "\nname | sets").unwrap_err().line, 2);
    }
}
