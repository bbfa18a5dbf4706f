//! One kernel on real threads, again and again, for tools that watch those:
//! `cargo run -p cancelproof-real-bugs --features threads --example threads -- NAME broken 1000`. Without arguments, the names of
//! all kernels, each with what its bug needs.
//!
//! Prints the first run that failed and ends with 1, or says that none did. A run that never ends is for the caller to stop.

use std::panic::catch_unwind;
use std::process::ExitCode;

use cancelproof_real_bugs::kernels;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, side, runs] = arguments.as_slice() else {
        for kernel in kernels::all() {
            println!("{} {:?}", kernel.bug.name, kernel.bug.needs);
        }
        return ExitCode::SUCCESS;
    };
    let Some(kernel) = kernels::named(name) else {
        eprintln!("error: no kernel is called {name}; without arguments this lists them");
        return ExitCode::from(2);
    };
    let body = if side == "fixed" { kernel.fixed.std } else { kernel.broken.std };
    let runs: u64 = runs.parse().unwrap_or(1);
    std::panic::set_hook(Box::new(|_| ()));
    match (1..=runs).find(|_| catch_unwind(body).is_err()) {
        Some(run) => {
            println!("failed in run {run}");
            ExitCode::FAILURE
        }
        None => {
            println!("{runs} runs");
            ExitCode::SUCCESS
        }
    }
}
