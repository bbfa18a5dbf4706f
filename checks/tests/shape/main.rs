//! The modules in the shape of the standard library: what they do under the own engines.

mod closures;
mod explored;
mod globs;
mod lacking;
mod locks;
mod primitives;
mod statics;
mod surface;
mod tasks;
mod time;
mod words;
