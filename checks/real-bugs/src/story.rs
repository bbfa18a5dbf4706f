//! The ten most instructive bugs, told: what happened, who was hurt, the interleaving, the fix, and why it was missed.

use std::fmt::Write as _;
use std::sync::Arc;

use cancelproof_engines::engine::{Budget, Dpor, Engine, dpor};
use cancelproof_engines::executor::stack_bytes_default;
use cancelproof_engines::operation::Action;

use crate::bug::Kernel;
use crate::kernels;

/// What each of the ten teaches, in two or three sentences.
pub(crate) const LESSONS: [(&str, &str); 10] = [
    (
        "waker_freed_while_taken",
        "A mark that both sides may write says less than it seems: whoever reads it back may read its own. Two bugs of \
         this place had been mended before: a state that the destructor did not know, and another use after free.",
    ),
    (
        "waker_read_after_the_farewell",
        "Whoever says that it is gone may touch nothing afterwards. In the first release the same interleaving \
         panicked by accident, which was better.",
    ),
    (
        "node_freed_off_the_list",
        "A destructor that looks whether it is on a list trusts that there is only one list. Taking work off a list to do it \
         without the lock makes a second one that nobody looks at.",
    ),
    (
        "permit_given_to_the_dead",
        "Cancelling while queued is a path of its own, beside cancelling before and after. Tests that cancel only what has started \
         or what has ended never take it.",
    ),
    (
        "value_missed_before_the_end",
        "Two looks at two words are no look at both. Whoever finds nothing and then finds the end has to look once more, because \
         the end came after the last thing that was sent.",
    ),
    (
        "replaced_waker_dropped_under_lock",
        "Dropping a value of somebody else's is calling somebody else's code. No interleaving is needed once the waker is one that \
         does something; what is needed is a test that has such a waker.",
    ),
    (
        "block_left_for_the_destructor",
        "Two ways to take the same thing have to leave the same behind. The second way was added to mend a leak, and is taken only \
         in a window between two instructions of a sender.",
    ),
    (
        "old_waker_leaked_on_migration",
        "A bit that says what has to be freed is ownership. Clearing it for a moment gives ownership away for that moment, and a \
         return in that moment forgets it.",
    ),
    (
        "late_completion_wakes_another",
        "A key that is used again is another name for whoever has it next. A slot may be given away only when nothing more can \
         arrive for it, and who knows that is the kernel and not the caller.",
    ),
    (
        "wait_registered_after_the_look",
        "Whoever waits has to stand in line before looking whether waiting is needed. Between the look and the line the only \
         notification passes by.",
    ),
];

/// The ten that the page tells.
pub fn instructive() -> impl Iterator<Item = &'static Kernel> {
    LESSONS.iter().filter_map(|(name, _)| kernels::named(name))
}

/// The execution of the broken program in which `dpor` first saw the bug: a line for each step, with the thread and the line of
/// the program.
fn interleaving(kernel: &Kernel) -> Vec<String> {
    let body = kernel.broken.controlled;
    let explored = Dpor.explore(&Budget::default(), Arc::new(body));
    let Some(failure) = explored.failure else { return Vec::new() };
    let replayed = dpor::replay(&failure.decisions, stack_bytes_default(), body);
    let source: Vec<&str> = kernel.source.lines().collect();
    let mut steps: Vec<String> = Vec::new();
    for performed in replayed.trace {
        let operation = performed.operation;
        let location = operation.location;
        let is_own = location.file().ends_with(&format!("{}.rs", kernel.bug.name));
        let text = source.get(location.line() as usize - 1).map_or("", |line| line.trim());
        if !is_own || matches!(operation.action, Action::Spawn { .. } | Action::Join { .. }) {
            continue;
        }
        let step = format!("{} | {:>3} | {text}", performed.task, location.line());
        // A lock that is taken and given back is one line of the program and several operations.
        if steps.last() != Some(&step) {
            steps.push(step);
        }
    }
    steps.push(crate::matrix::in_words(&failure.kind));
    steps
}

/// The stories as part of the page.
pub(crate) fn write(page: &mut String) {
    let _ = writeln!(page, "\n## Ten of them, told");
    for (name, lesson) in LESSONS {
        let Some(kernel) = kernels::named(name) else { continue };
        let bug = kernel.bug;
        let _ = writeln!(
            page,
            "\n### {name}: {}\n\n{} {}\n\nAs `dpor` first saw it, with the thread, the line of the program, and the line itself:\n\n\
             ```text\n{}\n```\n\n{} {} {lesson}",
            bug.reference,
            bug.mechanism,
            bug.users,
            interleaving(kernel).join("\n"),
            bug.fix,
            bug.missed,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lesson_is_of_a_bug_and_its_interleaving_fits_a_screen() {
        for (name, _) in LESSONS {
            let kernel = kernels::named(name).unwrap_or_else(|| panic!("{name} is no bug"));
            let steps = interleaving(kernel);
            assert!(steps.len() > 1 && steps.len() <= 40, "{name}: {steps:#?}");
        }
    }
}
