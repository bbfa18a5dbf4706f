//! The scope cell: what callbacks of a driver's that exclude each other all write.

use cancelproof_machine::Rule;
use cancelproof_machine::runtime::Runtime;

use super::World;

/// Where the accesses are made, as an engine names it.
pub(super) const FILE: &str = file!();

impl<R: Runtime> World<R> {
    /// A callback of the driver's, or a handler, is inside its scope.
    pub(super) fn enter_scope(&self) {
        if let Some(cell) = &self.scope {
            self.record.on_behalf_of(Rule::Serialized, || cell.write(1));
        }
    }
}
