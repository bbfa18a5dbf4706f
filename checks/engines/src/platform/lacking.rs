//! What loom or shuttle has not, under the standard library's names: it compiles, and says at the call that it is not modelled.
//!
//! Code under test is compiled once for each platform. What a platform has not would have to be left out for all of them, or be the standard
//! library's, of which an engine sees nothing. So there are these: a judgement that comes to such a call is *not applicable*.

#![allow(clippy::unused_self, clippy::must_use_candidate, reason = "the shape is the standard library's")]

use core::cmp::Ordering;
use core::convert::Infallible;
use core::fmt;
use core::future::Future;
use core::marker::PhantomData;
use core::num::NonZeroUsize;
use core::ops::{Add, Deref, Sub};
use std::io;
use std::sync::OnceState;
use std::sync::mpsc::{SendError, TrySendError};
use std::thread::Scope;
use std::time::Duration;

use super::{LACKS, Platform};

/// Says that a platform has no such item.
#[cold]
#[track_caller]
fn lacks(platform: Platform, item: &str) -> ! {
    let platform = match platform {
        Platform::Loom => "loom",
        Platform::Shuttle => "shuttle",
        Platform::Std | Platform::Controlled => "this platform",
    };
    panic!(
        "{LACKS}{platform} has no `{item}`, and would not see the standard library's; dpor and rc11 have it"
    )
}

/// A platform, as a type.
pub trait Lacking: Copy + fmt::Debug + Send + Sync + 'static {
    /// Which one.
    const PLATFORM: Platform;
}

/// Stands in for loom.
#[derive(Clone, Copy, Debug)]
pub struct OfLoom;

impl Lacking for OfLoom {
    const PLATFORM: Platform = Platform::Loom;
}

/// Stands in for shuttle.
#[derive(Clone, Copy, Debug)]
pub struct OfShuttle;

impl Lacking for OfShuttle {
    const PLATFORM: Platform = Platform::Shuttle;
}

/// In place of [`std::sync::Once`].
#[derive(Debug)]
pub struct Once<P>(PhantomData<P>);

#[allow(missing_docs, clippy::new_without_default, reason = "the methods are the standard library's")]
impl<P: Lacking> Once<P> {
    pub const fn new() -> Self {
        Once(PhantomData)
    }

    #[track_caller]
    pub fn call_once<F: FnOnce()>(&self, _body: F) {
        lacks(P::PLATFORM, "Once")
    }

    #[track_caller]
    pub fn call_once_force<F: FnOnce(&OnceState)>(&self, _body: F) {
        lacks(P::PLATFORM, "Once")
    }

    #[track_caller]
    pub fn is_completed(&self) -> bool {
        lacks(P::PLATFORM, "Once")
    }
}

/// In place of [`std::sync::OnceLock`].
pub struct OnceLock<T, P>(PhantomData<(T, P)>);

#[allow(missing_docs, clippy::missing_errors_doc, reason = "the methods are the standard library's")]
impl<T, P: Lacking> OnceLock<T, P> {
    pub const fn new() -> Self {
        OnceLock(PhantomData)
    }

    #[track_caller]
    pub fn get(&self) -> Option<&T> {
        lacks(P::PLATFORM, "OnceLock")
    }

    #[track_caller]
    pub fn get_mut(&mut self) -> Option<&mut T> {
        lacks(P::PLATFORM, "OnceLock")
    }

    #[track_caller]
    pub fn set(&self, _value: T) -> Result<(), T> {
        lacks(P::PLATFORM, "OnceLock")
    }

    #[track_caller]
    pub fn get_or_init<F: FnOnce() -> T>(&self, _make: F) -> &T {
        lacks(P::PLATFORM, "OnceLock")
    }

    #[track_caller]
    pub fn take(&mut self) -> Option<T> {
        lacks(P::PLATFORM, "OnceLock")
    }

    #[track_caller]
    pub fn into_inner(self) -> Option<T> {
        lacks(P::PLATFORM, "OnceLock")
    }
}

impl<T, P: Lacking> Default for OnceLock<T, P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, P> fmt::Debug for OnceLock<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OnceLock")
    }
}

/// In place of [`std::sync::LazyLock`].
pub struct LazyLock<T, F, P>(PhantomData<(T, F, P)>);

#[allow(missing_docs, reason = "the methods are the standard library's")]
impl<T, F: FnOnce() -> T, P: Lacking> LazyLock<T, F, P> {
    /// The value is never made.
    pub fn new(_make: F) -> Self {
        LazyLock(PhantomData)
    }

    #[track_caller]
    pub fn force(_this: &Self) -> &T {
        lacks(P::PLATFORM, "LazyLock")
    }
}

impl<T, F: FnOnce() -> T, P: Lacking> Deref for LazyLock<T, F, P> {
    type Target = T;

    #[track_caller]
    fn deref(&self) -> &T {
        Self::force(self)
    }
}

impl<T, F, P> fmt::Debug for LazyLock<T, F, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LazyLock")
    }
}

/// In place of [`std::sync::Barrier`].
#[derive(Debug)]
pub struct Barrier<P>(PhantomData<P>);

