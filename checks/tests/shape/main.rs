//! The modules in the shape of the standard library: what they do under the own engines.

mod closures;
mod explored;
mod locks;
mod primitives;
mod statics;
mod surface;
mod tasks;
mod time;
