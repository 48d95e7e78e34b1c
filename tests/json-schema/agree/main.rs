//! A validator for JSON Schema and this crate agree on every body, wherever JSON Schema can say what is right.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected fails"
)]

mod ajv;
mod body;
mod declared;
mod expected;
mod notice;
mod stored;
mod tree;

use ajv::Ajv;
use declared::Declared;
use expected::{Expected, expected};
use jsonschema::Validator;
use serde_json::Value;

/// How many sets of declarations, and how many bodies and documents of services for each. All of them together are more
/// than 100,000.
const SETS: u64 = 1_000;
const BODIES: usize = 100;
const STORED: usize = 10;

#[test]
fn validators_for_json_schema_and_this_crate_agree() {
    let mut ajv = Ajv::start();
    let mut count = Count::default();
    for seed in 0..SETS {
        let mut random = fastrand::Rng::with_seed(seed);
        let declared = Declared::random(&mut random);
        let bodies: Vec<_> = (0..BODIES).map(|_| declared.body(&mut random)).collect();

        let schema = serde_json::to_value(declared.validator.body_json_schema()).unwrap();
        assert!(declared.validator.read(schema["examples"][0].to_string().as_bytes()).is_ok(), "{schema}");
        let outside = compiled(&schema);
        let judged = ajv.judge(&schema, bodies.iter().map(ToString::to_string));
        for (body, by_ajv) in bodies.iter().zip(judged) {
            let Some(Expected { valid, exact }) = expected(&declared.validator, body) else {
                count.skipped += 1;
                continue;
            };
            let value: Value = serde_json::from_str(&body.to_string()).unwrap();
            let told = || format!("seed {seed}\n{body}\n{}\n{schema}", declared.schemas);
            if exact.in_64_bits {
                let by_jsonschema = outside.is_valid(&value);
                assert_eq!(
                    by_jsonschema,
                    valid,
                    "jsonschema {:?} {}",
                    outside.iter_errors(&value).next(),
                    told()
                );
            }
            if exact.in_53_bits {
                assert_eq!(by_ajv, valid, "ajv {}", told());
            }
            count.add(valid, exact.in_53_bits);
        }
        stored::assert_agreement(&declared, &mut random, &mut ajv, seed, &mut count);
    }
    println!("{count:?}");
    assert!(count.valid + count.invalid >= 100_000, "{count:?}");
    assert!(count.valid > 20_000 && count.skipped < 5_000, "{count:?}");
}

/// The validator from outside. The official meta-schema accepts the schema, and formats are looked at.
fn compiled(schema: &Value) -> Validator {
    assert!(jsonschema::meta::is_valid(schema), "{schema}");
    let options = jsonschema::options().should_validate_formats(true);
    options.build(schema).unwrap_or_else(|error| panic!("{error}: {schema}"))
}

/// The schema of the JSON format of `CloudEvents` 1.0, as its authors publish it.
fn of_cloudevents() -> Value {
    serde_json::from_str(include_str!("../cloudevents/cloudevents.json")).unwrap()
}

#[derive(Debug, Default)]
struct Count {
    valid: usize,
    invalid: usize,
    /// With numbers that 64-bit floats don't tell from their neighbours.
    not_for_ajv: usize,
    /// With a name twice in an object: readers differ about which one they take.
    skipped: usize,
}

impl Count {
    fn add(&mut self, valid: bool, for_ajv: bool) {
        *(if valid { &mut self.valid } else { &mut self.invalid }) += 1;
        self.not_for_ajv += usize::from(!for_ajv);
    }
}
