//! The order of the events of one execution: which depend on which, directly or through others, and which race.
//!
//! An *event* is one operation that a task performed at a scheduling point. It is *ordered after* another if a
//! chain of dependent events leads from the other to it. Two events *race* if they are dependent, of different
//! tasks, not ordered through any third event, and could be performed the other way round. For each race the
//! search must make sure that the other way round is explored; [`Order::initials`] says where that can start.

mod locks;

use self::locks::Locks;
use super::clock::Clock;
use super::dependency::{Access, Resource};
use crate::executor::{ObjectKind, TASKS_MAX, TaskSet};
use crate::operation::TaskId;

/// The events of an execution so far.
#[derive(Debug)]
pub(super) struct Order {
    events: Vec<Event>,
    /// The events that each task's next event is ordered after, whatever it will be.
    tasks: [Clock; TASKS_MAX],
    objects: Vec<Accesses>,
    tokens: [Accesses; TASKS_MAX],
    locks: Locks,
    /// Scratch: the events that the newest one depends on directly, latest first.
    direct: Vec<u32>,
    /// Scratch: those of them that nothing else orders before it.
    racing: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
struct Event {
    task: TaskId,
    /// The decision that led to it: the task, and whether its operation came out spuriously.
    decision: TaskId,
    /// What it is ordered after, itself included.
    clock: Clock,
}

/// The accesses to one resource that a later one can directly depend on. Events are numbered from 1; 0 is none.
#[derive(Clone, Copy, Debug)]
struct Accesses {
    /// The last write, or the last time the lock was taken.
    write: u32,
    /// The last time the lock was released.
    release: u32,
    /// The tasks that read since the last write, each with its last read.
    readers: TaskSet,
    reads: [u32; TASKS_MAX],
    /// Those of them that read more than once.
    repeated: TaskSet,
}

impl Accesses {
    const NONE: Accesses = Accesses {
        write: 0,
        release: 0,
        readers: TaskSet::EMPTY,
        reads: [0; TASKS_MAX],
        repeated: TaskSet::EMPTY,
    };
}

/// An event that could have come before an earlier one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Race {
    /// The place of the earlier event, from 0.
    pub(super) earlier: usize,
    /// The decisions that can begin an execution in which the later event comes first: from the state before the
    /// earlier event, all that is not ordered after it, and then the later one.
    pub(super) initials: TaskSet,
    /// The task of the later event, if that can come first of all. How its operation comes out may depend on the
    /// earlier event, so every way in which it can is to be explored.
    pub(super) reversed: Option<TaskId>,
}

/// The next event of a task, before it is added.
#[derive(Clone, Copy, Debug)]
pub(super) struct Next {
    pub(super) decision: TaskId,
    pub(super) access: Access,
    /// Whether the operation, if it is a park, may end spuriously: then it needs no token.
    pub(super) needs_no_token: bool,
}

impl Order {
    pub(super) fn new() -> Self {
        Order {
            events: Vec::new(),
            tasks: [Clock::ZERO; TASKS_MAX],
            objects: Vec::new(),
            tokens: [Accesses::NONE; TASKS_MAX],
            locks: Locks::default(),
            direct: Vec::new(),
            racing: Vec::new(),
        }
    }

    /// Forgets the previous execution.
    pub(super) fn reset(&mut self) {
        self.events.clear();
        self.tasks = [Clock::ZERO; TASKS_MAX];
        self.objects.clear();
        self.tokens = [Accesses::NONE; TASKS_MAX];
        self.locks.reset();
    }

    pub(super) fn created(&mut self, kind: ObjectKind) {
        if matches!(kind, ObjectKind::RwLock | ObjectKind::Once) {
            self.locks.add(self.objects.len());
        }
        self.objects.push(Accesses::NONE);
    }

    pub(super) fn spawned(&mut self, parent: TaskId, child: TaskId) {
        self.tasks[usize::from(child.0)] = self.tasks[usize::from(parent.0)];
    }

    pub(super) fn joined(&mut self, parent: TaskId, child: TaskId) {
        let ended = self.tasks[usize::from(child.0)];
        self.tasks[usize::from(parent.0)].join(&ended);
    }

