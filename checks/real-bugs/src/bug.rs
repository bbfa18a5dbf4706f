//! What is known of a bug, and the programs that show it.

use std::fmt;

use cancelproof_engines::engine::claims::{Claims, Matter};
use cancelproof_engines::exploration::FailureKind;
use cancelproof_engines::platform::Platform;

/// A bug of a public project, as its report tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bug {
    /// The name of its mechanism, and of the file of its kernel.
    pub name: &'static str,
    /// The report, as `owner/project#number`.
    pub reference: &'static str,
    /// The language of the project.
    pub language: Language,
    /// What kind of bug it is.
    pub class: Class,
    /// What of the report was read.
    pub seen: Seen,
    /// How it comes about, in a sentence.
    pub mechanism: &'static str,
    /// What happened to the project's users, in a sentence.
    pub users: &'static str,
    /// What mended it, or would, in a sentence.
    pub fix: &'static str,
    /// Whether the project's own tests could have found it, in a sentence.
    pub missed: &'static str,
    /// The rule that an execution of the kernel breaks.
    pub rule: Rule,
    /// What an engine has to see for that.
    pub needs: Needs,
}

/// The language of a project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names of languages say what they are")]
pub enum Language {
    C,
    Cpp,
    CSharp,
    Go,
    Java,
    Kotlin,
    Nim,
    Python,
    Rust,
    Swift,
    Zig,
}

/// What kind of bug it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Memory or a handle is used after it was given up, given up twice, or never.
    Lifetime,
    /// A wake-up, a cancel or a result is lost, and somebody waits for it.
    Lost,
    /// A state is mistaken for another, and somebody is told what is not so.
    Verdict,
    /// Something is handed over by operations that do not order it.
    Ordering,
    /// Somebody waits for what cannot come, often for itself.
    Blocked,
    /// Something happens twice, or after it was to happen no more.
    Double,
}

/// What of a report was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Seen {
    /// The report, to its end.
    Whole,
    /// The part of it that tells the bug; comments may be missing.
    Excerpt,
    /// The change that mended it, line by line; its report has a title only.
    Change,
}

/// The rule that an execution breaks. A failed assertion of a kernel begins with its [prefix](Rule::prefix).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// Memory is touched only while it is alive, freed once, and freed at the end.
    Lifetime,
    /// What somebody waits for comes: a wake-up, a result, a permit.
    NotLost,
    /// What is answered is so.
    Verdict,
    /// What is handed over is whole when it arrives.
    Ordered,
    /// Everybody can go on.
    NotBlocked,
    /// What happens once happens once.
    ExactlyOnce,
    /// Nothing happens after the end.
    NotLate,
}

/// What an engine has to see to find a bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Needs {
    /// Orders of the threads' operations.
    Orders,
    /// Accesses to memory that nothing orders.
    Races,
    /// Loads of old values.
    WeakMemory,
    /// Waits that end without a cause.
    SpuriousWakeUps,
    /// Weak compare-exchanges that fail without a cause.
    SpuriousFailures,
}

/// A program on each platform.
#[derive(Clone, Copy, Debug)]
pub struct Bodies {
    /// On loom.
    pub loom: fn(),
    /// On shuttle.
    pub shuttle: fn(),
    /// On the executor of our own engines.
    pub controlled: fn(),
    /// On real threads, for a tool that watches them. The races of a broken program are real there.
    #[cfg(feature = "threads")]
    pub std: fn(),
}

/// A bug with the programs that show it.
#[derive(Clone, Copy, Debug)]
pub struct Kernel {
    /// What is known of the bug.
    pub bug: &'static Bug,
    /// The program with the fault.
    pub broken: Bodies,
    /// Its twin, with the fix.
    pub fixed: Bodies,
    /// The text of both.
    pub source: &'static str,
}

impl Bug {
    /// The project, as `owner/project`.
    #[must_use]
    pub fn project(&self) -> &'static str {
        self.reference.split_once('#').map_or(self.reference, |(project, _)| project)
    }
}

impl Bodies {
    /// The program on `platform`.
    ///
    /// # Panics
    ///
    /// Panics for real threads: the races of a broken program would be real.
    #[must_use]
    pub fn on(&self, platform: Platform) -> fn() {
        match platform {
            Platform::Loom => self.loom,
            Platform::Shuttle => self.shuttle,
            Platform::Controlled => self.controlled,
            Platform::Std => panic!("kernels do not run on real threads"),
        }
    }
}

impl Class {
    /// Every class, in the order in which they are told.
    pub const ALL: [Class; 6] =
        [Class::Lifetime, Class::Lost, Class::Verdict, Class::Ordering, Class::Blocked, Class::Double];

