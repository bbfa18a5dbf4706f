//! What every engine says of the kernels whose names contain a word: `cargo run -p cancelproof-real-bugs --example look -- WORD`.

use cancelproof_real_bugs::{ENGINES, Row, kernels};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    for kernel in kernels::all() {
        let name = kernel.bug.name;
        if words.is_empty() || words.iter().any(|word| name.contains(word.as_str())) {
            let row = Row::run(kernel);
            println!("{name} ({}, {})", kernel.bug.class, kernel.bug.rule);
            for (engine, (cell, twin)) in ENGINES.iter().zip(row.cells.iter().zip(&row.twins)) {
                println!("  {:<15} {cell:?}\n  {:<15} {twin:?}", engine.claims().name, "twin");
            }
        }
    }
}
