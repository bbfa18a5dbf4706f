//! A call that ends with nothing cleans its provider up early, while a cancel that holds the call's state is about to ask the
//! provider.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "cleaned_up_before_its_cancel",
    reference: "microsoft/libHttpClient#557",
    language: Language::Cpp,
    class: Class::Lifetime,
    seen: Seen::Excerpt,
    mechanism: "A call that ends with nothing cleans its provider up early, while a cancel that holds the call's state \
                is about to ask the provider.",
    users: "A crash of the network stack of a console when a call was canceled as it ended.",
    fix: "Where a cancel may come, the provider is cleaned up with the state, by whoever lets go of it last.",
    missed: "Only where a cancel and an empty end meet; it was observed in the field.",
    rule: Rule::Lifetime,
    needs: Needs::Orders,
};

struct Call<R: Runtime> {
    references: R::AtomicU32,
    provider: Block<R>,
}

impl<R: Runtime> Call<R> {
    fn release<const FIXED: bool>(&self) {
        let is_last = self.references.fetch_sub(1, AcqRel) == 1;
        if FIXED && is_last {
            self.provider.free();
        }
    }

    fn cancel<const FIXED: bool>(&self) {
        self.provider.touch();
        self.release::<FIXED>();
    }

    fn end_with_nothing<const FIXED: bool>(&self) {
        if !FIXED {
            self.provider.free();
        }
        self.release::<FIXED>();
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let call = Arc::new(Call::<R> { references: Atomic::new(2), provider: Block::new("the provider") });
    let canceler = Arc::clone(&call);
    two::<R>(move || canceler.cancel::<FIXED>(), || call.end_with_nothing::<FIXED>());
    call.provider.demand_freed();
}
