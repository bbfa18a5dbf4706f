//! The source of the token under the own engines.

mod alias {
    pub(crate) use cancelproof::{cell, sync};
}

include!(concat!(env!("OUT_DIR"), "/modules.rs"));
#[path = "../../src/broken.rs"]
pub mod broken;
#[path = "../../src/primitives.rs"]
mod primitives;

pub(crate) use self::tokio_util::sync::CancellationToken;
