//! A cancel and a crash at every point of the reference requests, and of requests that do not stand it.

use cancelproof::fuse::{Grid, Party, cancel_at_every_point, crash_at_every_point, parties_of};
use cancelproof::registry::{self, REFERENCES};
use cancelproof::subject::Subject;

type Light = fn(&'static dyn Subject, &Party) -> Grid;

fn grids(light: Light) -> Vec<Grid> {
    let of_subject = |subject: &'static dyn Subject| {
        parties_of(subject).map(|party| light(subject, party)).collect::<Vec<_>>()
    };
    REFERENCES.iter().flat_map(|subject| of_subject(*subject)).collect()
}

fn assert_held(grids: &[Grid]) {
    let violations: Vec<String> = grids.iter().flat_map(Grid::violations).collect();
    assert_eq!(violations, Vec::<String>::new());
    for grid in grids {
        assert!(!grid.reaches.is_empty(), "{} / {}: no points", grid.request, grid.party);
    }
}

#[test]
fn the_reference_requests_stand_a_cancel_at_every_point() {
    let grids = grids(cancel_at_every_point);
    assert_held(&grids);
    // Which outcome belongs to which point follows from one execution each.
    for reach in grids.iter().flat_map(|grid| &grid.reaches) {
        assert_eq!(reach.outcomes.values().sum::<u64>(), 1, "{}", reach.point);
    }
}

#[test]
fn the_reference_requests_stand_a_crash_at_every_point() {
    assert_held(&grids(crash_at_every_point));
}

#[test]
fn every_outcome_of_a_cancel_is_reached_by_some_party() {
    let word = registry::subject("word").expect("word is a reference request");
    let grids: Vec<Grid> = parties_of(word).map(|party| cancel_at_every_point(word, party)).collect();
    let unreached: Vec<&str> = grids[0]
        .outcomes
        .iter()
        .copied()
        .filter(|outcome| grids.iter().all(|grid| grid.unreached().contains(outcome)))
        .collect();
    assert_eq!(unreached, Vec::<&str>::new());
}

#[test]
fn two_runs_give_the_same_grid() {
    for light in [cancel_at_every_point as Light, crash_at_every_point] {
        assert_eq!(grids(light), grids(light));
    }
}

#[test]
fn a_lost_cancel_is_found_at_its_point() {
    let fault = registry::subject("exchange-looks-before-publishing").expect("the fault is registered");
    let party = parties_of(fault).next().expect("the first party is the mark");
    let grid = cancel_at_every_point(fault, party);
    let broken: Vec<String> = grid.violations().collect();
    assert_eq!(broken.len(), 1, "{broken:?}");
    assert!(broken[0].contains("no-lost-cancel"), "{broken:?}");
}
