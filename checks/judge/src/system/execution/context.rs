//! The context cells: what the driver writes before it marks, and the callback reads.

use cancelproof_machine::Rule;
use cancelproof_machine::runtime::Runtime;

use super::super::history::{Arming, Request};
use super::World;

/// Where the accesses are made, as an engine names it.
pub(super) const FILE: &str = file!();

impl<R: Runtime> World<R> {
    pub(super) fn write_context(&self, request: Request, arming: Arming) {
        let cell = &self.contexts[usize::from(request)];
        self.record.on_behalf_of(Rule::Publication, || cell.write(u64::from(arming) + 1));
    }

    pub(super) fn read_context(&self, request: Request) -> u64 {
        let cell = &self.contexts[usize::from(request)];
        self.record.on_behalf_of(Rule::Publication, || cell.read())
    }
}
