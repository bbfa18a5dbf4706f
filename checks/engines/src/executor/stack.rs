//! Stacks for tasks: pooled, each with a guard page below it, and a clear message when a task runs into one.

use core::sync::atomic::{AtomicUsize, Ordering};
use std::io;
use std::sync::OnceLock;

use corosensei::stack::{DefaultStack, Stack};

use super::Task;

/// The stack of a task unless another size is asked for: 1 MiB. Pages that are not touched cost nothing.
pub const STACK_BYTES_DEFAULT: usize = 1 << 20;

/// The variable that enlarges the stacks of all modelled threads whose size nobody has set, in KiB.
const STACK_VARIABLE: &str = "CANCELPROOF_STACK_KIB";

/// The least that is given: what a panic needs to be reported.
const STACK_KIB_MIN: usize = 64;

/// The most that is given, so that a number of many digits is no reason to run out of memory.
const STACK_KIB_MAX: usize = 1 << 20;

/// The stack of a modelled thread: what the variable `CANCELPROOF_STACK_KIB` says, read once in each process, or
/// [`STACK_BYTES_DEFAULT`].
#[must_use]
pub fn stack_bytes_default() -> usize {
    static BYTES: OnceLock<usize> = OnceLock::new();
    *BYTES.get_or_init(|| {
        let said = std::env::var(STACK_VARIABLE).ok().and_then(|text| text.trim().parse::<usize>().ok());
        said.map_or(STACK_BYTES_DEFAULT, |kib| kib.clamp(STACK_KIB_MIN, STACK_KIB_MAX) << 10)
    })
}

/// So many stacks of abandoned tasks are left alone for good in one process.
const LOST_MAX: usize = 1_000;

/// The stacks of one executor.
pub(super) struct StackPool {
    free: Vec<DefaultStack>,
    bytes: usize,
}

impl StackPool {
    pub(super) fn new(bytes: usize) -> Self {
        overflow::install();
        StackPool { free: Vec::new(), bytes }
    }

    pub(super) fn take(&mut self) -> io::Result<DefaultStack> {
        if let Some(stack) = self.free.pop() {
            return Ok(stack);
        }
        let stack = DefaultStack::new(self.bytes)?;
        overflow::register(stack.limit().get(), self.bytes);
        Ok(stack)
    }

    /// Takes a task that never runs again. Dropping it would unwind it, which runs code and asks for operations.
    ///
    /// Nor is its stack used again, because something that outlives the execution may refer to it; but a process may
    /// have a few ten thousand mappings only, and rc11 asks threads of large programs more often than that. So after
    /// [`LOST_MAX`] the stacks are used again.
    pub(super) fn lose(&mut self, mut task: Task) {
        static LOST: AtomicUsize = AtomicUsize::new(0);
        if LOST.fetch_add(1, Ordering::Relaxed) < LOST_MAX {
            core::mem::forget(task);
            return;
        }
        // SAFETY: what the stack owns is leaked, and nothing of the execution runs any more that could reach into it.
        // From outside only that code can which keeps a pinned object of a stack in a static, or lends one to a scoped
        // thread of the machine and stops at an operation meanwhile; the runtime's page rules out the latter.
        unsafe { task.force_reset() };
        self.put_back(task.into_stack());
    }

    pub(super) fn put_back(&mut self, stack: DefaultStack) {
        self.free.push(stack);
    }
}

impl Drop for StackPool {
    fn drop(&mut self) {
        for stack in &self.free {
            overflow::unregister(stack.limit().get());
        }
    }
}

/// Recognises a fault on a guard page. Without this, a task that uses up its stack ends the process with a bare
/// SIGSEGV: the handler of the standard library knows its own threads' guard pages only.
#[cfg(unix)]
mod overflow {
    use core::ffi::c_int;
    use core::mem::MaybeUninit;
    use core::ptr;
    use core::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::Once;

    /// The exit code of a process whose task used up its stack: that of a failed tool.
    const EXIT_CODE: c_int = 4;

