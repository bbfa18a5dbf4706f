//! The [`CancellationToken`](https://docs.rs/tokio-util/latest/tokio_util/sync/struct.CancellationToken.html) of tokio-util under
//! the suite: a crate that nobody here wrote. Everything is in the tests; see `README.md` for how they come by its source.
