//! What is mutated: a request, in every scenario that applies, or a system in its own.

use cancelproof_judge::system::{self, Kind, System};

use super::Asked;
use crate::registry;
use crate::scenario::Scenario;
use crate::subject::Subject;

/// Requests with one text: what survives in one of them may be needed in another.
#[derive(Clone)]
pub struct Family {
    /// The name that stands for all.
    pub name: String,
    /// The requests.
    pub members: Vec<&'static dyn Subject>,
    /// The systems, each in a scenario of its own.
    pub systems: Vec<(System, system::Scenario)>,
}

impl Family {
    /// A request on its own.
    #[must_use]
    pub fn of_one(subject: &'static dyn Subject) -> Self {
        Family { name: subject.name().to_owned(), members: vec![subject], systems: Vec::new() }
    }

    /// A system in these scenarios, without those in which it hangs as it should.
    #[must_use]
    pub fn of_system(system: System, scenarios: Vec<system::Scenario>) -> Self {
        let ending = scenarios.into_iter().filter(|scenario| scenario.kind != Kind::Hangs);
        let systems = ending.map(|scenario| (system, scenario)).collect();
        Family { name: system.name.to_owned(), members: Vec::new(), systems }
    }

    /// Everything that is judged of it: each request in each of `scenarios`, and each system in its own.
    pub(super) fn asked(&self, scenarios: &[Scenario]) -> Vec<Asked> {
        let of_request = |subject: &&'static dyn Subject| {
            let subject = *subject;
            scenarios.iter().map(move |scenario| Asked::Request { subject, scenario: scenario.clone() })
        };
        let requests = self.members.iter().flat_map(of_request);
        let of_system = |(system, scenario): &(System, system::Scenario)| Asked::System {
            system: *system,
            scenario: scenario.clone(),
        };
        requests.chain(self.systems.iter().map(of_system)).collect()
    }

    /// The request of that name. The name of a reference request without that of a contract stands for it under every
    /// contract: much of its text is there for one of them only. A system comes with its catalogue.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let references = Self::references();
        references
            .into_iter()
            .find(|family| family.name == name)
            .or_else(|| registry::subject(name).map(Self::of_one))
            .or_else(|| {
                let system = system::registry::named(name)?;
                Some(Self::of_system(system, system::catalogue::all()))
            })
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
                Family { name: base.name().to_owned(), members: members.collect(), systems: Vec::new() }
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
        let system = Family::named("system").expect("it is registered");
        assert_eq!(system.members.len(), 0);
        assert!(system.systems.len() > 100, "{}", system.systems.len());
    }
}
