//! More timeouts end at once than the ring has room for; the surplus cancels are dropped, and the tasks wait for them.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "surplus_cancel_is_dropped",
    reference: "lalinsky/zio#623",
    language: Language::Zig,
    class: Class::Blocked,
    seen: Seen::Excerpt,
    mechanism: "More timeouts end at once than the ring has room for; the surplus cancels are dropped, and the tasks \
                wait for them.",
    users: "A load generator hung, worst under the load for which the timeouts were there.",
    fix: "A cancel that finds no room is kept and submitted when there is room.",
    missed: "By thousands of operations that time out together, as the report does; a few always found room.",
    rule: Rule::NotBlocked,
    needs: Needs::Orders,
};

#[derive(Default)]
struct Ring {
    submitted: u32,
    kept: u32,
    canceled: u32,
}

struct Loop<R: Runtime>(Monitor<R, Ring>);

impl<R: Runtime> Loop<R> {
    /// The submission queue holds one.
    fn time_out<const FIXED: bool>(&self) {
        self.0.with(|ring| {
            if ring.submitted == 0 {
                ring.submitted = 1;
            } else if FIXED {
                ring.kept += 1;
            }
        });
    }

    /// The kernel takes what was submitted; what was kept is submitted after it.
    fn enter(&self) {
        self.0.update(|ring| {
            ring.canceled += ring.submitted + std::mem::take(&mut ring.kept);
            ring.submitted = 0;
        });
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let event_loop = Arc::new(Loop::<R>(Monitor::new(Ring::default())));
    let other = Arc::clone(&event_loop);
    two::<R>(
        move || {
            other.time_out::<FIXED>();
            other.enter();
        },
        || {
            event_loop.time_out::<FIXED>();
            event_loop.enter();
            event_loop.0.wait(|ring| ring.canceled == 2, |_| ());
        },
    );
}
