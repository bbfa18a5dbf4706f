//! Every whim at every place, through the front door: each is reported as what it is or passed; none ends, stops or slows the
//! target, and none is believed.

use std::io::Read;
use std::process::{Command, ExitCode, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::{Duration, Instant};

use cancelproof::front_door::{self, Options};
use cancelproof::judge::Engine;
use cancelproof::subject::Subject;
use libtest_mimic::Failed;

use crate::SUITE_OF;
use crate::whims::{Comes, PLACES, WHIM_VARIABLE, WHIMS};

/// The variable by which all pairs are tried, with all engines; without it only some are, with one.
const ALL_VARIABLE: &str = "CANCELPROOF_TEST_WHIMS";

/// What a target may take: it has a few tests, of which two may be stuck, on a machine that has other work too.
const LIMIT: Duration = Duration::from_secs(60);

/// What it may print, in bytes.
const PRINTED_MAX: usize = 256 << 10;

/// The suite of a request with a whim: its scenarios come to every place.
pub(crate) fn suite(subject: &'static dyn Subject) -> ExitCode {
    let options = Options::default()
        .scenarios(["mark-cancel", "worker-unmarks-cancel", "cancel-then-is-canceled"])
        .engines(engines())
        .samples(20);
    front_door::main(subject, options)
}

fn is_whole() -> bool {
    std::env::var_os(ALL_VARIABLE).is_some()
}

fn engines() -> Vec<Engine> {
    if is_whole() {
        vec![Engine::Loom, Engine::Shuttle, Engine::Dpor, Engine::Rc11]
    } else {
        vec![Engine::Dpor]
    }
}

/// What a target did.
struct Seen {
    status: Option<ExitStatus>,
    printed: String,
    time: Duration,
}

fn run(whim: &str, place: &str) -> Result<Seen, Failed> {
    let begun = Instant::now();
    let mut target = Command::new(std::env::current_exe()?)
        .env(SUITE_OF, "hostile")
        .env(WHIM_VARIABLE, format!("{whim}@{place}"))
        .arg("--test-threads=2")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let (send, parts) = mpsc::channel();
    let mut streams: Vec<Box<dyn Read + Send>> = Vec::new();
    streams.extend(target.stdout.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>));
    streams.extend(target.stderr.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>));
    for mut stream in streams {
        let send = send.clone();
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = stream.read_to_end(&mut bytes);
            let _ = send.send(bytes);
        });
    }
    drop(send);
    while target.try_wait()?.is_none() && begun.elapsed() < LIMIT {
        std::thread::sleep(Duration::from_millis(5));
    }
    let time = begun.elapsed();
    let status = target.try_wait()?;
    if status.is_none() {
        target.kill()?;
        target.wait()?;
    }
    // Whoever holds the pipe of a target that has ended was started by the request.
    let mut printed = Vec::new();
    while let Ok(bytes) = parts.recv_timeout(Duration::from_secs(5)) {
        printed.extend(bytes);
    }
    Ok(Seen { status, printed: String::from_utf8_lossy(&printed).into_owned(), time })
}

/// What is wrong with how a target took a whim.
fn wrong(whim: &str, place: &str, comes: &Comes) -> Result<Option<String>, Failed> {
    let Seen { status, printed, time } = run(whim, place)?;
    let code = status.and_then(|status| status.code());
    let summary =
        printed.contains("test result: ") || (place == "contract" && printed.starts_with("error: "));
    let told = match comes {
        Comes::Right => code == Some(0),
        Comes::Told(words) => code == Some(101) && words.iter().any(|words| printed.contains(words)),
        Comes::Either => matches!(code, Some(0 | 101)),
    };
    let is_sober = !printed.contains('\u{1b}')
        && printed.len() <= PRINTED_MAX
        && !printed.contains("not applicable: forged");
    let is_right = told && summary && is_sober && time < LIMIT;
    Ok((!is_right).then(|| {
        let shown: String = printed.chars().take(3_000).collect();
        format!("{whim} at {place}: {status:?} after {time:?}, {} bytes printed:\n{shown}", printed.len())
    }))
}

/// The pairs that are tried.
fn pairs() -> Vec<(&'static str, &'static str, &'static Comes)> {
    let all = WHIMS.iter().enumerate().flat_map(|(number, (whim, comes, is_usual))| {
        let places = PLACES.into_iter().enumerate().filter(move |(place, _)| {
            // Each whim is tried at one place, and each place has several.
            is_whole() || (*is_usual && place % PLACES.len() == number % PLACES.len())
        });
        places.map(move |(_, place)| (*whim, place, comes))
    });
    all.collect()
}

pub(crate) fn matrix() -> Result<(), Failed> {
    let (pairs, next, found) = (pairs(), AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((whim, place, comes)) = pairs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let wrong = wrong(whim, place, comes).unwrap_or_else(|error| {
                        Some(format!("{whim} at {place}: {}", error.message().unwrap_or_default()))
                    });
                    if is_whole() {
                        eprintln!(
                            "{whim} at {place}: {}",
                            if wrong.is_some() { "WRONG" } else { "as it should be" }
                        );
                    }
                    found.lock().unwrap_or_else(PoisonError::into_inner).extend(wrong);
                }
            });
        }
    });
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    if found.is_empty() {
        Ok(())
    } else {
        Err(format!("{} of {}:\n{}", found.len(), pairs.len(), found.join("\n\n")).into())
    }
}

/// The variable by which the processes of [`ends_with_target`] are known from all others.
#[cfg(target_os = "linux")]
const MARK: &str = "CANCELPROOF_TEST_MARK";

/// Whether a process was started with that variable.
#[cfg(target_os = "linux")]
fn is_marked(process: &str) -> bool {
    let environment = std::fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
    String::from_utf8_lossy(&environment).contains(&format!("{MARK}={}\0", std::process::id()))
}

/// A target that is killed takes its workers with it.
#[cfg(target_os = "linux")]
pub(crate) fn ends_with_target() -> Result<(), Failed> {
    let processes = || {
        let names = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        names.filter(|entry| is_marked(&entry.file_name().to_string_lossy())).count()
    };
    let soon = |is_so: &dyn Fn(usize) -> bool| {
        let begun = Instant::now();
        while !is_so(processes()) && begun.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(20));
        }
        processes()
    };
    let mut target = Command::new(std::env::current_exe()?)
        .env("CANCELPROOF_STUCK_AFTER_MS", "60000")
        .env(SUITE_OF, "hostile")
        .env(WHIM_VARIABLE, "sleep@callback")
        .env(MARK, std::process::id().to_string())
        .arg("mark-cancel")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    // The target itself, and a keeper and a worker at least.
    let before = soon(&|count| count >= 3);
    target.kill()?;
    target.wait()?;
    let after = soon(&|count| count == 0);
    if before >= 3 && after == 0 { Ok(()) } else { Err(format!("{before} before, {after} after").into()) }
}

/// What a request prints stands under the failure that it belongs to, and nowhere else.
pub(crate) fn printed() -> Result<(), Failed> {
    let Seen { printed, .. } = run("panic-twice", "cancel")?;
    assert!(printed.contains("the request printed ") && printed.contains("\n  | "), "{printed}");
    let Seen { printed, .. } = run("print", "cancel")?;
    assert!(!printed.contains("printed by the request"), "{printed}");
    Ok(())
}
