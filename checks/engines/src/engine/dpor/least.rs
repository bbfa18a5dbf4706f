//! The fewest preemptions by which the events of an execution can be had, in whatever order leads to the same.
//!
//! A bound on preemptions that is asked of one order does not go together with reduction: of the orders of a trace the
//! search sees one, and another may be within the bound. So the bound is asked of the *trace*: how few preemptions its best
//! order has. What is left out is left out with all its orders, and sleep sets mean what they mean without a bound.
//!
//! Between two events of a task lies a *gap*, if other tasks go on there. It costs a preemption if the task could have gone
//! on and had not yielded. A task that never goes on has no gap: that it was interrupted for good, in a deadlock or before a panic,
//! costs nothing, and what fails so is found by a smaller bound. Taking events away from the end of a trace takes gaps away and makes none dearer, so the fewest
//! preemptions never fall while an execution grows, and what is over the bound stays over it.
//!
//! The best order is searched for, breadth first by cost. A task that is chosen goes on for as long as it can: to stop it
//! earlier costs no less, unless the stop is free, or the task holds a lock at which others can then stop for nothing. Where it is not known whether a gap costs anything, it costs nothing, and
//! where the search grows too large the trace is taken to be within the bound: more is explored then than was asked for.

use std::collections::{HashSet, VecDeque};

use super::clock::Clock;
use super::dependency::Access;
use crate::executor::{TASKS_MAX, TaskSet};
use crate::operation::{Action, ObjectId, Operation, TaskId};

/// After this many ways of having begun, a trace is taken to be within the bound.
const WAYS_MAX: usize = 20_000;

/// The events of one execution, as far as they matter to its preemptions.
#[derive(Debug)]
pub(super) struct Least {
    bound: u32,
    events: [Vec<Event>; TASKS_MAX],
    /// What the children had come to that a task has joined since its last event.
    joined: [Option<Clock>; TASKS_MAX],
    /// Whose token, and when it was made available.
    unparks: Vec<(TaskId, TaskId, u16)>,
    /// The task of the last event.
    last: TaskId,
    /// What the order at hand has cost, and who has been preempted and has not gone on.
    paid: u32,
    owing: TaskSet,
}

/// One event, before or after it happens.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// What it is ordered after, itself included.
    clock: Clock,
    is_local: bool,
    /// Whether other tasks can go on after it for nothing: it is a yield, or the task waits from then on.
    frees: bool,
    needs: Needs,
    joined: Option<Clock>,
    lock: Option<Holding>,
    is_park: bool,
}

/// When an event could have happened right after the one before it of the same task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    Nothing,
    /// A lock that others do not hold.
    Lock,
    /// Something that is not there right after the event before it, or is not known to be.
    Cause,
}

/// What an event does to a lock.
#[derive(Clone, Copy, Debug)]
struct Holding {
    lock: ObjectId,
    shared: bool,
    takes: bool,
}

/// How far an order has come.
#[derive(Clone, Debug)]
struct Way {
    at: Clock,
    cost: u32,
    /// The locks that are held, whether others may share them, and by whom.
    held: Vec<(ObjectId, bool, TaskId)>,
}

impl Least {
    pub(super) fn new(bound: u32) -> Self {
        Least {
            bound,
            events: Default::default(),
            joined: [None; TASKS_MAX],
            unparks: Vec::new(),
            last: TaskId(0),
            paid: 0,
            owing: TaskSet::EMPTY,
        }
    }

    /// Forgets the previous execution.
    pub(super) fn reset(&mut self) {
        self.events.iter_mut().for_each(Vec::clear);
        self.joined = [None; TASKS_MAX];
        self.unparks.clear();
        self.paid = 0;
        self.owing = TaskSet::EMPTY;
    }

    /// A task has joined a child that had come to this when it ended.
    pub(super) fn joined(&mut self, parent: TaskId, child: &Clock) {
        self.joined[usize::from(parent.0)].get_or_insert(Clock::ZERO).join(child);
    }

