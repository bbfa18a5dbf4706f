//! A canceled receive stays in the queue of those who wait, and the next message is handed to it and thrown away.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "message_to_a_canceled_receive",
    reference: "jeikabu/runng#65",
    language: Language::Rust,
    class: Class::Lost,
    seen: Seen::Excerpt,
    mechanism: "A canceled receive stays in the queue of those who wait, and the next message is handed to it and thrown \
                away.",
    users: "A message was lost whenever a receive had been canceled before it.",
    fix: "A message that a receive does not take goes to the next one, or is kept.",
    missed: "By a test that drops a receive and then sends; the report has the lines from the source.",
    rule: Rule::NotLost,
    needs: Needs::Orders,
};

const WAITING: u32 = 0;
const HAS_MESSAGE: u32 = 1;
const GONE: u32 = 2;

struct Socket<R: Runtime> {
    receive: R::AtomicU32,
    kept: R::AtomicU32,
}

impl<R: Runtime> Socket<R> {
    fn arrive<const FIXED: bool>(&self) {
        let is_taken = self.receive.compare_exchange(WAITING, HAS_MESSAGE, AcqRel, Acquire).is_ok();
        if FIXED && !is_taken {
            self.kept.fetch_add(1, AcqRel);
        }
    }

    /// Drops the receive; returns whether it had the message, which is the caller's to lose.
    fn cancel(&self) -> bool {
        self.receive.swap(GONE, AcqRel) == HAS_MESSAGE
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let socket = Arc::new(Socket::<R> { receive: Atomic::new(WAITING), kept: Atomic::new(0) });
    let network = Arc::clone(&socket);
    let mut had_message = false;
    two::<R>(move || network.arrive::<FIXED>(), || had_message = socket.cancel());
    let is_kept = socket.kept.load(Acquire) == 1;
    Rule::NotLost.demand(had_message || is_kept, "a message was handed to a receive that was canceled");
}
