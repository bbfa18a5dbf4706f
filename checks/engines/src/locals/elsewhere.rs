//! Where nobody knows which thread-locals there are.

/// Nothing.
#[derive(Debug, Default)]
pub(crate) struct Own;

impl Own {
    pub(crate) fn begin(&mut self) {}

    pub(crate) fn swap(&mut self) {}

    pub(crate) fn digest(&self) -> Option<u64> {
        None
    }
}

pub(crate) fn end() {}

pub(crate) fn is_served() -> bool {
    false
}

pub(crate) fn are_any() -> bool {
    false
}
