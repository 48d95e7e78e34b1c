use crate::violation::{Path, Pointer};

/// Where a reader is in a declaration: a list on the stack, from the inside out. Only a mistake makes a pointer and a
/// path of it.
#[derive(Clone, Copy)]
pub(super) enum At<'a> {
    Whole,
    Member { outer: &'a At<'a>, key: &'a str, ordinal: u32 },
    Element { outer: &'a At<'a>, ordinal: u32 },
}

impl At<'_> {
    pub(super) fn member<'a>(&'a self, key: &'a str, ordinal: u32) -> At<'a> {
        At::Member { outer: self, key, ordinal }
    }

    pub(super) fn element(&self, ordinal: u32) -> At<'_> {
        At::Element { outer: self, ordinal }
    }

    pub(super) fn pointer(&self) -> Pointer {
        match self {
            At::Whole => Pointer::whole(),
            At::Member { outer, key, .. } => outer.pointer().name(key),
            At::Element { outer, ordinal } => outer.pointer().index(*ordinal as usize),
        }
    }

    pub(super) fn path(&self) -> Path {
        match self {
            At::Whole => Path::WHOLE,
            At::Member { outer, ordinal, .. } | At::Element { outer, ordinal } => outer.path().then(*ordinal),
        }
    }
}
