//! Extensions without a schema: any JSON but `null`.

use super::attribute::Form;
use crate::schema::extension::ExtensionSchema;
use crate::schema::field::FixedField;
use crate::schema::node::{Node, object};
use crate::schema::set::Schemas;

/// What JSON Schema can't say of it, or not briefly.
const COMMENT: &str = "No key may stand twice in an object inside, and no text may have the character U+0000. The host limits how \
    many bytes and levels there are, by default to 64 KiB and 32.";

/// Those of a list, as members of an object that knows them: what is stored has them in the case in which they came, and so
/// under patterns of their names.
pub(super) fn listed(schemas: &Schemas, form: Form) -> impl Iterator<Item = (String, Node)> {
    let names = schemas.open_names().iter().filter(|name| schemas.is_open(name));
    names.map(move |name| {
        let titled = object! { "title": name.to_owned() };
        let key = if form == Form::Stored { format!("^{}$", in_any_case(name)) } else { name.to_owned() };
        (key, titled.joined(value(form)))
    })
}

/// An object of members that are known, to which every other name may be added that is open.
pub(super) fn with_others(object: Node, schemas: &Schemas, form: Form, known: Vec<Node>) -> Node {
    if !schemas.open_names().is_every() {
        let patterns: Vec<_> =
            if form == Form::Stored { listed(schemas, form).collect() } else { Vec::new() };
        let patterns = (!patterns.is_empty()).then_some(Node::Object(patterns));
        return object.with_some("patternProperties", patterns).with("additionalProperties", false);
    }
    object.with("additionalProperties", value(form)).with("propertyNames", names(schemas, known))
}

fn value(form: Form) -> Node {
    let described = object! {
        "description": "Kept as it is written.",
        "$comment": COMMENT,
        "type": ["array", "boolean", "number", "object", "string"],
    };
    if form == Form::Body {
        return described;
    }
    // An empty list takes away what was recorded.
    described.with("not", object! { "type": "array", "maxItems": 0_i64 })
}

/// The names that are known, or any other that is no other spelling of these.
fn names(schemas: &Schemas, known: Vec<Node>) -> Node {
    let reserved = FixedField::NAMES.iter().copied().chain(["started", "completed"]);
    let taken: Vec<String> =
        reserved.chain(schemas.iter().map(ExtensionSchema::name)).map(in_any_case).collect();
    let other = object! {
        "pattern": "^[A-Za-z][A-Za-z0-9_]{0,25}$",
        "not": object! { "pattern": format!("^(?:{})$", taken.join("|")) },
    };
    object! { "anyOf": [object! { "enum": known }, other] }
}

/// A name in whatever case, as a regular expression.
fn in_any_case(name: &str) -> String {
    let letter = |letter: char| {
        if letter.is_ascii_alphabetic() {
            format!("[{}{}]", letter.to_ascii_uppercase(), letter.to_ascii_lowercase())
        } else {
            letter.to_string()
        }
    };
    name.chars().map(letter).collect()
}
