//! The twin that is broken: cancel looks the slot up and not the generation, so that a name that outlived its operation
//! cancels the next one in its slot.

use cancelproof_model::runtime::{Mutex, Runtime};

use super::{Canceled, Name, Table, claim};

/// Cancels whatever is in the slot that `name` names.
pub fn cancel<R: Runtime>(table: &Table<R>, name: Name) -> Canceled {
    let mut slot = table.slots[name.slot].lock();
    let claimed = claim(&mut slot);
    let found = Name { generation: slot.generation, ..name };
    drop(slot);
    table.finish_cancel(found, Some(claimed))
}
