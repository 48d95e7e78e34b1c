//! Rules of the host: each runs if and only if the parts that it reads are without violations, sees what a body of these
//! parts alone says, and no others, and what it finds follows the crate's own violations, in the spelling of the body.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use service_end::schema::FixedField;
use service_end::validate::{Findings, Parts, Rule};
use service_end::violation::HostCode;
use service_end::{Extension, ReadError, Schemas, ServiceEndEvent, Violation, Violations};

use crate::case::Case;
use crate::made::{Dice, name_in_other_case};
use crate::plain::{Json, Schema};

/// A rule that takes note of all that it can see, and finds one thing.
#[derive(Clone, Debug)]
struct Noting {
    name: String,
    /// The names of the parts that it reads.
    reads: Vec<String>,
    /// What it points at: nearly always one of the parts that it reads.
    at: String,
    depth: Depth,
}

/// How deep in an extension a rule points, where there is a record.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Depth {
    Extension,
    /// The last record.
    Record,
    /// An attribute of the last record, by its ordinal.
    Attribute(usize),
}

/// The parts that there are, as JSON: the fixed fields, then the extensions.
type Saw = Vec<(String, Value)>;

pub fn made(data: &[u8]) {
    let mut dice = Dice::new(data);
    let Some(case) = Case::made(&mut dice) else { return };
    let limit = case.plain.max_violations;
    let case = case.with_100_violations();
    // Both readers agree on these.
    let mut expected = match case.read() {
        Ok(_) => Vec::new(),
        Err(ReadError::Invalid(violations)) if !violations.truncated() => listed(&violations),
        Err(_) => return,
    };
    let faulty: Vec<_> = expected.iter().map(|(pointer, _)| pointer.clone()).collect();
    let known = case.validator.schemas();
    let noted = Arc::new(Mutex::new(Vec::new()));
    let mut validator = case.validator.clone().with_max_violations(limit);
    // What the rules should have seen, and the one that points at a place that is none.
    let (mut due, mut misplaced) = (Vec::new(), None);
    for ordinal in 0..=dice.below(3) {
        let rule = Noting::made(&mut dice, ordinal, &case.plain.schemas);
        validator = validator.with_rule(rule.attached(known, &noted)).expect("a good rule");
        if faulty.iter().any(|pointer| rule.reads.iter().any(|part| is_in(pointer, part))) {
            continue;
        }
        let body = case.with_body(&only(&case.body, &rule.reads));
        let (event, _) = body.event().unwrap_or_else(|| panic!("{case}\nwithout violations: {body}"));
        let json = serde_json::to_value(&event).expect("plain values");
        let field = |field: FixedField| json.get(field.name()).cloned();
        let extension = |name: &str| event.extension(name).map(Extension::to_json);
        due.push((rule.name.clone(), saw(known, field, extension)));
        if !rule.reads.iter().any(|part| part.eq_ignore_ascii_case(&rule.at)) {
            misplaced = Some(rule.name);
            break;
        }
        expected.push((pointer(&rule, &event, &body), rule.name));
    }
    let told = match validator.read(&case.body) {
        Ok(_) => Vec::new(),
        Err(ReadError::Invalid(violations)) => {
            assert_eq!(violations.truncated(), expected.len() > limit, "{case}\n{expected:?}");
            let located = violations.locate(&case.body);
            assert!(located.iter().all(|violation| violation.span().is_some()), "{case}\n{located:?}");
            listed(&located)
        }
        Err(ReadError::Rule(failed)) => {
            assert_eq!(misplaced.as_deref(), Some(failed.rule()), "{case}");
            return;
        }
        Err(other) => panic!("{case}\n{other}"),
    };
    assert_eq!(misplaced, None, "{case}");
    expected.truncate(limit);
    assert_eq!(told, expected, "{case}");
    let noted = noted.lock().expect("nothing panicked");
    assert_eq!(*noted, due, "{case}");
}

/// Pointers and codes.
fn listed(violations: &Violations) -> Vec<(String, String)> {
    let of_one =
        |violation: &Violation| (violation.pointer().to_owned(), violation.code().as_str().to_owned());
    violations.iter().map(of_one).collect()
}

impl Noting {
    fn made(dice: &mut Dice<'_>, ordinal: usize, schemas: &[Schema]) -> Self {
        let reads: Vec<_> = (0..=dice.below(3))
            .map(|_| match dice.below(schemas.len() + 1) {
                0 => dice.pick(FixedField::ALL).name().to_owned(),
                schema => name_in_other_case(dice, &schemas[schema - 1].name),
            })
            .collect();
        let at = match (dice.once_in(16), schemas.first()) {
            (true, Some(schema)) => schema.name.clone(),
            _ => reads[dice.below(reads.len())].clone(),
        };
        let depth = match dice.below(3) {
            0 => Depth::Extension,
            1 => Depth::Record,
            _ => Depth::Attribute(dice.below(256)),
        };
        Noting { name: format!("rule_{ordinal}"), reads, at, depth }
    }

