//! A tree of cancellation tokens: canceling a token cancels all below it.
//!
//! A child is registered with its parent when it is made, which may race with the parent's cancel, and unregistered when it
//! is dropped. Callbacks are called without any lock.

pub mod broken;

use std::sync::{Arc, Weak};

use cancelproof_model::runtime::{Mutex, Runtime};

type Callback = Arc<dyn Fn() + Send + Sync>;

/// A token.
pub struct Token<R: Runtime>(Arc<Node<R>>);

struct Node<R: Runtime> {
    parent: Option<Arc<Node<R>>>,
    state: R::Mutex<State<R>>,
}

struct State<R: Runtime> {
    is_canceled: bool,
    children: Vec<Weak<Node<R>>>,
    callback: Option<Callback>,
}

impl<R: Runtime> Token<R> {
    /// A token without a parent.
    #[must_use]
    pub fn root() -> Self {
        Token(Node::new(None, false, None))
    }

    /// A token below this one, whose cancel calls `callback`. If this one is canceled so is the child, and its callback is
    /// called here.
    pub fn child(&self, callback: impl Fn() + Send + Sync + 'static) -> Self {
        let callback: Callback = Arc::new(callback);
        let mut state = self.0.state.lock();
        if state.is_canceled {
            drop(state);
            callback();
            return Token(Node::new(Some(Arc::clone(&self.0)), true, None));
        }
        let child = Node::new(Some(Arc::clone(&self.0)), false, Some(callback));
        state.children.push(Arc::downgrade(&child));
        Token(child)
    }

    /// Cancels this token and all below it; how many callbacks this call made.
    pub fn cancel(&self) -> usize {
        self.0.cancel()
    }

    /// Takes this token's callback back; whether it will not be called.
    pub fn disarm(&self) -> bool {
        let callback = self.0.state.lock().callback.take();
        callback.is_some()
    }

    /// Whether this token is canceled.
    pub fn is_canceled(&self) -> bool {
        self.0.state.lock().is_canceled
    }

    /// Whether a callback is there that no cancel has taken.
    pub fn is_armed(&self) -> bool {
        self.0.state.lock().callback.is_some()
    }
}

impl<R: Runtime> Node<R> {
    fn new(parent: Option<Arc<Node<R>>>, is_canceled: bool, callback: Option<Callback>) -> Arc<Self> {
        let state = R::Mutex::new(State { is_canceled, children: Vec::new(), callback });
        Arc::new(Node { parent, state })
    }

    fn cancel(&self) -> usize {
        let mut callbacks = Vec::new();
        self.claim(&mut callbacks);
        callbacks.iter().for_each(|callback| callback());
        callbacks.len()
    }

    /// Marks this node and all below it as canceled, and takes their callbacks, in one step: the lock of each node is held
    /// while those below it are claimed. So a second cancel is not answered while the first is still on its way down.
    fn claim(&self, callbacks: &mut Vec<Callback>) {
        let mut state = self.state.lock();
        state.is_canceled = true;
        callbacks.extend(state.callback.take());
        let children = std::mem::take(&mut state.children);
        // Kept until the lock is released: the last reference to a node may be this one.
        let children: Vec<_> = children.iter().filter_map(Weak::upgrade).collect();
        children.iter().for_each(|child| child.claim(callbacks));
        drop(state);
    }
}

impl<R: Runtime> Drop for Token<R> {
    /// Unregisters the token from its parent.
    fn drop(&mut self) {
        if let Some(parent) = &self.0.parent {
            let own = Arc::downgrade(&self.0);
            parent.state.lock().children.retain(|child| !child.ptr_eq(&own));
        }
    }
}
