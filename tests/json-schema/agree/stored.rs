//! The document of a stored service: what is written is accepted, and what is accepted can be read.

use fastrand::Rng;
use serde_json::Value;
use service_end::service::End;
use service_end::{Service, StoredService, Timestamp};

use crate::ajv::Ajv;
use crate::declared::Declared;
use crate::expected::is_sayable;
use crate::tree::Tree;
use crate::{Count, STORED, compiled};

pub(crate) fn assert_agreement(
    declared: &Declared,
    random: &mut Rng,
    ajv: &mut Ajv,
    seed: u64,
    count: &mut Count,
) {
    let schema = serde_json::to_value(declared.validator.stored_json_schema()).unwrap();
    let outside = compiled(&schema);
    let written: Vec<String> =
        (0..STORED * 3).filter_map(|_| written(declared, random)).take(STORED).collect();
    let changed: Vec<Tree> = written.iter().map(|text| changed(text, random)).collect();
    let texts = written.iter().cloned().chain(changed.iter().map(ToString::to_string));
    let judged = ajv.judge(&schema, texts);
    let (of_written, of_changed) = judged.split_at(written.len());

    for (text, by_ajv) in written.iter().zip(of_written) {
        let value: Value = serde_json::from_str(text).unwrap();
        let by_jsonschema = outside.is_valid(&value);
        assert!(by_jsonschema && *by_ajv, "seed {seed} {by_jsonschema} {by_ajv}\n{text}\n{schema}");
        count.add(true, true);
    }
    for (tree, by_ajv) in changed.iter().zip(of_changed) {
        let text = tree.to_string();
        let value: Value = serde_json::from_str(&text).unwrap();
        let by_jsonschema = outside.is_valid(&value);
        assert_eq!(by_jsonschema, *by_ajv, "seed {seed}\n{text}\n{schema}");
        let again = again(declared, &text);
        if again.as_ref() == Some(&text) {
            assert!(by_jsonschema, "seed {seed}\n{text}\n{schema}");
        }
        if by_jsonschema && again.is_none() {
            assert!(is_unsayable(declared, tree), "seed {seed}\n{text}\n{schema}");
        }
        count.add(by_jsonschema, true);
    }
}

/// A service as the crate writes it, with what it reads of a random body.
fn written(declared: &Declared, random: &mut Rng) -> Option<String> {
    let started: Timestamp = "2009-05-12T11:50:00Z".parse().unwrap();
    let event = declared.validator.read(declared.body(random).to_string().as_bytes()).ok()?;
    let mut service = StoredService::new(random.i64(1..100), 1, started);
    if random.u8(0..4) > 0 {
        service.end = Some(End::new(event.timestamp().unwrap_or(started), event.fields().clone()));
    }
    for extension in event.all_extensions() {
        service = service.with_extension(extension.name(), extension.to_json());
    }
    again(declared, &service.to_json()).filter(|text| {
        let mut leaves = Vec::new();
        let tree = Tree::from(serde_json::from_str::<Value>(text).unwrap());
        tree.leaves(&mut leaves);
        // Integers that no float tells from their neighbours are the affair of the bodies.
        leaves
            .iter()
            .filter_map(|leaf| leaf.number())
            .all(|number| number.parse::<f64>().unwrap().abs() < 9e15)
    })
}

/// What the crate writes of a document that it reads.
fn again(declared: &Declared, text: &str) -> Option<String> {
    let stored = StoredService::from_json(text, 1).ok()?;
    let service = Service::read(&stored, declared.validator.schemas());
    let readable = service.unreadable().is_empty();
    readable.then(|| serde_json::to_string(&service).unwrap())
}

/// Whether only that is wrong with a document which JSON Schema can't say. Its extensions are looked at as those of a body.
fn is_unsayable(declared: &Declared, document: &Tree) -> bool {
    let Tree::Object(members) = document else { return false };
    let schemas = declared.validator.schemas();
    let extensions = members.iter().filter(|(name, _)| schemas.get(name).is_some() || schemas.is_open(name));
    let body = Tree::Object(extensions.cloned().collect());
    let read = declared.validator.read(body.to_string().as_bytes());
    let violations = read.as_ref().err().and_then(|error| error.violations());
    violations.is_some_and(|violations| {
        violations.iter().all(|violation| {
            violation.code().as_str() == "too_many_records"
                || !is_sayable(&declared.validator, violation, &body)
        })
    })
}

/// The document with one change.
fn changed(text: &str, random: &mut Rng) -> Tree {
    let mut tree = Tree::from(serde_json::from_str::<Value>(text).unwrap());
    change(&mut tree, random);
    tree
}

fn change(tree: &mut Tree, random: &mut Rng) {
    let deeper = random.u8(0..4) > 0;
    match tree {
        Tree::Object(members) if deeper && !members.is_empty() => {
            let at = random.usize(0..members.len());
            match random.u8(0..8) {
                0 => drop(members.remove(at)),
                1 => members.push(("extra".to_owned(), Tree::text("x"))),
                _ => change(&mut members[at].1, random),
            }
        }
        Tree::Array(elements) if deeper && !elements.is_empty() => {
            let at = random.usize(0..elements.len());
            match random.u8(0..8) {
                0 => drop(elements.remove(at)),
                1 => elements.push(elements[at].clone()),
                _ => change(&mut elements[at], random),
            }
        }
        other => {
            let texts = [
                "null",
                "0",
                "1.5",
                "\"\"",
                "\"2020-06-15\"",
                "\"2020-06-15T10:00:00.500Z\"",
                "\"2020-06-15T00:00:00Z\"",
                "true",
                "[]",
                "{}",
                "[{}]",
                "\"7\"",
                "7",
                "100",
                "\"0.25\"",
            ];
            *other = Tree::Leaf(texts[random.usize(0..texts.len())].to_owned());
        }
    }
}
