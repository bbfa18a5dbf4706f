//! The memory of one execution: a lane for each modelled thread.

use core::ops::Range;
use core::panic::Location;
use core::sync::atomic::Ordering;

use super::lane::Lane;
use super::region::{LANE_BYTES, start_of, unpinned_in};
use super::trouble::Trouble;
use super::{LANES, LAST_LEFT, LeftBlock};

/// With more memory in use than this, it is not compared.
const COMPARED_MAX: usize = 1 << 20;

/// If earlier executions have left more than this, what they have left is not compared: a test that keeps what it sees.
const PINNED_COMPARED_MAX: usize = 64 << 10;

/// If more than this is left that abandoned stacks may own, it is not compared: it is all but always theirs alone, no thread
/// changes it any more, and it would be read whenever a thread is suspended.
const ORPHANED_COMPARED_MAX: usize = 1 << 10;

/// What a modelled thread has changed in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Changes {
    /// There is no arena: nothing is known of memory, here and elsewhere.
    Unseen,
    /// There is one, but not all of the memory lies in it, or nobody was to look before.
    #[default]
    Unknown,
    /// What it changed comes to this sum: two of them are equal if what was changed in between was changed back.
    Sum(u64),
}

/// The memory of the executions of one executor.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "each says one thing, independent of the others")]
pub(crate) struct Slot {
    number: usize,
    lanes: [Lane; LANES],
    /// How many lanes the present execution uses.
    used: usize,
    /// Whether all blocks that threads asked for in this execution lie here.
    is_whole: bool,
    /// Whether what earlier executions have left is compared as well.
    compares_pinned: bool,
    /// Whether that includes what abandoned stacks may own.
    compares_orphaned: bool,
    /// Whether what threads change is summed up.
    is_watched: bool,
    /// The digest of everything when a thread was suspended last.
    digest: u64,
    /// What each thread has changed since somebody began to look.
    sums: [u64; LANES],
}

impl Slot {
    pub(super) fn new(number: usize) -> Self {
        let start = start_of(number);
        let lane = |lane| {
            let start = start + lane * LANE_BYTES;
            Lane::new(start, start + LANE_BYTES)
        };
        Slot {
            number,
            lanes: core::array::from_fn(lane),
            used: 0,
            is_whole: true,
            compares_pinned: false,
            compares_orphaned: false,
            is_watched: false,
            digest: 0,
            sums: [0; LANES],
        }
    }

    pub(super) fn number(&self) -> usize {
        self.number
    }

    pub(super) fn is_watched(&self) -> bool {
        self.is_watched
    }

    /// An execution begins.
    pub(super) fn begin(&mut self) {
        let freed = unpinned_in(self.number);
        let pinned: usize = self.lanes.iter().map(|lane| lane.pinned().len() + lane.orphaned().len()).sum();
        // Not at each free, so that a test that keeps ever more does not look at all of it ever again.
        if pinned > 0 && freed.load(Ordering::Relaxed) as usize * 2 >= pinned {
            freed.store(0, Ordering::Relaxed);
            self.lanes.iter_mut().for_each(Lane::sweep);
        }
        let bytes: usize = self.lanes.iter().map(|lane| lane.pinned().bytes).sum();
        self.compares_pinned = (1..=PINNED_COMPARED_MAX).contains(&bytes);
        let bytes: usize = self.lanes.iter().map(|lane| lane.orphaned().bytes).sum();
        self.compares_orphaned = (1..=ORPHANED_COMPARED_MAX).contains(&bytes);
        self.used = 0;
        self.is_whole = true;
        self.is_watched = false;
        self.sums = [0; LANES];
    }

    #[inline]
    pub(super) fn allocate(
        &mut self,
        lane: u8,
        size: usize,
        align: usize,
        place: Option<&'static Location<'static>>,
    ) -> Option<*mut u8> {
        let lane = usize::from(lane);
        self.used = self.used.max(lane + 1);
        let block = self.lanes.get_mut(lane).and_then(|lane| lane.allocate(size, align, place));
        self.is_whole &= block.is_some();
        block
    }

    /// The block of the present execution that an address lies in, if it has counts of references and no strong one is left.
    pub(super) fn count_without_references(&self, address: usize) -> Option<Range<usize>> {
        let lane = address.checked_sub(start_of(self.number))? / LANE_BYTES;
        self.lanes.get(lane)?.count_without_references(address)
    }

    /// A thread is suspended.
    #[inline]
    pub(super) fn suspended(&mut self, task: u8) {
        self.lanes[usize::from(task)].look_for_counts();
        if self.is_watched {
            let before = self.digest;
            self.look();
            let sum = &mut self.sums[usize::from(task)];
            *sum = sum.wrapping_add(self.digest.wrapping_sub(before));
        }
    }

    /// What a thread has changed since somebody asked first.
    pub(super) fn changes(&mut self, task: u8) -> Changes {
        if !self.is_watched && self.is_whole {
            self.is_watched = true;
            self.look();
        }
        match self.sums.get(usize::from(task)) {
            Some(sum) if self.is_whole => Changes::Sum(*sum),
            _ => Changes::Unknown,
        }
    }

    fn look(&mut self) {
        let mut budget = COMPARED_MAX;
        let mut sum = 0_u64;
        for lane in &mut self.lanes[..self.used] {
            match lane.digest(&mut budget) {
                Some(digest) => sum = sum.wrapping_add(digest),
                None => self.is_whole = false,
            }
        }
        if self.compares_pinned {
            // A static that a thread has made in the first execution is to count in all later ones as it did there.
            sum = self.lanes.iter().map(|lane| lane.pinned().digest()).fold(sum, u64::wrapping_add);
        }
        if self.compares_orphaned {
            sum = self.lanes.iter().map(|lane| lane.orphaned().digest()).fold(sum, u64::wrapping_add);
        }
        self.digest = sum;
        self.is_watched &= self.is_whole;
    }

    /// What is wrong with the blocks of the present execution, and whose block it is.
    pub(super) fn trouble(&self) -> Option<(u8, Trouble)> {
        let mut lanes = self.lanes[..self.used].iter().enumerate();
        lanes.find_map(|(number, lane)| Some((number as u8, lane.trouble()?)))
    }

    /// The execution is over: what is left stays where it is. `has_orphans` says that stacks were abandoned, which may own it.
    pub(super) fn finish(&mut self, has_orphans: bool) {
        let mut first = None;
        for lane in &mut self.lanes[..self.used] {
            lane.finish(has_orphans, |size, after| {
                first.get_or_insert(LeftBlock { size, after });
            });
        }
        if first.is_some() {
            LAST_LEFT.set(first);
        }
        self.used = 0;
    }
}
