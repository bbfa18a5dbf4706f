//! The adapter: the second operation in a slot that is used again, and a canceler that also knows the first one's name.

use std::marker::PhantomData;

use cancelproof::model::runtime::Runtime;
use cancelproof::model::{
    Callback, Cancel, CancelableRequest, Complete, Contract, IsCanceled, Mark, Misuse, Status, Unmark,
};
use slot_table::{Canceled, Name, Place, Table};

/// How a canceler cancels by name.
pub trait ByName: Send + Sync + 'static {
    fn cancel<R: Runtime>(table: &Table<R>, name: Name) -> Canceled;
}

/// The operation.
pub struct Operation<R: Runtime, C> {
    table: Table<R>,
    name: Name,
    /// The name of an operation that has completed.
    stale: Name,
    cancels: PhantomData<C>,
}

impl<R: Runtime, C: ByName> CancelableRequest<R> for Operation<R, C> {
    fn new() -> Self {
        let table = Table::new(1);
        let stale = table.begin().expect("the slot is free");
        assert!(table.complete(stale));
        let name = table.begin().expect("the slot is free again");
        Operation { table, name, stale, cancels: PhantomData }
    }

    fn contract() -> Contract {
        Contract::ASYNC_CANCEL
    }

    fn mark(&self, callback: Callback) -> Mark {
        if self.table.poll(self.name, move || callback.invoke()) {
            return Mark::Marked;
        }
        Mark::Refused(match self.table.place(self.name) {
            Place::Completed => Misuse::AlreadyCompleted,
            Place::Executing | Place::Polling => Misuse::AlreadyMarked,
            Place::Canceled | Place::Called => Misuse::CancelClaimed,
        })
    }

    fn unmark(&self) -> Unmark {
        if self.table.execute(self.name) {
            return Unmark::Unmarked;
        }
        match self.table.place(self.name) {
            Place::Executing | Place::Polling => Unmark::Refused(Misuse::NotMarked),
            Place::Canceled | Place::Called => Unmark::Canceled,
            Place::Completed => Unmark::Refused(Misuse::AlreadyCompleted),
        }
    }

    fn cancel(&self) -> Cancel {
        // Somebody also cancels an operation that is long gone, and learns nothing from it.
        let _ = C::cancel(&self.table, self.stale);
        match C::cancel(&self.table, self.name) {
            Canceled::Canceled => Cancel::Claimed,
            Canceled::Already => Cancel::NotClaimed,
            Canceled::NotFound => Cancel::NotFound,
        }
    }

    fn complete(&self, _status: Status) -> Complete {
        if self.table.complete(self.name) {
            return Complete::Completed;
        }
        Complete::Refused(match self.table.place(self.name) {
            Place::Completed => Misuse::AlreadyCompleted,
            _ => Misuse::CallbackPromised,
        })
    }

    fn is_canceled(&self) -> IsCanceled {
        match self.table.place(self.name) {
            Place::Completed => IsCanceled::Refused(Misuse::AlreadyCompleted),
            _ => IsCanceled::No,
        }
    }
}
