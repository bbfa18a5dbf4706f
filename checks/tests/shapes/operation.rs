//! A channel for one value, whose receiver may cancel.

use cancelproof::judge::Engine;
use cancelproof::model::runtime::{Arc, Condvar, Mutex};
use cancelproof::model::shape::{Answer, Operation, Ticket};
use cancelproof::model::{Rule, Runtime};
use cancelproof::subject;

use crate::judged::{Twin, assert_right, named, unrefuted};

const ALL: [Engine; 4] = [Engine::Dpor, Engine::Rc11, Engine::Loom, Engine::Shuttle];

/// What is wrong with a channel.
const NOTHING: u8 = 0;
/// The receiver copies the value, and leaves it.
const COPIES: u8 = 1;
/// A cancel throws away what was sent.
const THROWS_AWAY: u8 = 2;
/// The sender does not wake whoever waits.
const SLEEPS_ON: u8 = 3;
/// A cancel does not wake whoever waits.
const IGNORES_THE_CANCEL: u8 = 4;
/// The sender looks whether the channel is open, lets go of the lock, and sends.
const LOOKS_THEN_SENDS: u8 = 5;
/// A cancel says that it has ended the channel, whatever it found.
const BOASTS: u8 = 6;
/// The sender keeps what it was to give back.
const SWALLOWS: u8 = 7;

struct State<T> {
    value: Option<T>,
    is_closed: bool,
    is_sent: bool,
}

struct Shared<R: Runtime, T: Send + 'static> {
    state: R::Mutex<State<T>>,
    changed: R::Condvar,
}

struct Sender<R: Runtime, T: Send + 'static, const WRONG: u8>(R::Arc<Shared<R, T>>);

struct Receiver<R: Runtime, T: Send + 'static, const WRONG: u8>(R::Arc<Shared<R, T>>);

impl<R: Runtime, T: Clone + Send + 'static, const WRONG: u8> Sender<R, T, WRONG> {
    fn send(self, value: T) -> Result<(), T> {
        let mut state = self.0.state.lock();
        if state.is_closed {
            return if WRONG == SWALLOWS { Ok(()) } else { Err(value) };
        }
        if WRONG == LOOKS_THEN_SENDS {
            drop(state);
            state = self.0.state.lock();
        }
        state.value = Some(value);
        state.is_sent = true;
        drop(state);
        if WRONG != SLEEPS_ON {
            self.0.changed.notify_one();
        }
        Ok(())
    }
}

impl<R: Runtime, T: Send + 'static, const WRONG: u8> Drop for Sender<R, T, WRONG> {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        if !state.is_sent {
            state.is_closed = true;
            drop(state);
            self.0.changed.notify_one();
        }
    }
}

impl<R: Runtime, T: Clone + Send + 'static, const WRONG: u8> Receiver<R, T, WRONG> {
    fn receive(&self) -> Option<T> {
        let mut state = self.0.state.lock();
        loop {
            let value = if WRONG == COPIES { state.value.clone() } else { state.value.take() };
            if value.is_some() || state.is_closed || state.is_sent {
                return value;
            }
            state = self.0.changed.wait(state);
        }
    }

    fn close(&self) -> bool {
        let mut state = self.0.state.lock();
        let has_ended = !state.is_closed && !state.is_sent;
        state.is_closed = state.is_closed || has_ended;
        if WRONG == THROWS_AWAY {
            state.value = None;
        }
        drop(state);
        if WRONG != IGNORES_THE_CANCEL {
            self.0.changed.notify_one();
        }
        has_ended || WRONG == BOASTS
    }
}

/// What cancels.
struct Channel<R: Runtime, const WRONG: u8>(Receiver<R, Ticket<R>, WRONG>);

impl<R: Runtime, const WRONG: u8> Operation<R> for Channel<R, WRONG> {
    type Completer = Sender<R, Ticket<R>, WRONG>;
    type Receiver = Receiver<R, Ticket<R>, WRONG>;

    fn start() -> (Self, Self::Completer, Self::Receiver) {
        let state = State { value: None, is_closed: false, is_sent: false };
        let shared = R::Arc::new(Shared { state: R::Mutex::new(state), changed: R::Condvar::new() });
        (Channel(Receiver(shared.clone())), Sender(shared.clone()), Receiver(shared))
    }

    fn complete(sender: Self::Completer, result: Ticket<R>) -> Result<(), Ticket<R>> {
        sender.send(result)
    }

    fn cancel(&self) -> impl Answer {
        self.0.close()
    }

    fn receive(receiver: &mut Self::Receiver) -> Option<Ticket<R>> {
        receiver.receive()
    }
}

type Right<R> = Channel<R, NOTHING>;
type Copies<R> = Channel<R, COPIES>;
type ThrowsAway<R> = Channel<R, THROWS_AWAY>;
type SleepsOn<R> = Channel<R, SLEEPS_ON>;
type IgnoresTheCancel<R> = Channel<R, IGNORES_THE_CANCEL>;
type LooksThenSends<R> = Channel<R, LOOKS_THEN_SENDS>;
type Boasts<R> = Channel<R, BOASTS>;
type Swallows<R> = Channel<R, SWALLOWS>;

#[test]
fn a_right_channel_for_one_value_is_refuted_nowhere() {
    let subject = subject!(Right<_> as Operation);
    assert!(named(subject).len() >= 11, "{:?}", named(subject));
    assert_right(subject);
}

#[test]
fn each_broken_channel_is_refuted_for_what_it_does() {
    let twins: [Twin; 7] = [
        (subject!(Copies as Operation), "received-again", &[Rule::ResultOnce], &ALL),
        (subject!(ThrowsAway as Operation), "completed-then-canceled", &[Rule::ResultOnce], &ALL),
        (subject!(SleepsOn as Operation), "receive-while-completed", &[Rule::NoDeadlock], &ALL),
        (subject!(IgnoresTheCancel as Operation), "receive-while-canceled", &[Rule::NoDeadlock], &ALL),
        (
            subject!(LooksThenSends as Operation),
            "completed-while-canceled-received",
            &[Rule::ResultOnce, Rule::Linearizable],
            &ALL,
        ),
        (subject!(Boasts as Operation), "completed-then-canceled", &[Rule::Linearizable], &ALL),
        (
            subject!(Swallows as Operation),
            "canceled-then-completed",
            &[Rule::Linearizable, Rule::ResultOnce],
            &ALL,
        ),
    ];
    let unrefuted =
        twins.into_iter().flat_map(|(twin, name, apt, engines)| unrefuted(twin, name, apt, engines));
    assert_eq!(unrefuted.collect::<Vec<_>>(), Vec::<String>::new());
}
