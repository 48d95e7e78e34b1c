use std::collections::HashSet;
use std::fmt;
use std::str;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use crate::event::FixedFields;
use crate::schema::{AttributeType, FixedField, is_reserved, long};
use crate::validate::{ReadError, read_end};
use crate::value::{Scalar, ServiceId, Timestamp, Version};
use crate::violation::{
    Collector, JsonType, Known, Path, Pointer, SyntaxError, Violation, ViolationKind, Violations,
};

/// What is recorded of an end: when, and the other fixed fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// When the service ended.
    pub timestamp: Timestamp,
    /// The other fixed fields of the event that ended it. Apart, since they are large.
    pub fields: Box<FixedFields>,
}

impl End {
    /// An end at a time, with what else is said of it.
    pub fn new(timestamp: Timestamp, fields: FixedFields) -> Self {
        End { timestamp, fields: Box::new(fields) }
    }

    /// Reads the JSON object that `serde` writes of an end. Business attributes are taken as they are.
    ///
    /// # Errors
    /// [`ReadError::Syntax`] if it is no JSON, else [`ReadError::Invalid`] with every violation.
    pub fn from_json(json: &str) -> Result<Self, ReadError> {
        let (timestamp, fields) = read_end(json, FixedField::RECORDED)?;
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
    pub version: Version,
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
    pub fn new(service_id: impl Into<ServiceId>, version: impl Into<Version>, started: Timestamp) -> Self {
        StoredService {
            service_id: service_id.into(),
            version: version.into(),
            started,
            end: None,
            extensions: Vec::new(),
        }
    }

    /// The service, ended.
    #[must_use]
    pub fn with_end(mut self, end: End) -> Self {
        self.end = Some(end);
        self
    }

    /// The service with one extension more, given its name in any case and its JSON. It takes the place of an earlier one
    /// of the same name.
    #[must_use]
    pub fn with_extension(mut self, name: &str, json: impl Into<String>) -> Self {
        let key = name.to_ascii_lowercase();
        self.extensions.retain(|earlier| earlier.key != key);
        self.extensions.push(StoredExtension { key, json: json.into() });
        self
    }

    /// The JSON of an extension, if it is there.
    pub fn extension(&self, key: &str) -> Option<&str> {
        self.extensions
            .iter()
            .find(|extension| extension.key.eq_ignore_ascii_case(key))
            .map(|extension| &*extension.json)
    }

    /// Writes the document that [`StoredService::from_json`] reads, without the version. No schema is needed. The
    /// text of an extension that is no JSON is written as a string: it stays unreadable, and hides nothing else.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&Document(self)).unwrap_or_default()
    }

    /// Reads the document of a service: `service_id`, `started`, `completed` once it has ended, and its extensions
    /// at the top level. No schema is needed: an extension is taken as text and judged when it is used.
    ///
    /// # Errors
    /// [`ReadError::Syntax`] if it is no JSON object, else [`ReadError::Invalid`] with every violation.
    pub fn from_json(json: impl AsRef<[u8]>, version: impl Into<Version>) -> Result<Self, ReadError> {
        let json = json.as_ref();
        let text = str::from_utf8(json).map_err(|error| SyntaxError::not_utf8(json, error));
        let text = text.map_err(ReadError::Syntax)?;
        let members = members(text).map_err(ReadError::Syntax)?;
        let mut found = Collector::unlimited();
        let service_id = match needed(&members, "service_id", &mut found) {
            Some(member) => part(text, member, read_id, &mut found)?,
            None => None,
        };
        let started = match needed(&members, "started", &mut found) {
            Some(member) => part(text, member, read_start, &mut found)?,
            None => None,
        };
        let end = match members.iter().find(|member| member.name == "completed") {
            Some(member) => part(text, member, End::from_json, &mut found)?,
            None => None,
        };
        let mut service = StoredService::new(
            service_id.unwrap_or(ServiceId(0)),
            version,
            started.unwrap_or(Timestamp::MIN),
        );
        service.end = end;
        let mut seen = HashSet::new();
        for member in &members {
            let Member { name, at, json } = member;
            let key = name.to_ascii_lowercase();
            let own = matches!(&**name, "service_id" | "started" | "completed");
            // A name of the service's own in another case does not take its place.
            let misspelt = !own && is_reserved(name);
            if !misspelt && !seen.insert(key.clone()) {
                let kind = ViolationKind::DuplicateKey;
                found.push(|| Violation::in_document(Pointer::to(name), at.key(), kind));
            } else if own {
                // Read above.
            } else if misspelt {
                let kind = ViolationKind::UnknownKey {
                    known: Known::fixed(&["service_id", "started", "completed"]),
                };
                found.push(|| Violation::in_document(Pointer::to(name), at.key(), kind));
            } else {
                service.extensions.push(StoredExtension { key, json: json.get().to_owned() });
            }
        }
        found.finish(service).map_err(|violations| ReadError::Invalid(violations.locate(text.as_bytes())))
    }
}

