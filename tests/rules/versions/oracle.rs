//! What a comparison says, checked against everything that can be said in a bounded space.

use serde_json::Value as Json;
use std::convert::Infallible;

use service_end::{
    CompleteService, Completion, ExtensionSchema, Schemas, Service, ServiceId, Storage, StoredService,
    Timestamp, Validator,
    schema::{Answer, Comparison},
    storage::{Commit, Want},
};

use super::space::Space;

/// What a schema takes of all that can be said.
pub(crate) struct Taken {
    schema: ExtensionSchema,
    schemas: Schemas,
    /// One bit for each body, then one for each stored extension that reads with the value that it has.
    bodies: Vec<u64>,
    reads: Vec<u64>,
    /// One bit for each stored extension that is written just so.
    stored: Vec<u64>,
}

/// What came of all pairs.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) pairs: usize,
    pub(crate) safe: usize,
    pub(crate) unproven: usize,
    pub(crate) longest_witness: usize,
}

/// Tries every schema of the space with everything.
pub(crate) fn try_all(space: &Space, schemas: impl Iterator<Item = ExtensionSchema>) -> Vec<Taken> {
    schemas
        .map(|schema| {
            let schemas = Schemas::new().with(schema.clone()).unwrap();
            // A body without the extension comes first.
            let bodies = space.extensions.iter().map(|extension| format!(r#"{{"E":{extension}}}"#));
            let bodies =
                bits(std::iter::once("{}".to_owned()).chain(bodies).map(|body| accepts(&schemas, &body)));
            let written: Vec<_> = space.extensions.iter().map(|json| read(&schemas, "E", json)).collect();
            let pairs = || written.iter().zip(&space.extensions);
            let reads = bits(
                pairs().map(|(written, json)| written.as_ref().is_some_and(|written| same(written, json))),
            );
            let stored = bits(pairs().map(|(written, json)| {
                json != "[]" && written.as_ref().is_some_and(|written| written.eq_ignore_ascii_case(json))
            }));
            Taken { schema, schemas, bodies, reads, stored }
        })
        .collect()
}

/// Compares every two.
pub(crate) fn compare_all(all: &[Taken]) -> Tally {
    let mut tally = Tally::default();
    for old in all {
        for new in all {
            check(old, new, &mut tally);
        }
    }
    tally
}

fn check(old: &Taken, new: &Taken, tally: &mut Tally) {
    let comparison = old.schema.compare(&new.schema);
    let shown = || format!("{} -> {}: {comparison:?}", old.schema.to_json(), new.schema.to_json());
    let questions = [
        (comparison.bodies(), is_within(&old.bodies, &new.bodies)),
        (comparison.records(), is_within(&old.stored, &new.reads)),
        (comparison.rollback(), is_within(&new.bodies, &old.bodies)),
    ];
    for (answer, is_safe) in questions {
        match answer {
            Answer::Safe => {
                tally.safe += 1;
                assert!(is_safe, "{}", shown());
            }
            Answer::Unproven => tally.unproven += 1,
            answer => tally.longest_witness = tally.longest_witness.max(answer.witness().unwrap().len()),
        }
    }
    prove(&comparison, &old.schemas, &new.schemas, |json| format!(r#"{{"E":{json}}}"#));
    assert_eq!(comparison.changes().is_empty(), old.schema == new.schema, "{}", shown());
    tally.pairs += 1;
}

/// Holds every witness of a comparison to what it says. What is stored comes as an object, or is made one.
pub(crate) fn prove(comparison: &Comparison, old: &Schemas, new: &Schemas, object: impl Fn(&str) -> String) {
    let shown = || {
        let [old, new] = [old, new].map(|schemas| serde_json::to_string(schemas).unwrap());
        format!("{old} -> {new}: {comparison:?}")
    };
    if let Some(body) = comparison.bodies().witness() {
        assert!(accepts(old, body) && !accepts(new, body), "{}", shown());
    }
    if let Some(body) = comparison.rollback().witness() {
        assert!(accepts(new, body) && !accepts(old, body), "{}", shown());
    }
    if let Some(stored) = comparison.records().witness() {
        let extensions: serde_json::Map<String, Json> = serde_json::from_str(&object(stored)).unwrap();
        let (name, json) = extensions.iter().next().unwrap();
        let json = json.to_string();
        let before = read(old, name, &json);
        assert!(before.is_some_and(|before| same(&before, &json)), "{}", shown());
        let now = read(new, name, &json);
        assert!(!now.is_some_and(|now| same(&now, &json)), "{}", shown());
    }
}

/// Whether a body ends an active service that has nothing stored.
fn accepts(schemas: &Schemas, body: &str) -> bool {
    let operation = CompleteService::new(Validator::new(schemas.clone()), OneService);
    operation.end(7, body.as_bytes(), Timestamp::MAX).is_ok()
}

/// A store of one active service without extensions, that remembers nothing.
struct OneService;

impl Storage for OneService {
    type Error = Infallible;

    fn load(&self, id: ServiceId, _: Want<'_>) -> Result<Option<StoredService>, Infallible> {
        Ok(Some(StoredService::new(id, 0, Timestamp::MIN)))
    }

    fn commit(&self, _: &Completion) -> Result<Commit, Infallible> {
        Ok(Commit::Committed)
    }
}

/// What a stored extension is read as, written again.
fn read(schemas: &Schemas, name: &str, json: &str) -> Option<String> {
    let stored = StoredService::new(7, 0, Timestamp::MIN).with_extension(name, json);
    let service = Service::read(&stored, schemas);
    service.extensions().first().map(service_end::Extension::to_json)
}

/// Whether two texts are the same JSON, names in any case and numbers by value.
fn same(one: &str, other: &str) -> bool {
    one == other || {
        let [one, other] = [one, other].map(|json| serde_json::from_str(json).unwrap());
        same_value(&one, &other)
    }
}

fn same_value(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => match (one.as_i64(), other.as_i64()) {
            (Some(one), Some(other)) => one == other,
            (None, None) => one.as_f64() == other.as_f64(),
            (Some(whole), None) | (None, Some(whole)) => {
                let float = one.as_f64().filter(|_| one.as_i64().is_none()).or(other.as_f64()).unwrap();
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "compared only if it is whole and not large"
                )]
                let exact = float as i128;
                float.fract() == 0.0 && float.abs() < 1e19 && exact == i128::from(whole)
            }
        },
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same_value(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, one)| {
                    other.iter().any(|(other_name, other)| {
                        name.eq_ignore_ascii_case(other_name) && same_value(one, other)
                    })
                })
        }
        _ => one == other,
    }
}

fn bits(bits: impl Iterator<Item = bool>) -> Vec<u64> {
    let mut words = Vec::new();
    for (n, bit) in bits.enumerate() {
        if n % 64 == 0 {
            words.push(0);
        }
        *words.last_mut().unwrap() |= u64::from(bit) << (n % 64);
    }
    words
}

fn is_within(one: &[u64], other: &[u64]) -> bool {
    one.iter().zip(other).all(|(one, other)| one & !other == 0)
}
