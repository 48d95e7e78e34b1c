//! The document of a stored service, read and written without any schema.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::end::{End, Started};
use super::stored::{StoredExtension, StoredService};
use crate::schema::{AttributeType, FixedField, is_reserved, long};
use crate::validate::{ReadError, read_end};
use crate::value::{Scalar, ServiceId, Timestamp, Version};
use crate::violation::{
    Collector, JsonType, Known, Path, Pointer, SyntaxError, Violation, ViolationKind, Violations,
};

/// The keys of the document that name no extension.
const KEYS: &[&str] = &[FixedField::ServiceId.name(), STARTED, COMPLETED];
pub(super) const STARTED: &str = "started";
pub(super) const COMPLETED: &str = "completed";

impl StoredService {
    /// Writes the document that [`StoredService::from_json`] reads, without the version. No schema is needed. The text
    /// of an extension that is not JSON is written as a string: it stays unreadable, and hides nothing else.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&Document(self)).unwrap_or_else(|error| unreachable!("plain values: {error}"))
    }

    /// Reads the document of a service: `service_id`, `started`, `completed` once it has ended, and its extensions
    /// at the top level. No schema is needed: an extension is taken as text and judged when it is used.
    ///
    /// # Errors
    /// [`ReadError::Syntax`] if it is not a JSON object, else [`ReadError::Invalid`] with every violation.
    pub fn from_json(json: impl AsRef<[u8]>, version: impl Into<Version>) -> Result<Self, ReadError> {
        let json = json.as_ref();
        let text = SyntaxError::text_of(json).map_err(ReadError::Syntax)?;
        let members = members(text).map_err(ReadError::Syntax)?;
        let mut found = Collector::unlimited();
        let service_id = match needed(&members, FixedField::ServiceId.name(), &mut found) {
            Some(member) => part(text, member, read_id, &mut found)?,
            None => None,
        };
        let started = match needed(&members, STARTED, &mut found) {
            Some(member) => part(text, member, read_start, &mut found)?,
            None => None,
        };
        let end = match members.iter().find(|member| member.name == COMPLETED) {
            Some(member) => part(text, member, End::from_json, &mut found)?,
            None => None,
        };
        let extensions = extensions(&members, &mut found);
        found.finish(()).map_err(|violations| ReadError::Invalid(violations.locate(text.as_bytes())))?;
        let (Some(service_id), Some(started)) = (service_id, started) else {
            unreachable!("what is missing or wrong was found");
        };
        let mut service = StoredService::new(service_id, version, started);
        service.end = end;
        for Member { name, json, .. } in extensions {
            service.insert_extension(name, json.get());
        }
        Ok(service)
    }
}

/// The members that are extensions. A key that occurs twice is told, and so is a key of the service's own in another
/// case, which does not take its place.
fn extensions<'m, 't>(members: &'m [Member<'t>], found: &mut Collector) -> Vec<&'m Member<'t>> {
    let mut seen = HashSet::new();
    let mut extensions = Vec::new();
    for member in members {
        let Member { name, at, .. } = member;
        let own = KEYS.contains(&&**name);
        let kind = if !own && is_reserved(name) {
            ViolationKind::UnknownKey { known: Known::fixed(KEYS) }
        } else if !seen.insert(name.to_ascii_lowercase()) {
            ViolationKind::DuplicateKey
        } else {
            extensions.extend((!own).then_some(member));
            continue;
        };
        found.push(|| Violation::in_document(Pointer::to(name), at.key(), kind));
    }
    extensions
}

/// A stored service as a document, its extensions as they are.
struct Document<'s>(&'s StoredService);

impl Serialize for Document<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let service = self.0;
        let mut json = serializer.serialize_map(None)?;
        json.serialize_entry(FixedField::ServiceId.name(), &service.service_id)?;
        json.serialize_entry(STARTED, &Started(service.started))?;
        if let Some(end) = &service.end {
            json.serialize_entry(COMPLETED, end)?;
        }
        for StoredExtension { name, json: text, .. } in service.extensions() {
            match serde_json::from_str::<&RawValue>(text) {
                Ok(raw) => json.serialize_entry(name, raw)?,
                Err(_) => json.serialize_entry(name, text)?,
            }
        }
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
    ReadError::Invalid(Violations::one(Pointer::whole(), kind))
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
            // It is not an object, and the reader's own message would quote it.
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
