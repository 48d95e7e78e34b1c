//! Bodies, by sections 2.1 to 2.6 of the design.

use super::json::{Json, Seen, Syntax};
use super::schema::{Attribute, Business, Schema};
use super::value::{Judged, Value, moment, short_text, whole};

/// What a host knows, and its limits.
#[derive(Clone, Debug)]
pub struct Host {
    pub schemas: Vec<Schema>,
    pub business: Business,
    pub max_records: usize,
    pub max_violations: usize,
}

/// What comes of a body.
#[derive(Clone, Debug)]
pub enum Read {
    Event(Event),
    /// Pointer and code of each, in order, and whether there were more.
    Violations(Vec<(String, &'static str)>, bool),
    Syntax,
}

/// The effective event.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Event {
    /// The fixed fields with a value, `service_id` and `timestamp` among them, in the order of the body.
    pub fields: Vec<(String, Value)>,
    pub extensions: Vec<Extension>,
}

/// An extension, its name as the schema spells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Extension {
    pub name: String,
    pub many: bool,
    /// For each attribute of the schema its value, or `None`.
    pub records: Vec<Vec<Option<Value>>>,
}

const FIELDS: &str = "session_id interaction_id application_type application_id resource_type resource_id media_type \
     disposition disposition_desc timestamp service_id";

impl Host {
    /// Reads a body.
    pub fn read(&self, body: &[u8]) -> Read {
        let mut pass = Pass { host: self, found: Vec::new() };
        match pass.body(body) {
            Err(Syntax) => Read::Syntax,
            Ok(event) if pass.found.is_empty() => Read::Event(event),
            Ok(_) => {
                let truncated = pass.found.len() > self.max_violations;
                pass.found.truncate(self.max_violations);
                Read::Violations(pass.found, truncated)
            }
        }
    }
}

struct Pass<'h> {
    host: &'h Host,
    found: Vec<(String, &'static str)>,
}

