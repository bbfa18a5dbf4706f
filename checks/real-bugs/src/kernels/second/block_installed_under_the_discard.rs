//! Receivers that go away find no first block, a sender installs one, and then they store that there is none.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "block_installed_under_the_discard",
    reference: "crossbeam-rs/crossbeam#1084",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "Receivers that go away find no first block, a sender installs one, and then they store that there is \
                none.",
    users: "A block of memory leaked now and then when the receivers of a channel were dropped while it was first sent \
            to.",
    fix: "The block is taken by a swap where it was loaded, and nothing is stored at the end.",
    missed: "Miri shows it with luck; it was reported for the standard library, which has the same code.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

const NONE: u32 = 0;
const BLOCK: u32 = 1;

struct Channel<R: Runtime> {
    head: R::AtomicU32,
    block: Block<R>,
}

impl<R: Runtime> Channel<R> {
    fn install_first_block(&self) {
        self.head.swap(BLOCK, AcqRel);
    }

    fn discard_all<const FIXED: bool>(&self) {
        let head = if FIXED { self.head.swap(NONE, AcqRel) } else { self.head.load(Acquire) };
        if head == BLOCK {
            self.block.free();
        }
        if !FIXED {
            self.head.swap(NONE, AcqRel);
        }
    }

    /// The last of them frees what is left.
    fn drop_channel(&self) {
        if self.head.load(Acquire) == BLOCK {
            self.block.free();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let block = Block::new("the first block");
    let channel = Arc::new(Channel::<R> { head: Atomic::new(NONE), block });
    let sender = Arc::clone(&channel);
    two::<R>(move || sender.install_first_block(), || channel.discard_all::<FIXED>());
    channel.drop_channel();
    channel.block.demand_freed();
}
