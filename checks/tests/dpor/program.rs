//! Small programs as data, run on any runtime.

use core::fmt::Debug;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Release};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};

use cancelproof::model::runtime::{Atomic, Condvar, JoinHandle, Mutex, Runtime, Thread};

/// One step of a thread. Objects are named by small numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    Load(usize),
    Store(usize, u8),
    Add(usize, u8),
    /// From, to.
    Exchange(usize, u8, u8),
    /// The same by a weak compare-exchange, of which it is noted whether it wrote.
    ExchangeWeak(usize, u8, u8),
    /// Takes the lock, counts in it, releases it.
    Locked(usize),
    /// Takes the first lock, then the second, and releases both.
    Nested(usize, usize),
    /// Takes the lock, adds 1 to the atomic, releases the lock.
    Guarded(usize, usize),
    /// Takes lock 0, waits once on the condition variable, counts, releases the lock.
    Wait,
    /// As [`Step::Wait`], but adds 1 to the atomic while it holds the lock, before it waits.
    AnnouncedWait(usize),
    NotifyOne,
    NotifyAll,
    Park,
    /// Unparks the thread of this place.
    Unpark(usize),
    /// Loads until the value is there, yielding in between.
    Await(usize, u8),
}

/// The threads of a program.
pub(crate) type Program = Vec<Vec<Step>>;

/// The place of a step: its thread, and its number there.
pub(crate) type Place = (usize, usize);

/// Which threads are started and joined by others than the main one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shape {
    /// The place before which each such thread is started.
    pub(crate) spawned: BTreeMap<usize, Place>,
    /// The place before which it is joined, by the thread that started it, if it is.
    pub(crate) joined: BTreeMap<usize, Place>,
}

/// What each thread read, in order.
pub(crate) type Outcome = Vec<Vec<u64>>;

pub(crate) const ATOMICS: usize = 3;
pub(crate) const LOCKS: usize = 2;

pub(crate) struct Shared<R: Runtime> {
    atomics: [R::AtomicU8; ATOMICS],
    locks: [R::Mutex<u64>; LOCKS],
    condvar: R::Condvar,
    /// Filled by the threads before their first step; invisible to the engine.
    threads: StdMutex<Vec<Option<R::Thread>>>,
}

/// Runs the program: the main task spawns the threads and joins them.
pub(crate) fn run<R: Runtime>(program: &Program) -> Outcome {
    let shared = Arc::new(Shared::<R>::of(program.len()));
    let handles: Vec<_> = program
        .iter()
        .cloned()
        .enumerate()
        .map(|(place, steps)| {
            let shared = Arc::clone(&shared);
            R::spawn(move || shared.run_thread(place, &steps))
        })
        .collect();
    handles.into_iter().map(JoinHandle::join).collect()
}

impl<R: Runtime> Shared<R> {
    /// What a program of so many threads works on.
    pub(crate) fn of(threads: usize) -> Self {
        Shared {
            atomics: core::array::from_fn(|_| Atomic::new(0)),
            locks: core::array::from_fn(|_| Mutex::new(0)),
            condvar: Condvar::new(),
            threads: StdMutex::new(vec![None; threads]),
        }
    }

    fn run_thread(&self, place: usize, steps: &[Step]) -> Vec<u64> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)[place] = Some(R::current());
        if steps.iter().any(|step| matches!(step, Step::Unpark(_))) {
            // Lets every other thread begin. A yield depends on nothing, so it adds no trace.
            R::yield_now();
        }
        let mut read = Vec::new();
        for step in steps {
            self.run_step(*step, &mut read);
        }
        read
    }

    /// Performs one step; `read` gets what the program is told.
    pub(crate) fn run_step(&self, step: Step, read: &mut Vec<u64>) {
        match step {
            Step::Load(place) => read.push(self.atomics[place].load(Acquire).into()),
            Step::Store(place, value) => self.atomics[place].store(value, Release),
            Step::Add(place, value) => read.push(self.atomics[place].fetch_add(value, AcqRel).into()),
            Step::Exchange(place, from, to) => {
                let (Ok(value) | Err(value)) =
                    self.atomics[place].compare_exchange(from, to, AcqRel, Acquire);
                read.push(value.into());
            }
            Step::ExchangeWeak(place, from, to) => {
                let result = self.atomics[place].compare_exchange_weak(from, to, AcqRel, Acquire);
                let (Ok(value) | Err(value)) = result;
                read.push(u64::from(value) | u64::from(result.is_ok()) << 8);
            }
            Step::Locked(place) => {
                let mut guard = self.locks[place].lock();
                read.push(*guard);
                *guard += 1;
            }
            Step::Nested(outer, inner) => {
                let _outer = self.locks[outer].lock();
                let mut inner = self.locks[inner].lock();
                read.push(*inner);
                *inner += 1;
            }
            Step::Guarded(lock, place) => {
                let _guard = self.locks[lock].lock();
                read.push(self.atomics[place].fetch_add(1, AcqRel).into());
            }
            Step::Wait | Step::AnnouncedWait(_) => {
                let guard = self.locks[0].lock();
                if let Step::AnnouncedWait(place) = step {
                    self.atomics[place].fetch_add(1, AcqRel);
                }
                let mut guard = self.condvar.wait(guard);
                read.push(*guard);
                *guard += 1;
            }
            Step::NotifyOne => self.condvar.notify_one(),
            Step::NotifyAll => self.condvar.notify_all(),
            Step::Park => R::park(),
            Step::Unpark(place) => {
                let threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
                let thread = threads[place].clone().expect("every thread has begun before any step");
                drop(threads);
                thread.unpark();
            }
            Step::Await(place, value) => {
                while self.atomics[place].load(Acquire) != value {
                    R::yield_now();
                }
            }
        }
    }
}

/// A source of numbers that is the same in every run.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ mixed >> 31) as usize % limit
    }

    /// A program of `threads` threads of `steps` steps each.
    pub(crate) fn program(
        &mut self,
        threads: usize,
        steps: usize,
        kinds: &[fn(&mut Self) -> Step],
    ) -> Program {
        (0..threads)
            .map(|_| {
                (0..steps)
                    .map(|_| {
                        let kind = kinds[self.below(kinds.len())];
                        kind(self)
                    })
                    .collect()
            })
            .collect()
    }
}
