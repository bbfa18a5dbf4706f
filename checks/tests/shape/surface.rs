//! Which items of the standard library each alias module has: compiled, so that no row can say more than there is.

use std::fmt::Write as _;

/// What a row says of a platform.
type Row = (&'static str, &'static [&'static str]);

macro_rules! surface {
    ($($module:ident { $($($item:ident)::+ : $($platform:ident)*;)+ })+) => {
        const ROWS: &[Row] = &[$($(
            (concat!(stringify!($module), "::", stringify!($($item)::+)), &[$(stringify!($platform)),*]),
        )+)+];
        $($(surface!(@uses $module [$($item)::+] $($platform)*);)+)+
    };
    (@uses $module:ident $item:tt $($platform:ident)*) => {
        $(surface!(@use $module $platform $item);)*
    };
    (@use $module:ident $platform:ident [$($item:ident)::+]) => {
        const _: () = {
            #[allow(unused_imports, clippy::unsafe_removed_from_name, reason = "that it is there is all that is asked")]
            use cancelproof::$module::$platform::$($item)::+ as _;
        };
    };
}

surface! {
    sync {
        atomic::AtomicBool: std loom shuttle controlled;
        atomic::AtomicPtr: std loom shuttle controlled;
        atomic::AtomicI8: std loom shuttle controlled;
        atomic::AtomicI16: std loom shuttle controlled;
        atomic::AtomicI32: std loom shuttle controlled;
        atomic::AtomicI64: std loom shuttle controlled;
        atomic::AtomicIsize: std loom shuttle controlled;
        atomic::AtomicU8: std loom shuttle controlled;
        atomic::AtomicU16: std loom shuttle controlled;
        atomic::AtomicU32: std loom shuttle controlled;
        atomic::AtomicU64: std loom shuttle controlled;
        atomic::AtomicUsize: std loom shuttle controlled;
        atomic::Ordering: std loom shuttle controlled;
        atomic::fence: std loom shuttle controlled;
        atomic::compiler_fence: std shuttle controlled;
        Arc: std loom shuttle controlled;
        Weak: std shuttle controlled;
        Mutex: std loom shuttle controlled;
        MutexGuard: std loom shuttle controlled;
        RwLock: std loom shuttle controlled;
        RwLockReadGuard: std loom shuttle controlled;
        RwLockWriteGuard: std loom shuttle controlled;
        Condvar: std loom shuttle controlled;
        WaitTimeoutResult: std loom shuttle controlled;
        Barrier: std loom shuttle controlled;
        BarrierWaitResult: std shuttle controlled;
        Once: std shuttle controlled;
        OnceState: std shuttle controlled;
        OnceLock: std controlled;
        LazyLock: std controlled;
        LockResult: std loom shuttle controlled;
        TryLockResult: std loom shuttle controlled;
        PoisonError: std shuttle controlled;
        TryLockError: std shuttle controlled;
        mpsc::channel: std loom shuttle controlled;
        mpsc::sync_channel: std shuttle controlled;
        mpsc::Sender: std loom shuttle controlled;
        mpsc::SyncSender: std shuttle controlled;
        mpsc::Receiver: std loom shuttle controlled;
        mpsc::Iter: std shuttle controlled;
        mpsc::TryIter: std shuttle controlled;
        mpsc::IntoIter: std shuttle controlled;
        LocalKey: std loom shuttle controlled;
        thread_local: std loom shuttle controlled;
    }
    thread {
        spawn: std loom shuttle controlled;
        scope: std shuttle controlled;
        Builder: std loom shuttle controlled;
        JoinHandle: std loom shuttle controlled;
        current: std loom shuttle controlled;
        Thread: std loom shuttle controlled;
        ThreadId: std loom shuttle controlled;
        park: std loom shuttle controlled;
        park_timeout: std shuttle controlled;
        sleep: std shuttle controlled;
        yield_now: std loom shuttle controlled;
        panicking: std loom shuttle controlled;
        available_parallelism: std controlled;
    }
    cell {
        UnsafeCell: std loom shuttle controlled;
        Cell: std loom shuttle controlled;
    }
    hint {
        spin_loop: std loom shuttle controlled;
    }
    task {
        Context: std loom shuttle controlled;
        Poll: std loom shuttle controlled;
        Waker: std loom shuttle controlled;
        Wake: std loom shuttle controlled;
        RawWaker: std loom shuttle controlled;
        RawWakerVTable: std loom shuttle controlled;
        block_on: shuttle controlled;
        AtomicWaker: controlled;
        Executor: controlled;
    }
    time {
        Duration: std loom shuttle controlled;
        Instant: std controlled;
    }
}

const PLATFORMS: [(&str, &str); 4] =
    [("std", "std"), ("loom", "loom"), ("shuttle", "shuttle"), ("controlled", "dpor, rc11")];

const HEAD: &str = "# What code under test may use

Each alias module has these items under the standard library's names: `cancelproof::sync::loom::Mutex` is loom's. The test that
writes this page names every item in code, so it does not compile if one is missing. What a platform has not cannot be used
there by code that is compiled for it, and rustc says so at that line.

";

const NOTES: &str = "
- `Barrier` of loom is there and panics: loom says so itself.
- What is done once, barriers and channels of the own engines are operations of theirs: who comes first or last is explored, and no other
  order of those that wait. A `Once` is poisoned as the standard library's is. `try_send` on a channel without room is refused always.
- `Arc` of shuttle is the standard library's: its count is not looked at.
- `UnsafeCell` is in loom's style, `with` and `with_mut`; `get` of the own engines gives a pointer whose use is not judged. std's and
  shuttle's are not judged at all.
- Timed waits of the own engines, `park_timeout`, `wait_timeout`, `wait_timeout_while` and `recv_timeout`, end in both ways: woken, and
  with the time over, whatever the time. `rc11` lets the time be over twice in a row in one thread and at one place, and says that it
  is bounded where that was not enough. `time::stand_still()` in a body: no time runs out, and a wake-up that a timeout hides is a deadlock.
- `Instant` of the own engines is a clock of each thread, which its timed waits, sleeps and looks move on. Whether a deadline has
  come at a line that looks once is not explored in both ways. `SystemTime` is nowhere: what depends on the date is not judged.
- loom's and shuttle's timed waits never run out of time, and say so themselves.
- Wakers are the standard library's; those of `block_on` and `Executor` of the own engines tell of each clone, wake and drop.
- Statics: objects of the own engines stand in statics and begin anew in each execution; a lock in one is refused in the second
  execution unless it protects nothing.
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    let names: Vec<&str> = PLATFORMS.iter().map(|(_, name)| *name).collect();
    let _ = writeln!(page, "| item | {} |\n|---|{}", names.join(" | "), "---|".repeat(names.len()));
    for (item, has) in ROWS {
        let cells: Vec<&str> =
            PLATFORMS.iter().map(|(module, _)| if has.contains(module) { "yes" } else { "-" }).collect();
        let _ = writeln!(page, "| `{}` | {} |", item.replace(' ', ""), cells.join(" | "));
    }
    page + NOTES
}

#[test]
fn the_page_is_what_compiles() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/surface.md");
    let page = page();
    if std::env::var_os("REWRITE").is_some() {
        std::fs::write(path, page).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(kept == page, "docs/surface.md is stale: run this test with REWRITE=1, and review what changed");
}
