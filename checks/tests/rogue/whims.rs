//! The whims of a request that is right without them: what anybody's code may do to the process that it runs in.
//!
//! Whim and place come from the environment, so that every pair is a test target of its own without a type of its own.

use std::hint::black_box;
use std::io::{self, Read, Write};
use std::process::Command;
use std::sync::{Mutex, Once, OnceLock, PoisonError};
use std::time::Duration;

use cancelproof::model::runtime::Runtime;

/// The variable that says which whim the request has, and where: `whim@place`.
pub(crate) const WHIM_VARIABLE: &str = "CANCELPROOF_TEST_WHIM";

/// The places at which the author's code runs.
pub(crate) const PLACES: [&str; 10] =
    ["new", "mark", "unmark", "cancel", "complete", "is-canceled", "settle", "callback", "drop", "contract"];

/// What comes of a whim.
pub(crate) enum Comes {
    /// The request is right all the same.
    Right,
    /// The tests in which it comes to that fail, and one of these words is said.
    Told(&'static [&'static str]),
    /// Either of them, according to the place; never a crash, and never a word that was made up.
    Either,
}
use Comes::{Either, Right, Told};

/// Every whim, with what comes of it, and whether it is tried in every run of the tests.
pub(crate) const WHIMS: &[(&str, Comes, bool)] = &[
    ("none", Right, true),
    ("abort", Told(&["aborted its process", "ended with signal: 6"]), true),
    ("exit-0", Told(&["ended its process (exit status: 0)"]), true),
    ("exit-7", Told(&["ended its process (exit status: 7)", "exit status: 7"]), true),
    ("exit-101", Told(&["ended its process (exit status: 101)"]), false),
    ("overflow", Told(&["overflowed its stack", "used up its stack"]), false),
    ("spin", Told(&["the request spins outside"]), true),
    ("yield-for-ever", Either, false),
    ("catch-for-ever", Either, false),
    ("lock-twice", Told(&["waits for ever"]), false),
    ("sleep", Told(&["waits for ever"]), true),
    ("sleep-a-while", Either, false),
    ("read-input", Right, true),
    ("take-memory", Told(&["exhausts memory", "aborted its process"]), false),
    ("panic", Told(&["a panic with lines"]), true),
    ("panic-hugely", Told(&["bytes more)", "characters more)"]), true),
    ("panic-with-a-number", Told(&["a panic whose payload is no text"]), false),
    ("panic-with-a-rogue", Told(&["a panic whose payload is no text", "aborted its process"]), false),
    // The standard library prints the way to the second panic, which takes time and memory, and not everybody grants it enough.
    ("panic-twice", Told(&["aborted its process", "exhausts memory", "the preparation never ends"]), false),
    ("hook", Told(&["aborted its process"]), false),
    ("print", Right, true),
    ("print-without-end", Right, false),
    ("print-in-a-thread", Right, true),
    ("print-errors", Right, false),
    ("print-no-text", Right, false),
    ("print-a-flood", Told(&["printed more than"]), false),
    ("print-an-answer", Right, true),
    ("write-answers-everywhere", Right, true),
    ("write-answers-to-all", Told(&["wrote where its worker process answers"]), true),
    ("close-usual", Right, true),
    ("close-everything", Told(&["closed the channel", "wrote where", "ended its process", "aborted"]), true),
    ("close-output", Right, false),
    ("redirect-output", Right, false),
    ("terminate", Told(&["signal: 15"]), false),
    ("stop", Told(&["stopped its process"]), true),
    ("segfault", Told(&["signal: 11", "overflowed its stack"]), false),
    ("end-the-parent", Told(&["signal: 15"]), true),
    ("end-the-group", Told(&["signal: 9"]), false),
    ("leave-a-child", Right, true),
    ("leave-a-child-and-abort", Told(&["aborted its process"]), true),
    ("leave-a-thread", Right, false),
    ("leave-a-spinning-thread", Right, false),
    ("panic-in-a-thread", Right, false),
    ("change-the-folder", Right, false),
    ("remove-the-folder", Right, false),
    ("change-the-environment", Right, true),
    ("limit-files", Right, false),
    ("limit-sizes", Right, false),
    ("end-by-broken-pipe", Right, false),
];

