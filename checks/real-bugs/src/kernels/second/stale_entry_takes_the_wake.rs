//! A sender registers its waker and then gets a place after all; its entry stays and takes the wake-up that the next sender
//! waits for.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "stale_entry_takes_the_wake",
    reference: "frostyplanet/crossfire-rs#23",
    language: Language::Rust,
    class: Class::Blocked,
    seen: Seen::Excerpt,
    mechanism: "A sender registers its waker and then gets a place after all; its entry stays and takes the wake-up that \
                the next sender waits for.",
    users: "Senders of a bounded channel waited for ever although there was room.",
    fix: "A sender that has got a place takes its entry out, and passes the wake-up on if the entry has got one already.",
    missed: "The maintainer tells the steps of three threads that it takes, and of no test that had taken them.",
    rule: Rule::NotBlocked,
    needs: Needs::Orders,
};

struct Registry {
    waiting: Vec<u32>,
    second_is_woken: bool,
}

impl Registry {
    fn wake_first(&mut self) {
        let first = (!self.waiting.is_empty()).then(|| self.waiting.remove(0));
        self.second_is_woken |= first == Some(2);
    }
}

struct Channel<R: Runtime>(Monitor<R, Registry>);

impl<R: Runtime> Channel<R> {
    /// The first sender's second try, which succeeds.
    fn get_a_place<const FIXED: bool>(&self) {
        self.0.update(|registry| {
            if FIXED {
                let before = registry.waiting.len();
                registry.waiting.retain(|&entry| entry != 1);
                if registry.waiting.len() == before {
                    registry.wake_first();
                }
            }
        });
    }

    fn receive(&self) {
        self.0.update(Registry::wake_first);
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let registry = Registry { waiting: vec![1, 2], second_is_woken: false };
    let channel = Arc::new(Channel::<R>(Monitor::new(registry)));
    let (first, receiver) = (Arc::clone(&channel), Arc::clone(&channel));
    three::<R>(
        move || first.get_a_place::<FIXED>(),
        move || receiver.receive(),
        || channel.0.wait(|registry| registry.second_is_woken, |_| ()),
    );
}
