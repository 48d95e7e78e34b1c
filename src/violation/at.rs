use super::place::{Path, Pointer};

/// Where a reader is in a text: a list on the stack, from the inside out. Only a mistake makes a pointer and a
/// path of it.
#[derive(Clone, Copy)]
pub(crate) enum At<'a> {
    Whole,
    Member { outer: &'a At<'a>, key: &'a str, ordinal: u32 },
    Element { outer: &'a At<'a>, ordinal: u32 },
}

impl At<'_> {
    pub(crate) fn member<'a>(&'a self, key: &'a str, ordinal: u32) -> At<'a> {
        At::Member { outer: self, key, ordinal }
    }

    pub(crate) fn element(&self, ordinal: u32) -> At<'_> {
        At::Element { outer: self, ordinal }
    }

    pub(crate) fn pointer(&self) -> Pointer {
        match self {
            At::Whole => Pointer::whole(),
            At::Member { outer, key, .. } => outer.pointer().name(key),
            At::Element { outer, ordinal } => outer.pointer().index(*ordinal as usize),
        }
    }

    /// The key of the member, where the path leads as far as that.
    pub(crate) fn key_path(&self) -> Path {
        let path = self.path();
        if path.depth() == self.depth() { path.key() } else { path }
    }

    fn depth(&self) -> usize {
        match self {
            At::Whole => 0,
            At::Member { outer, .. } | At::Element { outer, .. } => outer.depth() + 1,
        }
    }

    pub(crate) fn path(&self) -> Path {
        match self {
            At::Whole => Path::WHOLE,
            At::Member { outer, ordinal, .. } | At::Element { outer, ordinal } => outer.path().then(*ordinal),
        }
    }
}
