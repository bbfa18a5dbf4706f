//! A cancel says yes although the task has begun and only its value is not set, and both the task and whoever canceled count
//! down.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "cancel_of_a_started_retry_counts",
    reference: "grpc/grpc-java#11034",
    language: Language::Java,
    class: Class::Double,
    seen: Seen::Excerpt,
    mechanism: "A cancel says yes although the task has begun and only its value is not set, and both the task and \
                whoever canceled count down.",
    users: "Calls with retries counted one stream too few, and an earlier fix of a deadlock failed on it.",
    fix: "The task marks under the lock that it has begun, and whoever cancels looks at that mark.",
    missed: "Yes: a test failed on it once an earlier fix of a deadlock was in.",
    rule: Rule::ExactlyOnce,
    needs: Needs::Orders,
};

#[derive(Default)]
struct Retry {
    has_begun: bool,
    is_done: bool,
    is_canceled: bool,
}

struct Stream<R: Runtime> {
    retry: R::Mutex<Retry>,
    counted_down: Tally,
}

impl<R: Runtime> Stream<R> {
    fn run(&self) {
        let begins = {
            let mut retry = self.retry.lock();
            retry.has_begun = !retry.is_canceled;
            retry.has_begun
        };
        if begins {
            self.counted_down.count();
            self.retry.lock().is_done = true;
        }
    }

    fn cancel<const FIXED: bool>(&self) {
        let mut retry = self.retry.lock();
        let says_yes = !retry.is_done;
        retry.is_canceled = says_yes;
        if says_yes && !(FIXED && retry.has_begun) {
            self.counted_down.count();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let stream = Stream::<R> { retry: Mutex::new(Retry::default()), counted_down: Tally::new() };
    let stream = Arc::new(stream);
    let executor = Arc::clone(&stream);
    two::<R>(move || executor.run(), || stream.cancel::<FIXED>());
    Rule::ExactlyOnce.demand(stream.counted_down.get() == 1, "one retry was counted down twice");
}
