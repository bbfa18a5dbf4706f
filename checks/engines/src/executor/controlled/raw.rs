//! The objects of the runtime without what they hold, with constant constructors: what the modules in the shape of the
//! standard library are made of.

use core::cell::UnsafeCell;
use core::panic::Location;

use super::registered::Registration;
use crate::executor::controller::ObjectKind;
use crate::executor::session::{self, Handle};
use crate::operation::{Action, ObjectId, TaskId};

/// Where an operation is written.
pub(crate) type At = &'static Location<'static>;

/// What an atomic can hold, and its form as the engines' `u64`.
pub(crate) trait Value: Copy {
    /// The width in bits.
    const BITS: u8;

    fn widen(self) -> u64;

    fn truncate(wide: u64) -> Self;
}

macro_rules! values {
    ($($value:ty as $unsigned:ty;)+) => {$(
        #[allow(clippy::cast_lossless, reason = "one text for every width")]
        #[allow(clippy::cast_possible_wrap, reason = "the bits are what counts")]
        #[allow(clippy::cast_sign_loss, reason = "the bits are what counts")]
        impl Value for $value {
            const BITS: u8 = <$value>::BITS as u8;

            #[inline]
            fn widen(self) -> u64 {
                self as $unsigned as u64
            }

            #[inline]
            fn truncate(wide: u64) -> Self {
                wide as Self
            }
        }
    )+};
}

values! {
    u8 as u8;
    u16 as u16;
    u32 as u32;
    u64 as u64;
    usize as usize;
    i8 as u8;
    i16 as u16;
    i32 as u32;
    i64 as u64;
    isize as usize;
}

impl Value for bool {
    const BITS: u8 = 1;

    #[inline]
    fn widen(self) -> u64 {
        u64::from(self)
    }

    #[inline]
    fn truncate(wide: u64) -> Self {
        wide & 1 == 1
    }
}

impl<T> Value for *mut T {
    const BITS: u8 = usize::BITS as u8;

    #[inline]
    fn widen(self) -> u64 {
        self.expose_provenance() as u64
    }

    #[inline]
    fn truncate(wide: u64) -> Self {
        core::ptr::with_exposed_provenance_mut(wide as usize)
    }
}

/// An atomic. While an execution uses it the controller keeps its value; before that, and after exclusive access, the
/// value is here.
#[derive(Debug)]
pub(crate) struct RawAtomic<V> {
    registration: Registration,
    value: UnsafeCell<V>,
}

// SAFETY: the value is written through exclusive references only; an integer is moved between threads freely.
unsafe impl<V: Value> Sync for RawAtomic<V> {}

// SAFETY: a pointer in an atomic is an address; whoever dereferences it answers for that.
unsafe impl<V: Value> Send for RawAtomic<V> {}

impl<V> RawAtomic<V> {
    pub(crate) const fn new(value: V) -> Self {
        RawAtomic { registration: Registration::new(), value: UnsafeCell::new(value) }
    }
}

impl<V: Value> RawAtomic<V> {
    fn initial(&self) -> V {
        // SAFETY: nobody writes the value while there is a shared reference.
        unsafe { *self.value.get() }
    }

    fn handle(&self) -> Handle {
        self.handle_at(None)
    }

    fn handle_at(&self, at: Option<At>) -> Handle {
        let kind = || ObjectKind::Atomic { initial: self.initial().widen(), bits: V::BITS };
        self.registration.handle_at(at, kind)
    }

    #[inline]
    pub(crate) fn perform(&self, action: Action, at: At) -> Result<V, V> {
        match session::perform(action, Some(self.handle_at(Some(at))), at) {
            Ok(value) => Ok(V::truncate(value)),
            Err(value) => Err(V::truncate(value)),
        }
    }

    /// The number of the object in the present execution.
    pub(crate) fn object(&self) -> ObjectId {
        self.handle().object()
    }

    /// The value, for a look at it that is no operation of the code under test.
    pub(crate) fn peek(&self, at: At) -> V {
        if session::is_running() && self.registration.is_known() {
            let ordering = core::sync::atomic::Ordering::Relaxed;
            let (Ok(value) | Err(value)) = self.perform(Action::Load { ordering }, at);
            return value;
        }
        self.initial()
    }

    /// The value, whose owner is the only one to reach it. It is a new object from here on.
    pub(crate) fn get_mut(&mut self, at: At) -> &mut V {
        *self.value.get_mut() = self.peek(at);
        self.registration = Registration::new();
        self.value.get_mut()
    }
}

/// A lock that can be shared and tried for.
#[derive(Debug)]
pub(crate) struct RawLock(Registration);

impl RawLock {
    pub(crate) const fn new() -> Self {
        RawLock(Registration::new())
    }

    fn handle(&self) -> Handle {
        self.0.handle(|| ObjectKind::RwLock)
    }

