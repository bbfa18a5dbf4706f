//! What modelled threads keep for themselves.

use core::any::Any;
use std::rc::Rc;

use super::{current, with};
use crate::operation::TaskId;

/// What a task keeps for itself: whose it is, the address of its key, and the value until it is dropped.
pub(super) type Kept = (TaskId, usize, Option<Rc<dyn Any>>);

/// What the calling task keeps by a key.
pub(in crate::executor) enum Local {
    Is(Rc<dyn Any>),
    IsNot,
    /// It was dropped, or is being dropped, because the task ends.
    IsGone,
}

/// What the calling task keeps by `key`.
pub(in crate::executor) fn local(key: usize) -> Local {
    let task = current();
    with(|session| match session.locals.iter().find(|local| (local.0, local.1) == (task, key)) {
        Some((_, _, Some(value))) => Local::Is(Rc::clone(value)),
        Some((_, _, None)) => Local::IsGone,
        None => Local::IsNot,
    })
}

/// The calling task keeps `value` by `key`; returns what it kept.
pub(in crate::executor) fn set_local(key: usize, value: Rc<dyn Any>) -> Option<Rc<dyn Any>> {
    let task = current();
    with(|session| {
        if let Some((_, _, kept)) = session.locals.iter_mut().find(|local| (local.0, local.1) == (task, key))
        {
            return kept.replace(value);
        }
        session.locals.push((task, key, Some(value)));
        None
    })
}

/// The calling task has come to the end of its body: drops what it keeps, in the order in which it was made.
pub(in crate::executor) fn drop_locals() {
    let task = current();
    let next = || {
        with(|session| {
            session.locals.iter_mut().find_map(|local| if local.0 == task { local.2.take() } else { None })
        })
    };
    while let Some(value) = next() {
        drop(value);
    }
}