    /// The next event of a task, if it happens now as decided.
    pub(super) fn event(
        &self,
        decision: TaskId,
        operation: &Operation,
        access: Access,
        clock: Clock,
    ) -> Event {
        let task = decision.plain();
        Event {
            clock,
            is_local: access.is_local(),
            frees: operation.action == Action::Yield,
            needs: self.needs(task, operation),
            joined: self.joined[usize::from(task.0)],
            lock: Holding::of(operation, access),
            is_park: matches!(operation.action, Action::Park | Action::ParkTimed),
        }
    }

    fn needs(&self, task: TaskId, operation: &Operation) -> Needs {
        match operation.action {
            Action::Lock | Action::LockShared | Action::OnceBegin { .. } => Needs::Lock,
            Action::Park if self.has_token(task) => Needs::Nothing,
            Action::Park
            | Action::ParkTimed
            | Action::WaitEnd
            | Action::WaitEndTimed { .. }
            | Action::GatePass => Needs::Cause,
            _ => Needs::Nothing,
        }
    }

    /// Whether a token was there right after the last event of a task, in whatever order.
    fn has_token(&self, task: TaskId) -> bool {
        let events = &self.events[usize::from(task.0)];
        let Some(last) = events.last() else { return false };
        let parked = events.iter().rev().find(|event| event.is_park).map_or(Clock::ZERO, |park| park.clock);
        let ready = |(of, by, time): &(TaskId, TaskId, u16)| {
            *of == task && last.clock.get(*by) >= *time && parked.get(*by) < *time
        };
        self.unparks.iter().any(ready)
    }

    /// An event has happened.
    pub(super) fn performed(&mut self, decision: TaskId, operation: &Operation, event: Event) {
        let task = decision.plain();
        if let Action::Unpark { target } = operation.action {
            self.unparks.push((target, task, event.clock.get(task)));
        }
        self.joined[usize::from(task.0)] = None;
        self.last = task;
        self.events[usize::from(task.0)].push(event);
    }

    /// The tasks that wait for a change, after the last event.
    pub(super) fn waiting(&mut self, waiting: TaskSet) {
        if waiting.contains(self.last)
            && let Some(event) = self.events[usize::from(self.last.0)].last_mut()
        {
            event.frees = true;
        }
    }

    /// In the order at hand a task goes on, and another does not that could.
    pub(super) fn switched(&mut self, from: Option<TaskId>, to: TaskId) {
        if let Some(from) = from.filter(|from| *from != to) {
            self.owing.insert(from);
        }
        self.paid += u32::from(self.owing.contains(to));
        self.owing.remove(to);
    }

    /// Whether the order at hand shows that a task can go on within the bound.
    pub(super) fn is_plainly_within(&self, task: TaskId) -> bool {
        self.paid + u32::from(self.owing.contains(task)) <= self.bound
    }

    /// Whether some order of all that has happened, and then of this, is within the bound.
    pub(super) fn is_within(&mut self, task: TaskId, event: Event) -> bool {
        self.events[usize::from(task.0)].push(event);
        let found = self.search();
        self.events[usize::from(task.0)].pop();
        found
    }

    fn search(&self) -> bool {
        let mut open = VecDeque::from([self.settled(Way::START)]);
        let mut seen = HashSet::new();
        while let Some(way) = open.pop_front() {
            if self.is_whole(&way) || seen.len() >= WAYS_MAX {
                return true;
            }
            if !seen.insert(way.at) {
                continue;
            }
            for task in self.tasks() {
                self.go_on(&way, task, &mut |next| {
                    if next.cost > self.bound {
                        return;
                    }
                    let (costs, next) = (next.cost > way.cost, self.settled(next));
                    if costs { open.push_back(next) } else { open.push_front(next) }
                });
            }
        }
        false
    }

    fn tasks(&self) -> impl Iterator<Item = TaskId> {
        (0..TASKS_MAX).filter(|task| !self.events[*task].is_empty()).map(|task| TaskId(task as u8))
    }

