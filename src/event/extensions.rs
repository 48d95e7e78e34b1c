//! The extensions of an event or of a stored service, of both kinds, in the order named.

use std::borrow::Cow;
use std::fmt;
use std::iter::FusedIterator;
use std::slice;
use std::sync::Arc;

use serde::ser::{Serialize, Serializer};

use super::extension::Extension;
use super::open_extension::OpenExtension;
use super::open_texts::OpenWriter;
use crate::schema::ExtensionSchema;

/// An extension of either kind: with a schema, or open.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum AnyExtension<'e> {
    /// One with a schema.
    Declared(&'e Extension),
    /// One without.
    Open(&'e OpenExtension),
}

impl<'e> AnyExtension<'e> {
    /// Its name: as the schema spells it, or, of an open one, as the event that recorded it did.
    pub fn name(&self) -> &'e str {
        match self {
            AnyExtension::Declared(extension) => extension.name(),
            AnyExtension::Open(open) => open.name(),
        }
    }

    /// Its name in lower case, under which stores keep it.
    pub fn key(&self) -> &'e str {
        match self {
            AnyExtension::Declared(extension) => extension.key(),
            AnyExtension::Open(open) => open.key(),
        }
    }

    /// The schema through which it was made; `None` of an open one.
    pub fn schema(&self) -> Option<&'e ExtensionSchema> {
        match self {
            AnyExtension::Declared(extension) => Some(extension.schema()),
            AnyExtension::Open(_) => None,
        }
    }

    /// Whether it is an empty list, which clears what was recorded.
    pub fn is_empty(&self) -> bool {
        match self {
            AnyExtension::Declared(extension) => extension.is_empty(),
            AnyExtension::Open(open) => open.is_empty(),
        }
    }

    /// Its JSON, as stores keep it.
    pub fn to_json(&self) -> Cow<'e, str> {
        match self {
            AnyExtension::Declared(extension) => extension.to_json().into(),
            AnyExtension::Open(open) => open.json().into(),
        }
    }
}

/// Writes its JSON, as stores keep it.
impl Serialize for AnyExtension<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            AnyExtension::Declared(extension) => extension.serialize(serializer),
            AnyExtension::Open(open) => open.serialize(serializer),
        }
    }
}

/// Both kinds.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct Extensions {
    declared: Vec<Extension>,
    open: Vec<OpenExtension>,
}

/// Their names, without what callers have sent.
impl fmt::Debug for Extensions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all().map(|extension| extension.name())).finish()
    }
}

impl Extensions {
    /// Those of a body: the ones with a schema, and the open ones.
    pub(crate) fn of(declared: Vec<Extension>, writer: &mut OpenWriter) -> Self {
        if writer.is_empty() {
            return declared.into();
        }
        let texts = Arc::new(writer.finish());
        let mut begins = declared.iter().map(Extension::begin).peekable();
        let mut before = 0;
        let nth = |ordinal| {
            while begins.next_if(|begin| *begin < texts.words(ordinal)).is_some() {
                before += 1;
            }
            OpenExtension::nth(Arc::clone(&texts), ordinal, before)
        };
        let open = (0..texts.len()).map(nth).collect();
        drop(begins);
        Extensions { declared, open }
    }

    pub(crate) fn into_declared(self) -> Vec<Extension> {
        self.declared
    }

    pub(crate) fn declared(&self) -> &[Extension] {
        &self.declared
    }

    pub(crate) fn open(&self) -> &[OpenExtension] {
        &self.open
    }

    pub(crate) fn all(&self) -> AllExtensions<'_> {
        AllExtensions { declared: self.declared.iter(), open: self.open.iter(), passed: 0 }
    }

    /// The one of a name that has a schema, without regard to ASCII case.
    pub(crate) fn get(&self, name: &str) -> Option<&Extension> {
        self.declared.iter().find(|extension| extension.name().eq_ignore_ascii_case(name))
    }

    /// The open one of a name, without regard to ASCII case.
    pub(crate) fn get_open(&self, name: &str) -> Option<&OpenExtension> {
        self.open.iter().find(|open| open.name().eq_ignore_ascii_case(name))
    }

    pub(crate) fn push(&mut self, extension: Extension) {
        self.declared.push(extension);
    }

    pub(crate) fn push_open(&mut self, mut open: OpenExtension) {
        let declared = u32::try_from(self.declared.len());
        open.stand_after(declared.unwrap_or_else(|_| unreachable!("no such memory")));
        self.open.push(open);
    }

    /// Adds one behind the others.
    pub(crate) fn add(&mut self, extension: AnyExtension<'_>) {
        match extension {
            AnyExtension::Declared(extension) => self.push(extension.clone()),
            AnyExtension::Open(open) => self.push_open(open.clone()),
        }
    }

    /// The same, for those who keep them for long: others of the same events are let go.
    pub(crate) fn without_spare_room(&self) -> Self {
        let declared = Extension::without_spare_room(&self.declared);
        Extensions { declared, open: OpenExtension::without_spare_room(&self.open) }
    }
}

impl From<Vec<Extension>> for Extensions {
    fn from(declared: Vec<Extension>) -> Self {
        Extensions { declared, open: Vec::new() }
    }
}

/// Extensions of both kinds, in the order named.
#[derive(Clone, Debug)]
pub struct AllExtensions<'e> {
    declared: slice::Iter<'e, Extension>,
    open: slice::Iter<'e, OpenExtension>,
    /// How many of those with a schema were passed.
    passed: u32,
}

impl<'e> Iterator for AllExtensions<'e> {
    type Item = AnyExtension<'e>;

    fn next(&mut self) -> Option<AnyExtension<'e>> {
        let is_open_due = self.open.as_slice().first().is_some_and(|open| open.before() <= self.passed);
        if !is_open_due {
            if let Some(extension) = self.declared.next() {
                self.passed += 1;
                return Some(AnyExtension::Declared(extension));
            }
        }
        self.open.next().map(AnyExtension::Open)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.declared.len() + self.open.len();
        (left, Some(left))
    }
}

impl ExactSizeIterator for AllExtensions<'_> {}
impl FusedIterator for AllExtensions<'_> {}