    /// The name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Class::Lifetime => "lifetime",
            Class::Lost => "lost",
            Class::Verdict => "wrong verdict",
            Class::Ordering => "ordering",
            Class::Blocked => "blocked",
            Class::Double => "double or late",
        }
    }
}

impl Language {
    /// The name as people write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Language::C => "C",
            Language::Cpp => "C++",
            Language::CSharp => "C#",
            Language::Go => "Go",
            Language::Java => "Java",
            Language::Kotlin => "Kotlin",
            Language::Nim => "Nim",
            Language::Python => "Python",
            Language::Rust => "Rust",
            Language::Swift => "Swift",
            Language::Zig => "Zig",
        }
    }
}

impl Seen {
    /// What was read, in words.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Seen::Whole => "the report was read to its end",
            Seen::Excerpt => "the report was read in part",
            Seen::Change => "the change was read, which has a title and no words",
        }
    }
}

impl Rule {
    /// How the message of a failed assertion begins.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Rule::Lifetime => "lifetime",
            Rule::NotLost => "lost",
            Rule::Verdict => "verdict",
            Rule::Ordered => "ordering",
            Rule::NotBlocked => "blocked",
            Rule::ExactlyOnce => "exactly-once",
            Rule::NotLate => "late",
        }
    }

    /// Demands `holds`, under this rule.
    ///
    /// # Panics
    ///
    /// Panics with the prefix of the rule and `otherwise` if it does not hold: that is how an engine learns of it.
    #[track_caller]
    pub fn demand(self, holds: bool, otherwise: impl fmt::Display) {
        assert!(holds, "{}: {otherwise}", self.prefix());
    }

    /// Whether a failure is one of this rule. A data race is one of lifetime and of order; whoever waits for what is lost,
    /// or for itself, is a deadlock or an execution without end.
    #[must_use]
    pub fn is_broken_by(self, failure: &FailureKind) -> bool {
        match failure {
            FailureKind::Panic { message } => {
                message.strip_prefix(self.prefix()).is_some_and(|rest| rest.starts_with(": "))
            }
            FailureKind::DataRace { .. } => matches!(self, Rule::Lifetime | Rule::Ordered),
            FailureKind::Deadlock { .. } | FailureKind::Unbounded { .. } => {
                matches!(self, Rule::NotLost | Rule::NotBlocked)
            }
            FailureKind::Leak { .. } => self == Rule::Lifetime,
            FailureKind::Nondeterminism { .. } | FailureKind::StackOverflow { .. } => false,
        }
    }
}

impl Needs {
    /// Why an engine that claims so much does not see what this takes, or `None` if it sees it.
    #[must_use]
    pub fn why_unseen(self, claims: &Claims) -> Option<&'static str> {
        let matter = match self {
            Needs::Orders => return None,
            Needs::Races => Matter::DataRaces,
            Needs::WeakMemory => Matter::WeakMemory,
            Needs::SpuriousWakeUps => Matter::SpuriousWakeUps,
            Needs::SpuriousFailures => Matter::SpuriousFailures,
        };
        claims.limit(matter).filter(|limit| !limit.is_partial).map(|limit| limit.sentence)
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.prefix())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_counts_only_for_its_own_rule() {
        let panic = |message: &str| FailureKind::Panic { message: message.to_owned() };
        assert!(Rule::Lifetime.is_broken_by(&panic("lifetime: the node was freed twice")));
        assert!(!Rule::NotLost.is_broken_by(&panic("lifetime: the node was freed twice")));
        assert!(!Rule::NotLost.is_broken_by(&panic("lost in thought")));
        let race = FailureKind::DataRace { first: None, second: None };
        assert!(Rule::Ordered.is_broken_by(&race) && !Rule::Verdict.is_broken_by(&race));
        let deadlock = FailureKind::Deadlock { blocked: Vec::new() };
        assert!(Rule::NotBlocked.is_broken_by(&deadlock) && !Rule::ExactlyOnce.is_broken_by(&deadlock));
    }

    #[test]
    fn no_engine_is_excused_from_orders() {
        use cancelproof_engines::engine::claims::{DPOR, RC11, SHUTTLE};
        assert_eq!(Needs::Orders.why_unseen(&SHUTTLE), None);
        assert!(Needs::Races.why_unseen(&SHUTTLE).is_some() && Needs::Races.why_unseen(&DPOR).is_none());
        assert!(
            Needs::WeakMemory.why_unseen(&DPOR).is_some() && Needs::WeakMemory.why_unseen(&RC11).is_none()
        );
    }
}
