//! Faults of the request **block**: it is freed too early, too late or twice.
//!
//! They touch what was freed, and free twice. So they are run only by engines that keep the memory of an execution until it ends, and
//! stop whoever comes to an object that has ended.

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use crate::machine::Misuse;
use crate::request::{Cancel, CancelableRequest, Complete, Status};
use crate::requests::block::{Address, Block, Protocol};
use crate::rule::Rule;
use crate::runtime::{Atomic, Mutex, Runtime};

use super::{About, Fault, Sight};

/// What is said of each of them.
const fn about(name: &'static str, scenario: &'static str) -> About {
    About { name, breaks: Rule::Lifetime, scenario, needs: Sight::Lifetime, ..About::of("block") }
}

/// A call takes its reference when it has let go of the lock: the block may be gone by then.
#[derive(Debug)]
pub struct CountsAfterUnlocking;

impl Protocol for CountsAfterUnlocking {
    fn enter<R: Runtime>(block: &Block<R, Self>) -> Option<Address<R>> {
        let found = *block.handle().lock();
        let address = found?;
        Self::keep(address);
        Some(address)
    }
}
impl Fault for CountsAfterUnlocking {
    const ABOUT: About = About {
        edit: "enter reads the address under the lock and counts after it",
        origin: "a lookup whose lock is gone when the reference is counted",
        ..about("block-counts-after-unlocking", "complete-cancel")
    };
}

/// A cancel that has called back gives its reference back twice.
#[derive(Debug)]
pub struct LeavesTwice;

impl Protocol for LeavesTwice {
    fn cancel<R: Runtime>(block: &Block<R, Self>) -> Cancel {
        let Some(address) = Self::enter(block) else { return Cancel::NotFound };
        let answer = address.request().cancel();
        if answer == Cancel::Claimed {
            Self::leave(address);
        }
        Self::leave(address);
        answer
    }
}
impl Fault for LeavesTwice {
    const ABOUT: About = About {
        edit: "cancel gives a reference back for the callback and another one for itself",
        origin: "a count that is dropped twice on one path",
        ..about("block-leaves-twice", "marked-cancel")
    };
}

/// Completion frees the block, whoever else is inside.
#[derive(Debug)]
pub struct FreesOnCompletion;

impl Protocol for FreesOnCompletion {
    fn complete<R: Runtime>(block: &Block<R, Self>, status: Status) -> Complete {
        let Some(address) = Self::enter(block) else {
            return Complete::Refused(Misuse::AlreadyCompleted);
        };
        let answer = address.request().complete(status);
        if answer == Complete::Completed {
            Self::tell(address);
            block.handle().lock().take();
            address.free();
        } else {
            Self::leave(address);
        }
        answer
    }
}
impl Fault for FreesOnCompletion {
    const ABOUT: About = About {
        edit: "complete frees the block instead of giving its references back",
        origin: "an object that frees itself on completion while a cancel is inside",
        ..about("block-frees-on-completion", "marked-cancel")
    };
}

/// A cancel has no reference of its own: the callback that completes the request frees the block under it.
#[derive(Debug)]
pub struct FreesInTheCallback;

impl Protocol for FreesInTheCallback {
    fn cancel<R: Runtime>(block: &Block<R, Self>) -> Cancel {
        let found = *block.handle().lock();
        let Some(address) = found else { return Cancel::NotFound };
        let answer = address.request().cancel();
        if address.references().load(Acquire) == 0 {
            address.free();
        }
        answer
    }
}
impl Fault for FreesInTheCallback {
    const ABOUT: About = About {
        edit: "cancel takes no reference, and looks when it has called back whether it is the one to free",
        origin: "an operation that its own callback frees",
        ..about("block-frees-in-the-callback", "marked-cancel")
    };
}

/// Completion tells of the end when it has left the block.
#[derive(Debug)]
pub struct WakesLate;

impl Protocol for WakesLate {
    fn complete<R: Runtime>(block: &Block<R, Self>, status: Status) -> Complete {
        let Some(address) = Self::enter(block) else {
            return Complete::Refused(Misuse::AlreadyCompleted);
        };
        let answer = address.request().complete(status);
        if answer == Complete::Completed {
            Self::end(block);
        }
        Self::leave(address);
        if answer == Complete::Completed {
            Self::tell(address);
        }
        answer
    }
}
impl Fault for WakesLate {
    const ABOUT: About = About {
        edit: "complete tells of the end after it has left, and not before",
        origin: "a waker that is called after whoever waited may be gone",
        ..about("block-wakes-late", "complete-unmarked")
    };
}

/// A cancel that came too late takes itself for the last one.
#[derive(Debug)]
pub struct LoserFrees;

