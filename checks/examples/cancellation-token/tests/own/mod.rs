//! The source of the token under the own engines.

include!(concat!(env!("OUT_DIR"), "/modules.rs"));
#[path = "../../src/broken.rs"]
pub mod broken;
#[path = "../../src/own.rs"]
mod primitives;

pub(crate) use self::tokio_util::sync::CancellationToken;
