use std::fmt;

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::answer::Question;
use crate::schema::error::ParseNameError;
use crate::value::named;
use crate::violation::{Known, Members};

named! {
    /// What kind of difference there is between two versions of a schema.
    #[non_exhaustive]
    pub enum ChangeCode {
        /// The new version has an attribute more.
        AttributeAdded = "attribute_added",
        /// The new version lacks an attribute.
        AttributeRemoved = "attribute_removed",
        /// An attribute has another type.
        TypeChanged = "type_changed",
        /// A string may have more or fewer characters.
        LengthChanged = "length_changed",
        /// A record must have a value for the attribute now.
        BecameMandatory = "became_mandatory",
        /// A record need not have a value for the attribute any more.
        BecameOptional = "became_optional",
        /// The attribute has another default, or has one now, or has none any more.
        DefaultChanged = "default_changed",
        /// The attribute lists other values.
        ValuesChanged = "values_changed",
        /// The minimum or the maximum of the attribute is another.
        RangeChanged = "range_changed",
        /// The key of the records has other attributes.
        UniqueChanged = "unique_changed",
        /// One record became a list of records, or a list became one.
        ExtensionTypeChanged = "extension_type_changed",
        /// A service can't end without the extension now, or can again.
        RequiredChanged = "required_changed",
        /// A name is written in other cases.
        NameRespelled = "name_respelled",
        /// The same things stand in another order.
        OrderChanged = "order_changed",
        /// There is a schema more.
        ExtensionAdded = "extension_added",
        /// A schema is gone.
        ExtensionRemoved = "extension_removed",
    }

    /// Every code there is.
    ALL;

    /// The code as it is written.
    fn as_str;

    "the code of a change" compared with eq,
    or else ParseNameError = ParseNameError(Known::fixed(Self::NAMES));
}

/// One difference between two versions.
///
/// As JSON it is an object of `pointer`, `code`, `message` and `breaks`, a list of questions; it reads back equal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pointer: String,
    code: ChangeCode,
    message: String,
    breaks: Breaks,
}

/// The questions whose answer is no.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Breaks {
    pub(super) bodies: bool,
    pub(super) records: bool,
    pub(super) rollback: bool,
}

impl Breaks {
    pub(super) const NOTHING: Breaks = Breaks { bodies: false, records: false, rollback: false };
    pub(super) const ALL: Breaks = Breaks { bodies: true, records: true, rollback: true };

    fn get(self, question: Question) -> bool {
        match question {
            Question::Bodies => self.bodies,
            Question::Records => self.records,
            Question::Rollback => self.rollback,
        }
    }
}

impl Change {
    pub(super) fn new(pointer: String, code: ChangeCode, message: String, breaks: Breaks) -> Self {
        Change { pointer, code, message, breaks }
    }

    /// Its place in the schema as a JSON Pointer (RFC 6901): `/attributes/2/type`. In a set the name of the extension
    /// stands before it: `/Feedback/attributes/2/type`. Attributes are counted in the new version, and those that are
    /// removed in the old one.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// The stable code.
    pub fn code(&self) -> ChangeCode {
        self.code
    }

    /// What has changed: one lower-case sentence without a full stop.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Which questions had to be answered no if this were the only change. Several changes may break something
    /// together, or one may undo what another breaks: the answers of the [`Comparison`](super::Comparison) are about
    /// all of them.
    pub fn breaks(&self) -> impl Iterator<Item = Question> + '_ {
        Question::ALL.iter().copied().filter(|question| self.breaks.get(*question))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.pointer, self.code, self.message)
    }
}

impl Serialize for Change {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_map(Some(4))?;
        json.serialize_entry("pointer", &self.pointer)?;
        json.serialize_entry("code", &self.code)?;
        json.serialize_entry("message", &self.message)?;
        json.serialize_entry("breaks", &self.breaks().collect::<Vec<_>>())?;
        json.end()
    }
}

impl<'de> Deserialize<'de> for Change {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut members = Members::deserialize(deserializer)?;
        let breaks: Vec<Question> = members.needed("breaks")?;
        let is_told = |question| breaks.contains(&question);
        let breaks = Breaks {
            bodies: is_told(Question::Bodies),
            records: is_told(Question::Records),
            rollback: is_told(Question::Rollback),
        };
        let (pointer, code) = (members.needed("pointer")?, members.needed("code")?);
        Ok(Change { pointer, code, message: members.needed("message")?, breaks })
    }
}
