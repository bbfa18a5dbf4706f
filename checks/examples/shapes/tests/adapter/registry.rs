//! Which call of the registry is which.

use cancelproof::model::Callback;
use cancelproof::model::shape::{Answer, Registration};

use super::Platform;
use super::source::{Guard, Registry};

pub struct Registrations(Registry);

impl Registration<Platform> for Registrations {
    type Handle = Guard;

    fn new() -> Self {
        Registrations(Registry::default())
    }

    fn register(&self, callback: Callback) -> Guard {
        self.0.register(move || callback.invoke())
    }

    fn cancel(&self) -> impl Answer {
        self.0.cancel()
    }
}
