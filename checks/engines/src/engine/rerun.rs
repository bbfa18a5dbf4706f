//! Whether the execution at hand is only run again, to be compared with what it was before.
//!
//! A rerun is none of the executions that an engine explores, so whoever sums them up leaves it out.

use std::cell::Cell;

thread_local! {
    static IS_RERUN: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread runs an execution again.
#[must_use]
pub fn is_rerun() -> bool {
    IS_RERUN.get()
}

/// Does `work`, in which every execution is a rerun.
#[cfg_attr(not(feature = "shuttle"), allow(dead_code, reason = "only shuttle's bodies are asked"))]
pub(crate) fn during<T>(work: impl FnOnce() -> T) -> T {
    struct Until(bool);
    impl Drop for Until {
        fn drop(&mut self) {
            IS_RERUN.set(self.0);
        }
    }
    let _until = Until(IS_RERUN.replace(true));
    work()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_panics_while_it_is_run_again_leaves_nothing_behind() {
        assert!(std::panic::catch_unwind(|| during(|| panic!("{}", is_rerun()))).is_err());
        assert!(!is_rerun());
    }
}
