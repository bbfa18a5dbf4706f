//! Names that do not depend on the order of execution.
//!
//! The executor numbers threads and objects as they come, and two executions of one graph may come to them in
//! different orders. In a graph a thread is named by its parent and its rank among the parent's children, an
//! object by its creator and its rank among the creator's objects.

use rustc_hash::FxHashMap;

use super::clock::THREADS_MAX;
use super::graph::Graph;
use crate::operation::{Action, ObjectId, Operation, TaskId};

/// The rank of the object that stands for a thread's park token, among the objects of that thread.
const TOKEN: u16 = u16::MAX;

/// The object has no name yet.
const UNNAMED: u16 = u16::MAX;

/// Added to the rank of an object that was found and not created.
const FOUND: u16 = 1 << 15;

/// What the numbers of the current execution stand for in the graph.
#[derive(Debug, Default)]
pub(super) struct Naming {
    /// By task number of the execution: the thread in the graph.
    threads: Vec<u8>,
    /// By thread of the graph: the task of the execution.
    tasks: [Option<TaskId>; THREADS_MAX],
    /// By object number of the execution: the object in the graph.
    objects: Vec<u16>,
    /// By object number of the execution, for those that the code did not create in it: what they hold and their mask.
    found: Vec<(u64, u64)>,
    /// By thread: how many objects it created, and how many threads it started.
    created: [u16; THREADS_MAX],
    started: [u8; THREADS_MAX],
    /// Where objects of these names were in some graph, by creator and ordinal. Most often they are there in this one too.
    places: FxHashMap<(u8, u16), u16>,
}

impl Naming {
    /// Forgets everything but the main thread.
    pub(super) fn reset(&mut self) {
        self.threads.clear();
        self.threads.push(0);
        self.tasks = [None; THREADS_MAX];
        self.tasks[0] = Some(TaskId(0));
        self.objects.clear();
        self.found.clear();
        self.created = [0; THREADS_MAX];
        self.started = [0; THREADS_MAX];
    }

    pub(super) fn thread(&self, task: TaskId) -> u8 {
        self.threads[usize::from(task.0)]
    }

    /// The task that runs a thread of the graph, if it was started.
    pub(super) fn task(&self, thread: u8) -> Option<TaskId> {
        self.tasks[usize::from(thread)]
    }

    /// The threads that were started.
    pub(super) fn started(&self) -> impl Iterator<Item = (u8, TaskId)> {
        self.threads.iter().enumerate().map(|(task, thread)| (*thread, TaskId(task as u8)))
    }

    /// The object of the graph that an object of the execution is.
    pub(super) fn object_name(&self, object: ObjectId) -> usize {
        usize::from(self.object(object).0)
    }

    /// The object of the graph that is a thread's park token, if a thread has used it.
    pub(super) fn token_name(&self, graph: &Graph, thread: u8) -> Option<usize> {
        self.known(graph, thread, TOKEN).map(usize::from)
    }

    /// The object of this name, if the graph has one.
    fn known(&self, graph: &Graph, creator: u8, ordinal: u16) -> Option<u16> {
        let place = self.places.get(&(creator, ordinal)).copied();
        let place = place.filter(|place| graph.is_named(*place, creator, ordinal));
        place.or_else(|| graph.object_named(creator, ordinal))
    }

    /// The object of this name; makes a place for it if need be, and states what it holds.
    fn object_of(&mut self, graph: &mut Graph, creator: u8, ordinal: u16, initial: u64, mask: u64) -> u16 {
        let place = match self.known(graph, creator, ordinal) {
            Some(place) => {
                graph.restate(place, initial, mask);
                place
            }
            None => graph.add_object(creator, ordinal, initial, mask),
        };
        self.places.insert((creator, ordinal), place);
        place
    }

    /// A task created the next object.
    pub(super) fn create(
        &mut self,
        graph: &mut Graph,
        task: TaskId,
        object: ObjectId,
        initial: u64,
        mask: u64,
    ) {
        let creator = self.thread(task);
        let ordinal = self.created[usize::from(creator)];
        let name = self.object_of(graph, creator, ordinal, initial, mask);
        self.created[usize::from(creator)] += 1;
        *self.place(object) = name;
    }

