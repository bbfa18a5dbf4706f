//! What can be wrong with memory, in words.

use core::fmt;
use core::panic::Location;

type Place = Option<&'static Location<'static>>;

/// What was found wrong with the memory of an execution.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trouble {
    /// A block was freed and is freed again.
    FreedTwice {
        /// Its size in bytes.
        size: usize,
        /// The operation that was the last one before the first free.
        first: Place,
        /// The same for the second.
        second: Place,
    },
    /// Something is freed that is no block.
    NoBlock {
        /// The last operation before.
        place: Place,
    },
    /// A block was written to after it was freed.
    WrittenAfterFree {
        /// Its size in bytes.
        size: usize,
        /// The operation that was the last one before the free.
        place: Place,
    },
    /// An object of the runtime is used that lies in a block which was freed.
    UsedAfterFree {
        /// The size of the block in bytes.
        size: usize,
        /// The operation that was the last one before the free.
        freed: Place,
        /// The operation that was to be performed on the object.
        used: Place,
    },
    /// An object of the runtime is used that was dropped, wherever it lies.
    UsedAfterEnd {
        /// The operation that was the last one before the drop.
        dropped: &'static Location<'static>,
        /// The operation that was to be performed on the object.
        used: &'static Location<'static>,
    },
    /// A reference is given back, and there is none.
    GivenBackTwice {
        /// Where.
        at: &'static Location<'static>,
    },
    /// Something is freed by an address that was read from a freed block.
    FreeOfFreed {
        /// The size of that block in bytes.
        size: usize,
        /// The operation that was the last one before it was freed.
        freed: Place,
        /// The last operation before.
        place: Place,
    },
    /// The bytes before a block were overwritten.
    Overwritten,
}

/// A place as the end of a sentence.
struct After(Place);

impl fmt::Display for After {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(place) => write!(f, "after the operation at {place}"),
            None => f.write_str("before any operation"),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::FreedTwice { size, first, second } => write!(
                f,
                "double free: a block of {size} bytes was freed {}, and again {}",
                After(*first),
                After(*second)
            ),
            Trouble::NoBlock { place } => {
                write!(f, "free of an address that is no allocated block, {}", After(*place))
            }
            Trouble::WrittenAfterFree { size, place } => {
                write!(
                    f,
                    "write after free: a block of {size} bytes was freed {} and written to later",
                    After(*place)
                )
            }
            Trouble::UsedAfterFree { size, freed, used } => {
                let used = used.map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
                write!(
                    f,
                    "use after free: the operation at {used} is on an object in a block of {size} bytes that was freed {}",
                    After(*freed)
                )
            }
            Trouble::UsedAfterEnd { dropped, used } => write!(
                f,
                "use after free: the operation at {used} is on an object that was dropped after the operation at {dropped}"
            ),
            Trouble::GivenBackTwice { at } => write!(
                f,
                "double free: a reference is given back at {at}, and all that there were had been given back before"
            ),
            Trouble::FreeOfFreed { size, freed, place } => write!(
                f,
                "use after free: {} a thread frees what it finds in a block of {size} bytes that was freed {}",
                After(*place),
                After(*freed)
            ),
            Trouble::Overwritten => f.write_str(
                "the bytes before a block were overwritten: something was written out of its bounds",
            ),
        }
    }
}
