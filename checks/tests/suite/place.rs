//! A folder in which gates run.

use std::path::PathBuf;
use std::process::{Command, Output};

use cancelproof::ledger::{self, Ledger};
use tempfile::TempDir;

use crate::support::program;

/// A small gate with something of everything: a request, a fault, the system, an engine that exhausts and one that
/// samples.
pub(crate) const GATE: [&str; 19] = [
    "gate",
    "--request",
    "word",
    "--request",
    "word-claims-relaxed",
    "--request",
    "system",
    "--scenario",
    "mark-cancel",
    "--scenario",
    "purge-finish",
    "--scenario",
    "handler-awaits-its-callback",
    "--engine",
    "dpor",
    "--engine",
    "shuttle-random",
    "--samples",
    "40",
];

pub(crate) struct Place {
    pub(crate) folder: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Place { folder: tempfile::tempdir().expect("there is room for a folder") }
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.folder.path().join("ledger.json")
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let Output { status, stdout, stderr } = Command::new(program())
            .args(arguments)
            .current_dir(self.folder.path())
            .output()
            .expect("the program runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (status.code(), text(&stdout) + &text(&stderr))
    }

    pub(crate) fn gate(&self, more: &[&str]) -> (Option<i32>, String) {
        let ledger = self.ledger();
        let ledger = ["--ledger", ledger.to_str().expect("the path is text")];
        self.run(&[&GATE[..], &ledger[..], more].concat())
    }

    /// Where failures are kept, for [`Place::gate_of`].
    pub(crate) fn kept(&self) -> PathBuf {
        self.folder.path().join("kept.txt")
    }

    /// A gate of a selection by dpor, with everything in this place.
    pub(crate) fn gate_of(&self, selection: &[&str], more: &[&str]) -> (Option<i32>, String) {
        let (ledger, kept) = (self.ledger(), self.kept());
        let text = |path: &PathBuf| path.to_str().expect("the path is text").to_owned();
        let places = ["--ledger", &text(&ledger), "--kept", &text(&kept)];
        self.run(&[&["gate", "--engine", "dpor"], selection, &places, more].concat())
    }

    pub(crate) fn audit(&self) -> (Option<i32>, String) {
        self.run(&["audit", self.ledger().to_str().expect("the path is text")])
    }

    pub(crate) fn read(&self) -> Ledger {
        ledger::read(&self.ledger()).expect("it is sound").expect("it was written")
    }
}