/// The name of a member as a part of a pointer.
fn part(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

impl Pass<'_> {
    fn body(&mut self, body: &[u8]) -> Result<Event, Syntax> {
        let text = std::str::from_utf8(body).map_err(|_| Syntax)?;
        let Seen::Object(object) = Json::of(text)?.see()? else { return Err(Syntax) };
        let mut event = Event::default();
        let mut seen: Vec<String> = Vec::new();
        for (name, value) in object.members()? {
            let pointer = part(&name);
            let is_field = FIELDS.split(' ').any(|field| field == name);
            let schema = self.host.schemas.iter().find(|schema| schema.name.eq_ignore_ascii_case(&name));
            if !is_field && schema.is_none() {
                self.found.push((pointer, "unknown_extension"));
                continue;
            }
            let folded = name.to_ascii_lowercase();
            if seen.contains(&folded) {
                self.found.push((pointer, "duplicate_key"));
                continue;
            }
            seen.push(folded);
            match schema {
                None => match self.field(&name, &value.see()?) {
                    Ok(value) => event.fields.extend(value.map(|value| (name, value))),
                    Err(code) => self.found.push((pointer, code)),
                },
                Some(schema) => {
                    let records = self.extension(schema, &pointer, value)?;
                    event.extensions.push(Extension {
                        name: schema.name.clone(),
                        many: schema.many,
                        records,
                    });
                }
            }
        }
        Ok(event)
    }

    fn field(&self, name: &str, value: &Seen<'_>) -> Judged<Option<Value>> {
        let judged = match (name, value) {
            (_, Seen::Null) => return Ok(None),
            ("session_id", Seen::Text(text)) => short_text(text, 32),
            ("interaction_id", Seen::Text(text)) => short_text(text, 50),
            ("disposition_desc", Seen::Text(text)) => short_text(text, 64),
            ("application_id" | "resource_id" | "service_id", Seen::Number(text)) => {
                whole(text).map(Value::Whole)
            }
            ("timestamp", Seen::Text(text)) => moment(text).map(Value::Moment).ok_or("invalid_format"),
            ("application_type" | "resource_type" | "media_type" | "disposition", value) => {
                self.business_attribute(name, value)
            }
            _ => Err("wrong_type"),
        };
        judged.map(Some)
    }

    fn business_attribute(&self, name: &str, value: &Seen<'_>) -> Judged<Value> {
        let value = match value {
            Seen::Number(text) => Value::Whole(whole(text)?),
            Seen::Text(text) => short_text(text, 255)?,
            _ => return Err("wrong_type"),
        };
        let Some((_, values)) = self.host.business.iter().find(|(field, _)| field == name) else {
            return Ok(value);
        };
        let known =
            values.iter().find(|(id, name)| value == Value::Whole(*id) || value == Value::Text(name.clone()));
        known.map(|(id, _)| Value::Whole(*id)).ok_or("unknown_business_value")
    }

    fn extension(
        &mut self,
        schema: &Schema,
        pointer: &str,
        value: Json<'_>,
    ) -> Result<Vec<Vec<Option<Value>>>, Syntax> {
        let mut records = Vec::new();
        // The keys of the records so far, where they are known.
        let mut keys: Vec<Vec<Option<Value>>> = Vec::new();
        match value.see()? {
            Seen::Object(object) if !schema.many => {
                records.push(self.record(schema, pointer, object, &mut keys)?);
            }
            Seen::List(list) if schema.many => {
                for (ordinal, element) in list.elements().into_iter().enumerate() {
                    if ordinal == self.host.max_records {
                        self.found.push((pointer.to_owned(), "too_many_records"));
                        break;
                    }
                    let pointer = format!("{pointer}/{ordinal}");
                    match element.see()? {
                        Seen::Object(object) => {
                            records.push(self.record(schema, &pointer, object, &mut keys)?);
                        }
                        _ => self.found.push((pointer, "wrong_shape")),
                    }
                }
            }
            _ => self.found.push((pointer.to_owned(), "wrong_shape")),
        }
        Ok(records)
    }

    fn record(
        &mut self,
        schema: &Schema,
        pointer: &str,
        object: Json<'_>,
        keys: &mut Vec<Vec<Option<Value>>>,
    ) -> Result<Vec<Option<Value>>, Syntax> {
        let count = schema.attributes.len();
        // The name as the body spells it, the value, whether that can't be accepted, and whether there is another.
        let mut spelled: Vec<Option<String>> = vec![None; count];
        let mut record: Vec<Option<Value>> =
            schema.attributes.iter().map(|attribute| attribute.default.clone()).collect();
        let mut refused = vec![false; count];
        let mut repeated = vec![false; count];
        for (name, value) in object.members()? {
            let pointer = format!("{pointer}{}", part(&name));
            let Some(column) =
                schema.attributes.iter().position(|attribute| attribute.name.eq_ignore_ascii_case(&name))
            else {
                self.found.push((pointer, "unknown_attribute"));
                continue;
            };
            if spelled[column].is_some() {
                self.found.push((pointer, "duplicate_key"));
                repeated[column] = true;
                continue;
            }
            spelled[column] = Some(name);
            record[column] = match value.see()? {
                Seen::Null => None,
                value => match schema.attributes[column].judge(&value) {
                    Ok(value) => Some(value),
                    Err(code) => {
                        self.found.push((pointer, code));
                        refused[column] = true;
                        None
                    }
                },
            };
        }
        let is_missing = |column: usize| {
            schema.attributes[column].mandatory && record[column].is_none() && !refused[column]
        };
        let is_wrong = |column: &usize| refused[*column] || repeated[*column] || is_missing(*column);
        if schema.many && !schema.unique.is_empty() && !schema.unique.iter().any(is_wrong) {
            let key: Vec<_> = schema.unique.iter().map(|column| record[*column].clone()).collect();
            if keys.contains(&key) {
                self.found.push((pointer.to_owned(), "duplicate_record"));
            }
            keys.push(key);
        }
        for column in (0..count).filter(|column| is_missing(*column)) {
            let Attribute { name, .. } = &schema.attributes[column];
            let name = spelled[column].as_ref().unwrap_or(name);
            self.found.push((format!("{pointer}{}", part(name)), "missing_attribute"));
        }
        Ok(record)
    }
}
