//! A continuation is resumed with a resource and canceled before it is dispatched; the cancel throws the resource away
//! unclosed.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "resource_lost_before_dispatch",
    reference: "Kotlin/kotlinx.coroutines#1915",
    language: Language::Kotlin,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "A continuation is resumed with a resource and canceled before it is dispatched; the cancel throws the \
                resource away unclosed.",
    users: "Sockets and files that were handed over while a coroutine was canceled stayed open.",
    fix: "Whoever resumes gives a handler along, which closes the resource if a cancel comes before it is delivered.",
    missed: "Hardly: the issue says that whoever resumes cannot tell the two cases of a cancel apart, so no test outside \
             could.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

struct Coroutine<R: Runtime> {
    is_canceled: R::AtomicU32,
    resource: Block<R>,
}

impl<R: Runtime> Coroutine<R> {
    /// It was resumed with the resource; now its turn has come.
    fn dispatch<const FIXED: bool>(&self) {
        if self.is_canceled.load(Acquire) == 0 {
            self.resource.touch();
            self.resource.free();
        } else if FIXED {
            self.resource.free();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let resource = Block::new("the resource");
    let coroutine = Arc::new(Coroutine::<R> { is_canceled: Atomic::new(0), resource });
    let dispatcher = Arc::clone(&coroutine);
    two::<R>(move || dispatcher.dispatch::<FIXED>(), || coroutine.is_canceled.store(1, Release));
    coroutine.resource.demand_freed();
}