impl Protocol for LoserFrees {
    fn cancel<R: Runtime>(block: &Block<R, Self>) -> Cancel {
        let Some(address) = Self::enter(block) else { return Cancel::NotFound };
        let answer = address.request().cancel();
        if answer == Cancel::NotFound {
            address.free();
        } else {
            Self::leave(address);
        }
        answer
    }
}
impl Fault for LoserFrees {
    const ABOUT: About = About {
        edit: "cancel frees the block if it finds the request completed",
        origin: "an object that is freed by whoever loses the race",
        ..about("block-loser-frees", "complete-cancel")
    };
}

/// Completion holds the lock in the block while it leaves, and unlocks what is gone.
#[derive(Debug)]
pub struct UnlocksTheFreed;

impl Protocol for UnlocksTheFreed {
    fn complete<R: Runtime>(block: &Block<R, Self>, status: Status) -> Complete {
        let Some(address) = Self::enter(block) else {
            return Complete::Refused(Misuse::AlreadyCompleted);
        };
        let answer = address.request().complete(status);
        let mut told = address.told().lock();
        if answer == Complete::Completed {
            *told = true;
            Self::end(block);
        }
        Self::leave(address);
        answer
    }
}
impl Fault for UnlocksTheFreed {
    const ABOUT: About = About {
        edit: "complete has a guard of the lock in the block, which is dropped after it has left",
        origin: "drop order: a guard that outlives what it guards",
        ..about("block-unlocks-the-freed", "complete-unmarked")
    };
}

/// Giving a reference back does not release.
#[derive(Debug)]
pub struct LeavesRelaxed;

impl Protocol for LeavesRelaxed {
    fn leave<R: Runtime>(address: Address<R>) {
        if address.references().fetch_sub(1, Relaxed) == 1 {
            R::fence(Acquire);
            address.free();
        }
    }
}
impl Fault for LeavesRelaxed {
    const ABOUT: About = About {
        edit: "leave subtracts relaxed instead of releasing",
        origin: "the count of the crate bytes, weakened",
        ..about("block-leaves-relaxed", "complete-cancel")
    };
}

/// Whoever gives back the last reference does not acquire what the others have released.
#[derive(Debug)]
pub struct FreesWithoutAcquire;

impl Protocol for FreesWithoutAcquire {
    fn leave<R: Runtime>(address: Address<R>) {
        if address.references().fetch_sub(1, Release) == 1 {
            address.free();
        }
    }
}
impl Fault for FreesWithoutAcquire {
    const ABOUT: About = About {
        edit: "leave has no fence before it frees",
        origin: "a count whose last decrement does not acquire",
        ..about("block-frees-without-acquire", "complete-cancel")
    };
}

/// Whether a reference was the last one is read after it was given back.
#[derive(Debug)]
pub struct LeavesThenLooks;

impl Protocol for LeavesThenLooks {
    fn leave<R: Runtime>(address: Address<R>) {
        address.references().fetch_sub(1, Release);
        if address.references().load(Acquire) == 0 {
            address.free();
        }
    }
}
impl Fault for LeavesThenLooks {
    const ABOUT: About = About {
        edit: "leave subtracts and then loads, so two can see nothing left",
        origin: "a decrement whose result is not used",
        ..about("block-leaves-then-looks", "complete-cancel")
    };
}

/// The address stays in the handle when the handle's reference is given back.
#[derive(Debug)]
pub struct KeepsTheAddress;

impl Protocol for KeepsTheAddress {
    fn end<R: Runtime>(block: &Block<R, Self>) {
        let found = *block.handle().lock();
        if let Some(address) = found {
            Self::leave(address);
        }
    }
}
impl Fault for KeepsTheAddress {
    const ABOUT: About = About {
        edit: "end reads the address instead of taking it",
        origin: "a table whose entry outlives the object",
        ..about("block-keeps-the-address", "complete-unmarked")
    };
}

/// A completion that is refused gives back the handle's reference, too.
#[derive(Debug)]
pub struct GivesBackWhenRefused;

impl Protocol for GivesBackWhenRefused {
    fn complete<R: Runtime>(block: &Block<R, Self>, status: Status) -> Complete {
        let Some(address) = Self::enter(block) else {
            return Complete::Refused(Misuse::AlreadyCompleted);
        };
        let answer = address.request().complete(status);
        match answer {
            Complete::Completed => {
                Self::tell(address);
                Self::end(block);
            }
            Complete::Refused(_) => Self::leave(address),
            Complete::Canceled | Complete::Untold => {}
        }
        Self::leave(address);
        answer
    }
}
impl Fault for GivesBackWhenRefused {
    const ABOUT: About = About {
        edit: "complete gives a reference back that is the handle's when it is refused",
        origin: "an error path that drops a reference which it never had",
        ..about("block-gives-back-when-refused", "misuse-complete-while-cancelable")
    };
}
