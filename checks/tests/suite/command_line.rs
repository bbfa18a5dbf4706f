//! The command line as a caller sees it: exit codes, one clear line for bad input, nothing lost.

use std::fs;
use std::process::{Command, Output};

use cancelproof::model::Contract;
use cancelproof::scenario::catalogue;

use crate::support::program;

fn run(arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    Command::new(program()).args(arguments).current_dir(folder.path()).output().expect("the program runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the program prints text")
}

/// Runs and expects a usage error: exit code 2, one line on standard error, nothing on standard output.
fn refused(arguments: &[&str]) -> String {
    let output = run(arguments);
    let line = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {line}");
    assert_eq!(line.lines().count(), 1, "{arguments:?}: {line}");
    assert!(line.starts_with("error: ") && !line.contains("panicked"), "{line}");
    assert_eq!(text(&output.stdout), "", "{arguments:?}");
    line
}

#[test]
fn bad_input_gets_one_clear_line_and_exit_code_2() {
    let line = refused(&["gate", "--scenario", "mark-cancle"]);
    assert!(line.contains("unknown scenario \"mark-cancle\", did you mean \"mark-cancel\""), "{line}");
    assert!(refused(&["gate", "--engine", "lom"]).contains("did you mean \"loom\""));
    assert!(
        refused(&["gate", "--request", "zzz"]).contains("unknown request \"zzz\"; see `cancelproof list`")
    );
    let selection = ["--request", "locked-invoke-on-cancellation", "--scenario", "remark-cancel"];
    assert!(refused(&[&["gate"], &selection[..]].concat()).contains("nothing is to be judged"));
    assert!(refused(&["gate", "--seed", "many"]).contains("invalid value 'many'"));
    assert!(refused(&["gate", "--samples", "0"]).contains("0 is not in 1.."));
    assert!(refused(&["gate", "--time", "5"]).contains("expected the unit ms, s, m or h"));
    assert!(refused(&["gate", "--no-such-option"]).contains("unexpected argument"));
    assert!(refused(&["prove"]).contains("unrecognized subcommand"));
    assert!(refused(&["show", "mark-cancle"]).contains("did you mean \"mark-cancel\""));
    assert!(refused(&["show", "mark | cancle"]).contains("unknown step \"cancle\" in thread 1"));
    let line = refused(&["list", "dogs"]);
    assert!(line.contains("invalid value 'dogs'") && line.contains("possible values: requests"), "{line}");
    assert!(refused(&["hnt"]).contains("a similar subcommand exists: 'hunt'"));
    assert!(refused(&["show", " "]).contains("the program is empty; write steps such as"));
    assert!(refused(&["report", "--format", "html"]).contains("run `cancelproof gate` first"));
    assert!(refused(&["audit"]).contains("run `cancelproof gate` first"));
}

#[test]
fn an_unwritable_ledger_is_refused_before_the_work() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let file = folder.path().join("file");
    fs::write(&file, "").expect("the folder is writable");
    let below = file.join("ledger.json");
    let line = refused(&["gate", "--ledger", below.to_str().expect("the path is text")]);
    assert!(line.contains("cannot write") && line.contains("--ledger"), "{line}");
}

#[test]
fn a_corrupt_kept_failure_is_refused_with_its_line_and_left_alone() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let path = folder.path().join("kept.txt");
    fs::write(&path, "# kept\nexactly-once: word ; shuttle ; mark | cancle\n")
        .expect("the folder is writable");
    let line = refused(&["gate", "--kept", path.to_str().expect("the path is text")]);
    assert!(line.contains("kept.txt:2: unknown step \"cancle\""), "{line}");
    assert!(fs::read_to_string(&path).expect("it is still there").contains("cancle"));
}

#[test]
fn a_kept_failure_is_judged_first_and_its_refutation_is_exit_code_1() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let path = folder.path().join("kept.txt");
    fs::write(&path, "exactly-once: locked-fires-twice ; dpor ; mark | cancel | cancel\n")
        .expect("the folder is writable");
    let kept = path.to_str().expect("the path is text");
    let arguments = ["gate", "--kept", kept, "--request", "locked", "--engine", "dpor"];
    let output = run(&[&arguments[..], &["-v"]].concat());
    let printed = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert!(printed.starts_with("kept failures"), "{printed}");
    assert!(printed.contains("REFUTED exactly-once"), "{printed}");
    let output = run(&arguments);
    let printed = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{printed}");
    let last = printed.lines().last().expect("it says something");
    assert_eq!(
        last, "gate failed, a request was refuted: 1 request proved, 0 vacuous, 0 bounded, 1 REFUTED",
        "{printed}"
    );
    assert!(printed.contains("locked-fires-twice breaks exactly-once in "), "{printed}");
}

