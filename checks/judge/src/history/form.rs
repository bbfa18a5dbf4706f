//! What is alike in different histories.
//!
//! A history is taken apart into its *form* and the names of its threads. The form is what the rules can tell apart:
//! histories of one form are judged alike, which a test of the rules holds them to. With the names it says what each
//! thread did, which is all that an outcome is made of.

use super::Thread;
use super::code::{self, Code, NOBODY};

/// Every number that a thread can have, and [`NOBODY`].
const THREADS: usize = NOBODY as usize + 1;

/// Takes histories apart, one after another, in room that it keeps.
#[derive(Debug)]
pub(crate) struct Forms {
    form: Vec<Code>,
    /// How many threads have names.
    named: Thread,
    /// The thread of each name.
    threads: [Thread; THREADS],
    /// The name of each thread, or [`NOBODY`].
    names: [Thread; THREADS],
}

impl Default for Forms {
    fn default() -> Self {
        Forms { form: Vec::new(), named: 0, threads: [NOBODY; THREADS], names: [NOBODY; THREADS] }
    }
}

impl Forms {
    /// The form of a history, and the thread of each name in it. Threads are named in the order of their first answers
    /// or callbacks; those without any come last, in the order of their calls. Among calls without anything between
    /// them the cancels come last, by name: no rule knows which of them came first.
    pub(crate) fn take_apart(&mut self, history: &[Code]) -> (&[Code], &[Thread]) {
        self.begin();
        self.name_threads(history, |code| !code::is_call(code));
        if !self.rename(history) {
            self.name_threads(history, |_| true);
            self.rename(history);
        }
        for calls in self.form.chunk_by_mut(|&one, &next| code::is_call(one) && code::is_call(next)) {
            if calls.len() > 1 {
                order(calls);
            }
        }
        (&self.form, &self.threads[..usize::from(self.named)])
    }

    /// Forgets the history in hand.
    fn begin(&mut self) {
        self.named = 0;
        self.names = [NOBODY; THREADS];
    }

    /// Gives names to the threads of such events, to each at its first.
    #[allow(clippy::needless_bitwise_bool, reason = "the lazy ones are branches")]
    #[inline]
    fn name_threads(&mut self, history: &[Code], is_such: impl Fn(Code) -> bool) {
        // Without branches, because no processor foretells them: histories differ in just this.
        for &code in history {
            let thread = code::thread(code);
            let name = &mut self.names[usize::from(thread)];
            let is_new = is_such(code) & (*name == NOBODY) & (thread != NOBODY);
            *name = if is_new { self.named } else { *name };
            self.threads[usize::from(self.named)] = thread;
            self.named += Thread::from(is_new);
        }
    }

    /// Puts names in place of threads. Returns whether all threads have names.
    #[inline]
    fn rename(&mut self, history: &[Code]) -> bool {
        let mut are_named = true;
        let names = &self.names;
        self.form.clear();
        self.form.extend(history.iter().map(|&code| {
            let thread = code::thread(code);
            let name = names[usize::from(thread)];
            are_named &= name != NOBODY || thread == NOBODY;
            code::with_thread(code, name)
        }));
        are_named
    }
}

/// Puts the cancels among calls behind the others, by name.
fn order(calls: &mut [Code]) {
    let mut cancels = 0;
    for last in 0..calls.len() {
        let call = calls[last];
        let mut place = last;
        if code::is_free_cancel(call) {
            while place > cancels && calls[place - 1] > call {
                calls.swap(place - 1, place);
                place -= 1;
            }
        } else {
            calls[cancels..=last].rotate_right(1);
            cancels += 1;
        }
    }
}

/// What the thread of that name does in a history of that form.
pub(crate) fn of_name(form: &[Code], name: Thread) -> Vec<Code> {
    form.iter().copied().filter(|&code| code::thread(code) == name).collect()
}

#[cfg(test)]
mod tests {
    use cancelproof_machine::machine::{Call, Reply};
    use cancelproof_machine::{Cancel, Mark};

    use super::*;
    use crate::history::{Event, Title};

    fn codes(events: &[Event]) -> Vec<Code> {
        events.iter().map(code::of).collect()
    }

    fn form(events: &[Event]) -> Vec<Code> {
        Forms::default().take_apart(&codes(events)).0.to_vec()
    }

    #[test]
    fn names_are_forgotten() {
        let on = |thread| Event::CallbackStarted { thread, arming: 0 };
        assert_eq!(form(&[on(2), on(5)]), form(&[on(1), on(0)]));
        assert_ne!(form(&[on(2), on(5)]), form(&[on(2), on(2)]));
    }

    #[test]
    fn threads_are_named_by_their_first_answers_and_the_others_by_their_calls() {
        let called =
            |thread| Event::Called { thread, call: Call::Cancel, title: Title::Entitled, arming: None };
        let answered = |thread| Event::Answered { thread, reply: Reply::Cancel(Cancel::NotClaimed) };
        let mut forms = Forms::default();
        for _ in 0..2 {
            let events = [called(7), called(2), called(4), answered(4), answered(2)];
            assert_eq!(forms.take_apart(&codes(&events)).1, [4, 2, 7]);
        }
        assert_eq!(forms.take_apart(&codes(&[called(2), answered(2)])).1, [2]);
    }

    #[test]
    fn only_cancels_change_places_with_calls_next_to_them() {
        let called = |thread, call| Event::Called { thread, call, title: Title::Entitled, arming: None };
        let (mark, unmark) = (called(0, Call::Mark), called(1, Call::Unmark));
        let cancels = [called(2, Call::Cancel), called(3, Call::Cancel)];
        let answered = Event::Answered { thread: 0, reply: Reply::Mark(Mark::Marked) };
        let one = [cancels[1], mark, cancels[0], answered];
        assert_eq!(form(&one), form(&[mark, cancels[0], cancels[1], answered]));
        assert_ne!(form(&one), form(&[mark, cancels[0], answered, cancels[1]]));
        assert_ne!(form(&[mark, unmark, answered]), form(&[unmark, mark, answered]));
    }
}
