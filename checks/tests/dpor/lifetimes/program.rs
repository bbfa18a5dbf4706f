//! Small programs that free what they share, as data, run on the controlled runtime.

use std::sync::atomic::Ordering::{self, AcqRel, Acquire, Relaxed, Release, SeqCst};

use cancelproof::sync::controlled::atomic::{AtomicU8, fence};
use cancelproof::sync::controlled::{Condvar, Mutex, RwLock};
use cancelproof::thread::controlled as thread;
use std::time::Duration;

use crate::program::Numbers;

/// An operation on an atomic, or a fence.
#[derive(Clone, Copy, Debug)]
pub(super) enum Inner {
    Load(usize, Ordering),
    Store(usize, u8, Ordering),
    Add(usize, u8, Ordering),
    Fence(Ordering),
}

impl Inner {
    pub(super) fn place(self) -> usize {
        match self {
            Inner::Load(place, _) | Inner::Store(place, ..) | Inner::Add(place, ..) => place,
            Inner::Fence(_) => usize::MAX,
        }
    }
}

/// One step of a thread.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Do(Inner),
    /// Under the lock.
    Locked(Inner),
    /// Under the lock, if that is free.
    TryLocked(Inner),
    /// Under a share of the lock.
    Shared(Inner),
    /// If a notification comes before the time is over, under the monitor.
    Timed(Inner),
    /// Notifies all that wait at the monitor.
    Notify,
    /// Frees the atomic, if what the thread has read last is this.
    Free(usize, u8),
    /// Frees the lock, if what the thread has read last is this.
    FreeLock(u8),
}

/// The threads of a program. Each object is freed by one thread at most, and by that once.
pub(super) type Program = Vec<Vec<Step>>;

pub(super) const ATOMICS: usize = 2;

/// What a program shares: each object in a box of its own.
#[derive(Clone, Copy)]
struct Shared {
    atomics: [*mut AtomicU8; ATOMICS],
    lock: *mut RwLock<()>,
    /// Freed by the main thread alone.
    monitor: *mut (Mutex<()>, Condvar),
}

// SAFETY: addresses are only numbers; whether what lies there is still there is what the tests ask.
unsafe impl Send for Shared {}

/// Which objects have been freed: the atomics, then the lock.
type Freed = [bool; ATOMICS + 1];

impl Shared {
    fn new() -> Self {
        Shared {
            atomics: [(); ATOMICS].map(|()| Box::into_raw(Box::new(AtomicU8::new(0)))),
            lock: Box::into_raw(Box::new(RwLock::new(()))),
            monitor: Box::into_raw(Box::default()),
        }
    }

    fn act(self, inner: Inner, last_read: &mut u8) {
        // SAFETY: the memory of an execution stays mapped; whatever is wrong is what the engines are to say.
        let atomic = |place: usize| unsafe { &*self.atomics[place] };
        match inner {
            Inner::Load(place, ordering) => *last_read = atomic(place).load(ordering),
            Inner::Store(place, value, ordering) => atomic(place).store(value, ordering),
            Inner::Add(place, value, ordering) => *last_read = atomic(place).fetch_add(value, ordering),
            Inner::Fence(ordering) => fence(ordering),
        }
    }

    fn free(self, object: usize) {
        // SAFETY: as above; each came from a box.
        unsafe {
            match self.atomics.get(object) {
                Some(atomic) => drop(Box::from_raw(*atomic)),
                None => drop(Box::from_raw(self.lock)),
            }
        }
    }

