//! The protocol, exhausted by stateright, by our own graph and by SPIN: `cargo bench --bench protocol`, or with
//! `-- --quick` for a short look.
//!
//! Each row is one size in a process of its own, whose peak of memory is compared with that of a process that explores
//! next to nothing. SPIN is measured where it is installed, by its own account, on the same protocol in Promela; the
//! counts must be equal.

use std::process::Command;
use std::time::Instant;

use cancelproof::model::Contract;
use cancelproof::protocol::Protocol;
use cancelproof::protocol::explorer::{Explored, exhaust};
use cancelproof::protocol::graph::Graph;
use comfy_table::{CellAlignment, Table, presets};

#[path = "../tests/fixtures/spin.rs"]
mod spin;

/// Cancelers and requests.
const SIZES: [(usize, usize); 4] = [(8, 1), (10, 1), (4, 2), (4, 3)];
const QUICK: [(usize, usize); 2] = [(4, 1), (2, 2)];

#[derive(Clone, Copy, Debug)]
struct Figures {
    positions: u64,
    moves: u64,
    seconds: f64,
    bytes: Option<f64>,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [how, cancelers, requests] = &arguments[..] {
        return explore(how, cancelers.parse().expect("a number"), requests.parse().expect("a number"));
    }
    let is_given = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let is_quick = is_given("--quick") || !is_given("--bench");
    let mut rows = Vec::new();
    for &(cancelers, requests) in if is_quick { &QUICK[..] } else { &SIZES[..] } {
        eprintln!("{requests} requests, {cancelers} cancelers");
        let size = format!("{requests} × {cancelers}");
        let ours = measure("graph", cancelers, requests);
        for (name, figures) in
            [("stateright", measure("stateright", cancelers, requests)), ("our graph", ours)]
        {
            assert_eq!((figures.positions, figures.moves), (ours.positions, ours.moves), "{name}, {size}");
            rows.push(row(&size, name, figures));
        }
        if spin::is_installed() && cancelers <= spin::SPIN_CANCELERS_MAX {
            let spun = spin::spin(cancelers, requests);
            assert_eq!(
                (spun.states, spun.transitions - 1, spun.errors),
                (ours.positions, ours.moves, 0),
                "{size}"
            );
            let bytes = Some(spun.bytes / spun.states as f64);
            let figures = Figures { seconds: spun.seconds, bytes, ..ours };
            rows.push(row(&size, "SPIN", figures));
        }
    }
    if !spin::is_installed() {
        println!("SPIN is not measured: spin or cc is not installed");
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["requests × cancelers", "by", "states", "moves", "s", "states/s", "bytes/state"]);
    table.add_rows(rows);
    for column in table.column_iter_mut().skip(2) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    println!("{table}");
    println!("Our graph also keeps every move, which liveness needs; SPIN checks assertions only.");
}

fn row(size: &str, name: &str, figures: Figures) -> Vec<String> {
    // SPIN gives its time in hundredths of a second.
    let rate = (figures.seconds >= 0.01).then(|| figures.positions as f64 / figures.seconds);
    vec![
        size.to_owned(),
        name.to_owned(),
        figures.positions.to_string(),
        figures.moves.to_string(),
        format!("{:.2}", figures.seconds),
        rate.map_or_else(|| "–".to_owned(), |rate| format!("{rate:.0}")),
        figures.bytes.map_or_else(|| "–".to_owned(), |bytes| format!("{bytes:.0}")),
    ]
}

/// Explores in this process, and prints what it took.
fn explore(how: &str, cancelers: usize, requests: usize) {
    let protocol = Protocol { requests, ..Protocol::new(Contract::UMDF_1, cancelers) };
    let begun = Instant::now();
    let (positions, moves) = if how == "stateright" {
        let findings = exhaust(Explored { protocol, symmetry: false }, 1);
        (findings.positions, findings.moves)
    } else {
        let graph = Graph::explore(protocol, usize::MAX).expect("there is no limit");
        (graph.positions.len() as u64, graph.moves() as u64)
    };
    println!("{positions} {moves} {} {}", begun.elapsed().as_secs_f64(), peak_bytes().unwrap_or(-1.0));
}

/// Has another process explore, and reads what it took.
fn measure(how: &str, cancelers: usize, requests: usize) -> Figures {
    let run = |cancelers: usize, requests: usize| -> (u64, u64, f64, f64) {
        let program = std::env::current_exe().expect("this program has a path");
        let output =
            Command::new(program).args([how, &cancelers.to_string(), &requests.to_string()]).output();
        let output = output.expect("this program can be started again");
        let text = String::from_utf8(output.stdout).expect("this program prints text");
        let words: Vec<&str> = text.split_whitespace().collect();
        let [positions, moves, seconds, bytes] = words[..] else { panic!("four numbers, got {text:?}") };
        let parsed = (positions.parse().ok(), moves.parse().ok(), seconds.parse().ok(), bytes.parse().ok());
        let (Some(positions), Some(moves), Some(seconds), Some(bytes)) = parsed else {
            panic!("numbers, got {text:?}")
        };
        (positions, moves, seconds, bytes)
    };
    let (_, _, _, empty) = run(0, 1);
    let (positions, moves, seconds, full) = run(cancelers, requests);
    let bytes = (full > 0.0).then(|| (full - empty) / positions as f64);
    Figures { positions, moves, seconds, bytes }
}

/// The most memory that this process has had, where the system says so.
fn peak_bytes() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024.0)
}
