//! The ends of a channel.

use std::cell::Cell;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::queue::{Queue, here};
use super::{RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError};
use crate::executor::controlled::timed;

/// A channel without a limit; see [`std::sync::mpsc::channel`].
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let queue = Arc::new(Queue::new(None));
    (Sender(Arc::clone(&queue)), Receiver { queue, next: Cell::new(0) })
}

/// A channel with room for `room` values; see [`std::sync::mpsc::sync_channel`].
pub fn sync_channel<T>(room: usize) -> (SyncSender<T>, Receiver<T>) {
    let queue = Arc::new(Queue::new(Some(room)));
    (SyncSender(Arc::clone(&queue)), Receiver { queue, next: Cell::new(0) })
}

macro_rules! sender {
    ($name:ident) => {
        #[doc = concat!("See [`std::sync::mpsc::", stringify!($name), "`].")]
        pub struct $name<T>(Arc<Queue<T>>);

        impl<T> $name<T> {
            /// Sends a value, once there is room for it.
            ///
            /// # Errors
            ///
            /// Gives the value back if the receiver is gone.
            #[track_caller]
            pub fn send(&self, value: T) -> Result<(), SendError<T>> {
                self.0.send(value, here())
            }
        }

        impl<T> Clone for $name<T> {
            #[track_caller]
            fn clone(&self) -> Self {
                self.0.add_sender(here());
                $name(Arc::clone(&self.0))
            }
        }

        impl<T> Drop for $name<T> {
            #[track_caller]
            fn drop(&mut self) {
                self.0.drop_sender(here());
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
    /// Sends a value if there is room for it. Where values are handed over there never is: that the receiver waits just
    /// then is not explored.
    ///
    /// # Errors
    ///
    /// Gives the value back if there is none, or if the receiver is gone.
    #[track_caller]
    pub fn try_send(&self, value: T) -> Result<(), TrySendError<T>> {
        self.0.try_send(value, here())
    }
}

/// See [`std::sync::mpsc::Receiver`].
pub struct Receiver<T> {
    queue: Arc<Queue<T>>,
    /// The place whose value is received next.
    next: Cell<u64>,
}

impl<T> Receiver<T> {
    fn received<E>(&self, value: Result<T, E>) -> Result<T, E> {
        if value.is_ok() {
            self.next.set(self.next.get() + 1);
        }
        value
    }

    /// Blocks until there is a value.
    ///
    /// # Errors
    ///
    /// If there is none and no sender is left.
    #[track_caller]
    pub fn recv(&self) -> Result<T, RecvError> {
        self.received(self.queue.receive(self.next.get(), here()))
    }

    /// The next value, if there is one.
    ///
    /// # Errors
    ///
    /// If there is none.
    #[track_caller]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        self.received(self.queue.try_receive(self.next.get(), here()))
    }

    /// Waits as [`Receiver::recv`] does, until the time is over. That may come first at any moment: both are explored.
    ///
    /// # Errors
    ///
    /// If the time is over, or no sender is left.
    #[track_caller]
    pub fn recv_timeout(&self, time: Duration) -> Result<T, RecvTimeoutError> {
        if timed::stands_still() {
            return self.recv().map_err(|RecvError| RecvTimeoutError::Disconnected);
        }
        self.try_recv().map_err(|error| match error {
            TryRecvError::Disconnected => RecvTimeoutError::Disconnected,
            TryRecvError::Empty => {
                timed::pass_in_vain(time, here());
                RecvTimeoutError::Timeout
            }
        })
    }

    /// Every value, until no sender is left.
    pub fn iter(&self) -> Iter<'_, T> {
        Iter(self)
    }

    /// Every value that is there.
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter(self)
    }
}

impl<T> Drop for Receiver<T> {
    #[track_caller]
    fn drop(&mut self) {
        self.queue.drop_receiver(self.next.get(), here());
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").finish_non_exhaustive()
    }
}

/// See [`std::sync::mpsc::Iter`].
#[derive(Debug)]
pub struct Iter<'a, T>(&'a Receiver<T>);

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.0.recv().ok()
    }
}

/// See [`std::sync::mpsc::TryIter`].
#[derive(Debug)]
pub struct TryIter<'a, T>(&'a Receiver<T>);

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.0.try_recv().ok()
    }
}

/// See [`std::sync::mpsc::IntoIter`].
#[derive(Debug)]
pub struct IntoIter<T>(Receiver<T>);

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.0.recv().ok()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter(self)
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}
