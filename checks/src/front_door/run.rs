//! Runs the tests of a target, and tells what failed by its cause: nineteen tests that fail for one reason are one counterexample.
//!
//! What is printed for each test, and the line with the result, are those of Rust's own harness, so that whoever reads them
//! goes on reading them. Where a program reads, a list or events as JSON, libtest-mimic does the whole.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Instant;

use libtest_mimic::{Arguments, ColorSetting, Failed, FormatSetting, Trial};

use super::causes::{self, Failing};
use super::showing::Trouble;

/// What a test does.
type Check = Box<dyn FnOnce() -> Result<(), Trouble> + Send>;

/// A named test.
pub(super) struct Test {
    name: String,
    kind: String,
    is_ignored: bool,
    check: Check,
}

impl Test {
    pub(super) fn new(
        name: String,
        kind: &str,
        check: impl FnOnce() -> Result<(), Trouble> + Send + 'static,
    ) -> Self {
        Test { name, kind: kind.to_owned(), is_ignored: false, check: Box::new(check) }
    }

    pub(super) fn ignored(self, is_ignored: bool) -> Self {
        Test { is_ignored, ..self }
    }

    /// The test as the harness knows it, which decides by this whether it is asked for.
    fn described(&self) -> Trial {
        let trial = Trial::test(self.name.clone(), || Ok(()));
        trial.with_kind(self.kind.clone()).with_ignored_flag(self.is_ignored)
    }

    fn into_trial(self) -> Trial {
        let check = self.check;
        let run = move || check().map_err(|trouble| Failed::from(trouble.words));
        Trial::test(self.name, run).with_kind(self.kind).with_ignored_flag(self.is_ignored)
    }

    /// The words before the result.
    fn title(&self) -> String {
        if self.kind.is_empty() { self.name.clone() } else { format!("[{}] {}", self.kind, self.name) }
    }
}

/// What became of a test.
enum Became {
    Passed,
    Ignored,
    Failed(Trouble),
}

/// How many tests came to what.
#[derive(Default)]
struct Tally {
    passed: usize,
    ignored: usize,
    filtered_out: usize,
    failing: Vec<Failing>,
}

/// Runs the tests that the arguments ask for.
pub(super) fn run(arguments: &Arguments, tests: Vec<Test>) -> ExitCode {
    let is_for_programs = arguments.format == Some(FormatSetting::Json) || arguments.logfile.is_some();
    if arguments.list || is_for_programs {
        return libtest_mimic::run(arguments, tests.into_iter().map(Test::into_trial).collect()).exit_code();
    }
    let begin = Instant::now();
    let all = tests.len();
    let asked: Vec<Test> =
        tests.into_iter().filter(|test| !arguments.is_filtered_out(&test.described())).collect();
    let mut tally = Tally { filtered_out: all - asked.len(), ..Tally::default() };
    let screen = Screen::new(arguments, &asked);
    Screen::begin(asked.len());
    run_all(arguments, asked, |title, name, became| {
        screen.say(title, &became);
        match became {
            Became::Passed => tally.passed += 1,
            Became::Ignored => tally.ignored += 1,
            Became::Failed(trouble) => tally.failing.push(Failing { test: name, trouble }),
        }
    });
    screen.end(&tally, begin);
    if tally.failing.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(super::FAILED) }
}

/// Runs all tests on as many threads as are asked for, and tells what becomes of each as it ends.
fn run_all(arguments: &Arguments, tests: Vec<Test>, mut told: impl FnMut(&str, String, Became)) {
    let available = || thread::available_parallelism().map_or(1, NonZero::get);
    let threads = arguments.test_threads.unwrap_or_else(available).max(1);
    let queue = Mutex::new(tests.into_iter());
    let (sender, receiver) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads {
            let (queue, sender) = (&queue, sender.clone());
            scope.spawn(move || {
                loop {
                    let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some(test) = next else { break };
                    let (title, name) = (test.title(), test.name.clone());
                    let is_ignored = arguments.is_ignored(&test.described());
                    let became = if is_ignored { Became::Ignored } else { run_one(test.check) };
                    // The receiver lives until all senders have gone.
                    let _ = sender.send((title, name, became));
                }
            });
        }
        drop(sender);
        for (title, name, became) in receiver {
            told(&title, name, became);
        }
    });
}

fn run_one(check: Check) -> Became {
    match catch_unwind(AssertUnwindSafe(check)) {
        Ok(Ok(())) => Became::Passed,
        Ok(Err(trouble)) => Became::Failed(trouble),
        Err(payload) => {
            let text = payload.downcast_ref::<String>().map(String::as_str);
            let text = text.or(payload.downcast_ref::<&str>().copied()).unwrap_or("without a message");
            Became::Failed(("tool failure", format!("the test panicked: {text}")).into())
        }
    }
}

/// Where the results go.
struct Screen {
    width: usize,
    has_colour: bool,
    is_terse: bool,
}

impl Screen {
    fn new(arguments: &Arguments, tests: &[Test]) -> Self {
        let has_colour = match arguments.color.unwrap_or(ColorSetting::Auto) {
            ColorSetting::Always => true,
            ColorSetting::Never => false,
            ColorSetting::Auto => io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none(),
        };
        Screen {
            width: tests.iter().map(|test| test.title().chars().count()).max().unwrap_or(0),
            has_colour,
            is_terse: arguments.quiet || arguments.format == Some(FormatSetting::Terse),
        }
    }

    /// A reader that has gone is no error: what is found stands in the exit code.
    fn print(text: fmt::Arguments<'_>) {
        let mut out = io::stdout().lock();
        let _ = out.write_fmt(text).and_then(|()| out.flush());
    }

    fn begin(number: usize) {
        let plural = if number == 1 { "" } else { "s" };
        Self::print(format_args!("\nrunning {number} test{plural}\n"));
    }

    fn say(&self, title: &str, became: &Became) {
        if self.is_terse {
            let letter = match became {
                Became::Passed => '.',
                Became::Ignored => 'i',
                Became::Failed(_) => 'F',
            };
            Self::print(format_args!("{letter}"));
            return;
        }
        let word = match became {
            Became::Passed => self.coloured("ok", "\u{1b}[32m"),
            Became::Ignored => self.coloured("ignored", "\u{1b}[33m"),
            Became::Failed(_) => self.coloured("FAILED", "\u{1b}[31m"),
        };
        Self::print(format_args!("test {title:<width$} ... {word}\n", width = self.width));
    }

    fn coloured(&self, word: &str, colour: &str) -> String {
        if self.has_colour { format!("{colour}{word}\u{1b}[0m") } else { word.to_owned() }
    }

    fn end(&self, tally: &Tally, begin: Instant) {
        if !tally.failing.is_empty() {
            Self::print(format_args!("\n\nfailures:\n\n{}", causes::told(&tally.failing)));
        }
        let Tally { passed, ignored, filtered_out, failing } = tally;
        let word = if failing.is_empty() {
            self.coloured("ok", "\u{1b}[32m")
        } else {
            self.coloured("FAILED", "\u{1b}[31m")
        };
        Self::print(format_args!(
            "\ntest result: {word}. {passed} passed; {} failed; {ignored} ignored; 0 measured; {filtered_out} filtered out; \
             finished in {:.2}s\n\n",
            failing.len(),
            begin.elapsed().as_secs_f64()
        ));
    }
}
