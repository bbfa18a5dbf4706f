//! A packet is made on the stack and sent later if the socket would block.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "header_freed_before_it_is_sent",
    reference: "ska-sa/spead2#38",
    language: Language::Cpp,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "The next packet is made on the stack and handed to an asynchronous send; if the socket would \
        block, the send reads the header after the function has returned and freed it.",
    users: "What is sent may be memory that was freed before, when the socket would block.",
    fix: "The packet belongs to the operation and is freed by its completion.",
    missed: "Only with a socket that would block; the report names no test.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

const WOULD_BLOCK: u8 = 1;

struct Stream<R: Runtime> {
    socket: R::AtomicU8,
    header: Block<R>,
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let stream =
        Arc::new(Stream::<R> { socket: Atomic::new(WOULD_BLOCK), header: Block::new("the packet's header") });
    let reactor = Arc::clone(&stream);
    let send_when_ready = move || {
        reactor.socket.swap(0, AcqRel);
        reactor.header.touch();
        if FIXED {
            reactor.header.free();
        }
    };
    two::<R>(send_when_ready, || {
        stream.socket.load(Acquire);
        // The function returns, and its stack goes.
        if !FIXED {
            stream.header.free();
        }
    });
    stream.header.demand_freed();
}
