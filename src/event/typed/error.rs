//! Where a Rust type and what it is read from disagree.

use std::borrow::Cow;
use std::fmt::{self, Display, Write as _};

use serde::de::{self, Expected, Unexpected};

use crate::schema::ExtensionSchema;

/// Where a Rust type and the data that it is read from disagree: a record, a fixed field, or a schema.
///
/// It names the extension, the record and the attribute, and says what the type expects and what is there, but never the
/// value. Both texts are for developers.
///
/// ```
/// use service_end::{AttributeSchema, Extension, ExtensionSchema};
/// #[derive(serde::Deserialize)]
/// struct Rating { rating: u8 }
///
/// let schema = ExtensionSchema::multi_valued("Satisfaction").attribute(AttributeSchema::integer("rating")).build()?;
/// let satisfaction = Extension::builder(&schema).record(|record| { record.set("rating", 300); }).build()?;
/// let Err(mismatch) = satisfaction.to::<Vec<Rating>>() else { panic!("300 is not a `u8`") };
/// assert_eq!((mismatch.extension(), mismatch.record(), mismatch.attribute()), (Some("Satisfaction"), Some(0), Some("rating")));
/// assert_eq!(
///     mismatch.to_string(),
///     "extension `Satisfaction`, record 0, attribute `rating`: expected an integer from 0 to 255, found another integer",
/// );
/// # Ok::<(), service_end::Violations>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Mismatch(Box<Parts>);

/// Apart, since a result is handed on from value to value.
#[derive(Clone, PartialEq, Eq)]
struct Parts {
    kind: MismatchKind,
    extension: Option<Box<str>>,
    record: Option<usize>,
    attribute: Option<Box<str>>,
    expected: Cow<'static, str>,
    found: Cow<'static, str>,
    /// What code of somebody else said, which may quote a value.
    foreign: Option<Box<str>>,
}

/// In which way a Rust type and the data disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MismatchKind {
    /// One record where a list is asked for, a list where one record is, or something that is neither.
    Shape,
    /// The type needs a field that no attribute of the schema gives.
    UnknownField,
    /// The schema has an attribute, or a fixed field is there, that the type refuses to know.
    UnknownAttribute,
    /// The type needs a value that the record does not have, or may lack.
    MissingValue,
    /// Two attributes are read into one field.
    DuplicateField,
    /// The type of the attribute is not the one that is asked for.
    Type,
    /// The type of the attribute is asked for, but not all of its values can be taken: another width, another variant.
    Value,
    /// The code of the type refuses it, for a reason of its own.
    Refused,
    /// The code of the type is its own, so that it can't be found out what it refuses. Told by
    /// [`ExtensionSchema::fits`] alone.
    Unproven,
    /// The type contains itself without end, or the code that reads it breaks the rules of `serde`.
    Broken,
}

impl Mismatch {
    pub(super) fn new(
        kind: MismatchKind,
        expected: impl Into<Cow<'static, str>>,
        found: impl Into<Cow<'static, str>>,
    ) -> Self {
        Mismatch(Box::new(Parts {
            kind,
            extension: None,
            record: None,
            attribute: None,
            expected: expected.into(),
            found: found.into(),
            foreign: None,
        }))
    }

    /// A key is asked for before the value of the one before, or a value without a key.
    pub(super) fn out_of_turn() -> Self {
        Mismatch::new(MismatchKind::Broken, "keys and values in turn", "a type that reads them otherwise")
    }

    /// A type that does not ask for all members of a record, or for all fixed fields.
    pub(super) fn stops_early() -> Self {
        Mismatch::new(MismatchKind::Broken, "a type that reads all members", "one that stops before the end")
    }

    /// A type that reads in a way of its own.
    pub(super) fn unproven() -> Self {
        Mismatch::new(
            MismatchKind::Unproven,
            "a type that tells what it accepts",
            "one with a `Deserialize` written by hand, or with `deserialize_with`, `flatten`, `from`, `try_from`, `tag`, \
             `transparent` or `untagged`",
        )
    }

    pub(super) fn with_found(mut self, found: String) -> Self {
        self.0.found = found.into();
        self
    }

    /// The type needs an attribute that a record may lack.
    pub(super) fn needs(mut self, attribute: &str) -> Self {
        if self.0.kind == MismatchKind::MissingValue {
            self.0.attribute = Some(attribute.into());
            self.0.found = "records that may lack it".into();
        }
        self
    }

    /// In which way they disagree.
    pub fn kind(&self) -> MismatchKind {
        self.0.kind
    }

    /// The extension, as its schema spells it. `None` for the fixed fields.
    pub fn extension(&self) -> Option<&str> {
        self.0.extension.as_deref()
    }

    /// The record of a multi-valued extension, counted from 0.
    pub fn record(&self) -> Option<usize> {
        self.0.record
    }

    /// The attribute, as its schema spells it; the fixed field; or the field of the type, where no attribute gives it.
    pub fn attribute(&self) -> Option<&str> {
        self.0.attribute.as_deref()
    }

    /// What the type expects.
    pub fn expected(&self) -> &str {
        &self.0.expected
    }

    /// What is there, without its value.
    pub fn found(&self) -> &str {
        &self.0.found
    }

    /// What the code of the type, or the reader of an open extension, says of the value that it refuses. It is not part of
    /// the message, since it may quote the value.
    pub fn foreign_message(&self) -> Option<&str> {
        self.0.foreign.as_deref()
    }

