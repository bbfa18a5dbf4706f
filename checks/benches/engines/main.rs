//! Every engine on the same request, in one run on one machine: `cargo bench --bench engines`, or with
//! `-- --quick` for a short look.
//!
//! The request is the tests' word request, with its assertions: one driver against one to five cancelers. Counts are
//! exact; a time is the median of several runs. Nothing is asserted of times: the last table puts what was measured
//! beside what is asked of the engines.

mod contest;
mod growth;
mod length;
mod measure;
mod overhead;
mod plot;
mod targets;
#[path = "../../tests/dpor/word_request.rs"]
mod word_request;
mod workers;

use std::io;

use measure::Effort;

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let is_given = |flag: &str| arguments.iter().any(|argument| argument == flag);
    // Without `--bench` the program is run by a test command, which only wants to know that it works.
    let effort = if is_given("--quick") || !is_given("--bench") { Effort::Quick } else { Effort::Full };

    let growth = growth::measure(effort);
    println!("\nDriver against cancelers\n{}", growth.counts());
    println!("\nMedian times\n{}", growth.times());
    println!("\nExecutions per second\n{}", growth.rates());
    println!("\nThree threads: how many times faster\n{}", growth.ratios());
    println!("\nplot of the growth: {}", plot::write(&growth)?.display());

    let length = length::measure(effort);
    println!("\nWith the length of the execution\n{}", length::table(&length));

    let workers = workers::measure(effort);
    println!("\nTwo workers against one, and two explorations at once\n{}", workers::table(&workers));

    let overhead = overhead::measure(effort);
    println!("\nThe same calls with and without the suite\n{}", overhead::table(&overhead));

    println!("\nWhat is asked of the engines\n{}", targets::table(&growth, &workers, &overhead));
    Ok(())
}
