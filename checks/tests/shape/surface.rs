//! Which items of the standard library each alias module has: compiled, so that no row can say more than there is.

use std::fmt::Write as _;

/// An item, the platforms that have it, and those whose module says at the call that they have it not.
type Row = (&'static str, &'static [&'static str], &'static [&'static str]);

macro_rules! surface {
    ($($module:ident { $($($item:ident)::+ : $($has:ident)* $(/ $($says:ident)+)?;)+ })+) => {
        const ROWS: &[Row] = &[$($((
            concat!(stringify!($module), "::", stringify!($($item)::+)),
            &[$(stringify!($has)),*],
            &[$($(stringify!($says)),+)?],
        ),)+)+];
        $($(surface!(@uses $module [$($item)::+] $($has)* $($($says)+)?);)+)+
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
        atomic::AtomicBool: on_std on_loom on_shuttle controlled;
        atomic::AtomicPtr: on_std on_loom on_shuttle controlled;
        atomic::AtomicI8: on_std on_loom on_shuttle controlled;
        atomic::AtomicI16: on_std on_loom on_shuttle controlled;
        atomic::AtomicI32: on_std on_loom on_shuttle controlled;
        atomic::AtomicI64: on_std on_loom on_shuttle controlled;
        atomic::AtomicIsize: on_std on_loom on_shuttle controlled;
        atomic::AtomicU8: on_std on_loom on_shuttle controlled;
        atomic::AtomicU16: on_std on_loom on_shuttle controlled;
        atomic::AtomicU32: on_std on_loom on_shuttle controlled;
        atomic::AtomicU64: on_std on_loom on_shuttle controlled;
        atomic::AtomicUsize: on_std on_loom on_shuttle controlled;
        atomic::Ordering: on_std on_loom on_shuttle controlled;
        atomic::fence: on_std on_loom on_shuttle controlled;
        atomic::compiler_fence: on_std on_loom on_shuttle controlled;
        Arc: on_std on_loom on_shuttle controlled;
        Weak: on_std on_shuttle controlled;
        Mutex: on_std on_loom on_shuttle controlled;
        MutexGuard: on_std on_loom on_shuttle controlled;
        RwLock: on_std on_loom on_shuttle controlled;
        RwLockReadGuard: on_std on_loom on_shuttle controlled;
        RwLockWriteGuard: on_std on_loom on_shuttle controlled;
        Condvar: on_std on_loom on_shuttle controlled;
        WaitTimeoutResult: on_std on_loom on_shuttle controlled;
        Barrier: on_std on_shuttle controlled / on_loom;
        BarrierWaitResult: on_std on_shuttle controlled / on_loom;
        Once: on_std on_shuttle controlled / on_loom;
        OnceState: on_std on_loom on_shuttle controlled;
        OnceLock: on_std controlled / on_loom on_shuttle;
        LazyLock: on_std controlled / on_loom on_shuttle;
        LockResult: on_std on_loom on_shuttle controlled;
        TryLockResult: on_std on_loom on_shuttle controlled;
        PoisonError: on_std on_loom on_shuttle controlled;
        TryLockError: on_std on_loom on_shuttle controlled;
        mpsc::channel: on_std on_loom on_shuttle controlled;
        mpsc::sync_channel: on_std on_shuttle controlled / on_loom;
        mpsc::Sender: on_std on_loom on_shuttle controlled;
        mpsc::SyncSender: on_std on_shuttle controlled / on_loom;
        mpsc::Receiver: on_std on_loom on_shuttle controlled;
        mpsc::Iter: on_std on_shuttle controlled;
        mpsc::TryIter: on_std on_shuttle controlled;
        mpsc::IntoIter: on_std on_shuttle controlled;
        LocalKey: on_std on_loom on_shuttle controlled;
        thread_local: on_std on_loom on_shuttle controlled;
    }
    thread {
        spawn: on_std on_loom on_shuttle controlled;
        scope: on_std on_shuttle controlled / on_loom;
        Builder: on_std on_loom on_shuttle controlled;
        JoinHandle: on_std on_loom on_shuttle controlled;
        current: on_std on_loom on_shuttle controlled;
        Thread: on_std on_loom on_shuttle controlled;
        ThreadId: on_std on_loom on_shuttle controlled;
        park: on_std on_loom on_shuttle controlled;
        park_timeout: on_std on_shuttle controlled / on_loom;
        sleep: on_std on_shuttle controlled / on_loom;
        yield_now: on_std on_loom on_shuttle controlled;
        panicking: on_std on_loom on_shuttle controlled;
        available_parallelism: on_std controlled / on_loom on_shuttle;
    }
    cell {
        UnsafeCell: on_std on_loom on_shuttle controlled;
        Cell: on_std on_loom on_shuttle controlled;
    }
    hint {
        spin_loop: on_std on_loom on_shuttle controlled;
    }
    task {
        Context: on_std on_loom on_shuttle controlled;
        Poll: on_std on_loom on_shuttle controlled;
        Waker: on_std on_loom on_shuttle controlled;
        Wake: on_std on_loom on_shuttle controlled;
        RawWaker: on_std on_loom on_shuttle controlled;
        RawWakerVTable: on_std on_loom on_shuttle controlled;
        block_on: on_shuttle controlled / on_loom;
        AtomicWaker: controlled;
        Executor: controlled;
    }
    time {
        Duration: on_std on_loom on_shuttle controlled;
        Instant: on_std controlled / on_loom on_shuttle;
    }
}

const PLATFORMS: [(&str, &str); 4] =
    [("on_std", "std"), ("on_loom", "loom"), ("on_shuttle", "shuttle"), ("controlled", "dpor, rc11")];

const HEAD: &str = "# What code under test may use

Each alias module has these items under the standard library's names: `cancelproof::sync::on_loom::Mutex` is loom's. The test that
writes this page names every item in code, so it does not compile if one is missing. *Says so*: the module has an item of that name
which says at the call that the platform does not model it, and the judgement is *not applicable*; it is never the standard library's.
What is not there at all cannot be used by code that is compiled for it, and rustc says so at that line.

";

const NOTES: &str = "
- loom's own `Barrier` is there and panics, so it is not used. `Arc::downgrade` of loom is not there, and so no `Weak`.
- The atomics of loom's module are loom's own, and tell loom of the loads that it would forget.
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
    for (item, has, says) in ROWS {
        let cell = |module| match (has.contains(module), says.contains(module)) {
            (true, _) => "yes",
            (false, true) => "says so",
            (false, false) => "-",
        };
        let cells: Vec<&str> = PLATFORMS.iter().map(|(module, _)| cell(module)).collect();
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
