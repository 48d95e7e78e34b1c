//! The open extensions of a body, while it is read.

use crate::event::OpenWriter;
use crate::value::MAX_LEVELS;
use crate::violation::SyntaxError;

/// How large an open extension may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenLimits {
    pub(super) bytes: usize,
    pub(super) levels: usize,
}

impl OpenLimits {
    /// Of what is stored.
    pub(super) const NONE: OpenLimits = OpenLimits { bytes: usize::MAX, levels: MAX_LEVELS };
}

/// The open extensions of a body. Made for the first.
#[derive(Debug, Default)]
pub(super) struct Opened {
    pub(super) writer: OpenWriter,
    /// Why the text of one can't be read, and where that text is in memory.
    pub(super) error: Option<(usize, SyntaxError)>,
}

impl Opened {
    /// Why reading stopped, if it was for one of these.
    pub(super) fn error_in(&self, text: &str) -> Option<SyntaxError> {
        let (address, error) = self.error.clone()?;
        let part = text.get(address - text.as_ptr() as usize..);
        Some(error.of_part(text, part.unwrap_or_else(|| unreachable!("it is a part of this text"))))
    }
}
