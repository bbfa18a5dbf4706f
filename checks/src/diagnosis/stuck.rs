//! A blocking call that is not the runtime's.

use std::process;
use std::thread;
use std::time::Duration;

use crate::heartbeat;

/// The variable that says after how many seconds without a sign of life a job counts as stuck.
pub const STUCK_VARIABLE: &str = "CANCELPROOF_STUCK_SECONDS";

/// Seconds if nobody says. An execution takes well under a second, on a busy machine too.
const SECONDS: u64 = 20;

/// The exit code of a worker that is stuck.
const STUCK: i32 = 4;

/// Watches the jobs of this worker process from a thread of its own, and ends the process with an explanation when one of
/// them is stuck: whoever gave the job is then told what was said last. `is_busy` says whether a job is being done.
pub fn watch(is_busy: fn() -> bool) {
    let seconds = std::env::var(STUCK_VARIABLE).ok().and_then(|text| text.parse().ok()).unwrap_or(SECONDS);
    let mut before = None;
    let mut idle = 0;
    thread::spawn(move || {
        loop {
            thread::sleep(Duration::from_secs(1));
            let now = is_busy().then(heartbeat::beats);
            idle = if now.is_some() && now == before { idle + 1 } else { 0 };
            before = now;
            if idle >= seconds {
                eprintln!("{}", explain(seconds));
                process::exit(STUCK);
            }
        }
    });
}

fn explain(seconds: u64) -> String {
    let (thread, call) = heartbeat::latest_call();
    let place = heartbeat::latest_operation().map_or_else(String::new, |place| {
        format!(", after the operation at {}:{}", place.file(), place.line())
    });
    format!(
        "stuck: nothing has happened for {seconds} s in {call} of thread {thread}{place}. hint: a call there blocks the \
         engine's own thread (a lock, channel, join or sleep of std); use those of the runtime `R`"
    )
}
