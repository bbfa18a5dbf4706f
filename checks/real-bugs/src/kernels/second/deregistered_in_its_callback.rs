//! A cancel's callback completes the request, whose completion deregisters the callback and waits until it has returned.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "deregistered_in_its_callback",
    reference: "microsoft/cpprestsdk#481",
    language: Language::Cpp,
    class: Class::Blocked,
    seen: Seen::Excerpt,
    mechanism: "A cancel's callback completes the request, whose completion deregisters the callback and waits until it \
                has returned.",
    users: "A request that was canceled on a console deadlocked with the thread that canceled it.",
    fix: "Whoever deregisters from within the callback does not wait for it.",
    missed: "Only if the completion comes within the callback, which depends on the platform's own cancel.",
    rule: Rule::NotBlocked,
    needs: Needs::Orders,
};

#[derive(Clone, Copy, PartialEq)]
enum Callback {
    Registered,
    Running,
    Gone,
}

struct Request<R: Runtime> {
    is_complete: R::AtomicU32,
    callback: Monitor<R, Callback>,
}

impl<R: Runtime> Request<R> {
    fn complete(&self, may_wait: bool) {
        if self.is_complete.swap(1, AcqRel) == 0 && may_wait {
            self.callback.wait(|callback| *callback != Callback::Running, |callback| *callback = Callback::Gone);
        }
    }

    fn cancel<const FIXED: bool>(&self) {
        let runs = self.callback.with(|callback| {
            let runs = *callback == Callback::Registered;
            if runs {
                *callback = Callback::Running;
            }
            runs
        });
        if runs {
            self.complete(!FIXED);
            self.callback.update(|callback| *callback = Callback::Gone);
        }
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let callback = Monitor::new(Callback::Registered);
    let request = Arc::new(Request::<R> { is_complete: Atomic::new(0), callback });
    let canceler = Arc::clone(&request);
    two::<R>(move || canceler.cancel::<FIXED>(), || request.complete(true));
}
