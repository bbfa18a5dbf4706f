//! One execution as a reader wants it: everything that happened, in order, as plain data.
//!
//! A [`Trace`] is what the terminal table, the film and the Mermaid text are drawn from. It is recorded only when a
//! failing execution is run again, so that it costs an exploration nothing.

mod build;
mod data;
mod material;
pub mod mermaid;
mod order;
mod outside;
mod states;
pub mod table;
mod text;
mod violation;

pub use build::build;
pub use data::{
    Access, Broken, Finding, Header, Lane, Object, ObjectKind, Place, ReadFrom, Step, Switch, Trace, What,
    Why,
};
pub use material::{Cast, Material};
pub use outside::{FromOutside, Outside};

pub use crate::recorder::SwitchReason;

/// A log of what is seen of a request or a system.
pub type Log = crate::recorder::Log<FromOutside>;
type Entry = crate::recorder::Entry<FromOutside>;
