//! The kernels: one file each, named by the mechanism.
//!
//! A kernel is generic over the runtime, and over whether it is *fixed*: the lines in which both differ are those of the fix.
//! To add one, write `kernels/first/NAME.rs` or `kernels/second/NAME.rs` with a `BUG` and a `run`, and a line in the list above
//! that folder.

#![allow(clippy::wildcard_imports, reason = "the parts are the language that kernels are written in")]

mod first;
mod second;

use crate::bug::Kernel;

pub use first::FIRST;
pub use second::SECOND;

/// Declares the modules of kernels and lists them.
macro_rules! kernels {
    ($(#[$about:meta])* $list:ident in $folder:literal: $($name:ident),* $(,)?) => {
        $(mod $name;)*

        $(#[$about])*
        pub static $list: &[$crate::Kernel] = &[
            $($crate::Kernel {
                bug: &$name::BUG,
                broken: $crate::kernels::bodies!($name, false),
                fixed: $crate::kernels::bodies!($name, true),
                source: include_str!(concat!($folder, "/", stringify!($name), ".rs")),
            },)*
        ];
    };
}

/// One program on each platform.
macro_rules! bodies {
    ($name:ident, $is_fixed:literal) => {
        $crate::Bodies {
            loom: $name::run::<cancelproof_engines::platform::Loom, $is_fixed>,
            shuttle: $name::run::<cancelproof_engines::platform::Shuttle, $is_fixed>,
            controlled: $name::run::<cancelproof_engines::executor::Controlled, $is_fixed>,
            #[cfg(feature = "threads")]
            std: $name::run::<cancelproof_runtime::Std, $is_fixed>,
        }
    };
}

use {bodies, kernels};

/// Every kernel, in the order of the lists.
pub fn all() -> impl Iterator<Item = &'static Kernel> {
    FIRST.iter().chain(SECOND)
}

/// The kernel of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Kernel> {
    all().find(|kernel| kernel.bug.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bug::{Class, Language};

    #[test]
    fn names_are_those_of_the_lists_and_no_bug_is_there_twice() {
        for list in [FIRST, SECOND] {
            let names: Vec<&str> = list.iter().map(|kernel| kernel.bug.name).collect();
            assert!(names.is_sorted(), "{names:?}");
        }
        let mut references: Vec<&str> = all().map(|kernel| kernel.bug.reference).collect();
        references.sort_unstable();
        let all = references.len();
        references.dedup();
        assert_eq!(references.len(), all);
    }

    #[test]
    fn everything_is_said_of_every_bug_in_a_sentence() {
        for Kernel { bug, .. } in all() {
            for said in [bug.mechanism, bug.users, bug.fix, bug.missed] {
                assert!(said.ends_with('.') && said.len() > 20 && said.len() < 400, "{}: {said}", bug.name);
            }
            assert!(bug.reference.contains('/') && bug.reference.contains('#'), "{}", bug.reference);
        }
    }

    #[test]
    fn a_kernel_fits_eighty_lines_and_differs_from_its_twin() {
        for Kernel { bug, source, .. } in all() {
            assert!(source.lines().count() <= 80, "{} has {} lines", bug.name, source.lines().count());
            assert!(source.contains("FIXED"), "{} has no fix", bug.name);
        }
    }

    #[test]
    fn there_are_bugs_enough_of_every_kind() {
        let of = |class| all().filter(|kernel| kernel.bug.class == class).count();
        assert!(all().count() >= 100, "{}", all().count());
        let least = [30, 15, 15, 10, 10, 10];
        for (class, least) in Class::ALL.into_iter().zip(least) {
            assert!(of(class) >= least, "{class}: {}", of(class));
        }
        assert!(all().filter(|kernel| kernel.bug.language == Language::Rust).count() >= 60);
    }
}
