//! loom 0.7's interface on the engines of [`cancelproof`]: an existing loom suite runs unedited.
//!
//! ```toml
//! [patch.crates-io]
//! loom = { path = "…/cancelproof/checks/loom" }
//! ```
//!
//! and `RUSTFLAGS="--cfg loom" cargo test` as before. Each call of [`model()`] is explored by `dpor` and then by `rc11`, prints a
//! line that says what was explored, and panics with a table and a replay token if an execution fails.
//!
//! # Variables
//!
//! loom's own: `LOOM_MAX_PREEMPTIONS`, `LOOM_MAX_DURATION`, `LOOM_MAX_PERMUTATIONS`, `LOOM_MAX_BRANCHES`; and those of [`cancelproof::closure`]:
//! `CANCELPROOF_ENGINE`, `CANCELPROOF_TIME`, `CANCELPROOF_EXECUTIONS`, `CANCELPROOF_PREEMPTIONS`, `CANCELPROOF_REPLAY`.
//!
//! # What is different
//!
//! | of loom | here |
//! |---|---|
//! | `LOOM_MAX_PREEMPTIONS`, `preemption_bound` | under `dpor`: everything of which some order has no more preemptions, which loom does not reach (it leaves out switches where a thread blocks); *bounded* is said if that left something out. `rc11` has no schedules: it takes no notice of the bound, and stops after 5,000 executions |
//! | `explore`, `stop_exploring`, `skip_branch`, `expect_explicit_explore` | everything is explored, which is more than was asked for |
//! | `LOOM_LOG`, `LOOM_LOCATION`, `log`, `location` | nothing is logged; a failure always has its lines |
//! | checkpoints | none |
//! | `max_threads` | 16 |
//! | `max_branches` | if it is not loom's own default: the longest execution, counted in operations |
//! | `unsync_load` | a relaxed load: a race of it with a write is not looked for |
//! | `Barrier` | works |
//! | lazy statics | an access after the main thread's end is a failure, as in loom; their destructors run when all threads have ended |
//! | executions | those of two engines, and the first once more, to see that it is the same; a count in a `static` of the standard library sees all of them |

#![deny(missing_docs)]

pub mod alloc;
pub mod cell;
pub mod future;
pub mod hint;
pub mod lazy_static;
mod live;
mod local;
pub mod model;
pub mod sync;
pub mod thread;

pub use model::model;

/// The most threads that an execution can have.
pub const MAX_THREADS: usize = cancelproof::executor::TASKS_MAX;

/// Everything is explored in any case.
pub fn explore() {}

/// Everything is explored all the same.
pub fn stop_exploring() {}

/// Everything is explored all the same.
pub fn skip_branch() {}

/// loom's `thread_local!`: one for each modelled thread, new in each execution.
#[macro_export]
macro_rules! thread_local {
    () => {};
    ($(#[$attribute:meta])* $visibility:vis static $name:ident: $type:ty = const { $init:expr } $(; $($rest:tt)*)?) => {
        $crate::thread_local!($(#[$attribute])* $visibility static $name: $type = $init $(; $($rest)*)?);
    };
    ($(#[$attribute:meta])* $visibility:vis static $name:ident: $type:ty = $init:expr $(; $($rest:tt)*)?) => {
        $(#[$attribute])* $visibility static $name: $crate::thread::LocalKey<$type> =
            $crate::thread::LocalKey { init: (|| { $init }) as fn() -> $type };
        $($crate::thread_local!($($rest)*);)?
    };
}

/// loom's `lazy_static!`: made once in each execution.
#[macro_export]
macro_rules! lazy_static {
    () => {};
    ($(#[$attribute:meta])* static ref $name:ident: $type:ty = $init:expr; $($rest:tt)*) => {
        $crate::__lazy_static!($(#[$attribute])* () $name, $type, $init);
        $crate::lazy_static!($($rest)*);
    };
    ($(#[$attribute:meta])* pub static ref $name:ident: $type:ty = $init:expr; $($rest:tt)*) => {
        $crate::__lazy_static!($(#[$attribute])* (pub) $name, $type, $init);
        $crate::lazy_static!($($rest)*);
    };
    ($(#[$attribute:meta])* pub ($($visible:tt)+) static ref $name:ident: $type:ty = $init:expr; $($rest:tt)*) => {
        $crate::__lazy_static!($(#[$attribute])* (pub ($($visible)+)) $name, $type, $init);
        $crate::lazy_static!($($rest)*);
    };
}

#[macro_export]
#[doc(hidden)]
macro_rules! __lazy_static {
    ($(#[$attribute:meta])* ($($visibility:tt)*) $name:ident, $type:ty, $init:expr) => {
        #[allow(non_camel_case_types)]
        #[allow(dead_code)]
        $(#[$attribute])*
        $($visibility)* struct $name {
            _private: (),
        }

        $($visibility)* static $name: $name = $name { _private: () };

        impl ::core::ops::Deref for $name {
            type Target = $type;

            fn deref(&self) -> &$type {
                fn init() -> $type {
                    $init
                }
                static LAZY: $crate::lazy_static::Lazy<$type> = $crate::lazy_static::Lazy::new(init);
                LAZY.get()
            }
        }
    };
}