    fn place(&mut self, object: ObjectId) -> &mut u16 {
        let place = usize::from(object.0);
        if self.objects.len() <= place {
            self.objects.resize(place + 1, UNNAMED);
        }
        &mut self.objects[place]
    }

    /// A task came to an object that it did not create, and that nobody had come to.
    pub(super) fn found(&mut self, object: ObjectId, initial: u64, mask: u64) {
        *self.place(object) = UNNAMED;
        let place = usize::from(object.0);
        if self.found.len() <= place {
            self.found.resize(place + 1, (0, u64::MAX));
        }
        self.found[place] = (initial, mask);
    }

    /// Whether the object was found and not yet matched with an object of the graph.
    pub(super) fn is_unnamed(&self, object: ObjectId) -> bool {
        self.objects.get(usize::from(object.0)) == Some(&UNNAMED)
    }

    /// Says which object of the graph an unnamed object is: that of the event which its operation was matched with, or
    /// a new one if the operation is a new event, `at` this place of this thread.
    pub(super) fn bind(
        &mut self,
        graph: &mut Graph,
        object: ObjectId,
        recorded: Option<ObjectId>,
        at: (u8, u16),
    ) {
        let (initial, mask) = self.found[usize::from(object.0)];
        let name = match recorded {
            Some(recorded) => {
                graph.restate(recorded.0, initial, mask);
                recorded.0
            }
            None => self.fresh(graph, initial, mask, at),
        };
        *self.place(object) = name;
    }

    /// An object of the graph that nothing refers to, named by where it is first used.
    fn fresh(&mut self, graph: &mut Graph, initial: u64, mask: u64, (thread, index): (u8, u16)) -> u16 {
        let ordinals = (0..u16::MAX).map(|more| FOUND | (index.wrapping_mul(4).wrapping_add(more) & !FOUND));
        for ordinal in ordinals.filter(|ordinal| *ordinal != TOKEN) {
            let name = self.known(graph, thread, ordinal);
            if name.is_none_or(|name| !self.objects.contains(&name) && !graph.refers_to(name)) {
                return self.object_of(graph, thread, ordinal, initial, mask);
            }
        }
        unreachable!("a graph has fewer events than there are names")
    }

    /// The operation of a task, with the names of the graph.
    pub(super) fn translate(&mut self, graph: &mut Graph, task: TaskId, operation: &Operation) -> Operation {
        let mut object = operation.object.map(|object| self.object(object));
        let action = match operation.action {
            Action::Spawn { child } => Action::Spawn { child: self.start(graph, task, child) },
            Action::Join { child } => Action::Join { child: TaskId(self.thread(child)) },
            Action::WaitBegin { lock } => Action::WaitBegin { lock: self.object(lock) },
            Action::Park | Action::ParkTimed => {
                object = Some(ObjectId(self.object_of(graph, self.thread(task), TOKEN, 0, u64::MAX)));
                operation.action
            }
            Action::Unpark { target } => {
                let target = self.thread(target);
                object = Some(ObjectId(self.object_of(graph, target, TOKEN, 0, u64::MAX)));
                Action::Unpark { target: TaskId(target) }
            }
            other => other,
        };
        Operation { action, object, location: operation.location }
    }

    fn object(&self, object: ObjectId) -> ObjectId {
        ObjectId(self.objects[usize::from(object.0)])
    }

    fn start(&mut self, graph: &mut Graph, parent: TaskId, child: TaskId) -> TaskId {
        let parent = self.thread(parent);
        let ordinal = &mut self.started[usize::from(parent)];
        let thread = graph.child_of(parent, *ordinal);
        *ordinal += 1;
        let place = usize::from(child.0);
        if self.threads.len() <= place {
            self.threads.resize(place + 1, u8::MAX);
        }
        self.threads[place] = thread;
        self.tasks[usize::from(thread)] = Some(child);
        TaskId(thread)
    }
}
