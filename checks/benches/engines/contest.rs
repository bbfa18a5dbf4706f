//! Who is measured: an engine with its options, and up to how many threads it ends.

use cancelproof::engine::{dpor, loom, rc11, shuttle};
use cancelproof::executor::Controlled;
use cancelproof::exploration::Exploration;
use cancelproof::lens::Lens;
use cancelproof::platform::{Loom, Shuttle};

use crate::measure::Effort;
use crate::word_request::drive;

/// One line of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Contestant {
    /// loom's own loop.
    Loom,
    /// shuttle's own depth-first search.
    Shuttle,
    /// `dpor` with shuttle running the threads.
    DporOnShuttle,
    /// `dpor` on our own executor.
    Dpor,
    /// `rc11`, every execution.
    Rc11,
    /// `rc11` with retry loops recognised.
    Rc11Retry,
}

impl Contestant {
    pub(crate) const ALL: [Contestant; 6] = [
        Contestant::Loom,
        Contestant::Shuttle,
        Contestant::DporOnShuttle,
        Contestant::Dpor,
        Contestant::Rc11,
        Contestant::Rc11Retry,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Contestant::Loom => "loom",
            Contestant::Shuttle => "shuttle, depth first",
            Contestant::DporOnShuttle => "dpor on shuttle",
            Contestant::Dpor => "dpor",
            Contestant::Rc11 => "rc11",
            Contestant::Rc11Retry => "rc11, retry loops",
        }
    }

    /// Whether it comes to an end in a time that can be waited for.
    pub(crate) fn can_end(self, threads: usize, effort: Effort) -> bool {
        let most = match (self, effort) {
            (Contestant::Loom | Contestant::Shuttle, _) => 3,
            (Contestant::Rc11Retry, _) | (_, Effort::Full) => 6,
            (_, Effort::Quick) => 5,
        };
        threads <= most
    }

    /// Explores the word request: the driver and as many cancelers as make up the number of threads.
    pub(crate) fn explore(self, threads: usize) -> Exploration {
        let cancelers = threads - 1;
        let on_controlled = move || {
            drive::<Controlled>(cancelers);
        };
        match self {
            Contestant::Loom => loom::explore(loom::Options::default(), move || {
                drive::<Loom>(cancelers);
            }),
            Contestant::Shuttle => {
                let options = shuttle::Options::default();
                shuttle::explore(shuttle::Strategy::DepthFirst, options, move || {
                    drive::<Shuttle>(cancelers);
                })
            }
            Contestant::DporOnShuttle => dpor::explore_on_shuttle(&dpor::Options::default(), move || {
                drive::<Lens<Shuttle>>(cancelers);
            }),
            Contestant::Dpor => dpor::explore(&dpor::Options::default(), on_controlled),
            Contestant::Rc11 => rc11::explore(&rc11::Options::default(), on_controlled),
            Contestant::Rc11Retry => {
                let options = rc11::Options { retry_loops: true, ..rc11::Options::default() };
                rc11::explore(&options, on_controlled)
            }
        }
    }
}
