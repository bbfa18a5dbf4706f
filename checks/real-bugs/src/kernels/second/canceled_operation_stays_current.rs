//! An operation that was canceled gives its buffer back and stays noted as the one in flight, so no other is started.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "canceled_operation_stays_current",
    reference: "ntex-rs/ntex#527",
    language: Language::Rust,
    class: Class::Verdict,
    seen: Seen::Change,
    mechanism: "When a read was canceled the driver gives its buffer back and leaves it noted as the stream's read in flight, so \
                the next read is taken for one that has begun.",
    users: "Not told: the change has a title and a line in the list of changes.",
    fix: "The handler of a canceled read or write also takes away the note that it is in flight.",
    missed: "By reading on after a cancel on that driver; the change has no test.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

#[derive(Default)]
struct Stream {
    current: Option<u8>,
    in_flight: Option<u8>,
}

struct Driver<R: Runtime>(Monitor<R, Stream>);

impl<R: Runtime> Driver<R> {
    /// The ring tells that the first read was canceled.
    fn canceled<const FIXED: bool>(&self) {
        self.0.update(|stream| {
            stream.in_flight = None;
            if FIXED {
                stream.current = None;
            }
        });
    }

    /// Reads on, once the first read has been given up.
    fn read(&self) -> bool {
        self.0.wait(
            |stream| stream.in_flight.is_none(),
            |stream| {
                if stream.current.is_none() {
                    (stream.current, stream.in_flight) = (Some(2), Some(2));
                }
                stream.in_flight == Some(2)
            },
        )
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let driver = Arc::new(Driver::<R>(Monitor::new(Stream { current: Some(1), in_flight: Some(1) })));
    let ring = Arc::clone(&driver);
    let mut has_begun = false;
    two::<R>(move || ring.canceled::<FIXED>(), || has_begun = driver.read());
    Rule::Verdict.demand(has_begun, "a read is told to be in flight that was never begun");
}
