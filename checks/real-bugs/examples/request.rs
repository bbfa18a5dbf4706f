//! What small programs and a hunt say of the requests whose names contain a word:
//! `cargo run -p cancelproof-real-bugs --example request -- WORD`.

use std::time::Instant;

use cancelproof_real_bugs::{Judged, requests};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    for request in requests::REQUESTS {
        if words.is_empty() || words.iter().any(|word| request.name.contains(word.as_str())) {
            let begun = Instant::now();
            println!("{:#?} in {:?}", Judged::run(request), begun.elapsed());
        }
    }
}
