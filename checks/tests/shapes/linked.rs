//! A tree of tokens: a cancel goes down, to those that are made meanwhile too, and never up.

use cancelproof::judge::Engine;
use cancelproof::model::runtime::{Arc, Mutex};
use cancelproof::model::shape::{Answer, LinkedToken, Token};
use cancelproof::model::{Callback, Rule, Runtime};
use cancelproof::subject;

use crate::judged::{Twin, assert_right, named, unrefuted};

const ALL: [Engine; 4] = [Engine::Dpor, Engine::Rc11, Engine::Loom, Engine::Shuttle];

/// What is wrong with a tree.
const NOTHING: u8 = 0;
/// A child of a canceled parent is not canceled.
const FORGETS_THE_LATE_CHILD: u8 = 1;
/// A thread that makes a child looks at its parent, lets go of the lock, and hangs it on.
const LOOKS_THEN_HANGS_ON: u8 = 2;
/// A cancel goes to the first child alone.
const CANCELS_ONE_CHILD: u8 = 3;
/// A cancel goes up as well.
const CANCELS_UPWARDS: u8 = 4;
/// A cancel leaves the children where they are, and calls them back again.
const CALLS_AGAIN: u8 = 5;

struct Inner<R: Runtime, const WRONG: u8> {
    is_canceled: bool,
    callbacks: Vec<Callback>,
    children: Vec<Node<R, WRONG>>,
    parent: Option<Node<R, WRONG>>,
}

struct Node<R: Runtime, const WRONG: u8>(R::Arc<R::Mutex<Inner<R, WRONG>>>);

impl<R: Runtime, const WRONG: u8> Node<R, WRONG> {
    fn with(is_canceled: bool, parent: Option<Self>) -> Self {
        let inner = Inner { is_canceled, callbacks: Vec::new(), children: Vec::new(), parent };
        Node(R::Arc::new(R::Mutex::new(inner)))
    }

    fn same(&self) -> Self {
        Node(self.0.clone())
    }

    fn go_down(&self) {
        let mut inner = self.0.lock();
        if inner.is_canceled && WRONG != CALLS_AGAIN {
            return;
        }
        inner.is_canceled = true;
        let callbacks = std::mem::take(&mut inner.callbacks);
        let children = std::mem::take(&mut inner.children);
        let parent = inner.parent.take();
        drop(inner);
        callbacks.iter().for_each(Callback::invoke);
        if WRONG == CALLS_AGAIN {
            self.0.lock().callbacks = callbacks;
        }
        let reached = if WRONG == CANCELS_ONE_CHILD { 1 } else { children.len() };
        children.iter().take(reached).for_each(Node::go_down);
        if WRONG == CALLS_AGAIN {
            self.0.lock().children = children;
        }
        parent.iter().for_each(Node::go_down);
    }
}

impl<R: Runtime, const WRONG: u8> Token<R> for Node<R, WRONG> {
    type Registration = ();

    fn new() -> Self {
        Node::with(false, None)
    }

    fn register(&self, callback: Callback) {
        let mut inner = self.0.lock();
        if inner.is_canceled {
            drop(inner);
            callback.invoke();
        } else {
            inner.callbacks.push(callback);
        }
    }

    fn cancel(&self) -> impl Answer {
        self.go_down();
    }

    fn is_canceled(&self) -> bool {
        self.0.lock().is_canceled
    }
}

impl<R: Runtime, const WRONG: u8> LinkedToken<R> for Node<R, WRONG> {
    fn child(&self) -> Self {
        let mut inner = self.0.lock();
        let is_canceled = inner.is_canceled && WRONG != FORGETS_THE_LATE_CHILD;
        let parent = (WRONG == CANCELS_UPWARDS).then(|| self.same());
        let child = Node::with(is_canceled, parent);
        if WRONG == LOOKS_THEN_HANGS_ON {
            drop(inner);
            inner = self.0.lock();
        }
        inner.children.push(child.same());
        child
    }
}

type Right<R> = Node<R, NOTHING>;
type ForgetsTheLateChild<R> = Node<R, FORGETS_THE_LATE_CHILD>;
type LooksThenHangsOn<R> = Node<R, LOOKS_THEN_HANGS_ON>;
type CancelsOneChild<R> = Node<R, CANCELS_ONE_CHILD>;
type CancelsUpwards<R> = Node<R, CANCELS_UPWARDS>;
type CallsAgain<R> = Node<R, CALLS_AGAIN>;

#[test]
fn a_right_tree_is_refuted_nowhere() {
    let subject = subject!(Right<_> as LinkedToken);
    assert!(named(subject).len() >= 12, "{:?}", named(subject));
    assert_right(subject);
    assert_right(subject!(Right<_> as Tokens));
}

#[test]
fn each_broken_tree_is_refuted_for_what_it_does() {
    let twins: [Twin; 5] = [
        (subject!(ForgetsTheLateChild as LinkedToken), "cancel-then-mark", &[Rule::NoLostCancel], &ALL),
        (subject!(LooksThenHangsOn as LinkedToken), "mark-cancel", &[Rule::NoLostCancel], &ALL),
        (subject!(CancelsOneChild as LinkedToken), "marked-cancel", &[Rule::NoLostCancel], &ALL),
        (subject!(CancelsUpwards as LinkedToken), "marked-cancel", &[Rule::RightSelection], &ALL),
        (subject!(CallsAgain as LinkedToken), "marked-cancel-cancel", &[Rule::ExactlyOnce], &ALL),
    ];
    let unrefuted =
        twins.into_iter().flat_map(|(twin, name, apt, engines)| unrefuted(twin, name, apt, engines));
    assert_eq!(unrefuted.collect::<Vec<_>>(), Vec::<String>::new());
}
