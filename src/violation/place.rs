use std::ops::Range;

/// Where a violation stands in a body, counted in members and elements from 0.
///
/// A JSON Pointer can't tell which of two equal keys is meant, nor a key from its value; ordinals can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Place {
    /// The member of the body.
    pub member: u32,
    /// The record, inside the array of a multi-valued extension.
    pub element: Option<u32>,
    /// The member of the record.
    pub attribute: Option<u32>,
    /// What of the innermost of these is meant.
    pub part: Part,
}

/// Which part of a member a [`Place`] means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Its key.
    Key,
    /// Its value: a scalar, a record that lacks something, an array.
    Value,
}

impl Place {
    pub(crate) fn member(member: u32, part: Part) -> Self {
        Place { member, element: None, attribute: None, part }
    }
}

/// A place in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Span {
    /// The line, from 1.
    pub line: usize,
    /// The column in the line, from 1, in characters.
    pub column: usize,
    /// The bytes: of the key, or of the value. Empty where only line and column are known, as of a violation that was
    /// read from JSON.
    pub bytes: Range<usize>,
}

/// The part of a text that lies between two boundaries of characters, which were found in it.
pub(super) fn part(text: &str, bytes: Range<usize>) -> &str {
    let Some(part) = text.get(bytes) else { unreachable!("both ends lie between characters") };
    part
}

/// The way from the whole of a text to a place in it, whatever the text tells: the ordinals of members and elements,
/// from the outside in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Path {
    /// Mistakes stand no deeper than at a key of an attribute of a schema in a list, but for the values that it lists: for
    /// a fifth ordinal, which makes each violation larger, every body would pay 1 %. An array, since a violation is to
    /// be small and to allocate little.
    ordinals: [u32; 4],
    depth: u8,
    part: Part,
}

impl Path {
    /// The whole text.
    pub(crate) const WHOLE: Path = Path { ordinals: [0; 4], depth: 0, part: Part::Value };

    /// The value of a member, or an element, of the value that the path leads to.
    pub(crate) fn then(mut self, ordinal: u32) -> Self {
        // What stands deeper is told with the place of the value that holds it.
        if let Some(slot) = self.ordinals.get_mut(usize::from(self.depth)) {
            *slot = ordinal;
            self.depth += 1;
        }
        self
    }

    /// The key of the member that the path leads to.
    pub(crate) fn key(self) -> Self {
        Path { part: Part::Key, ..self }
    }

    /// How many ordinals it has.
    pub(super) fn depth(&self) -> usize {
        usize::from(self.depth)
    }

    /// The way on from the value that the path leads to.
    pub(super) fn join(self, inner: Path) -> Self {
        Path { part: inner.part, ..inner.ordinals().fold(self, Path::then) }
    }

    pub(super) fn ordinals(&self) -> impl Iterator<Item = u32> {
        self.ordinals.into_iter().take(usize::from(self.depth))
    }

    /// Whether both lead through the same containers down to a depth.
    pub(super) fn is_beside(&self, other: &Path, depth: usize) -> bool {
        self.ordinals().take(depth).eq(other.ordinals().take(depth))
    }

    pub(super) fn part(&self) -> Part {
        self.part
    }
}

impl From<Place> for Path {
    fn from(place: Place) -> Self {
        let Place { member, element, attribute, part } = place;
        let inside = [element, attribute].into_iter().flatten();
        Path { part, ..inside.fold(Path::WHOLE.then(member), Path::then) }
    }
}

/// Where a violation stands in the text that it was found in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Whereabouts {
    /// In a body.
    Body(Place),
    /// In a declaration, or in the document of a service.
    Document(Path),
}

impl From<Whereabouts> for Path {
    fn from(whereabouts: Whereabouts) -> Self {
        match whereabouts {
            Whereabouts::Body(place) => place.into(),
            Whereabouts::Document(path) => path,
        }
    }
}

/// A JSON Pointer (RFC 6901) in the making; only failures make one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pointer(String);

impl Pointer {
    pub(crate) fn whole() -> Self {
        Pointer::default()
    }

    pub(crate) fn to(name: &str) -> Self {
        Pointer::with_room_for(name).name(name)
    }

    /// As [`Pointer::to`] with a name that a schema declares, in whatever case: nothing in it is to be escaped.
    pub(crate) fn to_declared(name: &str) -> Self {
        Pointer::with_room_for(name).declared(name)
    }

    fn with_room_for(name: &str) -> Self {
        Pointer(String::with_capacity(name.len() + 24))
    }

    pub(crate) fn name(mut self, name: &str) -> Self {
        if !name.contains('~') && !name.contains('/') {
            return self.declared(name);
        }
        self.0.reserve(name.len() + 64);
        self.0.push('/');
        // In one go: with `str::replace`, a name of 1 MiB of tildes costs more than the bound allows.
        for character in name.chars() {
            match character {
                '~' => self.0.push_str("~0"),
                '/' => self.0.push_str("~1"),
                other => self.0.push(other),
            }
        }
        self
    }

    /// A name out of a pointer.
    pub(super) fn unescaped(name: &str) -> String {
        let mut characters = name.chars();
        let mut unescaped = String::with_capacity(name.len());
        // In one go: with `str::replace`, names full of tildes cost more than the bound allows.
        while let Some(character) = characters.next() {
            let escaped = match (character, characters.as_str().as_bytes().first()) {
                ('~', Some(b'0')) => '~',
                ('~', Some(b'1')) => '/',
                _ => {
                    unescaped.push(character);
                    continue;
                }
            };
            characters.next();
            unescaped.push(escaped);
        }
        unescaped
    }

    pub(crate) fn declared(mut self, name: &str) -> Self {
        self.0.push('/');
        self.0.push_str(name);
        self
    }

    pub(crate) fn index(mut self, index: usize) -> Self {
        self.0.push('/');
        push_decimal(&mut self.0, index);
        self
    }
}

/// As `write!` does, with which a thousand violations cost 8 % more to read.
fn push_decimal(text: &mut String, number: usize) {
    if number > 9 {
        push_decimal(text, number / 10);
    }
    text.extend(u32::try_from(number % 10).ok().and_then(|digit| char::from_digit(digit, 10)));
}

impl From<Pointer> for String {
    fn from(pointer: Pointer) -> Self {
        pointer.0
    }
}
