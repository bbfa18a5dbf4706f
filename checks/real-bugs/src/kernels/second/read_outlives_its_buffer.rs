//! A read that has timed out returns while its overlapped operation goes on, and the buffer that it reads into ends.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "read_outlives_its_buffer",
    reference: "blackbeam/named_pipe#5",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "A read that has timed out returns while its overlapped operation goes on, and the buffer that it reads \
                into ends.",
    users: "Bytes of a pipe were written into whatever had taken the buffer's place on the stack.",
    fix: "The operation is canceled at the timeout, and its end is waited for before the read returns.",
    missed: "A test with a timeout and a late writer shows it, and the report has one.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

#[derive(Clone, Copy, PartialEq)]
enum Read {
    Pending,
    Writing,
    Ended,
}

struct Pipe<R: Runtime> {
    read: Monitor<R, Read>,
    buffer: Block<R>,
}

impl<R: Runtime> Pipe<R> {
    /// The other end writes, and the system copies what came into the buffer.
    fn arrive(&self) {
        let is_pending = self.read.with(|read| std::mem::replace(read, Read::Writing) == Read::Pending);
        if is_pending {
            self.buffer.write();
        }
        self.read.update(|read| *read = Read::Ended);
    }

    fn time_out<const FIXED: bool>(&self) {
        if FIXED {
            let is_canceled = self.read.with(|read| {
                let is_pending = *read == Read::Pending;
                if is_pending {
                    *read = Read::Ended;
                }
                is_pending
            });
            if !is_canceled {
                self.read.wait(|read| *read == Read::Ended, |_| ());
            }
        }
        self.buffer.free();
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let pipe = Arc::new(Pipe::<R> { read: Monitor::new(Read::Pending), buffer: Block::new("the buffer") });
    let system = Arc::clone(&pipe);
    two::<R>(move || system.arrive(), || pipe.time_out::<FIXED>());
}
