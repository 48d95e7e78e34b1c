use std::fmt;

use super::super::error::Mismatch;

/// All disagreements between a schema and a Rust type, at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatches(Vec<Mismatch>);

impl Mismatches {
    /// `Ok` if there are none.
    pub(super) fn none_of(list: Vec<Mismatch>) -> Result<(), Self> {
        if list.is_empty() { Ok(()) } else { Err(Mismatches(list)) }
    }

    pub(super) fn of(list: Vec<Mismatch>) -> Self {
        Mismatches(list)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Always `false`: there is at least one.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each of them: first those of the attributes, in the order of the schema.
    pub fn iter(&self) -> std::slice::Iter<'_, Mismatch> {
        self.0.iter()
    }

    /// The same, as a slice.
    pub fn as_slice(&self) -> &[Mismatch] {
        &self.0
    }
}

impl IntoIterator for Mismatches {
    type Item = Mismatch;
    type IntoIter = std::vec::IntoIter<Mismatch>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'m> IntoIterator for &'m Mismatches {
    type Item = &'m Mismatch;
    type IntoIter = std::slice::Iter<'m, Mismatch>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Mismatches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (ordinal, mismatch) in self.0.iter().enumerate() {
            if ordinal > 0 {
                f.write_str("; ")?;
            }
            mismatch.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Mismatches {}
