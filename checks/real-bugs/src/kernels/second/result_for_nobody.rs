//! A worker hands its result to a receiver that takes it by hand, and the receiver has left because its context was canceled.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "result_for_nobody",
    reference: "hashicorp/go-eventlogger#7",
    language: Language::Go,
    class: Class::Blocked,
    seen: Seen::Change,
    mechanism: "A worker hands its result to a receiver that takes it by hand, and the receiver has left because its \
                context was canceled.",
    users: "A deadlock and a goroutine that stayed for ever, whenever a context was canceled while events were \
            processed.",
    fix: "Whoever hands over waits for the receiver or for the cancel, whichever comes first.",
    missed: "Its tests had a slow receiver and a cancel, and did not look for what stays behind; the change adds a check for \
             goroutines that leak.",
    rule: Rule::NotBlocked,
    needs: Needs::Orders,
};

#[derive(Default)]
struct Channel {
    is_offered: bool,
    is_taken: bool,
    is_canceled: bool,
}

struct Pipeline<R: Runtime>(Monitor<R, Channel>);

impl<R: Runtime> Pipeline<R> {
    fn work<const FIXED: bool>(&self) {
        self.0.update(|channel| channel.is_offered = true);
        self.0.wait(|channel| channel.is_taken || (FIXED && channel.is_canceled), |_| ());
    }

    fn receive(&self) {
        let take = |channel: &mut Channel| channel.is_taken = channel.is_offered && !channel.is_canceled;
        self.0.wait(|channel| channel.is_offered || channel.is_canceled, take);
        self.0.update(|_| ());
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let pipeline = Arc::new(Pipeline::<R>(Monitor::new(Channel::default())));
    let (worker, canceler) = (Arc::clone(&pipeline), Arc::clone(&pipeline));
    three::<R>(
        move || worker.work::<FIXED>(),
        move || canceler.0.update(|channel| channel.is_canceled = true),
        || pipeline.receive(),
    );
}
