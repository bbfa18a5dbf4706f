//! An independent judge of drops: every interleaving of a program, in a model of its own, in which what happens before what is
//! a set of events. Nothing is shared with the engines but the meaning of the steps.

use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Release, SeqCst};

use super::program::{ATOMICS, Inner, Program, Step};

/// What a thread does at once.
#[derive(Clone, Copy, Debug)]
enum Micro {
    Do(Inner),
    Lock,
    /// If the lock is held, so many steps are left out.
    TryLock(usize),
    Unlock,
    LockShared,
    UnlockShared,
    /// If what was read last is this.
    Free(usize, u8),
    FreeLock(u8),
    LockMonitor,
    UnlockMonitor,
    WaitBegin,
    WaitEnd,
    /// How many steps are left out if the time was over.
    Unless(usize),
    Notify,
}

fn take_apart(step: Step) -> Vec<Micro> {
    match step {
        Step::Do(inner) => vec![Micro::Do(inner)],
        Step::Locked(inner) => vec![Micro::Lock, Micro::Do(inner), Micro::Unlock],
        Step::TryLocked(inner) => vec![Micro::TryLock(2), Micro::Do(inner), Micro::Unlock],
        Step::Shared(inner) => vec![Micro::LockShared, Micro::Do(inner), Micro::UnlockShared],
        Step::Timed(inner) => vec![
            Micro::LockMonitor,
            Micro::WaitBegin,
            Micro::WaitEnd,
            Micro::LockMonitor,
            Micro::Unless(1),
            Micro::Do(inner),
            Micro::UnlockMonitor,
        ],
        Step::Notify => vec![Micro::Notify],
        Step::Free(place, value) => vec![Micro::Free(place, value)],
        Step::FreeLock(value) => vec![Micro::FreeLock(value)],
    }
}

/// A set of events.
type Events = u64;

#[derive(Clone, Debug, Default)]
struct View {
    place: usize,
    last_read: u8,
    /// Whether it waits, and whether it was notified: both are over where its wait ends.
    waits: bool,
    is_notified: bool,
    is_over: bool,
    /// What happens before the next event.
    before: Events,
    /// What an acquiring fence would add.
    read: Events,
    /// What the last releasing fence has seen.
    fenced: Events,
}

#[derive(Clone, Debug, Default)]
struct Object {
    value: u8,
    /// What whoever acquires of it gets.
    released: Events,
    /// Of the lock: what those who had shares released.
    shared: Events,
    accesses: Events,
    is_freed: bool,
}

#[derive(Clone, Debug)]
struct Machine {
    threads: Vec<View>,
    atomics: Vec<Object>,
    /// Its value is 1 while a thread has it alone, and twice the number of shares otherwise.
    lock: Object,
    monitor: Object,
    events: u32,
}

/// Whether something is wrong in some interleaving of the program, and how many there are.
pub(super) fn judge(program: &Program) -> (bool, u64) {
    let code: Vec<Vec<Micro>> =
        program.iter().map(|steps| steps.iter().copied().flat_map(take_apart).collect()).collect();
    let machine = Machine {
        threads: vec![View::default(); code.len()],
        atomics: vec![Object::default(); ATOMICS],
        lock: Object::default(),
        monitor: Object::default(),
        events: 0,
    };
    let mut interleavings = 0;
    let is_wrong = machine.explore(&code, &mut interleavings);
    (is_wrong, interleavings)
}

impl Machine {
    fn explore(&self, code: &[Vec<Micro>], interleavings: &mut u64) -> bool {
        let mut has_moved = false;
        let mut is_wrong = false;
        for thread in 0..code.len() {
            let Some(step) = code[thread].get(self.threads[thread].place).copied() else { continue };
            if !self.is_possible(step) {
                continue;
            }
            has_moved = true;
            let mut next = self.clone();
            is_wrong |= !next.perform(thread, step) || next.explore(code, interleavings);
        }
        *interleavings += u64::from(!has_moved);
        is_wrong
    }

