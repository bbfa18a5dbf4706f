//! What a suspended task remembers, as far as it lies on its stack and in its registers.
//!
//! A loop that waits is a repetition only if the task comes back to where it was *in the same state*: a counter of turns
//! that the program sees later makes each turn another one. The stacks are ours, so the states can be compared: a
//! [`Standing`] is a copy of everything that a task had when it was suspended, from the stack pointer up to the frame
//! in which its body began, with the registers that a call preserves and the place in the code. Two equal standings of
//! one task are one state of its stack.
//!
//! # What makes the copy complete
//!
//! [`note`] runs on the task's own stack, in the call that suspends it. By the calling convention whatever the task's code
//! still needs lies then above the stack pointer or in a preserved register: `rbx`, `rbp` and `r12` to `r15` on
//! `x86_64` outside Windows, where no vector register is preserved. The last four are declared overwritten, as the
//! coroutine library does when it switches, so that the compiler has put what was in them on the stack; the first two
//! are read. The instruction pointer tells apart the copies of an inlined call. Elsewhere nothing is noted, and no two
//! standings are equal. Dead bytes within the frames are compared like others: if they differ, a repetition is
//! merely not recognised.
//!
//! # What lies elsewhere
//!
//! What the task holds in the heap is not on its stack. The arena tells what the task has changed there, all in all
//! ([`arena::changes`]); without an arena nobody looks, and the record of claims says so. What it has in thread-locals of the
//! standard library is told by whoever keeps that apart ([`keeps`]). Memory behind a lock is counted
//! by its guard ([`touched`]), memory of a cell by the cell, and atomics belong to the engine.

use core::cell::{Cell, RefCell};

use super::controller::TASKS_MAX;
use crate::arena::{self, Changes};
use crate::operation::TaskId;

/// The registers that are noted: two that a call preserves, the stack pointer and the instruction pointer.
const WORDS: usize = 4;

/// The place of the stack pointer among them.
const STACK_POINTER: usize = 2;

/// Where a task is suspended.
#[derive(Clone, Copy)]
struct Place {
    registers: [u64; WORDS],
    /// The address above everything of the task's; 0 if it is not known.
    top: usize,
    /// How often the task had access to change what a lock protects.
    touches: u64,
    /// A number that follows from what it has in thread-locals of the standard library.
    locals: u64,
}

impl Place {
    const NOWHERE: Place = Place { registers: [0; WORDS], top: 0, touches: 0, locals: 0 };
}

thread_local! {
    static PLACES: RefCell<[Place; TASKS_MAX]> = const { RefCell::new([Place::NOWHERE; TASKS_MAX]) };
    /// The task that runs.
    static CURRENT: Cell<u8> = const { Cell::new(0) };
    /// Whether it has noted where it is, for the suspension that comes.
    static NOTED: Cell<bool> = const { Cell::new(false) };
}

/// What is known of a task's state beside an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    /// It is shown to be the same.
    Same,
    /// It differs, or cannot be compared.
    Unknown,
    /// The task had access to change something in between that is not its own.
    Touched,
}

/// The state of a task at one moment, as far as it lies on its stack and in its registers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Standing {
    registers: [u64; WORDS],
    stack: Vec<u64>,
    touches: u64,
    locals: u64,
    /// What it has changed of its memory.
    changes: Changes,
}

impl Standing {
    /// Takes the present state of a suspended task, at which its first turn begins.
    ///
    /// Its memory is looked at only if it has been before: as long as no turn has ended there is nothing to compare.
    pub(crate) fn begin(&mut self, task: TaskId) {
        let _ = self.take(task, arena::changes_if_asked(task.0));
    }

    /// Takes the present state of a suspended task, and compares it with what was here before.
    pub(crate) fn renew(&mut self, task: TaskId) -> Comparison {
        self.take(task, arena::changes(task.0))
    }

    fn take(&mut self, task: TaskId, changes: Changes) -> Comparison {
        let place = with(task, |place| *place).unwrap_or(Place::NOWHERE);
        let bottom = place.registers[STACK_POINTER] as usize;
        let Some(bytes) = place.top.checked_sub(bottom).filter(|bytes| bottom != 0 && bytes % 8 == 0) else {
            self.forget();
            return Comparison::Unknown;
        };
        let length = bytes / 8;
        let before = core::mem::replace(&mut self.changes, changes);
        let mut same = before == changes && changes != Changes::Unknown;
        same &= self.registers == place.registers && self.stack.len() == length;
        same &= core::mem::replace(&mut self.locals, place.locals) == place.locals;
        self.registers = place.registers;
        let touched = core::mem::replace(&mut self.touches, place.touches) != place.touches;
        self.stack.resize(length, 0);
        // SAFETY: the task is suspended on this thread of the machine, so the bytes between its stack pointer and the
        // frame in which it began are mapped, and nobody writes them.
        same &= !unsafe { machine::take(bottom, &mut self.stack) };
        match (touched, same) {
            (true, _) => Comparison::Touched,
            (false, true) => Comparison::Same,
            (false, false) => Comparison::Unknown,
        }
    }

    /// Forgets what was taken: nothing is equal to it.
    pub(crate) fn forget(&mut self) {
        self.registers = [0; WORDS];
        self.stack.clear();
        self.changes = Changes::Unknown;
    }
}

/// Gives access to the place of a task, if it is one that engines of ours can run.
fn with<O>(task: TaskId, access: impl FnOnce(&mut Place) -> O) -> Option<O> {
    PLACES.with_borrow_mut(|places| places.get_mut(usize::from(task.0)).map(access))
}

