//! The twin that is broken: a token on tokio's own `Notify` whose future asks first whether there was a cancel, and comes to
//! the notification afterwards. That of tokio-util makes the notification first, and says why.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use super::primitives::for_tokio::sync::Mutex;
use super::tokio::sync::futures::OwnedNotified;
use super::tokio::sync::Notify;

/// A token.
#[derive(Clone)]
pub struct CancellationToken(Arc<Shared>);

struct Shared {
    is_cancelled: Mutex<bool>,
    notify: Arc<Notify>,
}

/// Ready when the token is canceled.
pub struct Cancelled {
    token: CancellationToken,
    notified: Option<Pin<Box<OwnedNotified>>>,
}

impl CancellationToken {
    /// A token that is not canceled.
    pub fn new() -> Self {
        CancellationToken(Arc::new(Shared {
            is_cancelled: Mutex::new(false),
            notify: Arc::new(Notify::new()),
        }))
    }

    /// Whether it is canceled.
    pub fn is_cancelled(&self) -> bool {
        *self.0.is_cancelled.lock()
    }

    /// Cancels it, and wakes whoever waits for that.
    pub fn cancel(&self) {
        let was_cancelled = std::mem::replace(&mut *self.0.is_cancelled.lock(), true);
        if !was_cancelled {
            self.0.notify.notify_waiters();
        }
    }

    /// Waits for the cancel.
    pub fn cancelled_owned(self) -> Cancelled {
        Cancelled { token: self, notified: None }
    }
}

impl Future for Cancelled {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.token.is_cancelled() {
            return Poll::Ready(());
        }
        // A cancel that comes here is not noticed: the future counts notifications from when it is made.
        let notify = Arc::clone(&self.token.0.notify);
        let notified = self.notified.get_or_insert_with(|| Box::pin(notify.notified_owned()));
        notified.as_mut().poll(context)
    }
}
