//! The request of a test target as its options have it judged.

use crate::executor::Controlled;
use crate::judge::Property;
use crate::model::{Contract, Std};
use crate::platform::{Loom, Shuttle};
use crate::subject::{Made, Platform, Subject};

/// A request with another contract, or with properties, than it has by itself.
pub(super) struct Asked {
    pub(super) subject: &'static dyn Subject,
    /// What it is said to keep, if not what it declares.
    pub(super) contract: Option<Contract>,
    pub(super) properties: Vec<&'static dyn Property>,
}

impl Subject for Asked {
    fn name(&self) -> &str {
        self.subject.name()
    }

    fn contract(&self) -> Contract {
        self.contract.unwrap_or_else(|| self.subject.contract())
    }

    fn runs_on(&self, platform: Platform) -> bool {
        self.subject.runs_on(platform)
    }

    fn is_of_loom_itself(&self) -> bool {
        self.subject.is_of_loom_itself()
    }

    fn properties(&self) -> &[&'static dyn Property] {
        &self.properties
    }

    fn on_std(&self) -> Option<Made<Std>> {
        self.subject.on_std()
    }

    fn on_loom(&self) -> Option<Made<Loom>> {
        self.subject.on_loom()
    }

    fn on_shuttle(&self) -> Option<Made<Shuttle>> {
        self.subject.on_shuttle()
    }

    fn on_controlled(&self) -> Option<Made<Controlled>> {
        self.subject.on_controlled()
    }
}
