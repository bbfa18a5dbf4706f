//! What steps of programs do.

/// What a step does. Unless it is said otherwise, its first number is that of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verb {
    /// The driver marks; if refused with "canceled" it completes.
    Mark,
    /// The driver unmarks; if refused, completion is left to the callback.
    Unmark,
    /// The driver unmarks and completes if that was granted.
    Finish,
    /// The driver completes.
    Complete,
    /// The driver asks.
    IsCanceled,
    /// The driver puts the request back into its queue.
    Requeue,
    /// The driver puts the request into the second queue.
    Forward,
    /// The driver sends the request to the driver below.
    SendDown,
    /// The driver below ends the request that was sent to it.
    EndDown,
    /// The driver retrieves the next request of the queue with that number, and completes it.
    Serve,
    /// The I/O manager cancels.
    Cancel,
    /// The queue is purged.
    Purge,
    /// The queue is purged, and the driver is told when it owns no request any more.
    PurgeAndTell,
    /// The queue is opened again.
    Open,
    /// Callbacks are held back.
    HoldPower,
    /// Callbacks are no longer held back.
    ReleasePower,
    /// The queue stops: the driver is told of each request that it owns.
    Stop,
    /// What follows, up to the end, is a handler of the queue.
    Handler,
    /// What follows, up to the end, is another synchronized callback.
    Synchronized,
    /// The end of a handler or a synchronized callback.
    End,
    /// Blocks until the callback of the request has returned.
    Await,
    /// Starts the thread of that number, and hands the requests over to it.
    Start,
    /// The driver sends the request that it has made itself.
    Send,
    /// The driver cancels the first life of the request that it has sent.
    CancelSent,
    /// The timer cancels the first life of the request that was sent.
    Timer,
    /// The driver below ends the request that was sent.
    EndBelow,
    /// The driver uses the request again.
    Reuse,
    /// The application issues the request on a handle with an `OVERLAPPED`.
    Issue,
    /// The application issues the request on a handle and is blocked until it has ended.
    Block,
    /// The application waits until the request has ended.
    Collect,
    /// `CancelIo` on a handle.
    CancelIo,
    /// `CancelIoEx` on a handle, and if there is a second number with that `OVERLAPPED`.
    CancelIoEx,
    /// `CancelSynchronousIo` on a thread.
    CancelSynchronousIo,
    /// The same without the right to.
    CancelSynchronousIoDenied,
    /// A handle is closed.
    Close,
    /// The thread ends, as the application sees it.
    Exit,
    /// The driver takes a reference on the callback object.
    AddRef,
    /// The driver gives a reference on the callback object back.
    Release,
    /// The driver asks the callback object for the interface of that number.
    Query,
}

/// A verb, its name, the fewest and the most numbers that it takes, and what it does with them.
pub(super) const VERBS: &[(Verb, &str, usize, usize, &str)] = &[
    (
        Verb::Mark,
        "mark",
        1,
        1,
        "the driver marks request {0}; if that is refused because it is canceled, it completes it",
    ),
    (
        Verb::Unmark,
        "unmark",
        1,
        1,
        "the driver unmarks request {0}; if that is refused, completion is left to the callback",
    ),
    (Verb::Finish, "finish", 1, 1, "the driver unmarks request {0}, and completes it if that was granted"),
    (Verb::Complete, "complete", 1, 1, "the driver completes request {0}"),
    (Verb::IsCanceled, "is-canceled", 1, 1, "the driver asks whether request {0} is canceled"),
    (Verb::Requeue, "requeue", 1, 1, "the driver puts request {0} back into its queue"),
    (Verb::Forward, "forward", 1, 1, "the driver puts request {0} into the second queue"),
    (Verb::SendDown, "send-down", 1, 1, "the driver sends request {0} to the driver below"),
    (Verb::EndDown, "end-down", 1, 1, "the driver below ends request {0}"),
    (Verb::Serve, "serve", 1, 1, "the driver retrieves the next request of queue {0} and completes it"),
    (Verb::Cancel, "cancel", 1, 1, "the I/O manager cancels request {0}"),
    (Verb::Purge, "purge", 0, 0, "the queue is purged"),
    (
        Verb::PurgeAndTell,
        "purge-and-tell",
        0,
        0,
        "the queue is purged, and the driver is told when it owns no request any more",
    ),
    (Verb::Open, "open", 0, 0, "the queue is opened again"),
    (Verb::HoldPower, "hold-power", 0, 0, "callbacks are held back from here on"),
    (Verb::ReleasePower, "release-power", 0, 0, "callbacks are no longer held back"),
    (Verb::Stop, "stop", 0, 0, "the queue stops: the driver is told of each request that it owns"),
    (Verb::Handler, "handler", 0, 0, "a handler of the queue begins"),
    (Verb::Synchronized, "synchronized", 0, 0, "another synchronized callback of the driver begins"),
    (Verb::End, "end", 0, 0, "it ends"),
    (Verb::Await, "await", 1, 1, "blocks until the callback of request {0} has returned"),
    (Verb::Start, "start", 1, 1, "starts thread {0}, and hands the requests over to it"),
    (Verb::Send, "send", 0, 0, "the driver sends the request that it has made itself"),
    (
        Verb::CancelSent,
        "cancel-sent",
        0,
        0,
        "the driver cancels the first life of the request that it has sent",
    ),
    (Verb::Timer, "timer", 0, 0, "the timer cancels the first life of the request that was sent"),
    (Verb::EndBelow, "end-below", 0, 0, "the driver below ends the request that was sent"),
    (Verb::Reuse, "reuse", 0, 0, "the driver uses the request that it has sent again"),
    (Verb::Issue, "issue", 3, 3, "the application issues request {0} on handle {1} with OVERLAPPED {2}"),
    (
        Verb::Block,
        "block",
        2,
        2,
        "the application issues request {0} on handle {1} and is blocked until it has ended",
    ),
    (Verb::Collect, "collect", 1, 1, "the application waits until request {0} has ended"),
    (Verb::CancelIo, "cancel-io", 1, 1, "CancelIo on handle {0}"),
    (Verb::CancelIoEx, "cancel-io-ex", 1, 2, "CancelIoEx on handle {0}"),
    (Verb::CancelSynchronousIo, "cancel-synchronous-io", 1, 1, "CancelSynchronousIo on thread {0}"),
    (
        Verb::CancelSynchronousIoDenied,
        "cancel-synchronous-io-denied",
        1,
        1,
        "CancelSynchronousIo on thread {0}, without the right to",
    ),
    (Verb::Close, "close", 1, 1, "handle {0} is closed"),
    (Verb::Exit, "exit", 0, 0, "the thread ends, as the application sees it"),
    (Verb::AddRef, "add-ref", 0, 0, "the driver takes a reference on the callback object"),
    (Verb::Release, "release", 0, 0, "the driver gives a reference on the callback object back"),
    (Verb::Query, "query", 1, 1, "the driver asks the callback object for interface {0}"),
];

impl Verb {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        VERBS.iter().find(|row| row.0 == self).map_or("", |row| row.1)
    }

    /// Whether only the owner of a request may do it.
    #[must_use]
    pub fn is_drivers(self) -> bool {
        matches!(
            self,
            Verb::Mark
                | Verb::Unmark
                | Verb::Finish
                | Verb::Complete
                | Verb::IsCanceled
                | Verb::Requeue
                | Verb::Forward
                | Verb::SendDown
        )
    }
}

/// All names.
pub(super) fn names() -> String {
    VERBS.iter().map(|row| row.1).collect::<Vec<_>>().join(", ")
}
