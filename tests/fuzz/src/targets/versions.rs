//! Versions: a witness proves what it is for, to both readers, and a search for what tells two versions apart finds nothing
//! that an answer of yes denies. What is carried to a newer version says what it said before.

use serde_json::Value;
use service_end::event::Extension;
use service_end::schema::{Answer, Change, Comparison, Question};
use service_end::service::decide;
use service_end::{EndRules, Schemas, Service, StoredService, Timestamp};

use crate::case::Case;
use crate::made::{Dice, newer, schemas, telling_extensions};
use crate::plain::Schema;

pub fn made(data: &[u8]) {
    let mut dice = Dice::new(data);
    let old = schemas(&mut dice, false);
    let Some(new) = newer(&mut dice, &old) else { return };
    let (Some(old), Some(new)) = (Case::of(&old, b"{}"), Case::of(&new, b"{}")) else { return };
    let comparison = old.validator.schemas().compare(new.validator.schemas());
    check_bodies(&mut dice, &old, &new, comparison.bodies());
    check_bodies(&mut dice, &new, &old, comparison.rollback());
    check_records(&mut dice, &old, &new, comparison.records());
    check_changes(&old, &new, &comparison);
}

fn check_bodies(dice: &mut Dice<'_>, old: &Case, new: &Case, answer: &Answer) {
    match answer {
        Answer::Safe => {
            for body in telling_bodies(dice, old, new) {
                assert!(!ends(old, &body) || ends(new, &body), "{body}\n{old}\n{new}");
            }
        }
        answer => {
            if let Some(witness) = answer.witness() {
                assert!(ends(old, witness) && !ends(new, witness), "{witness}\n{old}\n{new}");
            }
        }
    }
}

/// Bodies with what is required, and with one of the extensions that tell the two apart.
fn telling_bodies(dice: &mut Dice<'_>, old: &Case, new: &Case) -> Vec<String> {
    let each: Vec<(&Schema, Vec<String>)> = (old.plain.schemas.iter())
        .map(|schema| {
            let now = new.plain.schemas.iter().find(|now| now.name.eq_ignore_ascii_case(&schema.name));
            (schema, telling_extensions(dice, schema, now.unwrap_or(schema)))
        })
        .collect();
    let mut bodies = vec![object(each.iter().filter(|(schema, _)| schema.required).map(first))];
    for (schema, extensions) in &each {
        let others = || each.iter().filter(|(other, _)| other.required && other.name != schema.name);
        for json in extensions {
            bodies.push(object(others().map(first).chain([(&*schema.name, &**json)])));
        }
    }
    bodies
}

fn first<'e>((schema, extensions): &'e (&Schema, Vec<String>)) -> (&'e str, &'e str) {
    (&schema.name, &extensions[0])
}

fn object<'n>(members: impl Iterator<Item = (&'n str, &'n str)>) -> String {
    let members: Vec<_> = members.map(|(name, json)| format!("\"{name}\":{json}")).collect();
    format!("{{{}}}", members.join(","))
}

/// Whether a body ends an active service that has no extension stored, as both readers see it.
fn ends(host: &Case, body: &str) -> bool {
    let Some((event, plain)) = host.with_body(body.as_bytes()).event() else { return false };
    let id = event.service_id().unwrap_or(7.into());
    let service = StoredService::new(id, 1, Timestamp::MIN);
    let decided = decide(id, Some(&service), event, &EndRules::new(), Timestamp::MAX);
    let has_records = |schema: &Schema| {
        let named = plain.extensions.iter().find(|extension| extension.name == schema.name);
        named.is_some_and(|extension| !extension.records.is_empty())
    };
    let is_complete = host.plain.schemas.iter().filter(|schema| schema.required).all(has_records);
    assert_eq!(decided.is_ok(), is_complete, "{body}\n{host}");
    is_complete
}

