//! Where the next block of a modelled thread lies: behind the one before, around what earlier executions have left.

use core::ops::Range;
use core::panic::Location;
use core::ptr;

use super::block::{self, HEADER, State, UNIT};
use super::region;
use super::trouble::Trouble;

pub(crate) use machine::digest;

/// Larger blocks come from the system: to fill and to compare them would take too long.
const BLOCK_MAX: usize = 4 << 20;

/// So much of a lane stays mapped between executions.
const KEPT_BYTES: usize = 1 << 20;

/// With more pieces than this to go round, those that lie close together become one.
const SPANS_MAX: usize = 64;

/// What is close together then.
const CLOSE_BYTES: usize = 1 << 14;

/// Addresses from one to before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    start: usize,
    end: usize,
}

/// Blocks that stay where they are after their execution.
#[derive(Debug, Default)]
pub(super) struct Left {
    /// Where they lie.
    blocks: Vec<usize>,
    /// How much lies in them.
    pub(super) bytes: usize,
}

impl Left {
    /// How many they are.
    pub(super) fn len(&self) -> usize {
        self.blocks.len()
    }

    /// A number that follows from where they lie and what is in them.
    pub(super) fn digest(&self) -> u64 {
        let digests = self.blocks.iter().filter_map(|&start| digest_of(start, State::Pinned));
        digests.fold(0, |sum, (digest, _)| sum.wrapping_add(digest))
    }

    fn add(&mut self, start: usize) {
        self.blocks.push(start);
        self.bytes += header_of(start).capacity();
    }

    /// Forgets what has been freed.
    fn sweep(&mut self) {
        self.blocks.retain(|&start| header_of(start).state() == Some(State::Pinned));
        self.bytes = self.blocks.iter().map(|&start| header_of(start).capacity()).sum();
    }
}

/// The memory of one modelled thread.
#[derive(Debug)]
pub(super) struct Lane {
    start: usize,
    end: usize,
    /// Where the next header may lie.
    next: usize,
    /// The blocks of the present execution.
    blocks: Vec<usize>,
    /// Those that were not freed when somebody looked last.
    alive: Vec<usize>,
    /// How many blocks there were then.
    looked: usize,
    /// How many blocks were looked at for counts of references.
    asked: usize,
    /// The blocks that earlier executions have left.
    pinned: Left,
    /// Those among what they have left that only stacks may own which were abandoned.
    orphaned: Left,
    /// What lies where those are, in order.
    spans: Vec<Span>,
    /// How many of them lie before `next`.
    passed: usize,
}

impl Lane {
    pub(super) fn new(start: usize, end: usize) -> Self {
        Lane {
            start,
            end,
            next: start,
            blocks: Vec::new(),
            alive: Vec::new(),
            looked: 0,
            asked: 0,
            pinned: Left::default(),
            orphaned: Left::default(),
            spans: Vec::new(),
            passed: 0,
        }
    }

    /// A block of the lane's thread; none if there is no room for it.
    #[inline]
    pub(super) fn allocate(
        &mut self,
        size: usize,
        align: usize,
        place: Option<&'static Location<'static>>,
    ) -> Option<*mut u8> {
        if size > BLOCK_MAX || align > BLOCK_MAX {
            return None;
        }
        let align = align.max(UNIT);
        let capacity = size.max(1).next_multiple_of(UNIT);
        let mut start = (self.next + HEADER).next_multiple_of(align);
        while let Some(span) = self.spans.get(self.passed)
            && span.start < start + capacity
        {
            self.passed += 1;
            if span.end > start - HEADER {
                start = (span.end + HEADER).next_multiple_of(align);
            }
        }
        if start + capacity > self.end {
            return None;
        }
        self.next = start + capacity;
        let block = ptr::with_exposed_provenance_mut(start);
        // SAFETY: the memory lies in the lane, behind everything that this execution has and beside what others have left.
        unsafe { block::make(block, size, capacity, place) };
        self.blocks.push(start);
        Some(block)
    }

