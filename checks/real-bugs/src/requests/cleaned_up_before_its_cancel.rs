//! A call that ends cleans its provider up early, while a cancel that holds the call's state is about to ask the provider.

use super::parts::*;

/// A call with the provider that does its work.
pub(super) struct Call<R: Runtime, const FIXED: bool> {
    provider: Block<R>,
    users: R::Mutex<()>,
    outcome: Desk<R>,
}

pub(super) type Request<R, const FIXED: bool> = AsOperation<R, Sides<Call<R, FIXED>>>;

impl<R: Runtime, const FIXED: bool> Transfer<R> for Call<R, FIXED> {
    fn new() -> Self {
        Call { provider: Block::in_request("the provider"), users: Mutex::new(()), outcome: Desk::new() }
    }

    fn complete(&self, result: Ticket<R>) -> Result<(), Ticket<R>> {
        let completed = self.outcome.finish(result);
        let users = FIXED.then(|| self.users.lock());
        self.provider.free();
        drop(users);
        completed
    }

    fn cancel(&self) -> impl Answer {
        let users = FIXED.then(|| self.users.lock());
        // The provider is asked about a call that looks as if it went on.
        let goes_on = !self.provider.is_freed();
        if goes_on {
            self.provider.touch();
        }
        drop(users);
        goes_on && self.outcome.end()
    }

    fn receive(&self) -> Option<Ticket<R>> {
        self.outcome.receive()
    }
}
