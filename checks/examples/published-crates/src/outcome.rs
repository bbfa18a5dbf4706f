//! What a test has shown.

use crate::suites::Suite;

/// A test, and what the engines said of it.
pub struct Outcome {
    pub test: String,
    /// Whether the test passed.
    passed: bool,
    /// For each model of it: what was explored.
    pub models: Vec<String>,
    /// The first line of a failure.
    pub failure: Option<String>,
}

impl Outcome {
    /// Reads what was printed by a run of one test.
    pub fn read(test: &str, said: &str) -> Outcome {
        let explored = |line: &str| {
            let from = line.find(": proved: ").or_else(|| line.find(": bounded: "))?;
            Some(line[from + 2..].to_owned())
        };
        let passed = said.contains("test result: ok. 1 passed");
        let failure = (!passed).then(|| first_complaint(said));
        Outcome {
            test: test.to_owned(),
            passed,
            models: said.lines().filter_map(explored).collect(),
            failure,
        }
    }

    /// Whether all of it was explored, and nothing failed.
    fn is_proved(&self) -> bool {
        self.passed && !self.models.is_empty() && self.models.iter().all(|model| model.starts_with("proved"))
    }

    /// Whether it is refuted exactly if the suite says so.
    pub fn is_as_expected(&self, suite: &Suite) -> bool {
        self.passed == suite.refutation(&self.test).is_none()
    }

    /// How it came out, and how much was explored.
    pub fn in_words(&self) -> String {
        if let Some(failure) = &self.failure {
            let is_short = failure.contains("no execution came to its end");
            return if is_short {
                "nothing: the time was too short".to_owned()
            } else {
                format!("refuted: {failure}")
            };
        }
        match self.models.as_slice() {
            [] => "passed".to_owned(),
            [model] => model.clone(),
            models => {
                let how = if self.is_proved() { "proved" } else { "bounded" };
                format!("{how}, {} models; the last: {}", models.len(), models[models.len() - 1])
            }
        }
    }
}

/// What went wrong: the rule that is broken, the lines that the engine names, and which execution it was; or what was said
/// first.
fn first_complaint(said: &str) -> String {
    let mut lines = said.lines().map(str::trim).skip_while(|line| !line.contains(" is broken"));
    if let Some(rule) = lines.next().and_then(|line| line.split(" is broken").next()) {
        let complaint: Vec<&str> = lines.take_while(|line| !line.contains(", execution ")).collect();
        let mut places: Vec<String> = complaint.iter().flat_map(|line| places(line)).collect();
        places.dedup();
        let execution = said.lines().map(str::trim).find(|line| line.contains(", execution "));
        let by = execution.map_or(String::new(), |by| format!(", by {}", up_to_second_comma(by)));
        return format!("*{rule}*, at {}{by}", places.join(" and "));
    }
    let panic = said.lines().skip_while(|line| !line.contains("panicked at")).nth(1);
    let last = || said.lines().rfind(|line| !line.trim().is_empty());
    panic.or_else(last).unwrap_or("nothing was said").trim().to_owned()
}

/// The places of code in a line, each as the name of the file and the line.
fn places(line: &str) -> impl Iterator<Item = String> + '_ {
    line.split_whitespace().filter(|word| word.contains(".rs:")).filter_map(|word| {
        let name = word.rsplit('/').next()?.trim_end_matches(|last: char| !last.is_ascii_digit());
        let (file, rest) = name.split_once(':')?;
        let number = rest.split(':').next()?;
        Some(format!("`{file}:{number}`"))
    })
}

fn up_to_second_comma(text: &str) -> &str {
    text.match_indices(',').nth(1).map_or(text, |(end, _)| &text[..end])
}
