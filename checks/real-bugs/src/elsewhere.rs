//! Bugs of the list that the benchmark began with which have no kernel, each with the reason.

/// A bug without a kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Elsewhere {
    /// The report, as `owner/project#number`.
    pub reference: &'static str,
    /// What the list says of it.
    pub listed: &'static str,
    /// Why it has no kernel, in a sentence.
    pub reason: &'static str,
}

/// Every one.
pub static ELSEWHERE: &[Elsewhere] = &[
    Elsewhere {
        reference: "faern/oneshot#17",
        listed: "orderings of parking and unparking",
        reason: "Its report was not to be had; the state that the change brought in is what `claim_missing_from_drop` and \
                 `claim_missing_from_try_recv` are about.",
    },
    Elsewhere {
        reference: "faern/oneshot#22",
        listed: "a poll and then a `try_recv` meet a state that nobody has thought of",
        reason: "It is where the bug of `claim_missing_from_try_recv` was found; that kernel names the change that mended it.",
    },
    Elsewhere {
        reference: "fereidani/kanal#35",
        listed: "a data race of a channel for one value",
        reason: "What could be read of it is what Miri prints and not the steps; the project has taken the channel out since.",
    },
    Elsewhere {
        reference: "microsoft/oxidizer#736",
        listed: "a cancel of a wait on a condition variable",
        reason: "Neither its report nor its change was to be had.",
    },
    Elsewhere {
        reference: "tokio-rs/tokio#8056",
        listed: "a stale read loses a spawned task",
        reason: "Neither its report nor its change was to be had; `searching_worker_seen_too_late` is an older bug of that place.",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels;

    #[test]
    fn none_of_them_has_a_kernel() {
        for bug in ELSEWHERE {
            assert!(kernels::all().all(|kernel| kernel.bug.reference != bug.reference), "{}", bug.reference);
            assert!(bug.reason.ends_with('.'), "{}", bug.reason);
        }
    }
}
