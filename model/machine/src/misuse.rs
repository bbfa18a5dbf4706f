//! Why a call is refused: what both a request answers and the machine says.

/// Why a call was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Misuse {
    /// Mark on a request that is marked.
    AlreadyMarked,
    /// Mark on a request whose cancel was claimed: only completion is left.
    CancelClaimed,
    /// Unmark on a request that is not marked.
    NotMarked,
    /// Complete (or, under some contracts, is-canceled) on a request that is marked.
    StillCancelable,
    /// Complete after a cancel was claimed and before its callback started.
    CallbackPromised,
    /// Any driver's call on a request that has ended.
    AlreadyCompleted,
    /// A call that the request does not have, whether its contract says so or not: it has no effect.
    NotOffered,
    /// Any driver's call on a request that waits in a queue of the framework, or was sent away.
    NotOwned,
}
