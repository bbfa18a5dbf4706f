//! What the threads of a program do as an application.

use std::sync::Arc;

use cancelproof_machine::runtime::Runtime;
use cancelproof_references::application::Application;

use super::super::history::{Answer, Request};
use super::super::program::{Delivery, Verb};
use super::{Call, World, step};

impl<R: Runtime> World<R> {
    pub(super) fn perform_for_application(self: &Arc<Self>, call: Call) {
        let Some(application) = &self.application else { return };
        let (first, second) = (call.step.number(0), call.step.number(1));
        self.call(call, || match call.step.verb {
            Verb::Issue => {
                self.issue(application, call, Some(call.step.number(2)));
                Answer::Done
            }
            Verb::Block => {
                self.issue(application, call, None);
                self.wait(application, first)
            }
            Verb::Collect => self.wait(application, first),
            Verb::CancelIo => Answer::Selected(application.cancel_io(call.thread, first)),
            Verb::CancelIoEx => {
                let overlapped = call.step.numbers[1].map(|_| second);
                Answer::Selected(application.cancel_io_ex(first, overlapped))
            }
            Verb::CancelSynchronousIo => Answer::Selected(application.cancel_synchronous_io(first, true)),
            Verb::CancelSynchronousIoDenied => {
                Answer::Selected(application.cancel_synchronous_io(first, false))
            }
            Verb::Close => {
                application.close(first);
                Answer::Done
            }
            Verb::Exit => {
                application.exit(call.thread);
                Answer::Done
            }
            // Every other step is not the application's.
            _ => Answer::Done,
        });
    }

    fn wait(&self, application: &Application<R>, request: Request) -> Answer {
        let status = application.wait(usize::from(request));
        self.take_result(request);
        Answer::Ended(status)
    }

    /// Issues I/O; the driver's handler runs in the thread that has issued it.
    fn issue(self: &Arc<Self>, application: &Application<R>, call: Call, overlapped: Option<u8>) {
        let request: Request = call.step.number(0);
        application.issue(usize::from(request), call.thread, call.step.number(1), overlapped);
        if self.program.setup.delivery == Delivery::Marks {
            self.mark_or_complete(Call::of(call.thread, step(Verb::Mark, request)));
        }
    }
}