    /// Orders the next event of `task` after an event that is no access of the same resource.
    pub(super) fn also_after(&mut self, task: TaskId, event: usize) {
        let clock = self.events[event].clock;
        self.tasks[usize::from(task.0)].join(&clock);
    }

    /// Adds the next event, and hands each race that it is the later part of to `report` if `races` asks for it.
    pub(super) fn step(&mut self, next: Next, races: bool, report: impl FnMut(Race)) {
        let Next { decision, access, .. } = next;
        let task = decision.plain();
        let mut clock = self.look(task, access);
        clock.tick(task);
        if races {
            self.report(next, &clock, report);
        }
        self.record(task, access, self.events.len() as u32 + 1);
        self.tasks[usize::from(task.0)] = clock;
        self.events.push(Event { task, decision, clock });
    }

    /// What the next event of a task would be ordered after, itself included.
    pub(super) fn clock_of_next(&mut self, task: TaskId, access: Access) -> Clock {
        let mut clock = self.look(task, access);
        clock.tick(task);
        clock
    }

    /// What a task's next event is ordered after, whatever it will be.
    pub(super) fn clock_of(&self, task: TaskId) -> Clock {
        self.tasks[usize::from(task.0)]
    }

    /// Hands on the races of an event that its task could not add, because it is blocked.
    ///
    /// They matter in an execution that is given up: whoever blocks the task may be waiting for a task that sleeps,
    /// and so the event, and its race with whatever blocks it, would never be seen.
    pub(super) fn step_blocked(&mut self, next: Next, report: impl FnMut(Race)) {
        let task = next.decision.plain();
        let mut clock = self.look(task, next.access);
        clock.tick(task);
        self.report(next, &clock, report);
    }

    /// Finds what the next event of a task is ordered after; leaves the events that it races with in `racing`.
    fn look(&mut self, task: TaskId, access: Access) -> Clock {
        let mut clock = self.tasks[usize::from(task.0)];
        self.collect_direct(task, access);
        self.racing.clear();
        for direct in &self.direct {
            let event = &self.events[*direct as usize - 1];
            if clock.get(event.task) < event.clock.get(event.task) {
                self.racing.push(*direct);
                clock.join(&event.clock);
            }
        }
        if !self.locks.is_empty() {
            for before in self.locks.before(access) {
                clock.join(&self.events[before as usize - 1].clock);
            }
        }
        // A lock is reversed with the last taking of it, but ordered after the last release; a gate is not reversed at all.
        if let Access::Lock(lock) | Access::Pass(lock) = access {
            let release = self.objects[usize::from(lock.0)].release;
            if release != 0 {
                clock.join(&self.events[release as usize - 1].clock);
            }
        }
        clock
    }

    fn report(&self, next: Next, clock: &Clock, mut report: impl FnMut(Race)) {
        let (task, access) = (next.decision.plain(), next.access);
        // Put before another's critical section, a lock is not ordered after that section's release.
        let is_lock = matches!(access, Access::Lock(_));
        let is_blocking_take = matches!(access, Access::Take { tried: false, .. });
        let reach = if is_lock { &self.tasks[usize::from(task.0)] } else { clock };
        for racing in &self.racing {
            let earlier = *racing as usize - 1;
            if is_blocking_take {
                let reach = self.reach_of_take(task, access, earlier);
                report(self.race(earlier, task, &reach));
            } else if next.needs_no_token || self.reversible(task, access, earlier) {
                report(self.race(earlier, task, reach));
            }
        }
    }

    /// What a taking that blocks is ordered after if it is put before an earlier one: its own past, and what others did
    /// with the lock that does not come of that one.
    fn reach_of_take(&self, task: TaskId, access: Access, earlier: usize) -> Clock {
        let mut reach = self.tasks[usize::from(task.0)];
        for other in self.locks.before(access).chain(self.locks.racing(access)) {
            let other = other as usize - 1;
            if other != earlier && !self.is_after(other, earlier) {
                reach.join(&self.events[other].clock);
            }
        }
        reach
    }