    /// The same, of an attribute, or a fixed field, in which something is found.
    pub(super) fn at_attribute(mut self, name: &str, what: impl FnOnce() -> Cow<'static, str>) -> Self {
        let Parts { kind, attribute, found, .. } = &mut *self.0;
        if attribute.is_none() {
            *attribute = Some(name.into());
            if *kind == MismatchKind::Type {
                *found = what();
            }
        }
        self
    }

    /// The same, of a record of an extension. A field that lacks is one that the record lacks, or the schema.
    pub(super) fn in_record(mut self, schema: &ExtensionSchema, record: Option<usize>) -> Self {
        let parts = &mut *self.0;
        if parts.extension.is_none() {
            let lacks = parts.attribute.as_deref().filter(|_| parts.kind == MismatchKind::MissingValue);
            if lacks.is_some_and(|field| schema.attribute(field).is_none()) {
                parts.kind = MismatchKind::UnknownField;
                parts.expected = "an attribute of this name".into();
                parts.found = "none in the schema".into();
            }
            parts.extension = Some(schema.name().into());
            parts.record = record;
        }
        self
    }

    /// The same, of an open extension.
    pub(super) fn in_open(mut self, name: &str) -> Self {
        self.0.extension = Some(name.into());
        self
    }

    /// The same, of an extension as a whole.
    pub(super) fn in_extension(self, schema: &ExtensionSchema) -> Self {
        self.in_record(schema, None)
    }
}

impl Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { extension, record, attribute, expected, found, .. } = &*self.0;
        let mut comma = "";
        if let Some(extension) = extension {
            write!(f, "extension `{extension}`")?;
            comma = ", ";
        }
        if let Some(record) = record {
            write!(f, "{comma}record {record}")?;
            comma = ", ";
        }
        if let Some(attribute) = attribute {
            let what = if extension.is_some() { "attribute" } else { "field" };
            write!(f, "{comma}{what} `{attribute}`")?;
            comma = ", ";
        }
        write!(f, "{}expected {expected}, found {found}", if comma.is_empty() { "" } else { ": " })
    }
}

/// Without what may quote a value.
impl fmt::Debug for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Mismatch").field(&self.0.kind).field(&format_args!("{self}")).finish()
    }
}

impl std::error::Error for Mismatch {}

/// What the visitors of `serde` find. A value that they would quote is left out.
impl de::Error for Mismatch {
    fn custom<T: Display>(message: T) -> Self {
        let mut mismatch =
            Mismatch::new(MismatchKind::Refused, "a value that the type takes", "one that it refuses");
        mismatch.0.foreign = Some(said(&message).into());
        mismatch
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Mismatch::new(MismatchKind::Type, in_words(expected), kind_of(found))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Mismatch::new(MismatchKind::Value, in_words(expected), another(found))
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Mismatch::new(MismatchKind::Shape, in_words(expected), records(length))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Mismatch::new(MismatchKind::Value, one_of(expected), "another text")
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        Mismatch::new(MismatchKind::UnknownAttribute, one_of(expected), "another attribute")
    }

    fn missing_field(field: &'static str) -> Self {
        let mut mismatch = Mismatch::new(MismatchKind::MissingValue, "a value", "none");
        mismatch.0.attribute = Some(field.into());
        mismatch
    }

    fn duplicate_field(field: &'static str) -> Self {
        let mut mismatch = Mismatch::new(
            MismatchKind::DuplicateField,
            "one attribute for this field",
            "two that are read into it",
        );
        mismatch.0.attribute = Some(field.into());
        mismatch
    }
}

/// What the code of somebody else says, as far as it gets: `to_string` would panic where it fails.
pub(super) fn said(words: &dyn Display) -> String {
    let mut said = String::new();
    let _ = write!(said, "{words}");
    said
}

/// So many records, in words.
pub(super) fn records(number: usize) -> String {
    format!("{number} {}", if number == 1 { "record" } else { "records" })
}

/// What a visitor expects. Of numbers, `serde` says only their Rust types.
fn in_words(expected: &dyn Expected) -> String {
    let expected = said(&expected);
    let bounds = match &*expected {
        "i8" => (i128::from(i8::MIN), i128::from(i8::MAX)),
        "i16" => (i16::MIN.into(), i16::MAX.into()),
        "i32" => (i32::MIN.into(), i32::MAX.into()),
        "i64" | "i128" => (i64::MIN.into(), i64::MAX.into()),
        "u8" => (0, u8::MAX.into()),
        "u16" => (0, u16::MAX.into()),
        "u32" => (0, u32::MAX.into()),
        "u64" | "u128" => (0, i64::MAX.into()),
        "f32" | "f64" => return "a number".into(),
        "newtype variant" | "tuple variant" | "struct variant" => {
            return "a variant that carries data".into();
        }
        "" => return "something that the type does not name".into(),
        _ => return expected,
    };
    format!("an integer from {} to {}", bounds.0, bounds.1)
}

/// The names that are known, at most 20 of them.
pub(super) fn one_of(names: &[&str]) -> String {
    const SHOWN: usize = 20;
    if names.is_empty() {
        return "nothing".into();
    }
    let shown: Vec<_> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    let more = names.len() - shown.len();
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("one of {}{rest}", shown.join(", "))
}

fn kind_of(found: Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "a boolean",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "an integer",
        Unexpected::Float(_) => "a number",
        Unexpected::Char(_) | Unexpected::Str(_) => "a text",
        Unexpected::Bytes(_) => "bytes",
        Unexpected::Unit | Unexpected::Option => "no value",
        Unexpected::Seq => "a list",
        Unexpected::Map => "a record",
        _ => "something else",
    }
}

fn another(found: Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "another integer",
        Unexpected::Float(_) => "another number",
        Unexpected::Char(_) | Unexpected::Str(_) => "another text",
        _ => "another value",
    }
}
