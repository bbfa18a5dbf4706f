//! Revoking a canceler exchanges the mark of a cancel in progress for none, so its loop ends at the second turn, whatever goes on.

use super::parts::*;
use super::promise::Promise;

pub(super) type Request<R, const FIXED: bool> = AsRegistration<R, Source<Promise<R, FIXED, true>>>;