    /// The lowest addresses of the known stacks; 0 marks a free place. A signal handler may neither allocate nor
    /// lock, hence a table of fixed size. A stack that finds no place merely loses the message.
    static LIMITS: [AtomicUsize; 4096] = [const { AtomicUsize::new(0) }; 4096];
    static BYTES: AtomicUsize = AtomicUsize::new(0);
    static PAGE: AtomicUsize = AtomicUsize::new(0);
    static PREVIOUS: [AtomicUsize; 2] = [const { AtomicUsize::new(0) }; 2];

    pub(super) fn register(limit: usize, bytes: usize) {
        BYTES.store(bytes, Ordering::Relaxed);
        for place in &LIMITS {
            if place.compare_exchange(0, limit, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
                return;
            }
        }
    }

    pub(super) fn unregister(limit: usize) {
        for place in &LIMITS {
            let _ = place.compare_exchange(limit, 0, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    pub(super) fn install() {
        static INSTALL: Once = Once::new();
        INSTALL.call_once(|| {
            for (place, signal) in [libc::SIGSEGV, libc::SIGBUS].into_iter().enumerate() {
                install_for(signal, place);
            }
        });
    }

    fn install_for(signal: c_int, place: usize) {
        // SAFETY: `sysconf` has no preconditions.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        PAGE.store(usize::try_from(page).unwrap_or(4096), Ordering::Relaxed);
        let mut previous = MaybeUninit::<libc::sigaction>::zeroed();
        let mut action = MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: all-zero bytes are a valid `sigaction`; the handler has the signature that `SA_SIGINFO` asks
        // for, and runs on the alternate stack that the standard library gives each thread.
        unsafe {
            let action = action.assume_init_mut();
            action.sa_sigaction = handle as *const () as usize;
            action.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigemptyset(&raw mut action.sa_mask);
            libc::sigaction(signal, action, previous.as_mut_ptr());
            PREVIOUS[place].store(previous.assume_init_ref().sa_sigaction, Ordering::Relaxed);
        }
    }

    extern "C" fn handle(signal: c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
        // SAFETY: the kernel hands a valid `siginfo_t` to a handler installed with `SA_SIGINFO`.
        let address = unsafe { (*info).si_addr() } as usize;
        let page = PAGE.load(Ordering::Relaxed);
        let hit = LIMITS
            .iter()
            .map(|place| place.load(Ordering::Relaxed))
            .any(|limit| limit != 0 && (limit..limit + page).contains(&address));
        if hit {
            report();
        }
        let previous = PREVIOUS[usize::from(signal == libc::SIGBUS)].load(Ordering::Relaxed);
        if previous == libc::SIG_DFL || previous == libc::SIG_IGN {
            // SAFETY: restoring the default action is always allowed; the fault then repeats and ends the process.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
            return;
        }
        // SAFETY: the standard library, the only other party that installs these handlers before us, installs
        // them with `SA_SIGINFO`, so the address is that of a function of this type.
        let previous: extern "C" fn(c_int, *mut libc::siginfo_t, *mut libc::c_void) =
            unsafe { core::mem::transmute(ptr::with_exposed_provenance::<()>(previous)) };
        previous(signal, info, context);
    }

    fn report() -> ! {
        const BEFORE: &[u8] = b"cancelproof: a modelled thread used up its stack of ";
        const AFTER: &[u8] =
            b" KiB; for larger ones set CANCELPROOF_STACK_KIB, or stack_bytes in the engine's options\n";
        let mut digits = [0_u8; 20];
        let mut at = digits.len();
        let mut rest = BYTES.load(Ordering::Relaxed) / 1024;
        loop {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        for text in [BEFORE, &digits[at..], AFTER] {
            // SAFETY: the buffer is valid for its length, and `write` may be called in a signal handler.
            unsafe { libc::write(libc::STDERR_FILENO, text.as_ptr().cast(), text.len()) };
        }
        // SAFETY: `_exit` may be called in a signal handler.
        unsafe { libc::_exit(EXIT_CODE) }
    }
}

#[cfg(not(unix))]
mod overflow {
    pub(super) fn install() {}

    pub(super) fn register(_limit: usize, _bytes: usize) {}

    pub(super) fn unregister(_limit: usize) {}
}
