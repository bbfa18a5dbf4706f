//! An engine and a property that the suite has never heard of.

use cancelproof::engine::claims::{Claims, DPOR};
use cancelproof::engine::{Body, Budget, Dpor, Engine};
use cancelproof::exploration::{Bound, Exploration, Extent};
use cancelproof::history::{Event, History};
use cancelproof::judge::Property;
use cancelproof_model::Cancel;
use cancelproof_model::machine::Reply;

/// Runs with few preemptions first: those without any, then those with at most one, and so on, so that what fails first
/// fails with as few preemptions as possible.
#[derive(Clone, Copy, Debug)]
pub struct Rising {
    /// The preemptions at which it stops.
    pub most: u32,
}

impl Engine for Rising {
    fn claims(&self) -> Claims {
        Claims {
            name: "rising",
            about: "every run of a sequentially consistent machine with few preemptions, fewest first",
            version: env!("CARGO_PKG_VERSION"),
            is_own: false,
            ..DPOR
        }
    }

    fn explore(&self, budget: &Budget, body: Body) -> Exploration {
        let mut all = Exploration {
            executions: 0,
            abandoned: 0,
            extent: Extent::Bounded(Bound::Preemptions(self.most)),
            failure: None,
        };
        for preemptions in 0..=self.most {
            let budget = Budget { preemptions: Some(preemptions), ..*budget };
            let found = Dpor.explore(&budget, body.clone());
            all.executions += found.executions;
            all.abandoned += found.abandoned;
            if found.extent != Extent::Bounded(Bound::Preemptions(preemptions)) {
                // A failure, a budget that is used up, or no run that needs more preemptions than this.
                return Exploration { executions: all.executions, abandoned: all.abandoned, ..found };
            }
        }
        all
    }
}

/// At most one cancel says that it claimed the request, where it is marked once.
#[derive(Clone, Copy, Debug)]
pub struct OneClaims;

impl Property for OneClaims {
    fn name(&self) -> &str {
        "one-claims"
    }

    fn broken_by(&self, history: &History) -> Option<String> {
        let is_claim =
            |event: &&Event| matches!(event, Event::Answered { reply: Reply::Cancel(Cancel::Claimed), .. });
        let claims = history.events.iter().filter(is_claim).count();
        (claims > 1).then(|| format!("{claims} cancels claimed one mark"))
    }
}
