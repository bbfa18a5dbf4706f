//! The result cells: what a driver leaves before it completes I/O, and whoever has waited for its end reads.

use cancelproof_machine::Rule;
use cancelproof_machine::runtime::Runtime;

use super::super::history::Request;
use super::super::program::Verb;
use super::{Cell, World};

/// Where the accesses are made, as an engine names it.
pub(super) const FILE: &str = file!();

/// The steps of an application that wait for the end of I/O.
pub(super) const WAITING: [Verb; 2] = [Verb::Collect, Verb::Block];

impl<R: Runtime> World<R> {
    /// The driver is about to complete a request.
    pub(super) fn leave_result(&self, request: Request) {
        if let Some(cell) = self.result(request) {
            self.record.on_behalf_of(Rule::StatusKept, || cell.write(1));
        }
    }

    /// The application was told that a request has ended.
    pub(super) fn take_result(&self, request: Request) {
        if let Some(cell) = self.result(request) {
            self.record.on_behalf_of(Rule::StatusKept, || cell.read());
        }
    }

    fn result(&self, request: Request) -> Option<&Cell<R>> {
        self.results.get(usize::from(request))
    }
}
