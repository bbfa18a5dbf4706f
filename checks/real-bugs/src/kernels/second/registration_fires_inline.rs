//! A callback is registered on a token that is canceled already and runs inside the call, before the read has noted its token.

use crate::parts::*;

/// What the report says.
pub(crate) const BUG: Bug = Bug {
    name: "registration_fires_inline",
    reference: "dotnet/runtime#59090",
    language: Language::CSharp,
    class: Class::Verdict,
    seen: Seen::Excerpt,
    mechanism: "A callback is registered on a token that is canceled already and runs inside the call, before the read \
                has noted its token.",
    users: "Reads of a pipe never completed although they were canceled; the test runs of several repositories hung.",
    fix: "The read looks whether its callback ran inside the registration, and ends as canceled if it did.",
    missed: "Hardly: the report calls a unit test of it very hard to write, and it was found from dumps of processes \
             that hung.",
    rule: Rule::Verdict,
    needs: Needs::Orders,
};

#[derive(Clone, Copy, Default)]
struct Token {
    is_canceled: bool,
    has_callback: bool,
}

#[derive(Clone, Copy, Default)]
struct Read {
    has_token: bool,
    is_complete: bool,
}

struct Pipe<R: Runtime> {
    token: R::Mutex<Token>,
    lock: Lock<R>,
    read: Plain<R, Read>,
}

impl<R: Runtime> Pipe<R> {
    /// Under the lock, which a thread may take again. Does nothing for a read that does not know its token.
    fn callback(&self) {
        let read = self.read.get();
        self.read.set(Read { is_complete: read.is_complete || read.has_token, ..read });
    }

    fn cancel(&self) {
        let before = std::mem::replace(&mut *self.token.lock(), Token { is_canceled: true, has_callback: false });
        if before.has_callback {
            self.lock.hold(|| self.callback());
        }
    }

    /// Registers the callback, or says that it is to run now.
    fn register(&self) -> bool {
        let mut token = self.token.lock();
        token.has_callback = !token.is_canceled;
        token.is_canceled
    }

    fn read<const FIXED: bool>(&self) {
        self.lock.hold(|| {
            let runs_inline = self.register();
            if runs_inline {
                self.callback();
            }
            self.read.set(Read { has_token: true, is_complete: FIXED && runs_inline });
        });
    }
}

pub(crate) fn run<R: Runtime, const FIXED: bool>() {
    let (token, read) = (Mutex::new(Token::default()), Plain::new(Read::default()));
    let pipe = Arc::new(Pipe::<R> { token, lock: Lock::new(), read });
    let canceler = Arc::clone(&pipe);
    two::<R>(move || canceler.cancel(), || pipe.read::<FIXED>());
    let is_complete = pipe.read.get().is_complete;
    Rule::Verdict.demand(is_complete, "the token is canceled, and the read is pending for ever");
}