    fn is_whole(&self, way: &Way) -> bool {
        self.tasks().all(|task| self.next(way, task).is_none())
    }

    fn next(&self, way: &Way, task: TaskId) -> Option<&Event> {
        self.events[usize::from(task.0)].get(usize::from(way.at.get(task)))
    }

    fn next_possible(&self, way: &Way, task: TaskId) -> Option<&Event> {
        self.next(way, task).filter(|event| event.clock.is_within_but_for(&way.at, task))
    }

    /// With all that happens on the spot.
    fn settled(&self, mut way: Way) -> Way {
        while let Some(task) =
            self.tasks().find(|task| self.next_possible(&way, *task).is_some_and(|event| event.is_local))
        {
            way.take(task, &self.events[usize::from(task.0)][usize::from(way.at.get(task))]);
        }
        way
    }

    /// Lets a task go on for as long as it can, and tells of every place where it may stop.
    fn go_on(&self, way: &Way, task: TaskId, stops: &mut impl FnMut(Way)) {
        let Some(mut event) = self.next_possible(way, task) else { return };
        let mut way = way.clone();
        loop {
            way.take(task, event);
            let Some(next) = self.next(&way, task) else { return stops(way) };
            let cost = u32::from(way.could_go_on(task, event, next));
            if self.next_possible(&way, task).is_none() {
                way.cost += cost;
                return stops(way);
            }
            if !next.is_local && (cost == 0 || way.holds_any(task)) {
                stops(Way { cost: way.cost + cost, ..way.clone() });
            }
            event = next;
        }
    }
}

impl Way {
    const START: Way = Way { at: Clock::ZERO, cost: 0, held: Vec::new() };

    fn take(&mut self, task: TaskId, event: &Event) {
        self.at.tick(task);
        match event.lock {
            Some(Holding { lock, shared, takes: true }) => self.held.push((lock, shared, task)),
            Some(Holding { lock, shared, takes: false }) => {
                if let Some(place) = self.held.iter().position(|held| *held == (lock, shared, task)) {
                    self.held.swap_remove(place);
                }
            }
            None => {}
        }
    }

    fn holds_any(&self, task: TaskId) -> bool {
        self.held.iter().any(|(.., by)| *by == task)
    }

    /// Whether a task that has come to `last` could go on to `next`, as far as is known.
    fn could_go_on(&self, task: TaskId, last: &Event, next: &Event) -> bool {
        let has_joined = next.joined.is_none_or(|joined| joined.is_within_but_for(&self.at, task));
        let is_free = |holding: Holding| {
            !self.held.iter().any(|(lock, shared, _)| *lock == holding.lock && !(*shared && holding.shared))
        };
        let is_able = match next.needs {
            Needs::Nothing => true,
            Needs::Lock => next.lock.is_none_or(is_free),
            Needs::Cause => false,
        };
        !last.frees && has_joined && is_able
    }
}

impl Holding {
    fn of(operation: &Operation, access: Access) -> Option<Holding> {
        let holding = |lock, shared, takes| Some(Holding { lock, shared, takes });
        match access {
            Access::Lock(lock) => holding(lock, false, true),
            Access::Unlock(lock) | Access::Wait { lock, .. } => holding(lock, false, false),
            // A task that finds a `Once` done has waited for the task that did it, and keeps nothing.
            Access::Take { lock, shared: true, .. }
                if matches!(operation.action, Action::OnceBegin { .. }) =>
            {
                holding(lock, true, false)
            }
            Access::Take { lock, shared, .. } => holding(lock, shared, true),
            Access::Give { lock, shared } => holding(lock, shared, false),
            Access::Local
            | Access::Read(_)
            | Access::Write(_)
            | Access::Look { .. }
            | Access::Peek { .. }
            | Access::Arrive { .. }
            | Access::Open(_)
            | Access::Pass(_) => None,
        }
    }
}
