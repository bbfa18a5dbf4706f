//! What is mutated: a request, in every scenario that applies.

use crate::registry;
use crate::subject::Subject;

/// Requests with one text: what survives in one of them may be needed in another.
#[derive(Clone)]
pub struct Family {
    /// The name that stands for all.
    pub name: String,
    /// The requests.
    pub members: Vec<&'static dyn Subject>,
}

impl Family {
    /// A request on its own.
    #[must_use]
    pub fn of_one(subject: &'static dyn Subject) -> Self {
        Family { name: subject.name().to_owned(), members: vec![subject] }
    }

    /// The request of that name. The name of a reference request without that of a contract stands for it under every
    /// contract: much of its text is there for one of them only.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let references = Self::references();
        references
            .into_iter()
            .find(|family| family.name == name)
            .or_else(|| registry::subject(name).map(Self::of_one))
    }

    /// The reference requests, each under every contract.
    #[must_use]
    pub fn references() -> Vec<Self> {
        let subjects = registry::REFERENCES;
        let is_base = |name: &str| !name.contains('-');
        subjects
            .iter()
            .filter(|base| is_base(base.name()))
            .map(|base| {
                let prefix = format!("{}-", base.name());
                let is_member = |name: &str| name == base.name() || name.starts_with(&prefix);
                let members = subjects.iter().copied().filter(|subject| is_member(subject.name()));
                Family { name: base.name().to_owned(), members: members.collect() }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reference_request_is_in_one_family() {
        let families = Family::references();
        let members: usize = families.iter().map(|family| family.members.len()).sum();
        assert_eq!(members, registry::REFERENCES.len());
        assert_eq!(families.len(), 4);
    }

    #[test]
    fn the_name_of_a_contract_stands_for_itself() {
        let named = |name| Family::named(name).map(|family| family.members.len());
        assert_eq!(named("word-kmdf"), Some(1));
        assert_eq!(named("word"), Some(4));
        assert_eq!(named("wurd"), None);
    }
}
