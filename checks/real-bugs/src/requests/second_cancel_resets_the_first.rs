//! A second cancel finds the mark of one in progress, puts its own over it and takes it away, so the coroutine ends under the first.

use super::parts::*;
use super::promise::Promise;

pub(super) type Request<R, const FIXED: bool> = AsRegistration<R, Source<Promise<R, true, FIXED>>>;
