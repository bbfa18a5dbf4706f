//! Our engines come to a failure as soon as a sampling engine would.

use cancelproof::gauntlet::race::{self, Heat};
use cancelproof::registry::FAULTS;

#[test]
fn our_engines_are_first_on_nine_faults_of_ten() {
    let heats: Vec<Heat> = FAULTS.iter().map(|fault| Heat::run(fault, race::SEEDS)).collect();
    eprintln!("{}", race::summary(&heats));
    let (first, of) = race::firsts(&heats, Heat::best_of_ours);
    assert!(first * 10 >= of * 9, "{first} of {of}\n{}", race::render(&heats));
}
