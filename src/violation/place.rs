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
        if !name.contains(['~', '/']) {
            return self.declared(name);
        }
        self.0.push('/');
        self.0.push_str(&name.replace('~', "~0").replace('/', "~1"));
        self
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

fn push_decimal(text: &mut String, number: usize) {
    if number > 9 {
        push_decimal(text, number / 10);
    }
    #[expect(clippy::cast_possible_truncation, reason = "a remainder of ten")]
    text.push(char::from(b'0' + (number % 10) as u8));
}

impl From<Pointer> for String {
    fn from(pointer: Pointer) -> Self {
        pointer.0
    }
}