/// A stored service as a document, its extensions as they are.
struct Document<'s>(&'s StoredService);

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let StoredService { service_id, started, end, extensions, .. } = self.0;
        let mut json = serializer.serialize_map(None)?;
        json.serialize_entry(FixedField::ServiceId.name(), service_id)?;
        json.serialize_entry("started", &Started(*started))?;
        if let Some(end) = end {
            json.serialize_entry("completed", end)?;
        }
        for StoredExtension { key, json: text } in extensions {
            match serde_json::from_str::<&RawValue>(text) {
                Ok(raw) => json.serialize_entry(key, raw)?,
                Err(_) => json.serialize_entry(key, text)?,
            }
        }
        json.end()
    }
}

/// When a service started, as an object.
pub(super) struct Started(pub(super) Timestamp);

impl Serialize for Started {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_map(Some(1))?;
        json.serialize_entry("timestamp", &self.0)?;
        json.end()
    }
}

/// The id, by the rule for a `long`.
fn read_id(json: &str) -> Result<ServiceId, ReadError> {
    let found = match json.as_bytes().first() {
        Some(b'"') => JsonType::String,
        Some(b'{') => JsonType::Object,
        Some(b'[') => JsonType::Array,
        Some(b't' | b'f') => JsonType::Boolean,
        Some(b'n') => JsonType::Null,
        _ => {
            let Some(number) = Scalar::from_number_text(json) else {
                return Err(ReadError::Syntax(SyntaxError::at(json, 0, "number out of range")));
            };
            return long(number).map(ServiceId).map_err(wrong);
        }
    };
    Err(wrong(AttributeType::Long.wrong_type(found)))
}

fn wrong(kind: ViolationKind) -> ReadError {
    ReadError::Invalid(Violations::one(Violation::new(Pointer::whole(), None, kind)))
}

/// When a service started: `{"timestamp": …}`.
fn read_start(json: &str) -> Result<Timestamp, ReadError> {
    read_end(json, FixedField::STARTED).map(|(timestamp, _)| timestamp)
}

/// What a part of the document says, or what is wrong with it, told with its place in the document.
fn part<T>(
    text: &str,
    member: &Member<'_>,
    read: impl FnOnce(&str) -> Result<T, ReadError>,
    found: &mut Collector,
) -> Result<Option<T>, ReadError> {
    let Member { name, at, json } = member;
    match read(json.get()) {
        Ok(part) => Ok(Some(part)),
        Err(ReadError::Invalid(violations)) => {
            found.extend(violations.below(&format!("/{name}"), *at));
            Ok(None)
        }
        // The grammar was looked at before: it is a number or a surrogate that can't be held.
        Err(ReadError::Syntax(error)) => Err(ReadError::Syntax(error.of_part(text, json.get()))),
        Err(other) => Err(other),
    }
}

/// A member of the document, its value as text.
struct Member<'t> {
    name: String,
    at: Path,
    json: &'t RawValue,
}

fn needed<'m, 't>(members: &'m [Member<'t>], key: &str, found: &mut Collector) -> Option<&'m Member<'t>> {
    let member = members.iter().find(|member| member.name == key);
    if member.is_none() {
        found.push(|| Violation::in_document(Pointer::to(key), Path::WHOLE, ViolationKind::MissingKey));
    }
    member
}

/// The members of an object, in order.
fn members(text: &str) -> Result<Vec<Member<'_>>, SyntaxError> {
    let mut json = serde_json::Deserializer::from_str(text);
    let members =
        (&mut json).deserialize_map(MembersVisitor).and_then(|members| json.end().map(|()| members));
    members.map_err(|error| {
        if error.is_data() {
            // It is no object, and the reader's own message would quote it.
            let start = text.len() - text.trim_start().len();
            return SyntaxError::at(text, start, "a stored service must be a JSON object");
        }
        SyntaxError::of_json(text, &error)
    })
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Vec<Member<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the object of a service")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        for ordinal in 0.. {
            let Some((name, json)) = map.next_entry()? else { break };
            members.push(Member { name, at: Path::WHOLE.then(ordinal), json });
        }
        Ok(members)
    }
}