fn check_records(dice: &mut Dice<'_>, old: &Case, new: &Case, answer: &Answer) {
    let (before, now) = (old.validator.schemas(), new.validator.schemas());
    if let Some(witness) = answer.witness() {
        let stored = StoredService::from_json(
            format!(r#"{{"service_id":7,"started":{{"timestamp":"{}"}},{}"#, Timestamp::MIN, &witness[1..]),
            1,
        );
        let stored = stored.unwrap_or_else(|error| panic!("{error}: {witness}"));
        assert!(!reads_equal(&stored, now) && reads_equal(&stored, before), "{witness}\n{old}\n{new}");
    }
    for body in telling_bodies(dice, old, new) {
        let Some((event, _)) = old.with_body(body.as_bytes()).event() else { continue };
        for extension in event.extensions().iter().filter(|extension| !extension.is_empty()) {
            let stored = StoredService::new(7, 1, Timestamp::MIN)
                .with_extension(extension.name(), extension.to_json());
            let is_equal = reads_equal(&stored, now);
            assert!(is_equal || !answer.is_safe(), "{body}\n{old}\n{new}");
            check_migration(extension, &stored, now, is_equal);
        }
    }
}

/// Whether all that is stored reads, and the JSON that is written of it again is the same, names in any case and numbers by
/// value.
fn reads_equal(stored: &StoredService, schemas: &Schemas) -> bool {
    let service = Service::read(stored, schemas);
    let again = |key: &str| service.extension(key).map(|extension| parsed(&extension.to_json()));
    let mut extensions = stored.extensions();
    extensions.all(|extension| again(extension.key).is_some_and(|again| again == parsed(extension.json)))
}

/// JSON with the names of its members in lower case, and whole numbers that are written as floats as integers.
fn parsed(json: &str) -> Value {
    fn folded(value: Value) -> Value {
        match value {
            Value::Array(elements) => elements.into_iter().map(folded).collect(),
            Value::Object(members) => {
                members.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), folded(value))).collect()
            }
            Value::Number(number) => match number.as_f64().filter(|_| number.is_f64()) {
                Some(float) if float.fract() == 0.0 && float.abs() < 9e18 => (float as i64).into(),
                _ => number.into(),
            },
            other => other,
        }
    }
    folded(serde_json::from_str(json).expect("JSON"))
}

/// What is carried has all that was there, and beside it no more than defaults of what is mandatory.
fn check_migration(extension: &Extension, stored: &StoredService, schemas: &Schemas, is_equal: bool) {
    let migrated = stored.migrate(schemas);
    let Some(schema) = schemas.get(extension.name()) else {
        return assert!(migrated.is_err(), "{stored:?}");
    };
    assert_eq!(extension.migrate(schema).is_ok(), migrated.is_ok(), "{stored:?} {}", schema.to_json());
    let Ok(migrated) = migrated else {
        return assert!(!is_equal, "{stored:?} {}", schema.to_json());
    };
    assert_eq!(migrated.migrate(schemas).as_ref(), Ok(&migrated), "{}", schema.to_json());
    assert!(reads_equal(&migrated, schemas), "{migrated:?} {}", schema.to_json());
    let json = migrated.extension(extension.name()).expect("nothing is dropped");
    let (before, after) = (records(&extension.to_json()), records(json));
    assert_eq!(before.len(), after.len(), "{json}");
    for (before, mut after) in before.into_iter().zip(after) {
        for (name, value) in before {
            assert_eq!(after.remove(&name), Some(value), "{stored:?} {json}");
        }
        for (name, value) in after {
            let attribute = schema.attribute(&name).expect("it is declared");
            let default = attribute.default().expect("it was added");
            let default = parsed(&serde_json::to_string(&default).expect("plain values"));
            assert!(attribute.is_mandatory() && default == value, "{stored:?} {json}");
        }
    }
}

fn records(json: &str) -> Vec<serde_json::Map<String, Value>> {
    let list = match parsed(json) {
        Value::Array(list) => list,
        record => vec![record],
    };
    list.into_iter().map(|record| record.as_object().expect("a record").clone()).collect()
}

/// The answers follow from the changes where there is at most one.
fn check_changes(old: &Case, new: &Case, comparison: &Comparison) {
    let are_equal = old.validator.schemas() == new.validator.schemas();
    assert_eq!(comparison.changes().is_empty(), are_equal, "{old}\n{new}\n{comparison:?}");
    if comparison.changes().len() < 2 {
        for question in Question::ALL {
            let mut breaks = comparison.changes().iter().flat_map(Change::breaks);
            let is_broken = breaks.any(|broken| broken == *question);
            let is_safe = comparison.answer(*question).is_safe();
            assert_eq!(is_safe, !is_broken, "{question:?}\n{old}\n{new}\n{comparison:?}");
        }
    }
}
