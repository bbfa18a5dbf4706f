//! A destructor cancels a read and waits for its callbacks; the read has none any more, and its record ends before it is told.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "record_gone_before_its_cancel_is_told",
    reference: "microsoft/STL#1632",
    language: Language::Cpp,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "A destructor cancels a pending read and waits for callbacks that are queued, of which there is none; the record \
                of the read ends, and then the system writes there that it was canceled.",
    users: "A tool crashed when it returned from a wait, with its stack overwritten by the system.",
    fix: "The destructor waits until the record says that the read is complete.",
    missed: "It crashed quite often where input was batched, and was taken for other hangs of the tool before.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

#[derive(Default)]
struct Pool {
    callbacks: u32,
    is_complete: bool,
}

struct Pipe<R: Runtime> {
    pool: Monitor<R, Pool>,
    record: Block<R>,
}

impl<R: Runtime> Pipe<R> {
    /// The system ends the read, whose handle asks for no callback in that case.
    fn complete(&self) {
        self.record.write();
        self.pool.update(|pool| pool.is_complete = true);
    }

    fn destroy<const FIXED: bool>(&self) {
        self.pool.wait(|pool| pool.callbacks == 0 && (pool.is_complete || !FIXED), |_| ());
        self.record.free();
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let pipe = Arc::new(Pipe::<R> { pool: Monitor::new(Pool::default()), record: Block::new("the record") });
    let system = Arc::clone(&pipe);
    two::<R>(move || system.complete(), || pipe.destroy::<FIXED>());
}