/// However many scenarios a fault shows in, what is wrong is told once.
#[test]
fn failures_of_one_cause_are_one_and_a_verdict_is_the_last_line() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let path = folder.path().join("kept.txt");
    let programs =
        ["mark | cancel | cancel", "mark finish | cancel | cancel", "mark unmark | cancel | cancel"];
    let lines = programs.map(|program| format!("exactly-once: locked-fires-twice ; dpor ; {program}\n"));
    fs::write(&path, lines.concat()).expect("the folder is writable");
    let kept = path.to_str().expect("the path is text");
    let output = run(&["gate", "--kept", kept, "--request", "locked", "--engine", "dpor"]);
    let printed = text(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert!(
        printed.contains("\nlocked-fires-twice: 3 scenarios fail for 1 reason; the smallest:\n"),
        "{printed}"
    );
    assert_eq!(printed.matches("cancelproof replay ").count(), 1, "{printed}");
    assert!(printed.lines().count() <= 60, "{printed}");
    assert!(printed.ends_with("0 bounded, 3 REFUTED\n"), "{printed}");
}

#[test]
fn a_budget_that_runs_out_is_exit_code_5_unless_it_is_allowed() {
    let arguments = [
        "gate",
        "--request",
        "exchange",
        "--scenario",
        "mark-finish-two-cancels",
        "--engine",
        "shuttle",
        "--time",
        // Enough for some executions on a busy machine, and for few of them on any.
        "200ms",
    ];
    let output = run(&arguments);
    assert_eq!(output.status.code(), Some(5), "{}", text(&output.stdout));
    assert!(text(&output.stdout).contains("bounded"), "{}", text(&output.stdout));
    let allowed: Vec<&str> = arguments.iter().copied().chain(["--allow-bounded"]).collect();
    assert_eq!(run(&allowed).status.code(), Some(0));
}

#[test]
fn a_gate_with_a_budget_uses_it_and_claims_nothing_that_it_cut() {
    let gate = |request: &str, budget: &str| {
        let output = run(&["gate", "--request", request, "--budget", budget, "-v"]);
        (output.status.code(), text(&output.stdout))
    };
    let (code, output) = gate("locked", "2s");
    // How much fits is the machine's affair; that what did not fit is not claimed is ours.
    let all = catalogue::all().iter().filter(|scenario| scenario.applies_to(&Contract::UMDF_1)).count();
    let is_proved = output.contains(&format!("dpor, rc11 proved {all} of {all} scenarios"))
        && output.contains("small programs: 2 of 2 judgements proved");
    assert_eq!(code, Some(if is_proved { 0 } else { 5 }), "{output}");
    assert!(output.contains("  beyond the catalogue: "), "{output}");
    // What loom needs for the longest scenario of this request does not fit, and is no proof.
    let (code, output) = gate("exchange", "1s");
    let row =
        output.lines().find(|line| line.contains("mark-finish-two-cancels")).expect("the scenario has a row");
    assert!(row.contains("bounded") || row.contains("not started"), "{row}");
    assert!(code == Some(0) || code == Some(5), "{output}");
    assert!(!output.contains("loom, shuttle, dpor, rc11 proved"), "{output}");
    // Nothing at all fits.
    let (code, output) = gate("exchange", "1ms");
    assert_eq!(code, Some(5), "{output}");
    assert!(!output.contains(&format!("proved {all}")), "{output}");
}

#[test]
fn show_and_list_name_everything_that_can_be_asked_for() {
    let overview = text(&run(&["list"]).stdout);
    assert!(overview.lines().count() <= 24, "it fits a screen: {overview}");
    let names = [
        ("requests", "word-kmdf-ex"),
        ("faults", "locked-fires-twice"),
        ("scenarios", "mark-finish-two-cancels"),
        ("engines", "dpor"),
        ("rules", "exactly-once"),
    ];
    for (kind, name) in names {
        assert!(overview.contains(kind), "{overview}");
        assert!(text(&run(&["list", kind]).stdout).contains(name), "{name}");
    }
    let request = text(&run(&["show", "word"]).stdout);
    assert!(
        request.contains("keeps the contract UMDF_1") && request.contains("word-marks-twice"),
        "{request}"
    );
    let shown = text(&run(&["show", "marked-finish-cancel"]).stdout);
    assert!(shown.contains("mark finish | cancel ; callback completes"), "{shown}");
    assert!(shown.contains("1 callback") && shown.contains("no callback"), "{shown}");
    assert!(text(&run(&["show", "exactly-once"]).stdout).contains("locked-fires-twice"));
    assert!(text(&run(&["show", "locked-fires-twice"]).stdout).contains("breaks exactly-once"));
    assert!(text(&run(&["show", "mark cancel"]).stdout).contains("1 callback"));
}