/// A task begins: everything of its own will lie below `top`.
pub(crate) fn enter(task: TaskId, top: usize) {
    with(task, |place| *place = Place { top, ..Place::NOWHERE });
}

/// Runs the body of a task that another host than our executor has begun: what the body has lies below here.
pub(crate) fn beneath<T, F: FnOnce() -> T>(task: TaskId, body: F) -> T {
    let mut place = Some(body);
    let end = core::ptr::from_mut(&mut place).wrapping_add(1).addr();
    enter(task, end.next_multiple_of(8));
    below(&mut place)
}

/// A frame of its own, so that nothing of the body lies above it.
#[inline(never)]
fn below<T, F: FnOnce() -> T>(place: &mut Option<F>) -> T {
    place.take().expect("the body was put there by the caller")()
}

/// Whether something holds of a word that a suspended task has on its stack or in a register that a call preserves, as an
/// address. None if nothing is known of the task.
pub(crate) fn any_word(task: TaskId, holds: impl Fn(usize) -> bool) -> Option<bool> {
    let place = with(task, |place| *place)?;
    let bottom = place.registers[STACK_POINTER] as usize;
    let bytes = place.top.checked_sub(bottom).filter(|bytes| bottom != 0 && bytes % 8 == 0)?;
    let mut words = vec![0; bytes / 8];
    // SAFETY: as in `Standing::take`.
    let _ = unsafe { machine::take(bottom, &mut words) };
    Some(words.iter().chain(&place.registers[..STACK_POINTER]).any(|word| holds(*word as usize)))
}

/// No task has begun.
pub(crate) fn reset() {
    PLACES.with_borrow_mut(|places| *places = [Place::NOWHERE; TASKS_MAX]);
}

/// The task that runs is about to be suspended, within the call that this is made from.
///
/// A yield notes in the frame of whoever yields, which holds nothing of the runtime's own: dead bytes there would make
/// the first turns of a loop look different.
#[inline(always)]
#[allow(clippy::inline_always, reason = "the registers are those of the frame that it is written in")]
pub(crate) fn note() {
    let mut registers = [0; WORDS];
    machine::read(&mut registers);
    keep(registers);
}

#[inline(never)]
fn keep(registers: [u64; WORDS]) {
    with(TaskId(CURRENT.get()), |place| place.registers = registers);
    NOTED.set(true);
}

/// Whether the suspension that comes was noted.
#[inline]
pub(crate) fn take_noted() -> bool {
    NOTED.replace(false)
}

/// The task that runs is about to be suspended where nothing was noted.
#[cfg(feature = "shuttle")]
pub(crate) fn lose() {
    with(TaskId(CURRENT.get()), |place| place.registers = [0; WORDS]);
}

/// The task that runs now, for [`touched`].
pub(crate) fn runs(task: TaskId) {
    CURRENT.set(task.0);
}

/// The task, which has just been suspended, has in thread-locals of the standard library what this number follows from.
#[inline]
pub(crate) fn keeps(task: TaskId, locals: u64) {
    with(task, |place| place.locals = locals);
}

/// The task that runs may change memory that the executor does not see.
#[inline]
pub(crate) fn touched() {
    with(TaskId(CURRENT.get()), |place| place.touches += 1);
}

#[cfg(all(target_arch = "x86_64", not(windows), not(miri)))]
mod machine {
    use core::arch::asm;

    use super::WORDS;

    /// Reads the registers, and has the compiler put on the stack what is in the others that a call preserves.
    #[inline(always)]
    #[allow(clippy::inline_always, reason = "see `note`")]
    pub(super) fn read(registers: &mut [u64; WORDS]) {
        // SAFETY: it writes the four words that the pointer is good for, and changes one register, which it names.
        unsafe {
            asm!(
                "mov [{to}], rbx",
                "mov [{to} + 8], rbp",
                "mov [{to} + 16], rsp",
                "lea {here}, [rip]",
                "mov [{to} + 24], {here}",
                to = in(reg) registers.as_mut_ptr(),
                here = out(reg) _,
                out("r12") _,
                out("r13") _,
                out("r14") _,
                out("r15") _,
                options(nostack, preserves_flags),
            );
        }
    }

    /// Copies a piece of a stack. Returns whether anything differs from what was there before.
    ///
    /// # Safety
    ///
    /// As many words as `to` has are mapped at `from`, and nobody writes them meanwhile.
    pub(super) unsafe fn take(from: usize, to: &mut [u64]) -> bool {
        let mut differs = 0;
        for (place, before) in to.iter_mut().enumerate() {
            let word: u64;
            // SAFETY: the caller vouches for the word. It is read by an instruction of the machine, since padding and dead
            // slots are uninitialised to the language.
            unsafe {
                asm!(
                    "mov {word}, [{from}]",
                    word = lateout(reg) word,
                    from = in(reg) from + place * 8,
                    options(nostack, preserves_flags, readonly),
                );
            }
            differs |= core::mem::replace(before, word) ^ word;
        }
        differs != 0
    }
}

#[cfg(not(all(target_arch = "x86_64", not(windows), not(miri))))]
mod machine {
    use super::WORDS;

    /// Nothing is known of the registers of this machine.
    pub(super) fn read(_: &mut [u64; WORDS]) {}

    /// Never asked for: without a stack pointer there is nothing to take.
    pub(super) unsafe fn take(_: usize, _: &mut [u64]) -> bool {
        true
    }
}