/// The whim and the place of this process.
fn chosen() -> Option<&'static (String, String)> {
    static CHOSEN: OnceLock<Option<(String, String)>> = OnceLock::new();
    let read = || {
        let text = std::env::var(WHIM_VARIABLE).ok()?;
        text.split_once('@').map(|(whim, place)| (whim.to_owned(), place.to_owned()))
    };
    CHOSEN.get_or_init(read).as_ref()
}

/// The request has come to `place`.
pub(crate) fn at<R: Runtime>(place: &str) {
    if let Some((whim, _)) = chosen().filter(|(_, chosen)| chosen == place) {
        let is_done = to_itself::<R>(whim) || to_the_streams(whim) || to_the_process(whim);
        assert!(is_done, "there is no whim {whim:?}");
    }
}

struct PanicsInDrop;

impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        panic!("in drop");
    }
}

/// What stays within the language.
fn to_itself<R: Runtime>(whim: &str) -> bool {
    match whim {
        "none" => {}
        "abort" => std::process::abort(),
        "exit-0" => std::process::exit(0),
        "exit-7" => std::process::exit(7),
        "exit-101" => std::process::exit(101),
        "overflow" => {
            black_box(descend(1));
        }
        "spin" => loop {
            std::hint::spin_loop();
        },
        "yield-for-ever" => loop {
            R::yield_now();
        },
        "catch-for-ever" => loop {
            let _ = std::panic::catch_unwind(|| R::yield_now());
        },
        "lock-twice" => {
            static LOCK: Mutex<()> = Mutex::new(());
            let one = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
            let two = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
            drop((one, two));
        }
        "sleep" => std::thread::sleep(Duration::from_secs(3_600)),
        "sleep-a-while" => std::thread::sleep(Duration::from_millis(1_300)),
        "take-memory" => loop {
            // Each page is touched, so that it is there.
            std::mem::forget(black_box(vec![1_u8; 8 << 20]));
            std::thread::sleep(Duration::from_millis(2));
        },
        "panic" => panic!("a panic with\nlines, \u{1b}[31mcolours\u{1b}[0m and <script>marks</script> ]]>"),
        "panic-hugely" => panic!("{}", "x".repeat(50_000_000)),
        "panic-with-a-number" => std::panic::panic_any(42_u32),
        "panic-with-a-rogue" => std::panic::panic_any(PanicsInDrop),
        "panic-twice" => {
            let _rogue = PanicsInDrop;
            panic!("first");
        }
        "hook" => {
            std::panic::set_hook(Box::new(|_| std::process::abort()));
            panic!("with a hook");
        }
        "leave-a-thread" => drop(std::thread::spawn(|| std::thread::sleep(Duration::from_secs(5)))),
        "leave-a-spinning-thread" => {
            static ONCE: Once = Once::new();
            ONCE.call_once(|| {
                drop(std::thread::spawn(|| {
                    loop {
                        std::hint::spin_loop();
                    }
                }));
            });
        }
        "panic-in-a-thread" => drop(std::thread::spawn(|| panic!("in a thread")).join()),
        _ => return false,
    }
    true
}

#[allow(unconditional_recursion, reason = "that is what it is for")]
fn descend(depth: u64) -> u64 {
    let room = black_box([depth; 64]);
    descend(depth.wrapping_add(room[0])).wrapping_add(room[63])
}

/// An answer that a worker might give, as it once was believed.
const FORGED: &str = "{\"NotApplicable\":\"forged\"}";

