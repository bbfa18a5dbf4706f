//! What a platform has not is said at the call, and the judgement is *not applicable*.

use cancelproof::judge::{Engine, NotApplicable, Settings, judge};
use cancelproof::model::{
    Callback, Cancel, CancelableRequest, Complete, IsCanceled, Mark, Status, Unmark, requests::Locked,
};
use cancelproof::platform::LACKS;
use cancelproof::scenario::catalogue;
use cancelproof::verdict::Verdict;

cancelproof::subject_per_runtime! {
    request = Settled;

    use super::{Callback, Cancel, CancelableRequest, Complete, IsCanceled, Locked, Mark, Status, Unmark};

    /// A request that looks on completion whether its status was settled before.
    pub(super) struct Settled {
        request: Locked<Platform>,
        status: sync::OnceLock<Status>,
    }

    impl CancelableRequest<Platform> for Settled {
        fn new() -> Self {
            Settled { request: Locked::new(), status: sync::OnceLock::new() }
        }

        fn mark(&self, callback: Callback) -> Mark {
            self.request.mark(callback)
        }

        fn unmark(&self) -> Unmark {
            self.request.unmark()
        }

        fn cancel(&self) -> Cancel {
            self.request.cancel()
        }

        fn complete(&self, status: Status) -> Complete {
            let _ = self.status.set(status);
            self.request.complete(status)
        }

        fn is_canceled(&self) -> IsCanceled {
            self.request.is_canceled()
        }
    }

}

#[test]
fn whoever_has_it_judges_and_the_others_are_not_applicable() {
    let scenario = catalogue::named("complete-cancel").unwrap();
    for engine in [Engine::Dpor, Engine::Rc11] {
        let judgement = judge(subject(), &scenario, engine, Settings::default()).unwrap();
        assert_eq!(judgement.verdict, Verdict::Proved, "{engine}");
    }
    for (engine, platform) in [(Engine::Loom, "loom"), (Engine::Shuttle, "shuttle")] {
        let refused = judge(subject(), &scenario, engine, Settings::default()).unwrap_err();
        let NotApplicable::Lacking(said) = refused else { panic!("{refused:?}") };
        assert!(said.starts_with(&format!("{LACKS}{platform} has no `OnceLock`")), "{said}");
    }
}

/// Where the call is not reached, a platform judges as it judges all else.
#[test]
fn what_is_not_called_is_not_missed() {
    let scenario = catalogue::named("cancel-then-is-canceled").unwrap();
    let calls_it = |text: &str| text.contains("complete");
    assert!(calls_it(&scenario.program.to_string()));
    let scenario = catalogue::named("marked-three-cancels").unwrap();
    for engine in [Engine::Loom, Engine::Shuttle, Engine::Dpor] {
        let judgement = judge(subject(), &scenario, engine, Settings::default()).unwrap();
        assert_eq!(judgement.verdict, Verdict::Proved, "{engine}");
    }
}

/// Every row of the table that says so: it does.
#[test]
fn every_stand_in_says_so() {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use cancelproof::{sync, task, thread, time};

    fn says_so(call: impl FnOnce()) {
        let said = catch_unwind(AssertUnwindSafe(call)).expect_err("it is not modelled");
        let said = said.downcast_ref::<String>().expect("it is said in words");
        assert!(said.starts_with(LACKS), "{said}");
    }

    let hour = time::Duration::from_secs(3600);
    says_so(|| _ = sync::on_loom::Barrier::new(1).wait());
    says_so(|| sync::on_loom::Once::new().call_once(|| ()));
    says_so(|| _ = sync::on_loom::OnceLock::new().set(1));
    says_so(|| assert_eq!(*sync::on_loom::LazyLock::new(|| 1), 1));
    says_so(|| _ = sync::on_loom::mpsc::sync_channel::<u8>(1));
    says_so(|| thread::on_loom::scope(|_| ()));
    says_so(|| thread::on_loom::park_timeout(hour));
    says_so(|| thread::on_loom::sleep(hour));
    says_so(|| _ = thread::on_loom::available_parallelism());
    says_so(|| task::on_loom::block_on(async {}));
    says_so(|| _ = time::on_loom::Instant::now());
    says_so(|| _ = sync::on_shuttle::OnceLock::new().set(1));
    says_so(|| assert_eq!(*sync::on_shuttle::LazyLock::new(|| 1), 1));
    says_so(|| _ = thread::on_shuttle::available_parallelism());
    says_so(|| _ = time::on_shuttle::Instant::now());
}
