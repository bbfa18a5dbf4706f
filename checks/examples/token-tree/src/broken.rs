//! The twin that is broken: whether the parent is canceled is asked first, and the child is registered afterwards.

use std::sync::Arc;

use cancelproof_model::runtime::{Mutex, Runtime};

use super::{Callback, Node, Token};

/// A child of `parent`, as [`Token::child`] makes it.
pub fn child<R: Runtime>(parent: &Token<R>, callback: impl Fn() + Send + Sync + 'static) -> Token<R> {
    let callback: Callback = Arc::new(callback);
    if parent.is_canceled() {
        callback();
        return Token(Node::new(Some(Arc::clone(&parent.0)), true, None));
    }
    let child = Node::new(Some(Arc::clone(&parent.0)), false, Some(callback));
    // The parent may have been canceled since, and then nobody cancels the child.
    parent.0.state.lock().children.push(Arc::downgrade(&child));
    Token(child)
}