    /// Looks which of the new blocks begin with counts of references.
    #[inline]
    pub(super) fn look_for_counts(&mut self) {
        for &start in &self.blocks[self.asked..] {
            let block = ptr::with_exposed_provenance_mut(start);
            // SAFETY: the block is one of this lane.
            unsafe { block::header(block) }.look_for_counts(block);
        }
        self.asked = self.blocks.len();
    }

    /// The block of the present execution that an address lies in, if it has counts of references and no strong one is left.
    pub(super) fn count_without_references(&self, address: usize) -> Option<Range<usize>> {
        // The blocks lie one behind the other, in the order in which they were made.
        let behind = self.blocks.partition_point(|start| *start <= address);
        let start = self.blocks[..behind].last().copied()?;
        let first = ptr::with_exposed_provenance_mut(start);
        // SAFETY: the block is one of this lane.
        let header = unsafe { block::header(first) };
        let block = start..start + header.capacity();
        let is_it = header.state() == Some(State::Alive) && block.contains(&address);
        (is_it && header.has_no_strong_references(first)).then_some(block)
    }

    /// What is wrong with the blocks of the present execution.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.blocks.iter().find_map(|&start| {
            let block = ptr::with_exposed_provenance_mut(start);
            // SAFETY: the block is one of this lane.
            let header = unsafe { block::header(block) };
            match header.state() {
                // SAFETY: as above.
                Some(State::Freed) if unsafe { block::is_written_after_free(block, header) } => {
                    Some(Trouble::WrittenAfterFree { size: header.size(), place: header.place() })
                }
                Some(_) => None,
                None => Some(Trouble::Overwritten),
            }
        })
    }

    /// A number that follows from the blocks that are not freed and from what is in them. None if that is too much:
    /// `budget` is how many bytes may be read.
    pub(super) fn digest(&mut self, budget: &mut usize) -> Option<u64> {
        self.alive.extend_from_slice(&self.blocks[self.looked..]);
        self.looked = self.blocks.len();
        let mut sum = 0_u64;
        let mut is_whole = true;
        self.alive.retain(|&start| {
            let Some((digest, bytes)) = digest_of(start, State::Alive) else { return false };
            match budget.checked_sub(bytes) {
                Some(rest) => (*budget, sum) = (rest, sum.wrapping_add(digest)),
                None => is_whole = false,
            }
            is_whole
        });
        is_whole.then_some(sum)
    }

    /// The execution is over: what is left stays where it is. Each such block is told, by its size and the operation
    /// before it was allocated. `has_orphans` says that stacks were abandoned, which may own what is left.
    pub(super) fn finish(
        &mut self,
        has_orphans: bool,
        mut tell: impl FnMut(usize, Option<&'static Location<'static>>),
    ) {
        if self.next > self.start + KEPT_BYTES {
            self.give_back();
        }
        let left = if has_orphans { &mut self.orphaned } else { &mut self.pinned };
        let before = left.len();
        for &start in &self.blocks {
            let header = header_of(start);
            if header.change(State::Alive, State::Pinned) {
                region::pinned(header.size());
                tell(header.size(), header.place());
                left.add(start);
            }
        }
        // They lie one behind the other, as the execution has made them.
        add_spans(&mut self.spans, &left.blocks[before..]);
        self.blocks.clear();
        self.alive.clear();
        self.looked = 0;
        self.asked = 0;
        self.next = self.start;
        self.passed = 0;
    }

    /// What earlier executions have left.
    pub(super) fn pinned(&self) -> &Left {
        &self.pinned
    }

    /// What executions have left of which stacks were abandoned.
    pub(super) fn orphaned(&self) -> &Left {
        &self.orphaned
    }

    /// Forgets blocks that have been freed since their execution ended.
    pub(super) fn sweep(&mut self) {
        self.pinned.sweep();
        self.orphaned.sweep();
        self.lay_spans();
    }

    fn lay_spans(&mut self) {
        let mut blocks = [self.pinned.blocks.as_slice(), &self.orphaned.blocks].concat();
        blocks.sort_unstable();
        self.spans.clear();
        add_spans(&mut self.spans, &blocks);
    }

    /// Gives back what a large execution has touched, where nothing is left.
    fn give_back(&self) {
        let is_left = |start: &&usize| header_of(**start).state() == Some(State::Alive);
        let last =
            self.blocks.iter().rev().find(is_left).map_or(0, |&start| start + header_of(start).capacity());
        let last = last.max(self.spans.last().map_or(0, |span| span.end));
        region::give_back(last.max(self.start + KEPT_BYTES), self.next);
    }
}

