//! A thorough gate that is killed on its way, again and again, proves what it proves in one go, in as many executions.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::place::Place;
use crate::support::program;

/// How often each gate is killed.
const KILLS: u64 = 3;

/// A request and a scenario of which the engine runs several times as many executions as lie between two times at which it is
/// written down how far it has come.
fn gate(engine: &str) -> Vec<&str> {
    let (request, scenario) = match engine {
        "loom" => ("word-scoped", "mark-complete-cancel"),
        _ => ("exchange", "mark-finish-two-cancels"),
    };
    vec![
        "gate",
        "--thorough",
        "--request",
        request,
        "--scenario",
        scenario,
        "--engine",
        engine,
        "--ledger",
        "ledger.json",
        "--kept",
        "none.txt",
    ]
}

/// The executions before the position that is kept in a folder.
fn kept(folder: &Path) -> Option<u64> {
    let json = |path: &Path| path.extension().is_some_and(|extension| extension == "json");
    let file = fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).find(|path| json(path))?;
    let kept: serde_json::Value = serde_json::from_slice(&fs::read(file).ok()?).ok()?;
    kept["state"]["Underway"]["position"]["executions"].as_u64()
}

/// Begins a gate, and kills it as soon as it has come further than `from`. Returns how far it had come.
fn kill_on_the_way(place: &Place, arguments: &[&str], from: u64) -> u64 {
    let mut gate = Command::new(program())
        .args(arguments)
        .current_dir(place.folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    let begin = Instant::now();
    let reached = loop {
        let reached = kept(&place.folder.path().join("witness")).filter(|&reached| reached > from);
        if let Some(reached) = reached {
            break reached;
        }
        assert!(gate.try_wait().expect("it is our child").is_none(), "it ended before it was killed");
        assert!(begin.elapsed() < Duration::from_secs(300), "it came no further than {from}");
        std::thread::sleep(Duration::from_millis(5));
    };
    gate.kill().expect("it is our child");
    gate.wait().expect("it is our child");
    reached
}

fn killed_and_resumed(engine: &str) {
    let place = Place::new();
    let resume: Vec<&str> = [&gate(engine)[..], &["--resume"]].concat();
    let mut reached = 0;
    for _ in 0..KILLS {
        let further = kill_on_the_way(&place, &resume, reached);
        assert!(further > reached, "{engine}");
        reached = further;
    }
    let (code, printed) = place.run(&resume);
    assert_eq!(code, Some(0), "{printed}");
    assert!(printed.starts_with("resumed: 1 judgements of loom and shuttle go on"), "{printed}");
    assert!(printed.ends_with("gate passed: 1 request proved, 0 vacuous, 0 bounded\n"), "{printed}");
    let parted = place.read();
    // What has come to its end is taken as it is.
    let (code, printed) = place.run(&resume);
    assert_eq!(code, Some(0), "{printed}");
    assert!(
        printed.contains("go on where they were interrupted, and 1 came to their end before"),
        "{printed}"
    );
    assert_eq!(place.read().results, parted.results, "{engine}");
    // Without the option everything is begun anew.
    let (code, printed) = place.run(&gate(engine));
    assert_eq!(code, Some(0), "{printed}");
    assert!(!printed.contains("resumed"), "{printed}");
    assert_eq!(place.read().results, parted.results, "{engine}");
    assert!(parted.results.iter().all(|result| result.executions > reached), "{engine}");
}

#[test]
fn loom_goes_on_where_it_was_killed() {
    killed_and_resumed("loom");
}

#[test]
fn shuttle_goes_on_where_it_was_killed() {
    killed_and_resumed("shuttle");
}

#[test]
fn to_resume_is_refused_where_nothing_is_kept() {
    let place = Place::new();
    let (code, printed) = place.run(&["gate", "--resume"]);
    assert_eq!(code, Some(2), "{printed}");
    assert!(printed.contains("--thorough"), "{printed}");
}
