//! Which call of the channel is which.

use std::sync::Arc;

use cancelproof::model::shape::{Answer, Operation, Ticket};

use super::Platform;
use super::source::{Receiver, Sender, channel};

type Value = Ticket<Platform>;

pub struct OneShot(Arc<Receiver<Value>>);

#[rustfmt::skip]
impl Operation<Platform> for OneShot {
    type Completer = Sender<Value>;
    type Receiver = Arc<Receiver<Value>>;

    fn start() -> (Self, Self::Completer, Self::Receiver) {
        let (sender, receiver) = channel();
        let receiver = Arc::new(receiver);
        (OneShot(Arc::clone(&receiver)), sender, receiver)
    }
    fn complete(sender: Self::Completer, value: Value) -> Result<(), Value> { sender.send(value) }
    fn cancel(&self) -> impl Answer { self.0.cancel() }
    fn receive(receiver: &mut Self::Receiver) -> Option<Value> { receiver.recv().ok() }
}
