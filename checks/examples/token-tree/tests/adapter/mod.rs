//! The adapter: to cancel is to cancel the root; each registration is a child, which is disarmed and dropped to take it back.

use std::marker::PhantomData;

use cancelproof::model::runtime::Runtime;
use cancelproof::model::shape::{Answer, Registration};
use cancelproof::model::Callback;
use token_tree::Token;

/// How a child is made.
pub trait MakesChild: Send + Sync + 'static {
    fn child<R: Runtime>(parent: &Token<R>, callback: impl Fn() + Send + Sync + 'static) -> Token<R>;
}

/// An operation under a root token.
pub struct Operation<R: Runtime, M>(Token<R>, PhantomData<M>);

impl<R: Runtime, M: MakesChild> Registration<R> for Operation<R, M> {
    type Handle = Token<R>;

    fn new() -> Self {
        Operation(Token::root(), PhantomData)
    }

    fn register(&self, callback: Callback) -> Token<R> {
        M::child(&self.0, move || callback.invoke())
    }

    fn deregister(child: Token<R>) -> impl Answer {
        child.disarm()
    }

    fn cancel(&self) -> impl Answer {
        self.0.cancel();
    }
}
