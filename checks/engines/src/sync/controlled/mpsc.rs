//! Channels; see [`std::sync::mpsc`].
//!
//! A sender takes the next place of the queue by one operation on the queue's end, fills it, and opens the gate of that place.
//! The receiver knows which place is next and waits at its gate alone: what it does depends on no sender that comes later. The
//! last sender takes a place too, which says that no value follows. Where there is a limit, a sender that has a place waits at a
//! second gate until there is room for it.

mod ends;
mod queue;

pub use std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError};

pub use ends::{IntoIter, Iter, Receiver, Sender, SyncSender, TryIter, channel, sync_channel};
