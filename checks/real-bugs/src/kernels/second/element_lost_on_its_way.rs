//! A receive has taken a resource from a channel and is canceled before it returns it; neither the channel nor anybody else has
//! it.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "element_lost_on_its_way",
    reference: "Kotlin/kotlinx.coroutines#1936",
    language: Language::Kotlin,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "A receive has taken a resource from a channel and is canceled before it returns it; neither the channel \
                nor anybody else has it.",
    users: "Files that were sent through a channel to a coroutine that was canceled stayed open.",
    fix: "The channel has a function that is called with every element that is lost, which closes it.",
    missed: "Hardly from outside: nobody sees the element that was neither received nor left in the channel.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

const SENT: u32 = 1;
const TAKEN: u32 = 2;
const CANCELED: u32 = 3;

struct Channel<R: Runtime> {
    element: R::AtomicU32,
    resource: Block<R>,
}

impl<R: Runtime> Channel<R> {
    /// The receive takes the element, and returns it in a later step unless it is canceled by then.
    fn receive<const FIXED: bool>(&self) {
        if self.element.compare_exchange(SENT, TAKEN, AcqRel, Acquire).is_err() {
            return;
        }
        let is_delivered = self.element.compare_exchange(TAKEN, 0, AcqRel, Acquire).is_ok();
        if is_delivered || FIXED {
            self.resource.free();
        }
    }

    /// Cancels the receive; what it has not taken stays with the sender, who closes it.
    fn cancel(&self) {
        if self.element.swap(CANCELED, AcqRel) == SENT {
            self.resource.free();
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let resource = Block::new("the resource");
    let channel = Arc::new(Channel::<R> { element: Atomic::new(SENT), resource });
    let receiver = Arc::clone(&channel);
    two::<R>(move || receiver.receive::<FIXED>(), || channel.cancel());
    channel.resource.demand_freed();
}
