//! The table under cancels by the right name and by a stale one.

mod adapter;

use cancelproof::model::Runtime;
use slot_table::{Canceled, Name, Table};

/// With its generation.
pub struct WithGeneration;

impl adapter::ByName for WithGeneration {
    fn cancel<R: Runtime>(table: &Table<R>, name: Name) -> Canceled {
        table.cancel(name)
    }
}

type Operation<R> = adapter::Operation<R, WithGeneration>;

cancelproof::suite!(Operation<_>, threads = 2, samples = 200);
