//! The queue of a channel.

use std::panic::Location;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use super::{RecvError, SendError, TryRecvError, TrySendError};
use crate::executor::controlled::meeting::Gate;
use crate::executor::controlled::raw::{At, RawAtomic, RawCount};
use crate::operation::{Action, Update};

/// The bit of the queue's end that says that there is no receiver.
const GONE: u64 = 1;
/// What each place that is taken adds to the queue's end.
const PLACE: u64 = 2;
/// The bit in the number of a gate by which there is room for a place.
const ROOM: u64 = 1 << 63;

/// What is shared by both ends of a channel.
pub(super) struct Queue<T> {
    /// How many places are taken, and whether the receiver is gone.
    end: RawAtomic<u64>,
    /// How many values the receiver has taken: for those that only try to send.
    taken: RawAtomic<u64>,
    senders: RawCount,
    /// How many values fit, if there is a limit.
    room: Option<u64>,
    places: Mutex<Places<T>>,
}

/// What the places hold. No task looks at it but where the gates let it, so it is no object of the engines.
struct Places<T> {
    values: FxHashMap<u64, T>,
    /// What the receiver was still to take when it went.
    refused_from: u64,
}

impl<T> Queue<T> {
    pub(super) fn new(room: Option<usize>) -> Self {
        Queue {
            end: RawAtomic::new(0),
            taken: RawAtomic::new(0),
            senders: RawCount::new(),
            room: room.map(|room| room as u64),
            places: Mutex::new(Places { values: FxHashMap::default(), refused_from: u64::MAX }),
        }
    }

    fn places(&self) -> MutexGuard<'_, Places<T>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The gate by which the value of a place can be taken.
    fn filled(&self, place: u64) -> Gate {
        Gate { of: self.end.object(), number: place }
    }

    /// The gate by which there is room for as many more as fit, once the value of a place was taken.
    fn emptied(&self, place: u64) -> Gate {
        Gate { of: self.end.object(), number: place | ROOM }
    }

    /// Takes the next place, if there is a receiver.
    fn next_place(&self, at: At) -> Option<u64> {
        let take = Action::Update { update: Update::Add, operand: PLACE, ordering: Ordering::AcqRel };
        let (Ok(end) | Err(end)) = self.end.perform(take, at);
        (end & GONE == 0).then_some(end / PLACE)
    }

    fn look(&self, at: At) -> u64 {
        let (Ok(end) | Err(end)) = self.end.perform(Action::Load { ordering: Ordering::Acquire }, at);
        end
    }

    fn fill(&self, place: u64, value: T, at: At) {
        self.places().values.insert(place, value);
        self.filled(place).open(at);
    }

    /// Waits until the value of a place was taken; `false` if the receiver went before.
    fn wait_for(&self, place: u64, at: At) -> bool {
        self.emptied(place).pass(at);
        place < self.places().refused_from
    }

    pub(super) fn send(&self, value: T, at: At) -> Result<(), SendError<T>> {
        let Some(place) = self.next_place(at) else { return Err(SendError(value)) };
        match self.room {
            // Without any room a value is handed over: the sender waits until it was taken.
            Some(0) => {
                self.fill(place, value, at);
                if self.wait_for(place, at) {
                    return Ok(());
                }
                let value = self.places().values.remove(&place);
                return value.map_or(Ok(()), |value| Err(SendError(value)));
            }
            Some(room) if place >= room && !self.wait_for(place - room, at) => return Err(SendError(value)),
            _ => {}
        }
        self.fill(place, value, at);
        Ok(())
    }

    pub(super) fn try_send(&self, value: T, at: At) -> Result<(), TrySendError<T>> {
        let Some(room) = self.room else {
            return self.send(value, at).map_err(|SendError(value)| TrySendError::Disconnected(value));
        };
        let mut end = self.look(at);
        loop {
            if end & GONE != 0 {
                return Err(TrySendError::Disconnected(value));
            }
            let (Ok(taken) | Err(taken)) =
                self.taken.perform(Action::Load { ordering: Ordering::Acquire }, at);
            let place = end / PLACE;
            // What was taken may have been counted after the end was looked at.
            if place.saturating_sub(taken) >= room {
                return Err(TrySendError::Full(value));
            }
            let (success, failure) = (Ordering::AcqRel, Ordering::Acquire);
            let new = end + PLACE;
            let take = Action::CompareExchange { expected: end, new, success, failure, weak: false };
            match self.end.perform(take, at) {
                Ok(_) => {
                    self.fill(place, value, at);
                    return Ok(());
                }
                Err(found) => end = found,
            }
        }
    }

    /// Takes the value of the receiver's next place, once it is there.
    pub(super) fn receive(&self, next: u64, at: At) -> Result<T, RecvError> {
        self.filled(next).pass(at);
        let value = self.places().values.remove(&next).ok_or(RecvError)?;
        if self.room.is_some() {
            let count = Action::Store { value: next + 1, ordering: Ordering::Release };
            let _ = self.taken.perform(count, at);
            self.emptied(next).open(at);
        }
        Ok(value)
    }

    pub(super) fn try_receive(&self, next: u64, at: At) -> Result<T, TryRecvError> {
        if self.look(at) / PLACE <= next {
            // A look that changes nothing: a loop that asks again and again may be seen to wait.
            return Err(TryRecvError::Empty);
        }
        self.receive(next, at).map_err(|RecvError| TryRecvError::Disconnected)
    }

    pub(super) fn add_sender(&self, at: At) {
        self.senders.perform(Action::ReferenceTake, at);
    }

    pub(super) fn drop_sender(&self, at: At) {
        if self.senders.perform(Action::ReferenceDrop, at) == 1
            && let Some(place) = self.next_place(at)
        {
            self.filled(place).open(at);
        }
    }

    /// The receiver goes, before it has taken the value of its next place.
    pub(super) fn drop_receiver(&self, next: u64, at: At) {
        let go = Action::Update { update: Update::Or, operand: GONE, ordering: Ordering::AcqRel };
        let (Ok(end) | Err(end)) = self.end.perform(go, at);
        let end = end / PLACE;
        self.places().refused_from = next;
        let Some(room) = self.room else { return self.drop_values(next..end, at) };
        // A sender without room is told so, and one with room sends what no receiver takes. What was to be handed over goes back.
        for refused in next..end {
            if refused + room < end || room == 0 {
                self.emptied(refused).open(at);
            }
        }
        if room > 0 {
            self.drop_values(next..end.min(next + room), at);
        }
    }

    /// Drops values that were sent and that no receiver takes.
    fn drop_values(&self, places: std::ops::Range<u64>, at: At) {
        for place in places {
            self.filled(place).pass(at);
            let value = self.places().values.remove(&place);
            drop(value);
        }
    }
}

/// Where a call of a channel is written.
#[track_caller]
pub(super) fn here() -> At {
    Location::caller()
}
