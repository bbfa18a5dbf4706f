//! Every fault is refuted by every engine that claims it.

use cancelproof::gauntlet::{self, Matrix};
use cancelproof::judge::Settings;

#[test]
fn every_fault_is_refuted_under_its_own_rule_by_every_engine_that_claims_it() {
    let engines = Matrix::documented_engines();
    let matrix = gauntlet::run(&engines, Settings::default(), |_| ());
    let broken: Vec<String> = matrix
        .broken()
        .map(|(row, engine, cell)| format!("{} ({}) under {engine}: {cell:?}", row.fault, row.breaks))
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
    let alive: Vec<&str> = matrix.alive().map(|row| row.fault).collect();
    assert_eq!(alive, Vec::<&str>::new());
}
