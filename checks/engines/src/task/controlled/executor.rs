//! An executor of futures: a queue of those that were woken.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::pin::Pin;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::task::{Context, Poll, Waker};

use super::waker::{self, Wakes};
use crate::executor::controlled::raw::At;
use crate::executor::waits_for_wake;
use crate::sync::controlled::atomic::AtomicBool;
use crate::sync::controlled::{Condvar, Mutex, MutexGuard};

/// Runs futures, on as many threads as call [`Executor::run`].
///
/// A future is polled when it is spawned and whenever it was woken; a wake while it is polled has it polled once more.
#[derive(Clone, Default)]
pub struct Executor(Arc<Queue>);

#[derive(Default)]
struct Queue {
    woken: Mutex<Woken>,
    changed: Condvar,
}

#[derive(Default)]
struct Woken {
    tasks: VecDeque<Arc<Task>>,
    /// How many futures have not ended.
    alive: usize,
}

type Body = Pin<Box<dyn Future<Output = ()> + Send>>;

struct Task {
    body: Mutex<Option<Body>>,
    is_queued: AtomicBool,
    queue: Arc<Queue>,
}

impl Queue {
    #[track_caller]
    fn lock(&self) -> MutexGuard<'_, Woken> {
        self.woken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[track_caller]
    fn ended(&self) {
        let mut woken = self.lock();
        woken.alive -= 1;
        if woken.alive == 0 {
            self.changed.notify_all();
        }
    }

    /// The next future that was woken; `None` if all have ended.
    fn next(&self, at: At) -> Option<Arc<Task>> {
        let mut woken = self.lock();
        waits_for_wake(at);
        loop {
            if woken.alive == 0 {
                return None;
            }
            if !woken.tasks.is_empty() {
                return woken.tasks.pop_front();
            }
            woken = self.changed.wait_at(woken, at).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Task {
    #[track_caller]
    fn enqueue(self: &Arc<Self>) {
        if !self.is_queued.swap(true, Ordering::AcqRel) {
            self.queue.lock().tasks.push_back(Arc::clone(self));
            self.queue.changed.notify_one();
        }
    }

    fn poll(self: Arc<Self>) {
        // From here on a wake is about what this poll may have missed.
        self.is_queued.swap(false, Ordering::AcqRel);
        let mut place = self.body.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(body) = place.as_mut() else { return };
        let waker = waker::waker(Wake(Arc::clone(&self)));
        if body.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
            let body = place.take();
            drop(place);
            drop(body);
            self.queue.ended();
        }
    }
}

struct Wake(Arc<Task>);

impl Wakes for Wake {
    fn wake(&self) {
        self.0.enqueue();
    }
}

impl Executor {
    /// An executor without a future.
    pub fn new() -> Self {
        Executor::default()
    }

    /// Hands a future to whoever runs, or will.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let left = Arc::new(Mutex::new(Left::Nothing(None)));
        let leaves = Arc::clone(&left);
        let body: Body = Box::pin(async move {
            let output = future.await;
            leave(&leaves, Left::Output(output));
        });
        self.0.lock().alive += 1;
        let (queue, is_queued) = (Arc::clone(&self.0), AtomicBool::new(false));
        let task = Arc::new(Task { body: Mutex::new(Some(body)), is_queued, queue });
        task.enqueue();
        JoinHandle { task, left }
    }

    /// Polls what was woken, until every future has ended. Several threads may run at once.
    #[track_caller]
    pub fn run(&self) {
        let at = Location::caller();
        while let Some(task) = self.0.next(at) {
            task.poll();
        }
    }
}

impl fmt::Debug for Executor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Executor").finish_non_exhaustive()
    }
}

/// What a future has left for whoever joins it.
enum Left<T> {
    Nothing(Option<Waker>),
    Output(T),
    Aborted,
    Taken,
}

fn leave<T>(place: &Mutex<Left<T>>, left: Left<T>) {
    let mut place = place.lock().unwrap_or_else(PoisonError::into_inner);
    let before = std::mem::replace(&mut *place, left);
    drop(place);
    if let Left::Nothing(Some(waker)) = before {
        waker.wake();
    }
}

/// A future was aborted before it had ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aborted;

impl fmt::Display for Aborted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the future was aborted")
    }
}

impl std::error::Error for Aborted {}

/// The right to wait for a future of an [`Executor`], and to abort it. Dropped, it lets the future go on.
pub struct JoinHandle<T> {
    task: Arc<Task>,
    left: Arc<Mutex<Left<T>>>,
}

impl<T> JoinHandle<T> {
    /// Drops the future, unless it has ended. If it is polled now, this waits until that poll is over.
    #[track_caller]
    pub fn abort(&self) {
        let body = self.task.body.lock().unwrap_or_else(PoisonError::into_inner).take();
        if body.is_some() {
            drop(body);
            leave(&self.left, Left::Aborted);
            self.task.queue.ended();
        }
    }
}

impl<T> Future for JoinHandle<T> {
    type Output = Result<T, Aborted>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        if let Left::Nothing(waker) = &mut *left {
            *waker = Some(context.waker().clone());
            return Poll::Pending;
        }
        match std::mem::replace(&mut *left, Left::Taken) {
            Left::Output(output) => Poll::Ready(Ok(output)),
            Left::Aborted | Left::Nothing(_) => Poll::Ready(Err(Aborted)),
            Left::Taken => panic!("a join that was answered is polled again"),
        }
    }
}

impl<T> fmt::Debug for JoinHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinHandle").finish_non_exhaustive()
    }
}