/// What lies before a block.
fn header_of(start: usize) -> &'static block::Header {
    // SAFETY: every caller takes the address from a list of blocks, which stay mapped with what lies before them.
    unsafe { block::header(ptr::with_exposed_provenance_mut(start)) }
}

/// A number that follows from what is in a block, if that is in such a state, and the size of the block in bytes.
fn digest_of(start: usize, state: State) -> Option<(u64, usize)> {
    let header = header_of(start);
    let words = header.capacity() / size_of::<u64>();
    // SAFETY: the capacity of the block is mapped there, and no modelled thread runs.
    (header.state() == Some(state)).then(|| (unsafe { digest(start, words) }, header.capacity()))
}

/// Adds the spans of blocks, which lie one behind the other. Nothing but the spans and these blocks is looked at, since after executions
/// with abandoned stacks this is done again and again.
fn add_spans(spans: &mut Vec<Span>, blocks: &[usize]) {
    if blocks.is_empty() {
        return;
    }
    let mut old = core::mem::take(spans).into_iter().peekable();
    for &start in blocks {
        let span = Span { start: start - HEADER, end: start + header_of(start).capacity() };
        while let Some(before) = old.next_if(|before| before.start < span.start) {
            add_span(spans, before, UNIT);
        }
        add_span(spans, span, UNIT);
    }
    old.for_each(|behind| add_span(spans, behind, UNIT));
    if spans.len() > SPANS_MAX {
        for span in core::mem::take(spans) {
            add_span(spans, span, CLOSE_BYTES);
        }
    }
}

/// Adds what lies behind all others; what is close to the one before becomes one with it.
fn add_span(spans: &mut Vec<Span>, span: Span, close: usize) {
    match spans.last_mut() {
        Some(last) if span.start < last.end + close => last.end = last.end.max(span.end),
        _ => spans.push(span),
    }
}

#[cfg(all(target_arch = "x86_64", not(miri)))]
mod machine {
    use core::arch::asm;

    /// A number that follows from where a block lies and what is in it.
    ///
    /// # Safety
    ///
    /// `words` words are mapped at `start`, and no thread writes them meanwhile.
    pub(crate) unsafe fn digest(start: usize, words: usize) -> u64 {
        let mut digest = start as u64;
        for place in 0..words {
            let word: u64;
            // SAFETY: the caller vouches for the word. It is read by an instruction of the machine, since what was never
            // written is uninitialised to the language.
            unsafe {
                asm!(
                    "mov {word}, [{from}]",
                    word = lateout(reg) word,
                    from = in(reg) start + place * 8,
                    options(nostack, preserves_flags, readonly),
                );
            }
            digest = super::stir(digest, word);
        }
        super::stir(digest, words as u64)
    }
}

#[cfg(not(all(target_arch = "x86_64", not(miri))))]
mod machine {
    /// No two states of a thread are equal on this machine, so nobody needs to know.
    pub(crate) unsafe fn digest(start: usize, words: usize) -> u64 {
        super::stir(start as u64, words as u64)
    }
}

/// For a given digest no two words lead to the same one.
#[cfg_attr(miri, allow(dead_code))]
fn stir(digest: u64, word: u64) -> u64 {
    let product = (digest.rotate_left(23) ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    product ^ (product >> 32)
}
