//! Kernels that are programs and no requests, each with the reason.
//!
//! A request has one owner, an end, and a cancel of its own. What takes more is a program here: the columns of small programs and of
//! the hunt do not apply to it.

use crate::requests;

/// Why a kernel is no request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// In two or three words, for a column.
    pub brief: &'static str,
    /// In a sentence.
    pub sentence: &'static str,
    /// The kernels.
    pub kernels: &'static [&'static str],
}

/// Every reason.
pub static REASONS: &[Reason] = &[
    Reason {
        brief: "ends of a channel",
        sentence: "Its parties are the ends of a channel, which are dropped and closed: none of them cancels a request, and what is \
                   at stake is the channel and not an operation.",
        kernels: &[
            "block_installed_under_the_discard",
            "block_left_for_the_destructor",
            "both_ends_close",
            "claim_missing_from_drop",
            "claim_missing_from_try_recv",
            "closed_by_the_first_to_go",
            "destructor_waits_for_its_sender",
            "element_lost_on_its_way",
            "empty_after_a_send",
            "farewells_do_not_release",
            "message_after_the_drain",
            "message_before_the_first_block",
            "old_waker_leaked_on_migration",
            "own_frame_freed_as_a_buffer",
            "ownership_handed_over_relaxed",
            "reader_count_not_ordered",
            "resource_lost_before_dispatch",
            "sender_gone_without_a_word",
            "sender_woken_after_its_end",
            "slot_of_a_closed_channel",
            "timer_sends_after_the_close",
            "try_recv_waits_for_its_sender",
            "try_send_wakes_nobody",
            "value_missed_before_the_end",
            "waker_freed_while_taken",
            "waker_kept_after_the_receiver",
        ],
    },
    Reason {
        brief: "several waiters",
        sentence: "It takes two who wait for the same thing, such as permits: a request has one owner, and a wait one task.",
        kernels: &[
            "canceled_head_wakes_nobody",
            "canceled_waiter_unlinks_alone",
            "condition_destroyed_while_signaled",
            "counting_overwrites_a_permit",
            "dead_waiter_counted_twice",
            "drainer_takes_the_wake",
            "later_wait_notified",
            "node_freed_off_the_list",
            "node_of_a_dropped_wait",
            "notified_beside_the_lock",
            "one_wake_up_for_two_permits",
            "only_wake_up_taken_away",
            "parked_after_close",
            "permit_given_back_twice",
            "permit_given_to_the_dead",
            "permit_overwritten_on_drop",
            "permit_returned_in_silence",
            "readiness_after_the_rendezvous",
            "replaced_waker_dropped_under_lock",
            "signal_sees_no_waiter",
            "signaling_ends_unordered",
            "sleepers_counted_relaxed",
            "stale_entry_takes_the_wake",
            "waker_dropped_under_lock",
            "waker_of_a_canceled_wait_stays",
            "woken_waiter_removed_twice",
            "woken_without_a_slot",
        ],
    },
    Reason {
        brief: "several operations",
        sentence: "It takes operations that share something, such as a ring, a pool, a scope or a parent: the request that is judged \
                   is alone.",
        kernels: &[
            "cancel_dropped_by_finished_child",
            "cancel_hits_the_next_one",
            "cancel_of_a_started_retry_counts",
            "canceled_future_is_retried",
            "canceled_operation_stays_current",
            "change_seen_twice",
            "children_complete_in_request",
            "driver_ends_before_its_stream",
            "entry_reset_and_not_removed",
            "event_for_a_pipe_that_is_gone",
            "file_closed_under_a_dequeued_request",
            "joined_as_if_it_had_ended_well",
            "late_completion_wakes_another",
            "linked_after_it_was_pooled",
            "memory_freed_with_io_in_flight",
            "notifier_holds_no_reference",
            "packet_without_reference",
            "parent_handle_set_and_nulled",
            "pool_finalised_twice",
            "queue_stub_keeps_its_link",
            "registration_unlinked_twice",
            "result_for_nobody",
            "rings_wait_for_each_other",
            "scope_is_empty_too_early",
            "slot_returned_before_its_operation",
            "submission_overwrites_full_ring",
            "surplus_cancel_is_dropped",
            "torn_registration",
        ],
    },
    Reason {
        brief: "task and executor",
        sentence: "Its parties are a task and whoever runs, parks or drops it: a waker of the suite's has no executor.",
        kernels: &[
            "local_task_dropped_elsewhere",
            "loop_ends_before_its_last_task",
            "preparing_overwrites_ready",
            "searching_worker_seen_too_late",
            "task_cancels_itself",
            "task_pinned_by_a_watcher",
            "task_released_by_unwinding",
            "tasks_dropped_under_lock",
            "wake_polls_in_place",
            "waker_waits_for_its_executor",
        ],
    },
    Reason {
        brief: "a device",
        sentence: "A device or an interrupt is a party: no call of a request is its doing.",
        kernels: &[
            "aborted_channel_starts_again",
            "critical_section_of_one_core",
            "drop_waits_for_completion",
            "interrupt_after_abort",
            "interrupt_before_the_wait",
            "stale_enable_ignores_setup",
            "suspension_masks_completions",
        ],
    },
    Reason {
        brief: "the object's end",
        sentence: "What is freed is the source or the token itself, while it is used: whoever judges a request keeps it to the end.",
        kernels: &["source_dies_in_last_callback", "state_freed_through_itself"],
    },
    Reason {
        brief: "its own callback",
        sentence: "The callback takes back its own registration on another thread, which would have to own a handle that it was not \
                   given.",
        kernels: &["deregistered_in_its_callback"],
    },
    Reason {
        brief: "a request's steps",
        sentence: "As a request it would have the steps of one that is there already: a buffer or a record that ends before its \
                   operation, or a cancel that finds nobody yet.",
        kernels: &[
            "buffer_outlived_by_its_read",
            "canceled_before_it_waited",
            "canceled_before_it_was_known",
            "canceled_before_it_was_polled",
            "context_on_a_stack_that_is_gone",
            "header_freed_before_it_is_sent",
            "operation_freed_after_failed_submit",
            "probe_freed_before_it_is_drained",
            "read_outlives_its_buffer",
            "record_gone_before_its_cancel_is_told",
            "source_freed_before_its_completion",
        ],
    },
];

/// Why the kernel of that name is no request; `None` if it is one.
#[must_use]
pub fn why(name: &str) -> Option<&'static Reason> {
    if requests::of(name).is_some() {
        return None;
    }
    REASONS.iter().find(|reason| reason.kernels.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels;

    #[test]
    fn every_kernel_is_a_request_or_has_one_reason_to_be_none() {
        for kernel in kernels::all() {
            let name = kernel.bug.name;
            let reasons = REASONS.iter().filter(|reason| reason.kernels.contains(&name)).count();
            assert_eq!(reasons, usize::from(requests::of(name).is_none()), "{name}");
        }
        for name in REASONS.iter().flat_map(|reason| reason.kernels) {
            assert!(kernels::named(name).is_some(), "{name} is no bug");
        }
    }
}
