use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use crate::event::FixedFields;
use crate::schema::{AttributeType, FixedField, long};
use crate::validate::{ReadError, read_end};
use crate::value::{Scalar, ServiceId, Timestamp};
use crate::violation::{Collector, JsonType, Known, Pointer, SyntaxError, Violation, ViolationKind};

/// What is recorded of an end: when, and the other fixed fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// When the service ended.
    pub timestamp: Timestamp,
    /// The other fixed fields of the event that ended it.
    pub fields: FixedFields,
}

impl End {
    /// Reads the JSON object that `serde` writes of an end. Business attributes are taken as they are.
    ///
    /// # Errors
    /// [`ReadError::Syntax`] if it is no JSON, else [`ReadError::Invalid`] with every violation.
    pub fn from_json(json: &str) -> Result<Self, ReadError> {
        let (timestamp, fields) = read_end(json)?;
        Ok(End { timestamp, fields })
    }

    /// The JSON object of the end, `completed` in the document of a service.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Serialize for End {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_map(None)?;
        json.serialize_entry(FixedField::Timestamp.name(), &self.timestamp)?;
        self.fields.write(&mut json)?;
        json.end()
    }
}

/// A service as a store gives it: plain data, for which it needs no schema.
///
/// ```
/// use service_end::{StoredService, Timestamp};
/// let started: Timestamp = "2009-05-12T11:50:00.000Z".parse().unwrap();
/// let service = StoredService::new(36_981_723, 1, started)
///     .with_extension("Feedback", r#"{"FeedbackType":"survey"}"#);
/// assert_eq!(service.extensions[0].key, "feedback");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StoredService {
    /// Its id.
    pub service_id: ServiceId,
    /// Which version of the service this is: a number that never comes back for it.
    pub version: u64,
    /// When it started.
    pub started: Timestamp,
    /// How it ended, if it did.
    pub end: Option<End>,
    /// Its extensions: none, those asked for, or all.
    pub extensions: Vec<StoredExtension>,
}

/// An extension as a store keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredExtension {
    /// Its name in lower case.
    pub key: String,
    /// Its canonical JSON: an object, or an array of objects.
    pub json: String,
}

impl StoredService {
    /// An active service without extensions.
    pub fn new(service_id: impl Into<ServiceId>, version: u64, started: Timestamp) -> Self {
        StoredService { service_id: service_id.into(), version, started, end: None, extensions: Vec::new() }
    }

    /// The service, ended.
    #[must_use]
    pub fn with_end(mut self, end: End) -> Self {
        self.end = Some(end);
        self
    }

    /// The service with one extension more, given its name in any case and its JSON.
    #[must_use]
    pub fn with_extension(mut self, name: &str, json: impl Into<String>) -> Self {
        self.extensions.push(StoredExtension { key: name.to_ascii_lowercase(), json: json.into() });
        self
    }

    /// The JSON of an extension, if it is there.
    pub fn extension(&self, key: &str) -> Option<&str> {
        self.extensions.iter().find(|extension| extension.key == key).map(|extension| &*extension.json)
    }

    /// Reads the document of a service: `service_id`, `started`, `completed` once it has ended, and its extensions
    /// at the top level. No schema is needed: an extension is taken as text and judged when it is used.
    ///
    /// # Errors
    /// [`ReadError::Syntax`] if it is no JSON object, else [`ReadError::Invalid`] with every violation.
    pub fn from_json(json: impl AsRef<[u8]>, version: u64) -> Result<Self, ReadError> {
        let members = members(json.as_ref())?;
        let mut found = Collector::unlimited();
        let service_id = needed(&members, "service_id", &mut found).and_then(|json| {
            let id = read_id(json.get());
            id.map_err(|kind| found.push(|| Violation::new(Pointer::to("service_id"), None, kind))).ok()
        });
        let started = needed(&members, "started", &mut found)
            .and_then(|json| below("/started", read_start(json), &mut found));
        let end = members
            .iter()
            .find(|(name, _)| name == "completed")
            .map(|(_, json)| below("/completed", End::from_json(json.get()), &mut found));
        let mut service = StoredService::new(
            service_id.unwrap_or(ServiceId(0)),
            version,
            started.unwrap_or(Timestamp::MIN),
        );
        service.end = end.flatten();
        for (ordinal, (name, json)) in members.iter().enumerate() {
            let earlier = members.get(..ordinal).unwrap_or_default();
            if earlier.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
                found.push(|| Violation::new(Pointer::to(name), None, ViolationKind::DuplicateKey));
            } else if !matches!(&**name, "service_id" | "started" | "completed") {
                service = service.with_extension(name, json.get());
            }
        }
        found.finish(service).map_err(ReadError::Invalid)
    }
}

/// The id, by the rule for a `long`.
fn read_id(json: &str) -> Result<ServiceId, ViolationKind> {
    let found = match json.as_bytes().first() {
        Some(b'"') => JsonType::String,
        Some(b'{') => JsonType::Object,
        Some(b'[') => JsonType::Array,
        Some(b't' | b'f') => JsonType::Boolean,
        Some(b'n') => JsonType::Null,
        _ => {
            return long(Scalar::from_number_text(json).unwrap_or(Scalar::Float(f64::INFINITY)))
                .map(ServiceId);
        }
    };
    Err(AttributeType::Long.wrong_type(found))
}

/// When a service started: `{"timestamp": …}`.
fn read_start(json: &RawValue) -> Result<Timestamp, ReadError> {
    let (timestamp, fields) = read_end(json.get())?;
    let mut found = Collector::unlimited();
    if fields != FixedFields::default() {
        let known = Known::fixed(&["timestamp"]);
        found.push(|| Violation::new(Pointer::whole(), None, ViolationKind::UnknownKey { known }));
    }
    found.finish(timestamp).map_err(ReadError::Invalid)
}

/// What a part of the document says, or what is wrong with it, told with its place in the document.
fn below<T>(parent: &str, part: Result<T, ReadError>, found: &mut Collector) -> Option<T> {
    match part {
        Ok(part) => Some(part),
        Err(ReadError::Invalid(violations)) => {
            found.extend(violations.below(parent));
            None
        }
        // The text was read once already, so only a number or a surrogate that can't be held comes here.
        Err(_) => {
            let kind = ViolationKind::OutOfRange {
                minimum: "-1.7976931348623157e308",
                maximum: "1.7976931348623157e308",
            };
            found.push(|| Violation::new(Pointer::to(parent.trim_start_matches('/')), None, kind));
            None
        }
    }
}

fn needed<'m>(
    members: &'m [(String, Box<RawValue>)],
    key: &str,
    found: &mut Collector,
) -> Option<&'m RawValue> {
    let member = members.iter().find(|(name, _)| name == key).map(|(_, json)| &**json);
    if member.is_none() {
        found.push(|| Violation::new(Pointer::to(key), None, ViolationKind::MissingKey));
    }
    member
}

/// The members of an object, in order, their values as text.
fn members(json: &[u8]) -> Result<Vec<(String, Box<RawValue>)>, ReadError> {
    let text =
        std::str::from_utf8(json).map_err(|error| ReadError::Syntax(SyntaxError::not_utf8(json, error)))?;
    let mut json = serde_json::Deserializer::from_str(text);
    let members =
        (&mut json).deserialize_map(MembersVisitor).and_then(|members| json.end().map(|()| members));
    members.map_err(|error| ReadError::Syntax(SyntaxError::of_json(text, &error)))
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Vec<(String, Box<RawValue>)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the object of a service")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}
