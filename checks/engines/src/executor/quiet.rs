//! Panics inside an engine are results, not accidents: they are caught, reported by the engine, and not printed.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{self, PanicHookInfo, UnwindSafe};
use std::sync::Once;

use crate::arena;
use crate::plain;

thread_local! {
    /// Whether a panic on this thread is an engine's affair.
    pub(crate) static INSIDE: Cell<bool> = const { Cell::new(false) };
    /// The words of the last two panics that were an engine's affair, the later one last.
    static WORDS: RefCell<[String; 2]> = const { RefCell::new([const { String::new() }; 2]) };
    /// Where the last panic of this thread came from that was an engine's affair.
    static LAST: Cell<Option<String>> = const { Cell::new(None) };
}

/// Where the last panic of this thread came from that was an engine's affair.
pub(crate) fn last_panic() -> Option<String> {
    let last = LAST.take();
    LAST.set(last.clone());
    last
}

/// So much is kept of the words of a panic.
const WORDS_MAX: usize = 1_000;

/// Runs `explore` and returns the message of its panic, if it panics; nothing is printed.
pub(crate) fn catch(explore: impl FnOnce() + UnwindSafe) -> Result<(), String> {
    install_hook();
    let before = INSIDE.replace(true);
    let result = panic::catch_unwind(explore);
    INSIDE.set(before);
    result.map_err(plain::said)
}

/// Installs, once for the process, a hook that keeps silent while an engine runs on the panicking thread and hands
/// every other panic to the hook that was there before.
///
/// shuttle wraps whatever hook it finds at its first run and from then on prints a line for every panic of the
/// process. So its first run happens here, around a hook of no importance, and what it installs is thrown away.
pub(crate) fn install_hook() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let previous = panic::take_hook();
        #[cfg(feature = "shuttle")]
        let_shuttle_install_its_hook();
        panic::set_hook(Box::new(move |panic| {
            let _paused = arena::pause();
            if !INSIDE.get() {
                previous(panic);
            } else if ends_the_process(panic) {
                // Nobody will catch this one, and what led to it has been kept silent.
                WORDS.with_borrow(|[first, second]| {
                    eprintln!("cancelproof: a panic while another one was under way: {first}; then {second}");
                });
                previous(panic);
            } else {
                LAST.set(panic.location().map(ToString::to_string));
                WORDS.with_borrow_mut(|words| {
                    words.swap(0, 1);
                    words[1] = in_words(panic);
                });
            }
        }));
    });
}

/// Whether the standard library is about to end the process because a panic met another one, or must not go on.
fn ends_the_process(panic: &PanicHookInfo<'_>) -> bool {
    let message = message(panic.payload());
    message == "panic in a destructor during cleanup" || message == "panic in a function that cannot unwind"
}

fn in_words(panic: &PanicHookInfo<'_>) -> String {
    let said = plain::line(&message(panic.payload()), WORDS_MAX);
    panic.location().map_or_else(|| said.clone(), |location| format!("{said} at {location}"))
}

/// Has shuttle run once around a hook of no importance, and throws away what it installs.
#[cfg(feature = "shuttle")]
fn let_shuttle_install_its_hook() {
    let nothing = panic::catch_unwind(|| {
        let mut config = shuttle::Config::new();
        config.failure_persistence = shuttle::FailurePersistence::None;
        shuttle::Runner::new(shuttle::scheduler::RandomScheduler::new_from_seed(0, 1), config).run(|| ());
    });
    drop(nothing);
    drop(panic::take_hook());
}

/// The message of a panic, fit to be shown.
pub(crate) fn message(payload: &(dyn Any + Send)) -> String {
    plain::message(payload)
}
