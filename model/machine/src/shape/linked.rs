//! Tokens that hang on one another: whoever cancels a parent cancels its children, and not the other way round.

use std::marker::PhantomData;
use std::sync::{Arc, Mutex};

use super::company::Company;
use super::token::{Cancels, Token};
use super::{Answer, found, lock};
use crate::callback::Callback;
use crate::contract::Contract;
use crate::request::{Cancel, CancelableRequest, IsCanceled, Mark};
use crate::rule::Rule;
use crate::runtime::Runtime;

/// A [`Token`] that has children.
///
/// # Example
///
/// The flag of the [module](super), with a list of children:
///
/// ```
/// use cancelproof_machine::Callback;
/// use cancelproof_machine::runtime::{Arc, Mutex, Runtime};
/// use cancelproof_machine::shape::{Answer, LinkedToken, Token};
///
/// struct Inner<R: Runtime> {
///     is_canceled: bool,
///     callbacks: Vec<Callback>,
///     children: Vec<Node<R>>,
/// }
///
/// struct Node<R: Runtime>(R::Arc<R::Mutex<Inner<R>>>);
///
/// impl<R: Runtime> Node<R> {
///     fn with(is_canceled: bool) -> Self {
///         let inner = Inner { is_canceled, callbacks: Vec::new(), children: Vec::new() };
///         Node(R::Arc::new(R::Mutex::new(inner)))
///     }
/// }
///
/// impl<R: Runtime> Token<R> for Node<R> {
///     type Registration = ();
///
///     fn new() -> Self {
///         Node::with(false)
///     }
///
///     fn register(&self, callback: Callback) {
///         let mut inner = self.0.lock();
///         if inner.is_canceled {
///             drop(inner);
///             callback.invoke();
///         } else {
///             inner.callbacks.push(callback);
///         }
///     }
///
///     fn cancel(&self) -> impl Answer {
///         let mut inner = self.0.lock();
///         inner.is_canceled = true;
///         let callbacks = std::mem::take(&mut inner.callbacks);
///         let children = std::mem::take(&mut inner.children);
///         drop(inner);
///         callbacks.iter().for_each(Callback::invoke);
///         for child in children {
///             let _ = child.cancel();
///         }
///     }
///
///     fn is_canceled(&self) -> bool {
///         self.0.lock().is_canceled
///     }
/// }
///
/// impl<R: Runtime> LinkedToken<R> for Node<R> {
///     fn child(&self) -> Self {
///         let mut inner = self.0.lock();
///         let child: Node<R> = Node::with(inner.is_canceled);
///         inner.children.push(Node(child.0.clone()));
///         child
///     }
/// }
/// ```
pub trait LinkedToken<R: Runtime>: Token<R> {
    /// A token that is canceled with this one: at once if this one has been.
    #[must_use]
    fn child(&self) -> Self
    where
        Self: Sized;
}

/// A [`LinkedToken`] as a request: the parent is canceled, and callbacks are registered at children.
///
/// Each mark makes a child and registers there, and makes another child with a callback of the adapter's own, which has to be called
/// for the same cancel. At the end a child of another parent is canceled: that parent and its other child are to know nothing of it.
pub struct AsLinked<R: Runtime, T: LinkedToken<R>> {
    registrations: Mutex<Vec<T::Registration>>,
    /// The child of the latest mark is asked.
    children: Mutex<Vec<Arc<T>>>,
    parent: T,
    cancels: Cancels,
    company: Company,
    runtime: PhantomData<R>,
}

impl<R: Runtime, T: LinkedToken<R>> AsLinked<R, T> {
    fn register(&self, callback: Callback) -> Arc<T> {
        let child = Arc::new(self.parent.child());
        let registration = child.register(callback);
        lock(&self.registrations).push(registration);
        lock(&self.children).push(Arc::clone(&child));
        child
    }

    /// Cancels a child of a tree of its own, when all threads have ended, and finds fault with a parent or a sibling that hears of it.
    fn judge_upwards() {
        let (parent, siblings) = (T::new(), Company::default());
        let (child, sibling) = (parent.child(), parent.child());
        let registration = sibling.register(siblings.callback());
        let _ = child.cancel().told();
        if !child.is_canceled() {
            found(Rule::NoLostCancel, "a child was canceled and says that it was not");
        }
        if parent.is_canceled() {
            found(Rule::RightSelection, "a child was canceled, and its parent says that it was");
        }
        if sibling.is_canceled() || siblings.is_called() {
            found(Rule::RightSelection, "a child was canceled, and so was another child of its parent");
        }
        drop(registration);
    }
}

impl<R: Runtime, T: LinkedToken<R>> CancelableRequest<R> for AsLinked<R, T> {
    #[track_caller]
    fn new() -> Self {
        AsLinked {
            registrations: Mutex::default(),
            children: Mutex::default(),
            parent: T::new(),
            cancels: Cancels::default(),
            company: Company::default(),
            runtime: PhantomData,
        }
    }

    fn contract() -> Contract {
        T::contract()
    }

    fn mark(&self, callback: Callback) -> Mark {
        self.register(self.company.callback());
        self.register(callback);
        Mark::Marked
    }

    fn cancel(&self) -> Cancel {
        self.cancels.note(self.parent.cancel().told())
    }

    fn is_canceled(&self) -> IsCanceled {
        let latest = lock(&self.children).last().map(Arc::clone);
        let is_canceled = latest.map_or_else(|| self.parent.is_canceled(), |child| child.is_canceled());
        if is_canceled { IsCanceled::Yes } else { IsCanceled::No }
    }

    fn settle(&self) {
        self.cancels.judge();
        self.company.judge(self.cancels.were_made(), "several children");
        Self::judge_upwards();
        let registrations = std::mem::take(&mut *lock(&self.registrations));
        drop(registrations);
        let children = std::mem::take(&mut *lock(&self.children));
        drop(children);
    }
}
