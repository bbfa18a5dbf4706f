//! Requests under test, on whichever platforms they run.

use std::marker::PhantomData;

use cancelproof_machine::{CancelableRequest, Contract, Runtime, Std};
use cancelproof_references::framework;
use cancelproof_references::requests::{Queue, exchange, locked, word};

use crate::executor::Controlled;
use crate::history::History;
use crate::platform::{Loom, Shuttle};

pub use crate::platform::Platform;

/// A request on some platform, ready to be called.
pub type Made<R> = Box<dyn CancelableRequest<R>>;

/// What an author demands of every execution, beside the rules.
///
/// # Example
///
/// ```
/// use cancelproof_judge::engine::Dpor;
/// use cancelproof_judge::history::{Event, History};
/// use cancelproof_judge::judge::{Property, Settings, judge_on};
/// use cancelproof_judge::{registry, scenario::catalogue};
///
/// struct CalledBack;
///
/// impl Property for CalledBack {
///     fn name(&self) -> &str {
///         "called-back"
///     }
///
///     fn broken_by(&self, history: &History) -> Option<String> {
///         let called = history.events.iter().any(|event| matches!(event, Event::CallbackStarted { .. }));
///         (!called).then(|| "no callback was called".to_owned())
///     }
/// }
///
/// let (word, scenario) = (registry::subject("word").unwrap(), catalogue::named("mark-cancel").unwrap());
/// let judged = |properties: &[&'static dyn Property]| {
///     let judgement = judge_on(&Dpor, word, &scenario, Settings::default(), properties).unwrap();
///     judgement.verdict.word()
/// };
/// assert_eq!(judged(&[]), "proved");
/// assert_eq!(judged(&[&CalledBack]), "proved", "a cancel that nobody takes back is always told");
/// ```
pub trait Property: Send + Sync {
    /// The name in reports.
    fn name(&self) -> &str;

    /// How the execution with this history breaks it, in a sentence; `None` if it keeps it. Executions that fail by
    /// themselves, as by a race or a deadlock, are not asked about.
    fn broken_by(&self, history: &History) -> Option<String>;
}

/// A kind of request that can be judged: a name, a contract, and a way to make one on each platform it runs on.
///
/// Most kinds are generic over the runtime and implement [`Generic`] instead, from which this follows.
pub trait Subject: Send + Sync {
    /// The name in reports and on the command line.
    fn name(&self) -> &str;
    /// The contract it keeps.
    fn contract(&self) -> Contract;
    /// Whether the `on` method of that platform returns a request.
    fn runs_on(&self, platform: Platform) -> bool;
    /// Whether it may be made of loom's own atomics, not of those of this crate's runtime. loom forgets loads of the
    /// former and leaves executions out, so what it has explored of them is bounded and not proved.
    fn is_of_loom_itself(&self) -> bool {
        false
    }
    /// What its author demands of every execution beside the rules; nothing by default.
    fn properties(&self) -> &[&'static dyn Property] {
        &[]
    }
    /// On real threads.
    fn on_std(&self) -> Option<Made<Std>>;
    /// On loom.
    fn on_loom(&self) -> Option<Made<Loom>>;
    /// On shuttle.
    fn on_shuttle(&self) -> Option<Made<Shuttle>>;
    /// On the executor of this suite.
    fn on_controlled(&self) -> Option<Made<Controlled>>;
}

/// A kind of request that runs on every runtime.
pub trait Generic: Send + Sync {
    /// The name in reports and on the command line.
    fn name(&self) -> &str;
    /// The contract it keeps.
    fn contract(&self) -> Contract;
    /// Makes one on the runtime `R`.
    #[track_caller]
    fn make<R: Runtime>(&self) -> Made<R>;
}

impl<G: Generic> Subject for G {
    fn name(&self) -> &str {
        Generic::name(self)
    }

    fn contract(&self) -> Contract {
        Generic::contract(self)
    }

    fn runs_on(&self, _platform: Platform) -> bool {
        true
    }

    fn on_std(&self) -> Option<Made<Std>> {
        Some(self.make())
    }

    fn on_loom(&self) -> Option<Made<Loom>> {
        Some(self.make())
    }

    fn on_shuttle(&self) -> Option<Made<Shuttle>> {
        Some(self.make())
    }

    fn on_controlled(&self) -> Option<Made<Controlled>> {
        Some(self.make())
    }
}

/// A kind of request as if it declared another contract.
pub struct Declared {
    /// The kind.
    pub subject: &'static dyn Subject,
    /// What it is said to keep.
    pub contract: Contract,
}

