//! What the threads of a program do: the driver's idioms, and the calls of everybody else.

use std::sync::{Arc, PoisonError};

use cancelproof_machine::machine::Reply;
use cancelproof_machine::runtime::Runtime;
use cancelproof_machine::{Callback, Complete, Mark, Status, Unmark};
use cancelproof_references::framework::target::{Canceler, Send};
use cancelproof_references::framework::{Moved, Purge, Retrieved};
use cancelproof_references::object::Interface;

use super::super::history::{Answer, Arming, Request, Thread};
use super::super::program::{MAX_REQUESTS, Step, Verb};
use super::callback::Registered;
use super::{Call, World, step};

/// The requests that a thread has given up.
pub(super) type GivenUp = [bool; MAX_REQUESTS];

/// The threads that a thread has started.
pub(super) type Handles<R> = Vec<<R as Runtime>::JoinHandle<()>>;

impl<R: Runtime> World<R> {
    /// Runs all steps of `thread`.
    pub(super) fn act(self: &Arc<Self>, thread: Thread, handles: &mut Handles<R>) {
        let mut roll = self.roll.lock().unwrap_or_else(PoisonError::into_inner);
        roll.threads.push((R::current(), thread));
        drop(roll);
        let program = Arc::clone(&self.program);
        self.act_on(thread, &program.threads[usize::from(thread)], &mut [false; MAX_REQUESTS], handles);
    }

    /// Runs some steps; handlers and synchronized callbacks are run inside the framework.
    fn act_on(
        self: &Arc<Self>,
        thread: Thread,
        steps: &[Step],
        given_up: &mut GivenUp,
        handles: &mut Handles<R>,
    ) {
        let mut rest = steps;
        while let [step, after @ ..] = rest {
            rest = after;
            match step.verb {
                Verb::Handler | Verb::Synchronized => {
                    let end = after.iter().position(|step| step.verb == Verb::End).unwrap_or(after.len());
                    let inner = &after[..end];
                    rest = &after[end..];
                    let run = || {
                        self.enter_scope();
                        self.act_on(thread, inner, given_up, handles);
                    };
                    if step.verb == Verb::Handler {
                        self.framework.handle(run);
                    } else {
                        self.framework.synchronize(run);
                    }
                }
                Verb::End => {}
                Verb::Start => {
                    *given_up = [true; MAX_REQUESTS];
                    handles.push(self.spawn(step.number(0)));
                }
                _ => self.take_step(thread, *step, given_up),
            }
        }
    }

    fn take_step(self: &Arc<Self>, thread: Thread, step: Step, given_up: &mut GivenUp) {
        let request = step.number(0);
        let is_given_up = step.verb.is_drivers() && given_up[usize::from(request)];
        if is_given_up && !step.is_raw {
            return;
        }
        let keeps = self.perform(Call::of(thread, step), request);
        if step.verb.is_drivers() && !step.is_raw && !keeps {
            given_up[usize::from(request)] = true;
        }
    }

    /// Makes one call; whether its thread still owns the request.
    fn perform(self: &Arc<Self>, call: Call, request: Request) -> bool {
        match call.step.verb {
            Verb::Mark => return self.mark_or_complete(call),
            Verb::Unmark => return self.unmark(call) == UNMARKED,
            Verb::Finish => {
                self.finish(call);
                return false;
            }
            Verb::Complete => {
                self.complete(call, Status::Success);
                return false;
            }
            Verb::IsCanceled => {
                self.call(call, || {
                    Answer::Reply(Reply::IsCanceled(self.framework.is_canceled(usize::from(request))))
                });
            }
            Verb::Requeue => return self.requeue(call) != Answer::Moved,
            Verb::Forward => return self.forward(call) != Answer::Moved,
            Verb::SendDown => return self.send_down(call) != Answer::Submitted,
            Verb::EndDown => self.simply(call, || self.framework.end_down(usize::from(request))),
            Verb::Serve => self.serve(call),
            Verb::Cancel => self.cancel(call),
            Verb::Await => {
                self.call(call, || {
                    self.await_callback(request);
                    Answer::Done
                });
            }
            Verb::Purge => self.simply(call, || self.framework.purge(Purge::AndForget)),
            Verb::PurgeAndTell => self.simply(call, || self.framework.purge(Purge::AndTell)),
            Verb::Open => self.simply(call, || self.framework.open()),
            Verb::HoldPower => self.simply(call, || self.framework.hold_power()),
            Verb::ReleasePower => self.simply(call, || self.framework.release_power()),
            Verb::Stop => self.simply(call, || self.framework.stop()),
            Verb::Send | Verb::CancelSent | Verb::Timer | Verb::EndBelow | Verb::Reuse => self.send(call),
            Verb::AddRef | Verb::Release | Verb::Query => self.count(call),
            _ => self.perform_for_application(call),
        }
        true
    }

