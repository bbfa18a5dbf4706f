//! The payload cells: what a callback uses, and whoever completes the request gives away.

use cancelproof_machine::Rule;
use cancelproof_machine::runtime::Runtime;

use super::super::history::Request;
use super::World;

/// Where the accesses are made, as an engine names it.
pub(super) const FILE: &str = file!();

impl<R: Runtime> World<R> {
    pub(super) fn use_payload(&self, request: Request) {
        let cell = &self.payloads[usize::from(request)];
        self.record.on_behalf_of(Rule::NeverAfterCompletion, || cell.read());
    }

    pub(super) fn consume_payload(&self, request: Request) {
        let cell = &self.payloads[usize::from(request)];
        self.record.on_behalf_of(Rule::NeverAfterCompletion, || cell.write(1));
    }
}
