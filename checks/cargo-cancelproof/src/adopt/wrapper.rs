//! This program in the place of the compiler: it passes everything on, and adds a `--cfg` for the crates that ask for loom by
//! one.
//!
//! cargo also asks the compiler which `cfg`s there are, to choose among the dependencies; all of them are there then.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

/// Crates and their `--cfg`s, `name=cfg`, with spaces between them.
pub(crate) const VARIABLE: &str = "CARGO_CANCELPROOF_CFGS";

/// Runs the compiler, if this program was called in its place.
pub(crate) fn asked() -> Option<ExitCode> {
    let cfgs = std::env::var(VARIABLE).ok()?;
    let mut words = std::env::args_os().skip(1);
    let compiler = words.next()?;
    // The crate that is compiled; cargo names none where it only asks.
    let of = std::env::var("CARGO_PKG_NAME").ok();
    let status = Command::new(compiler).args(words).args(added(&cfgs, of.as_deref())).status();
    let code = status.ok().and_then(|status| status.code()).and_then(|code| u8::try_from(code).ok());
    Some(ExitCode::from(code.unwrap_or(1)))
}

fn added(cfgs: &str, of: Option<&str>) -> Vec<OsString> {
    let pairs = cfgs.split(' ').filter_map(|pair| pair.split_once('='));
    let meant = pairs.filter(|(name, _)| of.is_none_or(|of| of == *name));
    meant.flat_map(|(_, cfg)| ["--cfg".into(), cfg.into()]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cfg_reaches_its_crate_and_who_asks_for_all() {
        let cfgs = "oneshot=oneshot_loom concurrent-queue=loom";
        assert_eq!(added(cfgs, Some("oneshot")), ["--cfg", "oneshot_loom"]);
        assert_eq!(added(cfgs, Some("serde")), [""; 0]);
        assert_eq!(added(cfgs, None), ["--cfg", "oneshot_loom", "--cfg", "loom"]);
    }
}
