//! Channels; see [`std::sync::mpsc`]: a queue under one lock, with a condition variable for either side.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::{Condvar, Mutex, MutexGuard, PoisonError};

pub use std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError};

struct Channel<T> {
    state: Mutex<State<T>>,
    /// Something came, or the last sender went.
    came: Condvar,
    /// Something was taken, or the receiver went.
    taken: Condvar,
    /// How much fits, if there is a limit.
    room: Option<usize>,
}

struct State<T> {
    queue: VecDeque<T>,
    senders: usize,
    receives: bool,
    /// How many were sent, and taken, since the beginning.
    sent: u64,
    got: u64,
}

impl<T> Channel<T> {
    fn open(room: Option<usize>) -> Arc<Self> {
        let state = State { queue: VecDeque::new(), senders: 1, receives: true, sent: 0, got: 0 };
        Arc::new(Channel { state: Mutex::new(state), came: Condvar::new(), taken: Condvar::new(), room })
    }

    #[track_caller]
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[track_caller]
    fn send(&self, value: T) -> Result<(), SendError<T>> {
        let mut state = self.lock();
        while state.receives && self.room.is_some_and(|room| state.queue.len() >= room.max(1)) {
            state = self.taken.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if !state.receives {
            return Err(SendError(value));
        }
        state.queue.push_back(value);
        state.sent += 1;
        let mine = state.sent;
        self.came.notify_one();
        // Without any room a value is handed over: the sender waits until it was taken.
        while self.room == Some(0) && state.receives && state.got < mine {
            state = self.taken.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if self.room == Some(0) && state.got < mine {
            return state.queue.pop_back().map_or(Ok(()), |value| Err(SendError(value)));
        }
        Ok(())
    }

    #[track_caller]
    fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        let mut state = self.lock();
        if !state.receives {
            return Err(TrySendError::Disconnected(value));
        }
        if self.room.is_some_and(|room| state.queue.len() >= room) {
            return Err(TrySendError::Full(value));
        }
        state.queue.push_back(value);
        state.sent += 1;
        self.came.notify_one();
        Ok(())
    }

    #[track_caller]
    fn add_sender(&self) {
        self.lock().senders += 1;
    }

    #[track_caller]
    fn drop_sender(&self) {
        let mut state = self.lock();
        state.senders -= 1;
        if state.senders == 0 {
            self.came.notify_all();
        }
    }

    fn take(&self, state: &mut MutexGuard<'_, State<T>>) -> Option<T> {
        if state.queue.is_empty() {
            // A look that changes nothing: a loop that asks again and again may be seen to wait.
            return None;
        }
        let value = state.queue.pop_front()?;
        state.got += 1;
        if self.room.is_some() {
            self.taken.notify_all();
        }
        Some(value)
    }
}

/// A channel without a limit; see [`std::sync::mpsc::channel`].
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let channel = Channel::open(None);
    (Sender(Arc::clone(&channel)), Receiver(channel))
}

/// A channel with room for so many; see [`std::sync::mpsc::sync_channel`].
pub fn sync_channel<T>(room: usize) -> (SyncSender<T>, Receiver<T>) {
    let channel = Channel::open(Some(room));
    (SyncSender(Arc::clone(&channel)), Receiver(channel))
}

macro_rules! sender {
    ($name:ident) => {
        #[doc = concat!("See [`std::sync::mpsc::", stringify!($name), "`].")]
        pub struct $name<T>(Arc<Channel<T>>);

        impl<T> $name<T> {
            /// Sends a value, once there is room for it.
            ///
            /// # Errors
            ///
            /// Gives the value back if the receiver is gone.
            #[track_caller]
            pub fn send(&self, value: T) -> Result<(), SendError<T>> {
                self.0.send(value)
            }
        }

        impl<T> Clone for $name<T> {
            #[track_caller]
            fn clone(&self) -> Self {
                self.0.add_sender();
                $name(Arc::clone(&self.0))
            }
        }

        impl<T> Drop for $name<T> {
            #[track_caller]
            fn drop(&mut self) {
                self.0.drop_sender();
            }
        }

        impl<T> fmt::Debug for $name<T> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

sender!(Sender);
sender!(SyncSender);

impl<T> SyncSender<T> {
    /// Sends a value if there is room for it.
    ///
    /// # Errors
    ///
    /// Gives the value back if there is none, or if the receiver is gone.
    #[track_caller]
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.0.try_send(value)
    }
}

/// See [`std::sync::mpsc::Receiver`].
pub struct Receiver<T>(Arc<Channel<T>>);

impl<T> Receiver<T> {
    /// Blocks until there is a value.
    ///
    /// # Errors
    ///
    /// If there is none and no sender is left.
    #[track_caller]
    pub fn recv(&self) -> Result<T, RecvError> {
        let mut state = self.0.lock();
        loop {
            if let Some(value) = self.0.take(&mut state) {
                return Ok(value);
            }
            if state.senders == 0 {
                return Err(RecvError);
            }
            state = self.0.came.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The next value, if there is one.
    ///
    /// # Errors
    ///
    /// If there is none.
    #[track_caller]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        let mut state = self.0.lock();
        match self.0.take(&mut state) {
            Some(value) => Ok(value),
            None if state.senders == 0 => Err(TryRecvError::Disconnected),
            None => Err(TryRecvError::Empty),
        }
    }

    /// Waits as [`Receiver::recv`] does, until the time is over. That may come first at any moment: both are explored.
    ///
    /// # Errors
    ///
    /// If the time is over, or no sender is left.
    #[track_caller]
    pub fn recv_timeout(&self, time: Duration) -> Result<T, RecvTimeoutError> {
        let mut state = self.0.lock();
        let mut is_over = false;
        loop {
            if let Some(value) = self.0.take(&mut state) {
                return Ok(value);
            }
            if state.senders == 0 {
                return Err(RecvTimeoutError::Disconnected);
            }
            if is_over {
                return Err(RecvTimeoutError::Timeout);
            }
            let (again, result) =
                self.0.came.wait_timeout(state, time).unwrap_or_else(PoisonError::into_inner);
            (state, is_over) = (again, result.timed_out());
        }
    }

    /// Every value, until no sender is left.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        std::iter::from_fn(|| self.recv().ok())
    }

    /// Every value that is there.
    pub fn try_iter(&self) -> impl Iterator<Item = T> + '_ {
        std::iter::from_fn(|| self.try_recv().ok())
    }
}

impl<T> Drop for Receiver<T> {
    #[track_caller]
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.receives = false;
        // A value that is handed over goes back to its sender; all others are dropped, by nobody who holds the lock.
        let dropped = if self.0.room == Some(0) { VecDeque::new() } else { std::mem::take(&mut state.queue) };
        self.0.taken.notify_all();
        drop(state);
        drop(dropped);
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}