    /// Whether another execution has left something in what the lock protects.
    pub(crate) fn is_left_over(&self) -> bool {
        session::is_running() && self.0.is_left_over(ObjectKind::RwLock)
    }

    pub(crate) fn object(&self) -> ObjectId {
        self.handle().object()
    }

    pub(crate) fn perform(&self, action: Action, at: At) -> bool {
        let handle = self.0.handle_at(Some(at), || ObjectKind::RwLock);
        session::perform(action, Some(handle), at).is_ok()
    }
}

/// A condition variable.
#[derive(Debug)]
pub(crate) struct RawCondvar(Registration);

impl RawCondvar {
    pub(crate) const fn new() -> Self {
        RawCondvar(Registration::new())
    }

    fn handle(&self) -> Handle {
        self.0.handle(|| ObjectKind::Condvar)
    }

    /// Releases the lock, waits, and takes the lock again.
    pub(crate) fn wait(&self, lock: &RawLock, at: At) {
        let handle = self.handle();
        let _ = session::perform(Action::WaitBegin { lock: lock.object() }, Some(handle), at);
        let _ = session::perform(Action::WaitEnd, Some(handle), at);
        lock.perform(Action::Lock, at);
    }

    /// As [`RawCondvar::wait`], unless the time is over before. Says whether it was.
    pub(crate) fn wait_timed(&self, lock: &RawLock, at: At) -> bool {
        if session::stands_still() {
            self.wait(lock, at);
            return false;
        }
        let handle = self.handle();
        let _ = session::perform(Action::WaitBegin { lock: lock.object() }, Some(handle), at);
        let end = Action::WaitEndTimed { notified: false };
        let is_over = session::perform(end, Some(handle), at).is_err();
        if is_over {
            // A loop that waits again and again goes round, as one that yields does.
            let _ = session::perform(Action::Yield, None, at);
        }
        lock.perform(Action::Lock, at);
        is_over
    }

    pub(crate) fn notify(&self, all: bool, at: At) {
        let action = if all { Action::NotifyAll } else { Action::NotifyOne };
        let _ = session::perform(action, Some(self.handle()), at);
    }
}

/// A place whose accesses are judged by happens-before.
#[derive(Debug)]
pub(crate) struct RawCell(Registration);

impl RawCell {
    pub(crate) const fn new() -> Self {
        RawCell(Registration::new())
    }

    /// Tells of an access.
    pub(crate) fn touch(&self, write: bool, at: At) {
        let action = if write { Action::CellWrite } else { Action::CellRead };
        session::observe(action, self.0.handle_at(Some(at), || ObjectKind::Cell), at);
    }

    /// Tells of the end of an access, unless its task only unwinds.
    pub(crate) fn end(&self, write: bool, at: At) {
        if session::is_running() && self.0.is_known() {
            self.touch(write, at);
        }
    }

    /// The place ends now, whoever drops this later.
    pub(crate) fn close(&self) {
        self.0.end();
    }

    /// A number that changes whenever others may have run.
    pub(crate) fn moment() -> u64 {
        session::suspensions()
    }

    /// Tells of an access before it is made, and once more where it ends if others may have run meanwhile.
    pub(crate) fn access<O>(&self, write: bool, at: At, access: impl FnOnce() -> O) -> O {
        self.touch(write, at);
        let before = session::suspensions();
        let output = access();
        if session::suspensions() != before {
            self.touch(write, at);
        }
        output
    }
}

/// The count of a shared owner.
#[derive(Debug)]
pub(crate) struct RawCount(Registration);

impl RawCount {
    pub(crate) const fn new() -> Self {
        RawCount(Registration::new())
    }

    /// It is the count of the value at this address.
    pub(crate) fn is_of(address: usize) {
        session::counted(address);
    }

    /// The number of references before.
    pub(crate) fn perform(&self, action: Action, at: At) -> u64 {
        let (Ok(before) | Err(before)) =
            session::perform(action, Some(self.0.handle_at(Some(at), || ObjectKind::Arc)), at);
        before
    }
}

/// Starts a task.
pub(crate) fn spawn(body: Box<dyn FnOnce()>, at: At) -> TaskId {
    session::spawn(body, at)
}

/// Waits until a task has ended.
pub(crate) fn join(task: TaskId, at: At) {
    session::join(task, at);
}

/// The calling task, and the number of its execution.
pub(crate) fn current() -> (TaskId, u64) {
    (session::current(), session::execution().number())
}

/// Whether a task has ended.
pub(crate) fn has_ended(task: TaskId) -> bool {
    session::with(|session| session.finished.contains(task))
}

/// Performs an operation that has no object.
pub(crate) fn perform(action: Action, at: At) {
    let _ = session::perform(action, None, at);
}

/// Waits until all other tasks have ended.
pub(crate) fn join_everyone(at: At) {
    let me = session::current();
    let next = || session::with(|session| session.unfinished().iter().find(|task| *task != me));
    while let Some(task) = next() {
        session::join(task, at);
    }
}
