//! The body of the callback object: what a callback reads, and the destruction of the object writes.

use cancelproof_machine::Rule;
use cancelproof_machine::runtime::Runtime;

use super::super::history::Event;
use super::World;

/// Where the accesses are made, as an engine names it.
pub(super) const FILE: &str = file!();

impl<R: Runtime> World<R> {
    /// A callback uses the callback object.
    pub(super) fn use_body(&self) {
        if self.object.is_some() {
            self.record.on_behalf_of(Rule::ReferencesBalanced, || self.body.read());
        }
    }

    /// Nobody is to use it from here on.
    pub(super) fn destroy_body(&self) {
        self.record.push(Event::ObjectDestroyed);
        self.record.on_behalf_of(Rule::ReferencesBalanced, || self.body.write(1));
    }
}
