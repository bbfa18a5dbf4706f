//! What the two words hold.

/// The cancel bit: set once, never cleared.
pub const CANCEL: u8 = 1;
/// A mark has been accepted and not been taken back.
pub const MARKED: u8 = 2;
/// The callback has been started.
pub const NOTIFIED: u8 = 4;
/// The request has ended.
pub const COMPLETED: u8 = 8;
/// The callback has returned.
pub const RETURNED: u8 = 16;

/// No routine is in the slot.
pub const NONE: usize = 0;
/// A routine is in the slot.
pub const SOME: usize = 1;
