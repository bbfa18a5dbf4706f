//! Two threads that exit each wait until nothing polls their ring any more, and each has a request that polls the other one's.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "rings_wait_for_each_other",
    reference: "axboe/liburing#294",
    language: Language::C,
    class: Class::Blocked,
    seen: Seen::Excerpt,
    mechanism: "Two threads that exit each wait until nothing polls their ring any more, and each has a request that \
                polls the other one's.",
    users: "A process that ended while its rings polled each other could not be killed, and stayed until the machine was \
            booted anew.",
    fix: "An exit cancels its own requests first and waits for others then.",
    missed: "Hard to reproduce, says the report, which shows where the exit waits and not why; the kernel is the \
             smallest circle of that kind.",
    rule: Rule::NotBlocked,
    needs: Needs::Orders,
};

struct Rings<R: Runtime>(Monitor<R, [bool; 2]>);

impl<R: Runtime> Rings<R> {
    fn wait_for_others(&self, ring: usize) {
        self.0.wait(|polls| !polls[1 - ring], |_| ());
    }

    fn cancel_own(&self, ring: usize) {
        self.0.update(|polls| polls[ring] = false);
    }

    fn exit<const FIXED: bool>(&self, ring: usize) {
        if FIXED {
            self.cancel_own(ring);
        }
        self.wait_for_others(ring);
        self.cancel_own(ring);
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let rings = Arc::new(Rings::<R>(Monitor::new([true; 2])));
    let other = Arc::clone(&rings);
    two::<R>(move || other.exit::<FIXED>(1), || rings.exit::<FIXED>(0));
}
