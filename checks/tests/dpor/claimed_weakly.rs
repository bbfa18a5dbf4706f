//! A request whose cancel claims by a weak exchange: tried once it is lost now and then, tried again it is not.

use core::marker::PhantomData;
use core::sync::atomic::Ordering::{AcqRel, Relaxed, Release};

use cancelproof::judge::{Engine, Settings, judge};
use cancelproof::model::requests::locked::{Locked, Reference};
use cancelproof::model::runtime::{Atomic, Runtime};
use cancelproof::model::{
    Callback, Cancel, CancelableRequest, Complete, Contract, IsCanceled, Mark, Rule, Status, Unmark,
};
use cancelproof::scenario::catalogue;
use cancelproof::subject::{Generic, Made, Subject};
use cancelproof::verdict::Verdict;

/// How a cancel claims.
trait Claim: Send + Sync + 'static {
    const NAME: &'static str;

    fn claims<R: Runtime>(claimed: &R::AtomicU8) -> bool;
}

struct Once;

impl Claim for Once {
    const NAME: &'static str = "claims-by-one-weak-exchange";

    fn claims<R: Runtime>(claimed: &R::AtomicU8) -> bool {
        claimed.compare_exchange_weak(0, 1, AcqRel, Relaxed).is_ok()
    }
}

struct UntilItTells;

impl Claim for UntilItTells {
    const NAME: &'static str = "claims-by-weak-exchanges";

    fn claims<R: Runtime>(claimed: &R::AtomicU8) -> bool {
        loop {
            match claimed.compare_exchange_weak(0, 1, AcqRel, Relaxed) {
                Ok(_) => return true,
                Err(0) => {}
                Err(_) => return false,
            }
        }
    }
}

struct Claiming<C>(PhantomData<fn() -> C>);

impl<C: Claim> Generic for Claiming<C> {
    fn name(&self) -> &str {
        C::NAME
    }

    fn contract(&self) -> Contract {
        Contract::UMDF_1
    }

    fn make<R: Runtime>(&self) -> Made<R> {
        Box::new(Request::<R, C>::new())
    }
}

struct Request<R: Runtime, C> {
    inner: Locked<R, Reference>,
    claimed: R::AtomicU8,
    claim: PhantomData<fn() -> C>,
}

impl<R: Runtime, C: Claim> CancelableRequest<R> for Request<R, C> {
    fn new() -> Self {
        let inner = Locked::with_contract(Contract::UMDF_1);
        Request { inner, claimed: R::AtomicU8::new(0), claim: PhantomData }
    }

    fn mark(&self, callback: Callback) -> Mark {
        self.inner.mark(callback)
    }

    fn unmark(&self) -> Unmark {
        self.inner.unmark()
    }

    fn cancel(&self) -> Cancel {
        if !C::claims::<R>(&self.claimed) {
            return Cancel::NotClaimed;
        }
        let answer = self.inner.cancel();
        self.claimed.store(0, Release);
        answer
    }

    fn complete(&self, status: Status) -> Complete {
        self.inner.complete(status)
    }

    fn is_canceled(&self) -> IsCanceled {
        self.inner.is_canceled()
    }
}

fn verdict(subject: &'static dyn Subject, scenario: &str, engine: Engine) -> Verdict {
    let scenario = catalogue::named(scenario).expect("the catalogue has it");
    judge(subject, &scenario, engine, Settings::default()).expect("it applies").verdict
}

#[test]
fn a_cancel_that_claims_by_one_weak_exchange_is_refuted() {
    static BROKEN: Claiming<Once> = Claiming(PhantomData);
    for engine in [Engine::Dpor, Engine::Rc11] {
        for scenario in ["marked-cancel", "mark-cancel"] {
            let verdict = verdict(&BROKEN, scenario, engine);
            let Verdict::Refuted { violation, .. } = &verdict else {
                panic!("{scenario} {engine}: {verdict}")
            };
            assert!(
                matches!(violation.rule, Rule::NoLostCancel | Rule::Linearizable),
                "{scenario} {engine}: {verdict}"
            );
        }
    }
}

#[test]
fn a_cancel_that_tries_again_is_proved() {
    static RIGHT: Claiming<UntilItTells> = Claiming(PhantomData);
    for engine in [Engine::Dpor, Engine::Rc11] {
        for scenario in ["marked-cancel", "mark-cancel", "mark-cancel-returns"] {
            assert_eq!(verdict(&RIGHT, scenario, engine), Verdict::Proved, "{scenario} {engine}");
        }
    }
}