    /// Collects the events that one of `task` with this access depends on directly, latest first.
    fn collect_direct(&mut self, task: TaskId, access: Access) {
        self.direct.clear();
        if let Access::Lock(lock) = access {
            let taken = self.objects[usize::from(lock.0)].write;
            if taken != 0 && self.events[taken as usize - 1].task != task {
                self.direct.push(taken);
            }
            return;
        }
        if !self.locks.is_empty() {
            self.direct.extend(self.locks.racing(access));
        }
        let Some((resource, write)) = access.resource() else {
            self.direct.sort_unstable_by(|one, other| other.cmp(one));
            return;
        };
        let accesses = *self.accesses_mut(resource);
        if write {
            for reader in accesses.readers.iter() {
                self.direct.push(accesses.reads[usize::from(reader.0)]);
            }
        }
        if accesses.write != 0 {
            self.direct.push(accesses.write);
        }
        self.direct.sort_unstable_by(|one, other| other.cmp(one));
    }

    fn record(&mut self, task: TaskId, access: Access, number: u32) {
        self.locks.record(task, access, number);
        match access {
            Access::Local
            | Access::Take { .. }
            | Access::Give { .. }
            | Access::Look { .. }
            | Access::Peek { .. }
            | Access::Pass(_) => {}
            Access::Lock(lock) => self.objects[usize::from(lock.0)].write = number,
            Access::Unlock(lock) | Access::Open(lock) => self.objects[usize::from(lock.0)].release = number,
            Access::Wait { condvar, lock } => {
                self.objects[usize::from(lock.0)].release = number;
                self.accesses_mut(Resource::Object(condvar)).write_at(number);
            }
            Access::Arrive { meeting, is_last: true, .. } => {
                self.accesses_mut(Resource::Object(meeting)).write_at(number);
            }
            Access::Write(resource) => self.accesses_mut(resource).write_at(number),
            Access::Arrive { .. } | Access::Read(_) => {
                let Some((resource, _)) = access.resource() else { return };
                let accesses = self.accesses_mut(resource);
                if accesses.readers.contains(task) {
                    accesses.repeated.insert(task);
                }
                accesses.readers.insert(task);
                accesses.reads[usize::from(task.0)] = number;
            }
        }
    }

    fn accesses_mut(&mut self, resource: Resource) -> &mut Accesses {
        match resource {
            Resource::Object(object) => &mut self.objects[usize::from(object.0)],
            Resource::Token(task) => &mut self.tokens[usize::from(task.0)],
        }
    }

    /// Whether the event could have come before the earlier one it depends on. A park needs a token: it can come
    /// before one unpark only if there is another that is not ordered after that one.
    fn reversible(&self, task: TaskId, access: Access, earlier: usize) -> bool {
        if access != Access::Write(Resource::Token(task)) {
            return true;
        }
        let unparks = &self.tokens[usize::from(task.0)];
        if !unparks.repeated.is_empty() {
            // Of several unparks by one task only the last is known; taking the race for reversible is safe.
            return true;
        }
        unparks.readers.iter().any(|reader| {
            let other = unparks.reads[usize::from(reader.0)] as usize - 1;
            other != earlier && !self.is_after(other, earlier)
        })
    }

    /// Whether one event is ordered after an earlier one.
    fn is_after(&self, later: usize, earlier: usize) -> bool {
        let task = self.events[earlier].task;
        self.events[later].clock.get(task) >= self.events[earlier].clock.get(task)
    }

    /// The race with `earlier`. It can be reversed by what begins what follows `earlier` without being ordered after
    /// it, together with a next event of `task` that is ordered after `reach`: by the tasks whose first event there
    /// is ordered after no other of it.
    fn race(&self, earlier: usize, task: TaskId, reach: &Clock) -> Race {
        let racing = self.events[earlier];
        let time = racing.clock.get(racing.task);
        let mut first = Clock::NEVER;
        let mut seen = TaskSet::EMPTY;
        let mut initials = TaskSet::EMPTY;
        for event in &self.events[earlier + 1..] {
            if seen.contains(event.task) || event.clock.get(racing.task) >= time {
                continue;
            }
            if !event.clock.reaches(&first) {
                initials.insert(event.decision);
            }
            seen.insert(event.task);
            first.set(event.task, event.clock.get(event.task));
        }
        let is_first = !seen.contains(task) && !reach.reaches(&first);
        Race { earlier, initials, reversed: is_first.then_some(task) }
    }
}

impl Accesses {
    fn write_at(&mut self, number: u32) {
        self.write = number;
        self.readers = TaskSet::EMPTY;
        self.repeated = TaskSet::EMPTY;
    }
}
