//! A request that depends on something outside the runtime is named, and not explored silently.

use std::sync::atomic::{AtomicU32, Ordering};

use cancelproof::judge::{Engine, Settings, judge};
use cancelproof::model::machine::Call;
use cancelproof::model::request::{Cancel, CancelableRequest, Complete, IsCanceled, Mark, Status, Unmark};
use cancelproof::model::requests::word::{self, Word};
use cancelproof::model::runtime::{Atomic, Runtime};
use cancelproof::model::{Callback, Contract};
use cancelproof::scenario::catalogue;
use cancelproof::subject::{Generic, Made};
use cancelproof::verdict::Verdict;

/// How often any request was marked or canceled: what no engine can know.
static COUNTER: AtomicU32 = AtomicU32::new(0);

/// A request that on every third call asks its state once more than it need.
struct Moody<R: Runtime> {
    request: Word<R, word::Reference>,
    mood: R::AtomicU8,
    /// The call in which it does so.
    at: Call,
}

impl<R: Runtime> Moody<R> {
    fn hesitate(&self, call: Call) {
        if call == self.at && COUNTER.fetch_add(1, Ordering::Relaxed) % 3 == 2 {
            self.mood.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl<R: Runtime> CancelableRequest<R> for Moody<R> {
    fn new() -> Self {
        unreachable!("made by the subject")
    }

    fn mark(&self, callback: Callback) -> Mark {
        self.hesitate(Call::Mark);
        self.request.mark(callback)
    }

    fn unmark(&self) -> Unmark {
        self.request.unmark()
    }

    fn cancel(&self) -> Cancel {
        self.hesitate(Call::Cancel);
        self.request.cancel()
    }

    fn complete(&self, status: Status) -> Complete {
        self.request.complete(status)
    }

    fn is_canceled(&self) -> IsCanceled {
        self.request.is_canceled()
    }
}

struct MoodySubject(Call);

impl Generic for MoodySubject {
    fn name(&self) -> &'static str {
        "moody"
    }

    fn contract(&self) -> Contract {
        Contract::UMDF_1
    }

    fn make<R: Runtime>(&self) -> Made<R> {
        Box::new(Moody::<R> {
            request: Word::with_contract(Contract::UMDF_1),
            mood: R::AtomicU8::new(0),
            at: self.0,
        })
    }
}

#[test]
fn a_request_that_counts_outside_the_runtime_is_not_deterministic() {
    static SUBJECTS: [MoodySubject; 2] = [MoodySubject(Call::Mark), MoodySubject(Call::Cancel)];
    let scenario = catalogue::named("mark-finish-two-cancels").expect("the scenario is in the catalogue");
    for engine in [Engine::Dpor, Engine::Rc11] {
        for subject in &SUBJECTS {
            let judgement =
                judge(subject, &scenario, engine, Settings::default()).expect("they fit together");
            let Verdict::ToolFailure { reason } = &judgement.verdict else {
                panic!("{engine}, {:?}: {}", subject.0, judgement.verdict)
            };
            assert!(reason.starts_with("the request is not deterministic"), "{engine}: {reason}");
        }
    }
}