    fn run_thread(self, steps: &[Step]) -> Freed {
        let (mut last_read, mut freed) = (0, Freed::default());
        // SAFETY: as above.
        let (lock, monitor) = unsafe { (&*self.lock, &*self.monitor) };
        for step in steps {
            match *step {
                Step::Do(inner) => self.act(inner, &mut last_read),
                Step::Locked(inner) => {
                    let _guard = lock.write().expect("nobody panics");
                    self.act(inner, &mut last_read);
                }
                Step::TryLocked(inner) => {
                    if let Ok(_guard) = lock.try_write() {
                        self.act(inner, &mut last_read);
                    }
                }
                Step::Shared(inner) => {
                    let _guard = lock.read().expect("nobody panics");
                    self.act(inner, &mut last_read);
                }
                Step::Timed(inner) => {
                    let guard = monitor.0.lock().expect("nobody panics");
                    let waited = monitor.1.wait_timeout(guard, Duration::from_millis(1));
                    let (_guard, result) = waited.expect("nobody panics");
                    if !result.timed_out() {
                        self.act(inner, &mut last_read);
                    }
                }
                Step::Notify => monitor.1.notify_all(),
                Step::Free(place, value) if last_read == value => {
                    self.free(place);
                    freed[place] = true;
                }
                Step::FreeLock(value) if last_read == value => {
                    self.free(ATOMICS);
                    freed[ATOMICS] = true;
                }
                Step::Free(..) | Step::FreeLock(_) => {}
            }
        }
        freed
    }
}

/// Runs the program. What no thread has freed is freed when all have ended.
pub(super) fn run(program: &Program) {
    let shared = Shared::new();
    let threads: Vec<_> = program
        .iter()
        .cloned()
        .map(|steps| {
            thread::spawn(move || {
                let shared = shared;
                shared.run_thread(&steps)
            })
        })
        .collect();
    let freed: Vec<Freed> = threads.into_iter().map(|thread| thread.join().expect("nobody panics")).collect();
    for object in (0..=ATOMICS).filter(|object| !freed.iter().any(|freed| freed[*object])) {
        shared.free(object);
    }
    // SAFETY: it came from a box, and all threads have ended.
    drop(unsafe { Box::from_raw(shared.monitor) });
}

/// Draws a program of so many threads. If it `only_adds`, no step reads or writes alone, so that a weak memory shows nothing
/// that an interleaving does not.
pub(super) fn draw(numbers: &mut Numbers, threads: usize, steps: usize, only_adds: bool) -> Program {
    let mut program: Program =
        (0..threads).map(|_| (0..steps).map(|_| draw_step(numbers, only_adds)).collect()).collect();
    if threads == 2 && steps < 4 && numbers.below(3) == 0 {
        // One thread waits for a time, and the other notifies. Of more threads and steps the judge would enumerate too many orders.
        let waits = numbers.below(threads);
        program[waits][numbers.below(steps)] = Step::Timed(draw_inner(numbers, only_adds));
        let notifies = &mut program[(waits + 1) % threads];
        notifies.insert(numbers.below(steps + 1), Step::Notify);
    }
    for object in 0..=ATOMICS {
        let freer = numbers.below(threads + 1);
        if let Some(steps) = program.get_mut(freer) {
            let value = numbers.below(3) as u8;
            let free = if object < ATOMICS { Step::Free(object, value) } else { Step::FreeLock(value) };
            // As a rule at the end, where it may be right.
            let place = if numbers.below(4) == 0 { numbers.below(steps.len() + 1) } else { steps.len() };
            steps.insert(place, free);
        }
    }
    program
}

fn draw_step(numbers: &mut Numbers, only_adds: bool) -> Step {
    let inner = draw_inner(numbers, only_adds);
    match numbers.below(8) {
        0 if !matches!(inner, Inner::Fence(_)) => Step::Locked(inner),
        1 if !only_adds && !matches!(inner, Inner::Fence(_)) => Step::TryLocked(inner),
        2 if !matches!(inner, Inner::Fence(_)) => Step::Shared(inner),
        _ => Step::Do(inner),
    }
}

fn draw_inner(numbers: &mut Numbers, only_adds: bool) -> Inner {
    let place = numbers.below(ATOMICS);
    let kind = if only_adds { numbers.below(4) } else { numbers.below(6) };
    match kind {
        0 => Inner::Fence([Acquire, Release, AcqRel, SeqCst][numbers.below(4)]),
        1..4 => Inner::Add(place, 1, [Relaxed, Acquire, Release, AcqRel, AcqRel, SeqCst][numbers.below(6)]),
        4 => Inner::Load(place, [Relaxed, Acquire, Acquire][numbers.below(3)]),
        _ => Inner::Store(place, 1 + numbers.below(2) as u8, [Relaxed, Release, Release][numbers.below(3)]),
    }
}
