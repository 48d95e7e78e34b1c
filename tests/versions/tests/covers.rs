//! Random pairs of larger sets, beside an oracle from outside: whether the exported JSON Schema of one set covers that of
//! the other. It does not always know.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

#[path = "../../rules/versions/oracle.rs"]
#[allow(dead_code, reason = "it is shared with the tests of bounded spaces, which use all of it")]
mod oracle;
#[path = "../../rules/versions/space.rs"]
#[allow(dead_code, reason = "the oracle names it")]
mod space;

use std::ops::Range;
use std::thread;

use fastrand::Rng;
use jsonschema::canonical::{CanonicalSchema, Containment, options};
use oracle::prove;
use serde_json::Value as Json;
use service_end::violation::Code;
use service_end::{
    AttributeSchema, ExtensionSchema, Schemas, Service, StoredService, Timestamp, Validator, Value,
    Violation, schema::Question,
};
use service_end_versions::declared::{changed, first};

/// How many pairs there are. `PAIRS=100000` is the long run, of a quarter of an hour.
fn pairs() -> u64 {
    std::env::var("PAIRS").map_or(4_000, |pairs| pairs.parse().unwrap())
}

/// What came of one question.
#[derive(Debug, Default)]
struct Tally {
    yes: usize,
    no: usize,
    /// JSON Schema can't say why the oracle is wrong.
    unsayable: usize,
    unknown: usize,
}

fn set(random: &mut Rng) -> Schemas {
    let count = random.usize(1..4);
    let schemas = (0..count).map(|n| first(random, &format!("Ext{n}"), 6));
    schemas.fold(Schemas::new(), |schemas, schema| schemas.with(schema).unwrap())
}

fn newer(random: &mut Rng, old: &Schemas) -> Schemas {
    let mut schemas = Vec::new();
    for schema in old {
        match random.u8(0..12) {
            0 => {}
            1..4 => schemas.push(schema.clone()),
            _ => schemas.push(changed(random, schema)),
        }
    }
    if random.u8(0..8) == 0 {
        schemas.push(first(random, "Later", 4));
    }
    schemas.into_iter().fold(Schemas::new(), |schemas, schema| schemas.with(schema).unwrap())
}

/// What JSON Schema says of extensions in a body or in a store.
fn exported(schemas: &Schemas, question: Question) -> CanonicalSchema {
    let validator = Validator::new(schemas.clone());
    let mut json: Json = if question == Question::Records {
        serde_json::to_value(validator.stored_json_schema()).unwrap()
    } else {
        serde_json::to_value(validator.body_json_schema()).unwrap()
    };
    // The rest is the same in all.
    json["properties"].as_object_mut().unwrap().retain(|name, _| schemas.get(name).is_some());
    json.as_object_mut().unwrap().remove("required");
    let options = options().should_validate_formats(true);
    options.canonicalize(&json).unwrap_or_else(|error| panic!("{error}: {json}"))
}

/// Those that are not the same in another set, with the names of attributes in one case.
fn only_other(schemas: &Schemas, than: &Schemas) -> Schemas {
    let others = schemas.iter().filter(|schema| than.get(schema.name()) != Some(schema));
    others.fold(Schemas::new(), |others, schema| {
        let mut json: Json = serde_json::from_str(&schema.to_json()).unwrap();
        for attribute in json["attributes"].as_array_mut().unwrap() {
            attribute["name"] = attribute["name"].as_str().unwrap().to_ascii_lowercase().into();
        }
        others.with(ExtensionSchema::from_json(json.to_string()).unwrap()).unwrap()
    })
}

/// Whether JSON Schema can't say why a witness is refused.
fn is_unsayable(witness: &str, question: Question, by: &Schemas) -> bool {
    let is_key = |violation: &Violation| *violation.code() == Code::DuplicateRecord;
    if question != Question::Records {
        // Taken, and refused since a required extension is lacking; or the key of the records is another.
        return match Validator::new(by.clone()).read(witness.as_bytes()) {
            Ok(_) => true,
            Err(error) => error.violations().is_some_and(|violations| violations.iter().all(is_key)),
        };
    }
    let stored: serde_json::Map<String, Json> = serde_json::from_str(witness).unwrap();
    stored.iter().all(|(name, json)| {
        let stored = StoredService::new(7, 0, Timestamp::MIN).with_extension(name, json.to_string());
        // The key is another, or a number reads as the float next to it.
        let service = Service::read(&stored, by);
        service.unreadable().iter().all(|extension| {
            let violations = extension.violations();
            violations.is_some_and(|violations| violations.iter().all(is_key))
        })
    })
}

/// Whether a whole number beyond the bound of a `double` may be taken, since the float next to it is within.
fn rounds_at_a_bound(by: &Schemas) -> bool {
    let bounds = |attribute: &AttributeSchema| {
        let bounds = [attribute.minimum(), attribute.maximum()];
        bounds.into_iter().flatten().any(|bound| matches!(bound, Value::Double(bound) if bound.abs() >= 9e15))
    };
    by.iter().flat_map(ExtensionSchema::attributes).any(bounds)
}

fn compare(seeds: Range<u64>) -> [Tally; 3] {
    let mut tallies = [(); 3].map(|()| Tally::default());
    for seed in seeds {
        let mut random = Rng::with_seed(seed);
        let old = set(&mut random);
        let new = newer(&mut random, &old);
        let comparison = old.compare(&new);
        prove(&comparison, &old, &new, ToOwned::to_owned);
        let [mine, theirs] = [only_other(&old, &new), only_other(&new, &old)];
        let bodies = [&mine, &theirs].map(|set| exported(set, Question::Bodies));
        let records = [&mine, &theirs].map(|set| exported(set, Question::Records));
        for (question, tally) in Question::ALL.iter().zip(&mut tallies) {
            let (covers, by) = match question {
                Question::Bodies => (bodies[1].covers(&bodies[0]), &new),
                Question::Records => (records[1].covers(&records[0]), &new),
                Question::Rollback => (bodies[0].covers(&bodies[1]), &old),
            };
            let answer = comparison.answer(*question);
            let told = || {
                let [old, new] = [&old, &new].map(|set| serde_json::to_string(set).unwrap());
                format!("seed {seed}, {question:?}: {covers:?} {answer:?}\n{old}\n{new}")
            };
            match (covers.as_ref().unwrap_or(&Containment::Unknown), answer.witness()) {
                (Containment::Unknown, _) => tally.unknown += 1,
                (Containment::Yes, None) => tally.yes += 1,
                (Containment::No, Some(_)) => tally.no += 1,
                (Containment::Yes, Some(witness)) if is_unsayable(witness, *question, by) => {
                    tally.unsayable += 1;
                }
                (Containment::No, None) if rounds_at_a_bound(by) => tally.unsayable += 1,
                _ => panic!("{}", told()),
            }
        }
    }
    tallies
}

#[test]
fn no_answer_contradicts_an_oracle_from_outside() {
    let pairs = pairs();
    let tallies = thread::scope(|scope| {
        let halves = [0..pairs / 2, pairs / 2..pairs].map(|seeds| scope.spawn(|| compare(seeds)));
        halves.map(|half| half.join().unwrap())
    });
    println!("{pairs} pairs: {tallies:?}");
    let known = tallies.as_flattened().iter().map(|tally| tally.yes + tally.no);
    assert!(known.sum::<usize>() as u64 > pairs, "a third at least");
}