#[test]
fn a_call_without_a_command_shows_the_commands() {
    let output = run(&[]);
    assert_eq!(output.status.code(), Some(2));
    let help = text(&output.stderr);
    assert!(help.contains("gate") && help.contains("hunt") && help.contains("Usage: cancelproof"), "{help}");
}

#[test]
fn colours_go_where_they_are_asked_for() {
    let shown = |color: &str| text(&run(&["--color", color, "show", "locked-fires-twice"]).stdout);
    assert!(shown("always").contains("\u{1b}["));
    assert!(!shown("never").contains("\u{1b}["));
    assert!(!shown("auto").contains("\u{1b}["), "a pipe is no terminal");
}

#[test]
fn bash_completes_commands_and_options_from_the_printed_script() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let script = folder.path().join("cancelproof.bash");
    fs::write(&script, run(&["completions", "bash"]).stdout).expect("the folder is writable");
    let completed = |words: &[&str]| {
        let line = "source \"$1\"; shift; COMP_WORDS=(cancelproof \"$@\"); COMP_CWORD=$#; \
                    _cancelproof cancelproof \"${@: -1}\" cancelproof; printf '%s\\n' \"${COMPREPLY[@]}\"";
        let output = Command::new("bash").args(["-c", line, "bash"]).arg(&script).args(words).output();
        output.map(|output| text(&output.stdout))
    };
    let Ok(commands) = completed(&["ga"]) else {
        println!("skipped: there is no bash");
        return;
    };
    assert_eq!(commands.lines().collect::<Vec<_>>(), ["gate", "gauntlet"]);
    let options = completed(&["gate", "--mess"]).expect("bash was there a moment ago");
    assert_eq!(options.trim(), "--message-format");
}

#[test]
fn the_manual_page_names_every_command() {
    let page = text(&run(&["man"]).stdout);
    assert!(page.starts_with(".ie") || page.contains(".TH cancelproof"), "{page}");
    assert!(["gate", "hunt", "fuse"].iter().all(|command| page.contains(command)), "{page}");
}

#[test]
fn help_and_version_succeed() {
    for arguments in [["--help"], ["--version"]] {
        assert_eq!(run(&arguments).status.code(), Some(0));
    }
    let help = text(&run(&["--help"]).stdout);
    assert!(help.contains("Exit codes: 0 all proved, 1 refuted"), "{help}");
}

#[test]
fn every_small_program_is_exhausted_and_said_so_in_one_sentence() {
    let output = run(&["programs", "--size", "2x2", "--request", "word", "--request", "locked-kmdf-ex"]);
    let printed = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{printed}");
    assert!(
        printed.starts_with(
            "word, locked-kmdf-ex kept every rule in every program of up to 2 threads by 2 calls, \
             every interleaving under dpor: 131 programs each, "
        ),
        "{printed}"
    );
}

/// A request without every call is not told that its programs fail: those that make the call are for other contracts.
#[test]
fn programs_for_other_contracts_are_counted_and_fail_nothing() {
    let output = run(&["programs", "--size", "1x3", "--request", "locked-invoke-on-cancellation"]);
    let printed = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{printed}");
    assert!(printed.contains("kept every rule in every program for its contract of up to"), "{printed}");
    assert!(!printed.contains("not for the contract 0,"), "{printed}");
}

#[test]
fn a_faulty_request_breaks_a_rule_in_some_small_program() {
    let output = run(&["programs", "--size", "2x2", "--request", "locked-loses-early-cancel"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("did NOT keep every rule"));
    assert!(refused(&["programs", "--size", "two"]).contains("expected threads by calls, such as 2x4"));
    assert!(refused(&["programs", "--size", "9x9"]).contains("expected 1 to 8 threads by 1 to 7 calls"));
}

#[test]
fn what_a_request_behaves_like_is_a_command() {
    let output = run(&["infer", "--request", "word-kmdf-ex"]);
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(said.starts_with("word-kmdf-ex declares KMDF_EX, and keeps it"), "{said}");
    assert!(said.contains("it behaves like KMDF_EX"), "{said}");
    let wrong = run(&["infer", "--request", "locked-fires-twice"]);
    assert_eq!(wrong.status.code(), Some(1), "{}", text(&wrong.stdout));
    assert!(text(&wrong.stdout).contains("it is wrong, or its contract differs"), "{}", text(&wrong.stdout));
    assert!(refused(&["infer", "--request", "wurd"]).contains("did you mean \"word\""));
}