impl Subject for Declared {
    fn name(&self) -> &str {
        self.subject.name()
    }

    fn contract(&self) -> Contract {
        self.contract
    }

    fn runs_on(&self, platform: Platform) -> bool {
        self.subject.runs_on(platform)
    }

    fn is_of_loom_itself(&self) -> bool {
        self.subject.is_of_loom_itself()
    }

    fn properties(&self) -> &[&'static dyn Property] {
        self.subject.properties()
    }

    fn on_std(&self) -> Option<Made<Std>> {
        self.subject.on_std()
    }

    fn on_loom(&self) -> Option<Made<Loom>> {
        self.subject.on_loom()
    }

    fn on_shuttle(&self) -> Option<Made<Shuttle>> {
        self.subject.on_shuttle()
    }

    fn on_controlled(&self) -> Option<Made<Controlled>> {
        self.subject.on_controlled()
    }
}

/// A kind of request that was written for the runtime `R` only: engines on other platforms do not apply to it.
#[derive(Debug)]
pub struct OnlyOn<R, Q> {
    name: &'static str,
    written: PhantomData<fn() -> (R, Q)>,
}

impl<R: Runtime, Q: CancelableRequest<R>> OnlyOn<R, Q> {
    /// The request `Q`, under this name.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        OnlyOn { name, written: PhantomData }
    }
}

/// Makes [`OnlyOn`] a subject for a runtime: the method that makes a request there, and those that make none.
macro_rules! only_on {
    ($runtime:ident: $method:ident, $($none:ident -> $other:ident),+) => {
        impl<Q: CancelableRequest<$runtime>> Subject for OnlyOn<$runtime, Q> {
            fn name(&self) -> &str {
                self.name
            }

            fn contract(&self) -> Contract {
                Q::contract()
            }

            fn runs_on(&self, platform: Platform) -> bool {
                platform == Platform::$runtime
            }

            fn is_of_loom_itself(&self) -> bool {
                Platform::$runtime == Platform::Loom
            }

            fn $method(&self) -> Option<Made<$runtime>> {
                Some(Box::new(Q::new()))
            }

            $(fn $none(&self) -> Option<Made<$other>> {
                None
            })+
        }
    };
}

only_on!(Std: on_std, on_loom -> Loom, on_shuttle -> Shuttle, on_controlled -> Controlled);
only_on!(Loom: on_loom, on_std -> Std, on_shuttle -> Shuttle, on_controlled -> Controlled);
only_on!(Shuttle: on_shuttle, on_std -> Std, on_loom -> Loom, on_controlled -> Controlled);
only_on!(Controlled: on_controlled, on_std -> Std, on_loom -> Loom, on_shuttle -> Shuttle);

/// The protocol of one of the reference requests, with the request that it makes.
pub trait ReferenceProtocol: Send + Sync + 'static {
    /// Makes the request that runs this protocol.
    #[track_caller]
    fn make<R: Runtime>(contract: Contract) -> Made<R>;
}

/// A reference request, or a fault of one, under a contract.
#[derive(Debug)]
pub struct Reference<P> {
    name: &'static str,
    contract: Contract,
    protocol: PhantomData<fn() -> P>,
}

impl<P> Reference<P> {
    /// The request that runs protocol `P` under `contract`.
    #[must_use]
    pub const fn new(name: &'static str, contract: Contract) -> Self {
        Reference { name, contract, protocol: PhantomData }
    }
}

impl<P: ReferenceProtocol> Generic for Reference<P> {
    fn name(&self) -> &str {
        self.name
    }

    fn contract(&self) -> Contract {
        self.contract
    }

    #[track_caller]
    fn make<R: Runtime>(&self) -> Made<R> {
        P::make(self.contract)
    }
}

/// The steps of the framework, with the request alone on its queue that takes them.
impl ReferenceProtocol for framework::Reference {
    #[track_caller]
    fn make<R: Runtime>(contract: Contract) -> Made<R> {
        Box::new(Queue::<R>::with_contract(contract))
    }
}

/// Says which reference request a protocol type belongs to.
macro_rules! protocols {
    ($request:ident in $module:ident: $($protocol:ty),+ $(,)?) => {
        $(
            impl ReferenceProtocol for $protocol {
                #[track_caller]
                fn make<R: Runtime>(contract: Contract) -> Made<R> {
                    Box::new($module::$request::<R, $protocol>::with_contract(contract))
                }
            }
        )+
    };
}

pub(crate) use protocols;

protocols!(Word in word: word::Reference);
protocols!(Exchange in exchange: exchange::Reference);
protocols!(Locked in locked: locked::Reference);
