//! What each thread has for itself, and what is made once in an execution.

use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;

use cancelproof::executor::current_task;

thread_local! {
    /// Of the present execution: by thread and key, in the order of their making. Destroyed ones stay, without a value.
    static LOCALS: RefCell<Vec<(u8, usize, Option<Rc<dyn Any>>)>> = const { RefCell::new(Vec::new()) };
    static STATICS: RefCell<Vec<Box<dyn FnOnce()>>> = const { RefCell::new(Vec::new()) };
}

/// Forgets what an execution has left that was given up: its destructors must not run any more.
pub(crate) fn begin() {
    std::mem::forget(LOCALS.take());
    std::mem::forget(STATICS.take());
}

/// What came of asking for a value.
pub(crate) enum Found<T> {
    Value(Rc<T>),
    Nothing,
    /// The thread has destroyed it, or does now.
    Destroyed,
}

pub(crate) fn find<T: 'static>(key: usize) -> Found<T> {
    let thread = current_task().0;
    LOCALS.with_borrow(|locals| {
        let found = locals.iter().find(|(of, known, _)| (*of, *known) == (thread, key));
        match found {
            None => Found::Nothing,
            Some((_, _, None)) => Found::Destroyed,
            Some((_, _, Some(value))) => match Rc::clone(value).downcast() {
                Ok(value) => Found::Value(value),
                Err(_) => unreachable!("a key has values of one type"),
            },
        }
    })
}

pub(crate) fn keep<T: 'static>(key: usize, value: T) -> Rc<T> {
    let value = Rc::new(value);
    let kept = Rc::clone(&value) as Rc<dyn Any>;
    LOCALS.with_borrow_mut(|locals| locals.push((current_task().0, key, Some(kept))));
    value
}

/// The calling thread has returned from its body: what it has is destroyed, in the order of its making.
pub(crate) fn end_thread() {
    let thread = current_task().0;
    loop {
        let next = LOCALS.with_borrow_mut(|locals| {
            let next = locals.iter_mut().find(|(of, _, value)| *of == thread && value.is_some());
            next.and_then(|(_, _, value)| value.take())
        });
        match next {
            Some(value) => drop(value),
            None => return,
        }
    }
}

/// Has this done when all threads have ended.
pub(crate) fn at_end(drop: impl FnOnce() + 'static) {
    STATICS.with_borrow_mut(|statics| statics.push(Box::new(drop)));
}

/// All threads have ended.
pub(crate) fn drop_statics() {
    while let Some(drop) = STATICS.with_borrow_mut(Vec::pop) {
        drop();
    }
}
