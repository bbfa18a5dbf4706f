//! Why the changes that survive in the reference requests survive.
//!
//! A test compares: every survivor is explained here, and everything explained here survives.

use super::Alteration;
use super::Site;
use super::step_at;

/// A change of a reference request that no check needs to notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The file, from the root of the model.
    pub file: &'static str,
    /// The step of the request that the operation is in.
    pub step: &'static str,
    /// The operation, as [`Written`](super::Written) shows it.
    pub written: &'static str,
    /// The change, as [`Change`](super::Change) shows it.
    pub change: &'static str,
    /// Why the request is right all the same.
    pub because: &'static str,
}

/// Every survivor of the reference requests.
pub const EXPLAINED: &[Explained] = &[
    swap("start_reserved", "split into load and store", ONLY_THE_OWNER),
    swap("start_reserved", "store instead of swap", ONLY_THE_OWNER),
    swap("abandon_reservation", "split into load and store", ONLY_THE_OWNER),
    swap("abandon_reservation", "store instead of swap", ONLY_THE_OWNER),
    swap("start_unmarked", "split into load and store", ONLY_THE_OWNER),
    swap("start_unmarked", "store instead of swap", ONLY_THE_OWNER),
    swap("start_claimed", "split into load and store", ONLY_THE_OWNER),
    swap("start_claimed", "store instead of swap", ONLY_THE_OWNER),
    Explained {
        file: "requests/exchange.rs",
        step: "call_back",
        written: "fetch_or(Relaxed)",
        change: "split into load and store",
        because: "from the claim until this step all that others can do to the flags is to set bits that are set \
                  already: the cancel bit came before the claim, a mark finds the request marked, and nobody can \
                  complete it before it is notified",
    },
    Explained {
        file: "requests/exchange.rs",
        step: "complete_marked",
        written: "fetch_xor(Relaxed)",
        change: "split into load and store",
        because: "all that can be lost is the cancel bit of a cancel that found no routine; the request has ended with \
                  this step, and what has ended is asked for its completion and never for its cancel bit",
    },
    Explained {
        file: "requests/word/state.rs",
        step: "note_return",
        written: "fetch_or(Release)",
        change: "split into load and store",
        because: RETURN_IS_AWAITED,
    },
    Explained {
        file: "requests/exchange.rs",
        step: "note_return",
        written: "fetch_or(Release)",
        change: "split into load and store",
        because: RETURN_IS_AWAITED,
    },
    Explained {
        file: "framework/irp.rs",
        step: "set_bit",
        written: "fetch_or(Relaxed)",
        change: "split into load and store",
        because: "nothing else is ever written to the bit while the request lives, so a store would do; it is a \
                  read-modify-write because loom shows impossible histories when a store races with one (loom issue 254)",
    },
];

/// Why the return of a callback could as well be stored.
const RETURN_IS_AWAITED: &str = "only a contract whose unmark and completion wait for the callback has this step, and the cancel bit came before the \
     claim, so nothing else is written between the start of the callback and its return";

/// Why the owner of a transition could as well store.
const ONLY_THE_OWNER: &str = "nobody else can leave this phase, and the cancel bit is set, so the word cannot change meanwhile and a store would \
     do; it is a swap because loom shows impossible histories when a store races with a read-modify-write (loom issue 254)";

/// A survivor at one of the swaps of the state word.
const fn swap(step: &'static str, change: &'static str, because: &'static str) -> Explained {
    Explained { file: "requests/word/state.rs", step, written: "swap(Relaxed)", change, because }
}

impl Explained {
    /// The explanation of a survivor, if there is one and the text of the request can be read from here.
    #[must_use]
    pub fn of(alteration: &Alteration) -> Option<&'static Explained> {
        EXPLAINED.iter().find(|explained| explained.is_of(alteration))
    }

    fn is_of(&self, alteration: &Alteration) -> bool {
        let Site { file, line, written, .. } = alteration.site;
        file.ends_with(self.file)
            && written.to_string() == self.written
            && alteration.change.to_string() == self.change
            && step_at(file, line).as_deref() == Some(self.step)
    }
}
