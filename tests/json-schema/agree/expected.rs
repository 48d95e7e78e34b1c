//! What a validator for JSON Schema must answer, out of what the crate answers, and of what JSON Schema can't say.

use service_end::schema::AttributeType;
use service_end::violation::Code;
use service_end::{ReadError, Timestamp, Validator, Violation};

use crate::tree::Tree;

pub(crate) struct Expected {
    pub(crate) valid: bool,
    pub(crate) exact: Exact,
}

/// Whether the numbers of a body are told from their neighbours by validators that hold them in so many bits.
pub(crate) struct Exact {
    pub(crate) in_64_bits: bool,
    pub(crate) in_53_bits: bool,
}

/// `None` where a name stands twice in an object.
pub(crate) fn expected(validator: &Validator, body: &Tree) -> Option<Expected> {
    let refused = match validator.read(body.to_string().as_bytes()) {
        Ok(_) => false,
        Err(ReadError::Invalid(violations)) => {
            if violations.iter().any(|violation| *violation.code() == Code::DuplicateKey) {
                return None;
            }
            violations.iter().any(|violation| is_sayable(validator, violation, body))
        }
        Err(other) => panic!("{other}: {body}"),
    };
    Some(Expected { valid: !refused && !has_respelled(validator, body), exact: exact(body) })
}

/// Whether JSON Schema can say what a violation says.
pub(crate) fn is_sayable(validator: &Validator, violation: &Violation, body: &Tree) -> bool {
    if *violation.code() == Code::DuplicateRecord {
        return false;
    }
    let name = violation.pointer().split('/').nth(1).unwrap_or_default();
    let is_unsayable = matches!(violation.code(), Code::ForbiddenCharacter | Code::DuplicateKey);
    if is_unsayable && validator.schemas().is_open(name) {
        return false;
    }
    let value = body.at(violation.pointer());
    let text = value.map(ToString::to_string).unwrap_or_default();
    let attribute_type = attribute_type(validator, violation.pointer());
    // Whether it would still be refused in another form.
    let is_refused_as = |leaf: String| {
        let read = validator.read(body.with(violation.pointer(), leaf).to_string().as_bytes());
        let error = read.err();
        let mut violations = error.iter().filter_map(ReadError::violations).flatten();
        violations
            .any(|other| other.pointer() == violation.pointer() && *other.code() != Code::DuplicateRecord)
    };
    let is_fraction = |number: &str| number.contains(['.', 'e', 'E']);
    match (value.and_then(Tree::number), attribute_type) {
        // An amount of more decimals lies between two others.
        (Some(number), Some(AttributeType::Currency)) if is_fraction(number) => {
            let float: f64 = number.parse().unwrap();
            let neighbours = match float.abs() {
                0.0..1e11 => [(float * 1e4).floor() / 1e4, (float * 1e4).ceil() / 1e4],
                _ if float.fract() == 0.0 => [float; 2],
                _ => return true,
            };
            neighbours.map(|float| format!("\"{float}\"")).into_iter().any(is_refused_as)
        }
        // In digits, a whole number is told from its neighbours.
        (Some(number), attribute_type)
            if is_fraction(number) && attribute_type != Some(AttributeType::Double) =>
        {
            let float: f64 = number.parse().unwrap();
            float.fract() != 0.0 || is_refused_as(format!("{float}"))
        }
        (None, Some(of_time @ (AttributeType::Date | AttributeType::DateTime))) if has_offset(&text) => {
            *violation.code() == Code::InvalidFormat && !form_is_right(&text, of_time)
        }
        _ => true,
    }
}

/// Whether a text is a timestamp with an offset that is not zero.
fn has_offset(text: &str) -> bool {
    let text = text.trim_matches('"');
    let Some(at) = text.len().checked_sub(6).filter(|at| text.is_char_boundary(*at)) else { return false };
    let (before, offset) = text.split_at(at);
    before.contains(['T', 't']) && offset.starts_with(['+', '-']) && !offset.ends_with("00:00")
}

/// Whether only the moment in UTC is wrong of a text with an offset: in the middle of the years, every offset is right. A
/// date is a whole minute anyhow.
fn form_is_right(text: &str, of_time: AttributeType) -> bool {
    let text = text.trim_matches('"');
    let Some((day, rest)) = text.split_once(['T', 't']) else { return false };
    let day = match day {
        "0001-01-01" | "9999-12-31" => "2001-01-01",
        "0000-12-31" if rest.contains('-') => "2001-01-01",
        _ if day.starts_with("0000") => return false,
        other => other,
    };
    let moment: Result<Timestamp, _> = format!("{day}T{rest}").parse();
    moment.is_ok_and(|moment| of_time == AttributeType::DateTime || moment.unix_millis() % 60_000 == 0)
}

/// The type of the attribute at a pointer; a timestamp for the fixed field.
fn attribute_type(validator: &Validator, pointer: &str) -> Option<AttributeType> {
    let parts: Vec<&str> = pointer.split('/').skip(1).collect();
    match parts.as_slice() {
        ["timestamp"] => Some(AttributeType::DateTime),
        [extension, .., attribute] => validator
            .schemas()
            .get(extension)?
            .attribute(attribute)
            .map(service_end::AttributeSchema::attribute_type),
        _ => None,
    }
}

/// Whether a name stands in another case than declared.
fn has_respelled(validator: &Validator, body: &Tree) -> bool {
    let Tree::Object(members) = body else { return false };
    members.iter().any(|(name, value)| {
        let open = validator.schemas().open_names();
        let Some(schema) = validator.schemas().get(name) else {
            return open.includes(name) && !open.is_every() && open.iter().all(|open| open != name);
        };
        let records = match value {
            Tree::Array(records) => records.as_slice(),
            record => std::slice::from_ref(record),
        };
        let attribute = |name: &str| schema.attribute(name).is_some_and(|attribute| attribute.name() != name);
        let respelled = |record: &Tree| match record {
            Tree::Object(members) => members.iter().any(|(name, _)| attribute(name)),
            _ => false,
        };
        schema.name() != name || records.iter().any(respelled)
    })
}

fn exact(body: &Tree) -> Exact {
    let mut leaves = Vec::new();
    body.leaves(&mut leaves);
    let numbers: Vec<f64> =
        leaves.iter().filter_map(|leaf| leaf.number()).map(|text| text.parse().unwrap()).collect();
    let below = |limit: f64| numbers.iter().all(|number| number.abs() < limit);
    let digits =
        leaves.iter().filter_map(|leaf| leaf.number()).filter(|text| !text.contains(['.', 'e', 'E']));
    let fit = digits.clone().all(|text| text.parse::<i64>().is_ok() || text.parse::<u64>().is_ok());
    let far = numbers
        .iter()
        .all(|number| number.abs() < 9e18 || number.abs() > 1e19 || number.fract() != 0.0 || fit);
    Exact {
        in_64_bits: fit && far,
        in_53_bits: below(9_007_199_254_740_992.0)
            || numbers.iter().all(|n| n.abs() < 9e15 || n.abs() > 1e19),
    }
}
