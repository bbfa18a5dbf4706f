//! A ring is probed by an operation whose buffer is freed before its completion was taken out of the ring.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "probe_freed_before_it_is_drained",
    reference: "rustfs/rustfs#4625",
    language: Language::Rust,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "A ring is probed by a read; when the probe is given up its buffer is freed, although the read's completion has \
                not come.",
    users: "Nobody yet: an audit found it in a prototype whose model of ownership was to be used again.",
    fix: "The completion of the probe is taken out of the ring before the buffer is freed.",
    missed: "Its tests all passed; an audit by several readers found this and fourteen others.",
    rule: Rule::Lifetime,
    needs: Needs::Races,
};

struct Probe<R: Runtime> {
    is_complete: Monitor<R, bool>,
    buffer: Block<R>,
}

impl<R: Runtime> Probe<R> {
    fn kernel(&self) {
        self.buffer.write();
        self.is_complete.update(|is_complete| *is_complete = true);
    }

    fn give_up<const FIXED: bool>(&self) {
        if FIXED {
            self.is_complete.wait(|is_complete| *is_complete, |_| ());
        }
        self.buffer.free();
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let buffer = Block::new("the probe's buffer");
    let probe = Arc::new(Probe::<R> { is_complete: Monitor::new(false), buffer });
    let kernel = Arc::clone(&probe);
    two::<R>(move || kernel.kernel(), || probe.give_up::<FIXED>());
}
