//! What an author would have been told of each real bug: a counterexample on one screen, with the reason. The page has both beside
//! what the report says, so that a reader can judge whether they are the same.

use std::fmt::Write as _;
use std::path::Path;

use cancelproof::closure::Model;
use cancelproof_real_bugs::{Kernel, kernels};

/// The lines of a screen.
const SCREEN: usize = 40;

/// Who says that no reason was found, and no more.
const NO_REASON: &str = "no single switch matters";

const INTRODUCTION: &str = "\
# What is told of each real bug

For each kernel of the [benchmark](real-bugs.md): what its report says, and what the counterexample says of the kernel. Both are to name the
same cause. A counterexample fits a screen of 40 lines, and has a reason; a test holds that for every kernel, and writes this page with
`REWRITE=1 cargo test -p cancelproof --test gauntlet whys`. `N lines` is the length of the counterexample as it is printed, and the lines
of the kernel are those that the reason points at.
";

/// The kernels whose counterexample has no reason: taking one switch away, or putting another task first, leaves other orders that fail.
const WITHOUT_A_REASON: [&str; 2] = ["canceled_operation_stays_current", "one_wake_up_for_two_permits"];

/// What is told of one kernel.
struct Told {
    lines: usize,
    sentences: Vec<String>,
    /// The lines of the kernel that the reason speaks of.
    places: Vec<u32>,
}

fn told(kernel: &Kernel) -> Told {
    let name = kernel.bug.name;
    let explored = Model::named(name).explore(kernel.broken.controlled);
    let failed = explored.err().unwrap_or_else(|| panic!("no own engine refutes {name}"));
    assert!(kernel.bug.rule.is_broken_by(&failed.kind), "{name}: {:?}", failed.kind);
    let lines = failed.to_string().trim().lines().count();
    let why = failed.counterexample.and_then(|found| found.trace.why);
    let why = why.unwrap_or_else(|| panic!("{name} has no reason"));
    let file = format!("{name}.rs");
    let is_own = |place: &&cancelproof::trace::Place| place.file.ends_with(&file);
    let mut places: Vec<u32> = why.places.iter().filter(is_own).map(|place| place.line).collect();
    places.sort_unstable();
    places.dedup();
    Told { lines, sentences: why.sentences, places }
}

fn write(page: &mut String, kernel: &Kernel, told: &Told) {
    let bug = kernel.bug;
    let _ = writeln!(
        page,
        "\n## {}: {}\n\nReported: {}\n\nTold, in {} lines:\n",
        bug.name, bug.reference, bug.mechanism, told.lines
    );
    for sentence in &told.sentences {
        let _ = writeln!(page, "- {sentence}");
    }
    let source: Vec<&str> = kernel.source.lines().collect();
    if !told.places.is_empty() {
        let _ = writeln!(page, "\n```text");
        for &line in &told.places {
            let text = source.get(line as usize - 1).map_or("", |text| text.trim());
            let _ = writeln!(page, "{line:>3} | {text}");
        }
        let _ = writeln!(page, "```");
    }
}

#[test]
fn whys_fit_a_screen_and_the_page_of_them_is_not_stale() {
    let mut page = INTRODUCTION.to_owned();
    let mut complaints = Vec::new();
    for kernel in kernels::all() {
        let told = told(kernel);
        let name = kernel.bug.name;
        if told.lines > SCREEN {
            complaints.push(format!("{name} takes {} lines", told.lines));
        }
        let has_a_reason = !told.sentences.iter().all(|sentence| sentence.starts_with(NO_REASON));
        if has_a_reason == WITHOUT_A_REASON.contains(&name) {
            complaints.push(format!("{name} has a reason: {has_a_reason}, told {:?}", told.sentences));
        }
        write(&mut page, kernel, &told);
    }
    assert!(complaints.is_empty(), "{complaints:#?}");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/real-bugs-why.md");
    if std::env::var_os("REWRITE").is_some() {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    let line = kept.lines().zip(page.lines()).position(|(old, new)| old != new);
    assert!(kept == page, "the page is stale from line {line:?} on; run this test with REWRITE=1");
}
