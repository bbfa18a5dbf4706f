//! The ledger of an author's own tests. This program has no harness, so it can be somebody's test target.

use std::path::Path;
use std::process::{Command, ExitCode};

use cancelproof::front_door::{self, Options};
use cancelproof::judge::Engine;
use cancelproof::ledger::{self, Ledger};
use cancelproof::report::{self, Results};
use cancelproof::subject::Subject;
use libtest_mimic::Failed;

use crate::SUITE_OF;

/// A suite that is over soon.
pub(crate) fn suite(subject: &'static dyn Subject) -> ExitCode {
    let options = Options::default()
        .scenarios(["mark-cancel", "marked-two-cancels"])
        .engines([Engine::Dpor, Engine::ShuttleRandom])
        .samples(40);
    front_door::main(subject, options)
}

/// Runs the suite of a request, with a folder for ledgers, and says how that ended.
fn run(request: &str, folder: &Path, arguments: &[&str]) -> Result<(Option<i32>, String), Failed> {
    let output = Command::new(std::env::current_exe()?)
        .env(SUITE_OF, request)
        .env("CANCELPROOF_LEDGER", folder)
        .args(arguments)
        .output()?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ok((output.status.code(), text(&output.stdout) + &text(&output.stderr)))
}

fn read(path: &Path) -> Result<Ledger, Failed> {
    ledger::read(path)?.ok_or_else(|| format!("there is no {}", path.display()).into())
}

pub(crate) fn whole() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("behaves.json");
    let (code, printed) = run("behaves", folder.path(), &[])?;
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.ends_with(&format!("ledger: {}\n", path.display())), "{printed}");
    let fresh = read(&path)?;
    let titles: Vec<String> = fresh.results.iter().map(ledger::Record::title).collect();
    let expected = [
        "behaves / mark-cancel / dpor",
        "behaves / mark-cancel / shuttle-random",
        "behaves / marked-two-cancels / dpor",
        "behaves / marked-two-cancels / shuttle-random",
    ];
    assert_eq!(titles, expected);
    let words: Vec<&str> = fresh.results.iter().map(|result| result.verdict.word.as_str()).collect();
    assert_eq!(words, ["proved", "sampled", "proved", "sampled"]);
    assert!(fresh.engines.len() == 2 && fresh.engines.iter().all(|engine| engine.canary == "seen"));
    let print = fresh.requests[0].fingerprint.as_ref().expect("it has a fingerprint");
    assert!(print.behaviour.is_some() && print.source.is_some(), "{print:?}");

    let audit = |change: &dyn Fn(&mut Ledger)| -> Result<(Option<i32>, String), Failed> {
        let mut changed = fresh.clone();
        change(&mut changed);
        let path = folder.path().join("changed.json");
        ledger::write(&path, &changed)?;
        run("behaves", folder.path(), &["audit", path.to_str().expect("the path is text")])
    };
    let (code, printed) = audit(&|_| {})?;
    assert!(code == Some(0) && printed.ends_with("holds; 4 judgements found again\n"), "{printed}");
    let (code, printed) = audit(&|ledger| ledger.results[0].executions += 1)?;
    assert!(code == Some(101) && printed.contains("behaves / mark-cancel / dpor: executions: "), "{printed}");

    // A test that has been there and is not run any more.
    let mut last = fresh.clone();
    last.results[0].scenario = Some("a-scenario-of-old".to_owned());
    ledger::write(&path, &last)?;
    let (code, printed) = run("behaves", folder.path(), &[])?;
    assert_eq!(code, Some(101), "{printed}");
    assert!(printed.contains("behaves / a-scenario-of-old / dpor\nthese judgements of "), "{printed}");
    assert_eq!(read(&path)?, last, "the last ledger is kept");
    assert_eq!(read(&folder.path().join("behaves.rejected.json"))?, fresh, "two runs write the same");

    // A newer one is refused before the tests.
    std::fs::write(&path, "{\"layout\": 99}")?;
    let (code, printed) = run("behaves", folder.path(), &[])?;
    assert!(
        code == Some(2) && printed.lines().count() == 1 && printed.contains("newer version"),
        "{printed}"
    );
    Ok(())
}

pub(crate) fn parts() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let of = |name: &str| folder.path().join(name);
    for test in ["mark-cancel::dpor", "marked-two-cancels::dpor"] {
        let (code, printed) = run("locked-fires-twice", folder.path(), &[test, "--exact"])?;
        assert_eq!(code, Some(if test.starts_with("marked") { 101 } else { 0 }), "{printed}");
    }
    let paths = ["mark-cancel--dpor", "marked-two-cancels--dpor"]
        .map(|part| of(&format!("locked-fires-twice.{part}.json")));
    let together = Results::read_all(&paths)?;
    assert_eq!((together.ledger.results.len(), together.ledger.findings.len()), (2, 1));
    assert!(report::sarif(&together).contains("\"ruleId\": \"exactly-once\""));
    Ok(())
}
