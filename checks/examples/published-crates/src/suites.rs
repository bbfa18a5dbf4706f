//! The crates, and what has to be said for each.

/// A crate that is compiled beside the facade.
pub struct Suite {
    pub name: &'static str,
    /// The crate whose source it is, where that has another name.
    pub of: Option<&'static str>,
    /// What is made wrong in the copy of a source that is redirected: a file, a text in it, and what stands there instead.
    pub wrong: &'static [(&'static str, &'static str, &'static str)],
    /// The `--cfg`s by which it asks for loom.
    pub cfgs: &'static [&'static str],
    pub features: &'static [&'static str],
    /// Whether it knows no loom: then its source is copied with other paths for what it takes of the standard library, no line
    /// moves, and its tests are those in `ours`.
    pub is_redirected: bool,
    /// What it depends on, as lines of a manifest; the facade comes by itself.
    pub dependencies: &'static [&'static str],
    /// The targets whose tests are run, as arguments of `cargo test`; none of a crate that only others need.
    pub runs: &'static [&'static str],
    /// The tests that have a model in them, by parts of their names; all if there is none.
    pub among: &'static [&'static str],
    /// Tests that are not run, by their beginnings, and why.
    pub left_out: &'static [(&'static str, &'static str)],
    /// Tests that are refuted, and what that is.
    pub refuted: &'static [(&'static str, &'static str)],
}

impl Suite {
    const NONE: Suite = Suite {
        name: "",
        of: None,
        wrong: &[],
        cfgs: &["loom"],
        features: &[],
        is_redirected: false,
        dependencies: &[],
        runs: &[],
        among: &[],
        left_out: &[],
        refuted: &[],
    };

    /// The name of the crate.
    pub fn published(&self) -> &'static str {
        self.of.unwrap_or(self.name)
    }

    pub fn is_left_out(&self, test: &str) -> bool {
        let is_among = self.among.is_empty() || self.among.iter().any(|part| test.contains(part));
        !is_among || self.left_out.iter().any(|(left_out, _)| test.starts_with(left_out))
    }

    /// What the refutation of a test is, if it is expected.
    pub fn refutation(&self, test: &str) -> Option<&'static str> {
        self.refuted.iter().find(|(refuted, _)| *refuted == test).map(|(_, what)| *what)
    }
}

/// A crate that knows no loom.
const REDIRECTED: Suite = Suite { cfgs: &[], is_redirected: true, runs: &["--test ours"], ..Suite::NONE };

/// Each crate after those that it depends on.
pub const SUITES: &[Suite] = &[
    Suite {
        name: "oneshot",
        cfgs: &["oneshot_loom"],
        features: &["std", "async"],
        runs: &["--test loom"],
        left_out: &[(
            "send_recv_different_threads",
            "it asks the clock of the machine for its deadline, so the same decisions lead to other operations, and the engines say so",
        )],
        refuted: &[(
            "poll_then_drop_receiver_during_send",
            "faern/oneshot issue 87: the receiver takes its own mark for one of the sender's and frees the channel under it",
        )],
        ..Suite::NONE
    },
    Suite {
        name: "concurrent-queue",
        features: &["std", "loom"],
        dependencies: &["crossbeam-utils = { version = '*', default-features = false }", "fastrand = '2'"],
        runs: &["--test loom"],
        ..Suite::NONE
    },
    Suite { name: "parking", features: &["loom"], runs: &["--test loom"], ..Suite::NONE },
    Suite {
        name: "event-listener",
        features: &["std", "loom"],
        dependencies: &[
            "concurrent-queue = { path = '../concurrent-queue' }",
            "parking = { path = '../parking' }",
            "pin-project-lite = '0.2'",
            "futures-lite = '2'",
            "waker-fn = '1'",
        ],
        runs: &["--test loom"],
        ..Suite::NONE
    },
    Suite {
        name: "event-listener-strategy",
        cfgs: &[],
        features: &["std", "loom"],
        dependencies: &["event-listener = { path = '../event-listener' }", "pin-project-lite = '0.2'"],
        ..Suite::NONE
    },
    Suite {
        name: "async-lock",
        features: &["std", "loom"],
        dependencies: &[
            "event-listener = { path = '../event-listener' }",
            "event-listener-strategy = { path = '../event-listener-strategy' }",
            "pin-project-lite = '0.2'",
            "futures-lite = '2'",
        ],
        runs: &["--test loom"],
        ..Suite::NONE
    },
    Suite {
        name: "diatomic-waker",
        cfgs: &["diatomic_waker_loom"],
        features: &["alloc"],
        dependencies: &["waker-fn = '1'"],
        runs: &["--lib"],
        ..Suite::NONE
    },
    Suite { name: "bytes", features: &["std"], runs: &["--lib"], among: &["fuzz::"], ..Suite::NONE },
    Suite {
        name: "sharded-slab",
        dependencies: &["lazy_static = '1'", "proptest = '1'"],
        runs: &["--lib"],
        among: &["loom"],
        ..Suite::NONE
    },
    Suite {
        name: "thingbuf",
        features: &["std", "alloc", "static"],
        dependencies: &[
            "pin-project = '1'",
            "futures-util = { version = '0.3', default-features = false }",
            "tracing = { version = '0.1', default-features = false, features = ['std'] }",
            "tracing-subscriber = { version = '0.3', default-features = false, features = ['fmt', 'std'] }",
        ],
        runs: &["--lib"],
        left_out: &[("tests::", "no model of loom's is in them")],
        refuted: &[
            (
                "mpsc::tests::mpsc_async::rx_close_unconsumed_spsc",
                "the sender is polled once more, sees that it was woken, and goes, while the receiver still uses its node",
            ),
            (
                "mpsc::tests::mpsc_blocking::rx_close_unconsumed_spsc",
                "the sender's `park` ends without a cause, it sees that it was woken, and goes, while the receiver still uses its node",
            ),
        ],
        ..Suite::NONE
    },
    Suite { name: "bytes-counted", of: Some("bytes"), features: &["std"], ..REDIRECTED },
    Suite {
        name: "bytes-weakened",
        of: Some("bytes"),
        features: &["std"],
        wrong: &[(
            "bytes.rs",
            "(*ptr).ref_cnt.fetch_sub(1, Ordering::Release)",
            "(*ptr).ref_cnt.fetch_sub(1, Ordering::Relaxed)",
        )],
        refuted: &[
            ("whoever_drops_the_last_handle_frees_the_buffer", "made wrong here: a handle is given back without a release"),
        ],
        ..REDIRECTED
    },
    Suite { name: "atomic-waker", ..REDIRECTED },
    Suite { name: "try-lock", ..REDIRECTED },
    Suite { name: "want", dependencies: &["try-lock = { path = '../try-lock' }"], ..REDIRECTED },
    Suite { name: "triggered", ..REDIRECTED },
    Suite {
        name: "futures-channel",
        features: &["std", "alloc"],
        dependencies: &["futures-core = { version = '0.3', default-features = false, features = ['std'] }"],
        ..REDIRECTED
    },
];
