//! Names that do not depend on the order of execution.
//!
//! The executor numbers threads and objects as they come, and two executions of one graph may come to them in
//! different orders. In a graph a thread is named by its parent and its rank among the parent's children, an
//! object by its creator and its rank among the creator's objects.

use super::clock::THREADS_MAX;
use super::graph::Graph;
use crate::operation::{Action, ObjectId, Operation, TaskId};

/// The rank of the object that stands for a thread's park token, among the objects of that thread.
const TOKEN: u16 = u16::MAX;

/// What the numbers of the current execution stand for in the graph.
#[derive(Debug, Default)]
pub(super) struct Naming {
    /// By task number of the execution: the thread in the graph.
    threads: Vec<u8>,
    /// By thread of the graph: the task of the execution.
    tasks: [Option<TaskId>; THREADS_MAX],
    /// By object number of the execution: the object in the graph.
    objects: Vec<u16>,
    /// By thread: how many objects it created, and how many threads it started.
    created: [u16; THREADS_MAX],
    started: [u8; THREADS_MAX],
}

impl Naming {
    /// Forgets everything but the main thread.
    pub(super) fn reset(&mut self) {
        self.threads.clear();
        self.threads.push(0);
        self.tasks = [None; THREADS_MAX];
        self.tasks[0] = Some(TaskId(0));
        self.objects.clear();
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

    /// The object of the graph that is a thread's park token, if anybody has used it.
    pub(super) fn token_name(graph: &Graph, thread: u8) -> Option<usize> {
        graph.objects().iter().position(|object| object.ordinal == TOKEN && object.creator == thread)
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
        let ordinal = &mut self.created[usize::from(creator)];
        let name = graph.object_of(creator, *ordinal, initial, mask);
        *ordinal += 1;
        let place = usize::from(object.0);
        if self.objects.len() <= place {
            self.objects.resize(place + 1, u16::MAX);
        }
        self.objects[place] = name;
    }

    /// The operation of a task, with the names of the graph.
    pub(super) fn translate(&mut self, graph: &mut Graph, task: TaskId, operation: &Operation) -> Operation {
        let mut object = operation.object.map(|object| self.object(object));
        let action = match operation.action {
            Action::Spawn { child } => Action::Spawn { child: self.start(graph, task, child) },
            Action::Join { child } => Action::Join { child: TaskId(self.thread(child)) },
            Action::WaitBegin { lock } => Action::WaitBegin { lock: self.object(lock) },
            Action::Park => {
                object = Some(ObjectId(graph.object_of(self.thread(task), TOKEN, 0, u64::MAX)));
                Action::Park
            }
            Action::Unpark { target } => {
                let target = self.thread(target);
                object = Some(ObjectId(graph.object_of(target, TOKEN, 0, u64::MAX)));
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