    fn is_possible(&self, step: Micro) -> bool {
        match step {
            Micro::Lock => self.lock.is_freed || self.lock.value == 0,
            Micro::LockShared => self.lock.is_freed || self.lock.value != 1,
            Micro::LockMonitor => self.monitor.value == 0,
            _ => true,
        }
    }

    /// Performs a step. False if that is wrong.
    fn perform(&mut self, thread: usize, step: Micro) -> bool {
        let event: Events = 1 << self.events;
        self.events += 1;
        let view = &mut self.threads[thread];
        view.place += 1;
        match step {
            Micro::Do(Inner::Fence(ordering)) => {
                if acquires(ordering) {
                    view.before |= view.read;
                }
                if releases(ordering) {
                    view.fenced = view.before;
                }
                true
            }
            Micro::Do(inner) => act(view, &mut self.atomics[inner.place()], inner, event),
            Micro::Free(place, value) => view.last_read != value || free(view, &mut self.atomics[place]),
            Micro::Notify => {
                for waiting in self.threads.iter_mut().filter(|view| view.waits) {
                    waiting.is_notified = true;
                }
                true
            }
            Micro::WaitEnd => {
                view.is_over = !view.is_notified;
                (view.waits, view.is_notified) = (false, false);
                true
            }
            Micro::Unless(skipped) => {
                view.place += if view.is_over { skipped } else { 0 };
                true
            }
            Micro::LockMonitor => lock(view, &mut self.monitor, Micro::Lock, event),
            Micro::UnlockMonitor => lock(view, &mut self.monitor, Micro::Unlock, event),
            Micro::WaitBegin => {
                view.waits = true;
                lock(view, &mut self.monitor, Micro::Unlock, event)
            }
            Micro::FreeLock(value) => view.last_read != value || free(view, &mut self.lock),
            _ => lock(view, &mut self.lock, step, event),
        }
    }
}

fn free(view: &View, object: &mut Object) -> bool {
    let is_right = !object.is_freed && object.accesses & !view.before == 0;
    object.is_freed = true;
    is_right
}

fn act(view: &mut View, object: &mut Object, inner: Inner, event: Events) -> bool {
    if object.is_freed {
        return false;
    }
    object.accesses |= event;
    let (Inner::Load(_, ordering) | Inner::Store(_, _, ordering) | Inner::Add(_, _, ordering)) = inner else {
        return true;
    };
    let old = object.value;
    if !matches!(inner, Inner::Store(..)) {
        view.last_read = old;
        let gained = if acquires(ordering) { &mut view.before } else { &mut view.read };
        *gained |= object.released;
    }
    view.before |= event;
    let released = if releases(ordering) { view.before } else { view.fenced };
    match inner {
        Inner::Store(_, value, _) => (object.value, object.released) = (value, released),
        Inner::Add(_, value, _) => {
            object.value = old.wrapping_add(value);
            object.released |= released;
        }
        _ => {}
    }
    true
}

fn lock(view: &mut View, lock: &mut Object, step: Micro, event: Events) -> bool {
    if lock.is_freed {
        return false;
    }
    lock.accesses |= event;
    match step {
        Micro::TryLock(skipped) if lock.value != 0 => {
            view.place += skipped;
            view.before |= event;
        }
        Micro::Lock | Micro::TryLock(_) => {
            lock.value = 1;
            view.before |= lock.released | lock.shared | event;
        }
        Micro::LockShared => {
            lock.value += 2;
            view.before |= lock.released | event;
        }
        Micro::Unlock => {
            view.before |= event;
            (lock.value, lock.released) = (0, view.before);
        }
        Micro::UnlockShared => {
            view.before |= event;
            lock.value -= 2;
            lock.shared |= view.before;
        }
        _ => {}
    }
    true
}

fn acquires(ordering: Ordering) -> bool {
    matches!(ordering, Acquire | AcqRel | SeqCst)
}

fn releases(ordering: Ordering) -> bool {
    matches!(ordering, Release | AcqRel | SeqCst)
}