    fn attached(&self, schemas: &Schemas, noted: &Arc<Mutex<Vec<(String, Saw)>>>) -> Rule {
        let (rule, schemas, noted) = (self.clone(), schemas.clone(), Arc::clone(noted));
        let code = HostCode::new(&self.name).expect("a good code");
        Rule::new(&self.name, self.reads.clone(), move |parts: &Parts<'_>, findings: &mut Findings<'_>| {
            let field = |field| parts.field(field).map(|value| serde_json::to_value(value).expect("JSON"));
            let extension = |name: &str| parts.extension(name).map(Extension::to_json);
            let saw = saw(&schemas, field, extension);
            noted.lock().expect("nothing panicked").push((rule.name.clone(), saw));
            let last = parts.extension(&rule.at).and_then(|there| there.len().checked_sub(1));
            match (rule.at.parse::<FixedField>(), last, rule.depth) {
                (Ok(field), ..) => findings.at_field(field, &code, "found"),
                (_, Some(last), Depth::Record) => findings.at_record(&rule.at, last, &code, "found"),
                (_, Some(last), Depth::Attribute(ordinal)) => {
                    let schema = schemas.get(&rule.at).expect("it is registered");
                    let mut attributes = schema.attributes();
                    let ordinal = ordinal % attributes.len();
                    let attribute = attributes.nth(ordinal).expect("it is there");
                    findings.at_attribute(&rule.at, last, attribute.name(), &code, "found");
                }
                _ => findings.at_extension(&rule.at, &code, "found"),
            }
        })
    }
}

/// What is there, asked for by every name.
fn saw(
    schemas: &Schemas,
    field: impl Fn(FixedField) -> Option<Value>,
    extension: impl Fn(&str) -> Option<String>,
) -> Saw {
    let fields = FixedField::ALL.iter().map(|name| (name.name().to_owned(), field(*name)));
    let extensions = schemas.iter().map(|schema| {
        let json = extension(schema.name());
        (schema.name().to_owned(), json.map(|json| serde_json::from_str(&json).expect("JSON")))
    });
    fields.chain(extensions).filter_map(|(name, value)| Some((name, value?))).collect()
}

/// Whether a member of a body is a part of this name: a fixed field to the letter, or an extension in any case.
fn is_part(member: &str, part: &str) -> bool {
    if part.parse::<FixedField>().is_ok() { member == part } else { member.eq_ignore_ascii_case(part) }
}

/// Whether a pointer leads into a part, whose name needs no escape.
fn is_in(pointer: &str, part: &str) -> bool {
    pointer.split('/').nth(1).is_some_and(|member| is_part(member, part))
}

/// The body without all other parts.
fn only(body: &[u8], parts: &[String]) -> Vec<u8> {
    let text = std::str::from_utf8(body).expect("it was read");
    let members = Json::of(text).and_then(Json::members).expect("it was read");
    let kept: Vec<_> = members
        .iter()
        .filter(|(name, _)| parts.iter().any(|part| is_part(name, part)))
        .map(|(name, value)| format!("\"{name}\":{}", value.text()))
        .collect();
    format!("{{{}}}", kept.join(",")).into_bytes()
}

/// Where the finding of a rule stands, as the body spells it.
fn pointer(rule: &Noting, event: &ServiceEndEvent, body: &Case) -> String {
    let text = std::str::from_utf8(&body.body).expect("it was made");
    let members = Json::of(text).and_then(Json::members).expect("it was read");
    let member = members.iter().find(|(name, _)| is_part(name, &rule.at));
    let schema = body.plain.schemas.iter().find(|schema| schema.name.eq_ignore_ascii_case(&rule.at));
    let Some(schema) = schema else { return format!("/{}", rule.at) };
    let Some((name, json)) = member else { return format!("/{}", schema.name) };
    let count = event.extension(name).expect("it is named").len();
    if rule.depth == Depth::Extension || count == 0 {
        return format!("/{name}");
    }
    let (pointer, record) = if schema.many {
        (format!("/{name}/{}", count - 1), json.elements()[count - 1])
    } else {
        (format!("/{name}"), *json)
    };
    let Depth::Attribute(ordinal) = rule.depth else { return pointer };
    let declared = &schema.attributes[ordinal % schema.attributes.len()].name;
    let members = record.members().expect("it was read");
    let spelled = members.iter().map(|(name, _)| name).find(|name| name.eq_ignore_ascii_case(declared));
    format!("{pointer}/{}", spelled.unwrap_or(declared))
}
