use std::fmt;

use serde::ser::{Serialize, Serializer};

use super::attribute::{Form, timestamp};
use super::example::example;
use super::extension::extension;
use super::field::field;
use super::open::{listed, with_others};
use crate::schema::business::{BusinessAttributes, UNDECLARED};
use crate::schema::field::FixedField;
use crate::schema::node::{Node, object};
use crate::schema::set::Schemas;

/// A JSON Schema (2020-12) of what callers send, or of what is stored.
///
/// It is for those who don't read extension schemas: a web form, another language, a gateway. Made by
/// [`Schemas::body_json_schema`] and [`Schemas::stored_json_schema`], or by
/// [`Validator::body_json_schema`](crate::Validator::body_json_schema), which also knows the business attributes and the
/// most records. Written by `serde`, and by `Display` over several lines. Members stand in the order declared, and the same
/// declarations always give the same text.
///
/// A validator for JSON Schema and this crate agree on every body, as far as JSON Schema can say what is right. What it
/// can't say stands in `$comment`. On these bodies they differ:
///
/// | | JSON Schema | this crate |
/// |---|---|---|
/// | the name of an extension or attribute in another case | refuses | takes |
/// | a name twice in one object, records equal under `unique` | takes | refuses |
/// | a number in fraction or exponent form from 2^53 on, as an integer | takes | refuses |
/// | such a number from 100,000,000,000 on, or of more than 4 decimals, as an amount | takes | refuses |
/// | a timestamp with an offset that is not midnight UTC, as a date | takes | refuses |
/// | a timestamp with an offset outside of the years or bounds, in UTC | takes | refuses |
/// | in an open extension: a name twice, U+0000, more bytes or levels than allowed | takes | refuses |
/// | a `required` extension that is neither in the body nor stored, a body that is too large, rules in code | takes | refuses |
///
/// Validators whose numbers are 64-bit floats don't tell integers beyond 2^53 from their neighbours.
///
/// ```
/// use service_end::Schemas;
/// let schemas = Schemas::from_json(r#"[ { "name": "Feedback", "type": "single-valued",
///     "attributes": [ { "name": "rating", "type": "integer", "mandatory": true } ] } ]"#).unwrap();
/// let schema = serde_json::to_value(schemas.body_json_schema()).unwrap();
/// assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
/// assert_eq!(schema["properties"]["Feedback"]["required"][0], "rating");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct JsonSchema(Node);

impl JsonSchema {
    /// The media type of the document.
    pub const MEDIA_TYPE: &'static str = "application/schema+json";

    /// A body that is read with these declarations.
    pub(crate) fn of_bodies(
        schemas: &Schemas,
        business: &BusinessAttributes,
        max_records: Option<usize>,
    ) -> Self {
        let fields =
            FixedField::ALL.iter().map(|name| (name.name().into(), field(*name, business, Form::Body)));
        let extensions = extensions(schemas, Form::Body, max_records);
        let properties: Vec<_> = fields.chain(extensions).collect();
        let known = properties.iter().map(|(name, _)| name.clone().into()).collect();
        let body = object! { "type": "object", "properties": Node::Object(properties) };
        let body = with_others(body, schemas, Form::Body, known);
        document(
            "Service end event",
            "What ends a service: fixed fields, and extensions of the service.",
            BODY,
            body.with("examples", [example(schemas, business, max_records)]),
        )
    }

    /// The schema as a part of another document: that says once which dialect it is.
    pub(crate) fn into_part(self) -> Node {
        self.0.without("$schema")
    }
}

impl Serialize for JsonSchema {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// Over several lines.
impl fmt::Display for JsonSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string_pretty(&self.0).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

impl Schemas {
    /// A body of Complete Service, as a JSON Schema, without business attributes and limits of a host.
    pub fn body_json_schema(&self) -> JsonSchema {
        JsonSchema::of_bodies(self, &UNDECLARED, None)
    }

    /// The document of a stored service, as it is written, as a JSON Schema.
    pub fn stored_json_schema(&self) -> JsonSchema {
        stored(self)
    }
}

const BODY: &str = "Beyond this schema: names of extensions and their attributes may be written in any case, but those of \
    fixed fields may not. No name may stand twice in an object. A number in fraction or exponent form is judged by the \
    64-bit float nearest to it; as an integer it must be below 2^53 in magnitude. No text may have the character U+0000 or \
    an unpaired surrogate. The host can have rules of its own, and limits on the size of a body.";

const STORED: &str = "As it is written. What has no value is left out, and an extension without records too. An extension \
    that the schemas can't read is not shown.";

/// A stored service, as it is written.
fn stored(schemas: &Schemas) -> JsonSchema {
    let of = |name| field(name, &UNDECLARED, Form::Stored);
    let moment = FixedField::Timestamp.name();
    let part = |title: &'static str, description: &'static str, fields: Vec<_>| {
        object! {
            "title": title, "description": description,
            "type": "object", "properties": Node::Object(fields), "required": [moment], "additionalProperties": false,
        }
    };
    let started = object! { "title": "Timestamp", "description": "When the service started." };
    let started = started.joined(timestamp(Form::Stored));
    // In the order in which they are written: the timestamp is the first.
    let recorded = FixedField::ALL.iter().copied().filter(|name| *name != FixedField::ServiceId);
    let (first, rest): (Vec<_>, Vec<_>) = recorded.partition(|name| *name == FixedField::Timestamp);
    let completed = first.into_iter().chain(rest).map(|name| (name.name().into(), of(name))).collect();
    let parts = [
        (FixedField::ServiceId.name().into(), of(FixedField::ServiceId)),
        ("started".into(), part("Start", "How the service started.", vec![(moment.into(), started)])),
        ("completed".into(), part("End", "How the service ended, if it has.", completed)),
    ];
    let properties: Vec<_> = parts.into_iter().chain(extensions(schemas, Form::Stored, None)).collect();
    let known = properties.iter().map(|(name, _)| name.clone().into()).collect();
    let service = object! {
        "type": "object",
        "properties": Node::Object(properties),
        "required": [FixedField::ServiceId.name(), "started"],
    };
    document(
        "Service",
        "A stored service: its start, its end, and its extensions.",
        STORED,
        with_others(service, schemas, Form::Stored, known),
    )
}

fn extensions(
    schemas: &Schemas,
    form: Form,
    max_records: Option<usize>,
) -> impl Iterator<Item = (String, Node)> {
    let declared = schemas.iter();
    let declared =
        declared.map(move |schema| (schema.name().to_owned(), extension(schema, form, max_records)));
    // What is stored has the open ones in whatever case.
    declared.chain(listed(schemas, form).filter(move |_| form == Form::Body))
}

fn document(
    title: &'static str,
    description: &'static str,
    comment: &'static str,
    schema: Node,
) -> JsonSchema {
    let head = object! {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title, "description": description, "$comment": comment,
    };
    JsonSchema(head.joined(schema))
}