    fn simply(&self, call: Call, make: impl FnOnce()) {
        self.call(call, || {
            make();
            Answer::Done
        });
    }

    fn next_mark(&self) -> Arming {
        let mut roll = self.roll.lock().unwrap_or_else(PoisonError::into_inner);
        roll.marks += 1;
        roll.marks - 1
    }

    /// Marks; if refused with "canceled", completes. Whether the thread still owns the request.
    pub(super) fn mark_or_complete(self: &Arc<Self>, call: Call) -> bool {
        let request = call.step.number(0);
        let arming = self.next_mark();
        if !call.step.is_raw {
            self.write_context(request, arming);
        }
        let callback = Callback::new(Registered::new(self, request, arming));
        let call = Call { arming: Some(arming), ..call };
        let answer = self
            .call(call, || Answer::Reply(Reply::Mark(self.framework.mark(usize::from(request), callback))));
        let is_canceled = answer == Answer::Reply(Reply::Mark(Mark::Canceled));
        if is_canceled && !call.step.is_raw {
            self.complete(Call::of(call.thread, step(Verb::Complete, request)), Status::Canceled);
        }
        !is_canceled
    }

    pub(super) fn unmark(&self, call: Call) -> Answer {
        let request = usize::from(call.step.number(0));
        self.call(call, || Answer::Reply(Reply::Unmark(self.framework.unmark(request))))
    }

    fn finish(&self, call: Call) {
        let request = call.step.number(0);
        let part = |verb| Call { step: step(verb, request), ..call };
        if self.unmark(part(Verb::Unmark)) == UNMARKED {
            self.complete(part(Verb::Complete), Status::Success);
        }
    }

    pub(super) fn complete(&self, call: Call, status: Status) {
        let request = call.step.number(0);
        if !call.step.is_raw {
            self.leave_result(request);
        }
        let answer = self.call(call, || {
            Answer::Reply(Reply::Complete(self.framework.complete(usize::from(request), status)))
        });
        if !call.step.is_raw && answer == Answer::Reply(Reply::Complete(Complete::Completed)) {
            self.consume_payload(request);
        }
    }

    pub(super) fn cancel(&self, call: Call) {
        let request = usize::from(call.step.number(0));
        self.call(call, || Answer::Reply(Reply::Cancel(self.framework.cancel(request))));
    }

    pub(super) fn requeue(&self, call: Call) -> Answer {
        let request = usize::from(call.step.number(0));
        self.call(call, || moved(self.framework.requeue(request)))
    }

    fn forward(&self, call: Call) -> Answer {
        let request = usize::from(call.step.number(0));
        self.call(call, || moved(self.framework.forward(request, 1)))
    }

    fn send_down(&self, call: Call) -> Answer {
        let request = usize::from(call.step.number(0));
        self.call(call, || match moved(self.framework.send_down(request)) {
            Answer::Moved => Answer::Submitted,
            refused => refused,
        })
    }

    fn serve(&self, call: Call) {
        let queue = usize::from(call.step.number(0));
        let answer = self.call(call, || match self.framework.retrieve(queue) {
            Retrieved::Delivered(id) => Answer::Retrieved(id as Request),
            Retrieved::Empty => Answer::Empty,
        });
        if let Answer::Retrieved(request) = answer {
            self.complete(Call::of(call.thread, step(Verb::Complete, request)), Status::Success);
        }
    }

    fn send(&self, call: Call) {
        let Some(sent) = &self.sent else { return };
        self.call(call, || match call.step.verb {
            Verb::Send => match sent.send() {
                Send::Submitted => Answer::Submitted,
                Send::NotSubmitted => Answer::NotSubmitted,
                Send::Refused(misuse) => Answer::Refused(misuse),
            },
            Verb::CancelSent => Answer::CancelSent(sent.cancel(0, Canceler::Driver)),
            Verb::Timer => Answer::CancelSent(sent.cancel(0, Canceler::Timer)),
            Verb::Reuse => match sent.reuse() {
                Ok(_) => Answer::Reused,
                Err(misuse) => Answer::Refused(misuse),
            },
            _ => {
                sent.end_below();
                Answer::Done
            }
        });
    }

    fn count(&self, call: Call) {
        let Some(object) = &self.object else { return };
        let interface = match call.step.number(0) {
            0 => Interface::Unknown,
            1 => Interface::RequestCallbackCancel,
            _ => Interface::SomethingElse,
        };
        self.call(call, || match call.step.verb {
            Verb::AddRef => {
                object.add_ref();
                Answer::Done
            }
            Verb::Release => Answer::IsLast(object.release() == 0),
            _ => Answer::Has(object.query_interface(interface)),
        });
    }
}

const UNMARKED: Answer = Answer::Reply(Reply::Unmark(Unmark::Unmarked));

fn moved(moved: Moved) -> Answer {
    match moved {
        Moved::Moved => Answer::Moved,
        Moved::Refused(misuse) => Answer::Refused(misuse),
    }
}
