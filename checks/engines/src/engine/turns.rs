//! Turns of loops, as far as our own engines agree on them.

/// How many turns of a loop are explored that look alike and cannot be shown to repeat.
pub const TURNS_DEFAULT: u32 = 10;

/// After this number of turns that look alike and could not be shown to repeat, a thread is taken to go round in a loop. The ways in
/// which several threads can do so are beyond any patience, so a number of executions is set to their exploration.
pub(super) const TURNS_OF_A_LOOP: u32 = 3;

/// With a thread in a loop whose turns could not be shown to repeat, the exploration ends after this number of executions of either
/// kind, unless an option says otherwise.
pub const EXECUTIONS_WITH_TURNS_DPOR: u64 = 50_000;

/// The same of `rc11`.
pub const EXECUTIONS_WITH_TURNS_RC11: u64 = 150_000;

/// The environment variable that switches off the cutting of turns, with the value `off`: for comparison.
pub const CUT_TURNS: &str = "CANCELPROOF_CUT_TURNS";

/// Whether turns that are shown to repeat are cut, unless an option says otherwise.
#[must_use]
pub fn are_cut() -> bool {
    std::env::var_os(CUT_TURNS).is_none_or(|value| value != "off")
}