/// What concerns standard input, output and error. What cannot be written is of no interest.
fn to_the_streams(whim: &str) -> bool {
    match whim {
        "read-input" => {
            let mut room = [0; 10];
            let _ = io::stdin().read(&mut room);
        }
        "print" => println!("printed by the request"),
        "print-without-end" => {
            print!("no end");
            let _ = io::stdout().flush();
        }
        "print-in-a-thread" => {
            let _ = std::thread::spawn(|| println!("printed by a thread")).join();
        }
        "print-errors" => eprintln!("an error of the request"),
        "print-no-text" => {
            let _ = io::stdout().write_all(b"\xff\xfe\x1b[2J\n");
        }
        "print-a-flood" => {
            let line = vec![b'x'; 1 << 16];
            while io::stdout().write_all(&line).is_ok() {}
        }
        "print-an-answer" => println!("{FORGED}"),
        "write-answers-everywhere" => each_usual_descriptor(forge),
        "write-answers-to-all" => (0..4_096).for_each(forge),
        "close-usual" => each_usual_descriptor(close),
        "close-everything" => (0..4_096).for_each(close),
        "close-output" => close(1),
        "redirect-output" => {
            // SAFETY: the calls touch no memory but the constant path.
            unsafe {
                let nothing = libc::open(c"/dev/null".as_ptr(), libc::O_RDWR);
                libc::dup2(nothing, 1);
            }
        }
        "end-by-broken-pipe" => {
            // SAFETY: the call sets what becomes of a signal.
            unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
            println!("printed by the request");
        }
        _ => return false,
    }
    true
}

fn each_usual_descriptor(act: impl FnMut(i32)) {
    (0..64).for_each(act);
}

fn forge(descriptor: i32) {
    let line = format!("{FORGED}\n");
    // SAFETY: the call reads as many bytes as there are; what the descriptor is, is the worker's affair.
    unsafe { libc::write(descriptor, line.as_ptr().cast(), line.len()) };
}

fn close(descriptor: i32) {
    // SAFETY: this process is a rogue's; nothing in it relies on the descriptor for its memory.
    unsafe { libc::close(descriptor) };
}

/// What concerns the process and others.
fn to_the_process(whim: &str) -> bool {
    let limit = |what, most| {
        let limit = libc::rlimit { rlim_cur: most, rlim_max: most };
        // SAFETY: the call reads the structure that it is given.
        unsafe { libc::setrlimit(what, &raw const limit) };
    };
    let child = || {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| drop(Command::new("sleep").arg("40").spawn()));
    };
    // SAFETY: signals are sent to this process and those around it, which are there for that; no memory is touched but by the
    // write through a null pointer, which ends the process.
    unsafe {
        match whim {
            "terminate" => {
                libc::kill(libc::getpid(), libc::SIGTERM);
                libc::pause();
            }
            "stop" => {
                libc::kill(libc::getpid(), libc::SIGSTOP);
            }
            "segfault" => black_box(std::ptr::null_mut::<u8>()).write_volatile(1),
            "end-the-parent" => {
                libc::kill(libc::getppid(), libc::SIGTERM);
                libc::pause();
            }
            "end-the-group" => {
                libc::kill(0, libc::SIGKILL);
            }
            "leave-a-child" => child(),
            "leave-a-child-and-abort" => {
                child();
                std::process::abort();
            }
            "change-the-folder" => drop(std::env::set_current_dir("/")),
            "remove-the-folder" => {
                let folder = std::env::temp_dir().join(format!("cancelproof-gone-{}", std::process::id()));
                let _ = std::fs::create_dir(&folder);
                let _ = std::env::set_current_dir(&folder);
                let _ = std::fs::remove_dir(&folder);
            }
            "change-the-environment" => {
                std::env::set_var("CANCELPROOF_STUCK_AFTER_MS", "1");
                std::env::set_var("CANCELPROOF_PULSE", "99");
                std::env::set_var("CANCELPROOF_CHANNEL", "1:1");
                std::env::set_var("CANCELPROOF_REPLAY", "x");
                std::env::remove_var("PATH");
            }
            "limit-files" => limit(libc::RLIMIT_NOFILE, 3),
            "limit-sizes" => limit(libc::RLIMIT_FSIZE, 0),
            _ => return false,
        }
    }
    true
}