#[allow(missing_docs, reason = "the methods are the standard library's")]
impl<P: Lacking> Barrier<P> {
    pub const fn new(_threads: usize) -> Self {
        Barrier(PhantomData)
    }

    #[track_caller]
    pub fn wait(&self) -> BarrierWaitResult {
        lacks(P::PLATFORM, "Barrier")
    }
}

/// In place of [`std::sync::BarrierWaitResult`]: there is none.
#[derive(Debug)]
pub enum BarrierWaitResult {}

#[allow(missing_docs, reason = "the methods are the standard library's")]
impl BarrierWaitResult {
    #[must_use]
    pub fn is_leader(&self) -> bool {
        match *self {}
    }
}

/// In place of [`std::sync::mpsc::SyncSender`]: there is none.
pub struct SyncSender<T>(Infallible, PhantomData<fn(T)>);

#[allow(missing_docs, clippy::missing_errors_doc, reason = "the methods are the standard library's")]
impl<T> SyncSender<T> {
    pub fn send(&self, _value: T) -> Result<(), SendError<T>> {
        match self.0 {}
    }

    pub fn try_send(&self, _value: T) -> Result<(), TrySendError<T>> {
        match self.0 {}
    }
}

impl<T> Clone for SyncSender<T> {
    fn clone(&self) -> Self {
        match self.0 {}
    }
}

impl<T> fmt::Debug for SyncSender<T> {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {}
    }
}

/// In place of [`std::time::Instant`]: there is none, and [`Instant::now`] says so.
#[derive(Debug)]
pub struct Instant<P>(Infallible, PhantomData<P>);

impl<P> Clone for Instant<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Instant<P> {}

#[allow(missing_docs, reason = "the methods are the standard library's")]
impl<P: Lacking> Instant<P> {
    #[track_caller]
    #[must_use]
    pub fn now() -> Self {
        lacks(P::PLATFORM, "Instant")
    }

    #[must_use]
    pub fn elapsed(&self) -> Duration {
        match self.0 {}
    }

    #[must_use]
    pub fn duration_since(&self, _earlier: Self) -> Duration {
        match self.0 {}
    }

    #[must_use]
    pub fn saturating_duration_since(&self, _earlier: Self) -> Duration {
        match self.0 {}
    }

    #[must_use]
    pub fn checked_duration_since(&self, _earlier: Self) -> Option<Duration> {
        match self.0 {}
    }

    #[must_use]
    pub fn checked_add(&self, _time: Duration) -> Option<Self> {
        match self.0 {}
    }
}

impl<P> PartialEq for Instant<P> {
    fn eq(&self, _: &Self) -> bool {
        match self.0 {}
    }
}

impl<P> Eq for Instant<P> {}

impl<P> PartialOrd for Instant<P> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<P> Ord for Instant<P> {
    fn cmp(&self, _: &Self) -> Ordering {
        match self.0 {}
    }
}

impl<P> Add<Duration> for Instant<P> {
    type Output = Self;

    fn add(self, _: Duration) -> Self {
        match self.0 {}
    }
}

impl<P> Sub<Duration> for Instant<P> {
    type Output = Self;

    fn sub(self, _: Duration) -> Self {
        match self.0 {}
    }
}

impl<P> Sub for Instant<P> {
    type Output = Duration;

    fn sub(self, _: Self) -> Duration {
        match self.0 {}
    }
}

/// Functions that loom has not.
#[cfg(feature = "loom-shape")]
#[allow(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::wildcard_imports,
    reason = "the functions are the standard library's"
)]
pub(crate) mod of_loom {
    use super::*;

    #[track_caller]
    pub fn scope<'env, F, T>(_body: F) -> T
    where
        F: for<'scope> FnOnce(&'scope Scope<'scope, 'env>) -> T,
    {
        lacks(Platform::Loom, "thread::scope")
    }

    #[track_caller]
    pub fn park_timeout(_time: Duration) {
        lacks(Platform::Loom, "thread::park_timeout")
    }

    #[track_caller]
    pub fn sleep(_time: Duration) {
        lacks(Platform::Loom, "thread::sleep")
    }

    #[track_caller]
    pub fn available_parallelism() -> io::Result<NonZeroUsize> {
        lacks(Platform::Loom, "thread::available_parallelism")
    }

    #[track_caller]
    pub fn block_on<F: Future>(_future: F) -> F::Output {
        lacks(Platform::Loom, "task::block_on")
    }

    #[track_caller]
    pub fn sync_channel<T>(_room: usize) -> (SyncSender<T>, loom::sync::mpsc::Receiver<T>) {
        lacks(Platform::Loom, "mpsc::sync_channel")
    }
}

/// The function that shuttle has not.
#[cfg(feature = "shuttle")]
#[allow(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::wildcard_imports,
    reason = "the function is the standard library's"
)]
pub(crate) mod of_shuttle {
    use super::*;

    #[track_caller]
    pub fn available_parallelism() -> io::Result<NonZeroUsize> {
        lacks(Platform::Shuttle, "thread::available_parallelism")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "not modelled: shuttle has no `OnceLock`")]
    fn what_is_not_there_says_so_where_it_is_called() {
        OnceLock::<u8, OfShuttle>::new().get();
    }
}
