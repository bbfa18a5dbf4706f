//! How a closure is explored; see loom's module of this name.

use std::path::PathBuf;
use std::time::Duration;

use cancelproof::exploration::{Bound, Extent};
use cancelproof::judge::Engine;

use crate::{lazy_static, live, local};

const THREADS_BY_DEFAULT: usize = 5;
const BRANCHES_BY_DEFAULT: usize = 1_000;

/// How a closure is explored. What of loom's fields means something else here is listed on [the first page](crate).
#[derive(Debug)]
#[non_exhaustive]
pub struct Builder {
    /// Is ignored: there may be as many as [`MAX_THREADS`](crate::MAX_THREADS).
    pub max_threads: usize,
    /// The longest execution in operations, if it is not loom's default.
    pub max_branches: usize,
    /// How many executions, for each engine.
    pub max_permutations: Option<usize>,
    /// How much time, for each engine.
    pub max_duration: Option<Duration>,
    /// Nothing that takes more preemptions, under `dpor`. `rc11` knows none, and stops after some thousand executions then.
    pub preemption_bound: Option<usize>,
    /// Is ignored.
    pub checkpoint_file: Option<PathBuf>,
    /// Is ignored.
    pub checkpoint_interval: usize,
    /// Is ignored: more is explored than it asks for.
    pub expect_explicit_explore: bool,
    /// Is ignored: a failure always has its lines.
    pub location: bool,
    /// Is ignored.
    pub log: bool,
}

fn variable<T: std::str::FromStr>(name: &str) -> Option<T> {
    let text = std::env::var(name).ok()?;
    let Ok(value) = text.parse() else { panic!("invalid value for `{name}`") };
    Some(value)
}

impl Builder {
    /// loom's defaults, and what its variables say.
    pub fn new() -> Builder {
        Builder {
            max_threads: THREADS_BY_DEFAULT,
            max_branches: variable("LOOM_MAX_BRANCHES").unwrap_or(BRANCHES_BY_DEFAULT),
            max_permutations: variable("LOOM_MAX_PERMUTATIONS"),
            max_duration: variable("LOOM_MAX_DURATION").map(Duration::from_secs),
            preemption_bound: variable("LOOM_MAX_PREEMPTIONS"),
            checkpoint_file: None,
            checkpoint_interval: variable("LOOM_CHECKPOINT_INTERVAL").unwrap_or(20_000),
            expect_explicit_explore: false,
            location: std::env::var("LOOM_LOCATION").is_ok(),
            log: std::env::var("LOOM_LOG").is_ok(),
        }
    }

    /// Is ignored.
    pub fn checkpoint_file(&mut self, file: &str) -> &mut Self {
        self.checkpoint_file = Some(file.into());
        self
    }

    /// Explores `body`.
    ///
    /// # Panics
    ///
    /// Panics if an execution fails.
    #[track_caller]
    pub fn check<F>(&self, body: F)
    where
        F: Fn() + Sync + Send + 'static,
    {
        let place = std::panic::Location::caller();
        let thread = std::thread::current();
        let test = thread.name().filter(|name| *name != "main").unwrap_or(place.file());
        let mut model = cancelproof::Model::named(&format!("{test}:{}", place.line()));
        if self.max_branches != BRANCHES_BY_DEFAULT {
            model = model.steps(u32::try_from(self.max_branches).unwrap_or(u32::MAX));
        }
        if let Some(preemptions) = self.preemption_bound {
            let preemptions = u32::try_from(preemptions).unwrap_or(u32::MAX);
            model = model.preemptions(preemptions).engines([Engine::Dpor, Engine::Rc11]);
        }
        if let Some(executions) = self.max_permutations {
            model = model.executions(executions as u64);
        }
        if let Some(time) = self.max_duration {
            model = model.time(time);
        }
        let explored = model.check(move || {
            live::begin();
            local::begin();
            body();
            local::end_thread();
            lazy_static::end();
            // Their memory is given back when no thread can look at it any more, right or wrong.
            cancelproof::thread::join_everyone();
            local::drop_statics();
            live::check();
        });
        for (engine, exploration) in explored.engines() {
            assert!(
                !matches!(exploration.extent, Extent::Bounded(Bound::Steps(_))),
                "{engine}: an execution exceeded the maximum number of branches, {}",
                self.max_branches
            );
        }
    }
}

impl Default for Builder {
    fn default() -> Self {
        Builder::new()
    }
}

/// Explores `body` by the defaults.
///
/// # Panics
///
/// Panics if an execution fails.
#[track_caller]
pub fn model<F>(body: F)
where
    F: Fn() + Sync + Send + 'static,
{
    Builder::new().check(body);
}
