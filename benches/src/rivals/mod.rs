//! Whom we compare with, and what each of them leaves out.

mod json_schema;
mod structs;

use garde::Validate;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use self::structs::{Event, Wide};
use crate::case::Case;
use crate::rounds::Read;

/// One way to read a body.
pub struct Contender<'c> {
    /// What it is called.
    pub name: &'static str,
    /// What of our work it does not do.
    pub omits: &'static str,
    /// Reads the body.
    pub read: Read<'c>,
}

/// The place of the base among the contenders.
pub const BASE: usize = 0;
/// Our place.
pub const OURS: usize = 1;
/// The place of `serde_json::Value`.
pub const VALUE: usize = 2;
/// The place of `jsonschema`.
pub const JSON_SCHEMA: usize = 3;
/// The place of the static struct.
pub const STRUCT: usize = 5;

impl std::fmt::Debug for Contender<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// All that read a workload; what can't read its body stops the benchmark.
pub fn all(case: &Case) -> Vec<Contender<'_>> {
    let schema = json_schema::of(case.validator.schemas());
    let compiled = jsonschema::validator_for(&schema).unwrap();
    let mut boon_schemas = boon::Schemas::new();
    let mut boon = boon::Compiler::new();
    boon.add_resource("body.json", schema).unwrap();
    let boon_index = boon.compile("body.json", &mut boon_schemas).unwrap();

    let no_dates = "duplicate keys, names in any case, NUL, defaults, dates, unique; gives no typed result";
    let value = |body: &[u8]| serde_json::from_slice::<Value>(body).unwrap();
    let (plain, with_garde): (Read<'_>, Read<'_>) = if case.name == "wide" {
        (Box::new(owned::<Wide>), Box::new(checked::<Wide>))
    } else {
        (Box::new(owned::<Event>), Box::new(checked::<Event>))
    };
    vec![
        Contender {
            name: "serde_json `IgnoredAny`",
            omits: "everything but the grammar",
            read: result(|body| serde_json::from_slice::<IgnoredAny>(body).unwrap()),
        },
        Contender {
            name: "**service-end**",
            omits: "",
            read: result(|body| case.validator.read(body).unwrap()),
        },
        Contender { name: "serde_json `Value`", omits: "every check but the grammar", read: result(value) },
        Contender {
            name: "`Value` + jsonschema",
            omits: no_dates,
            read: result(move |body| {
                let value = value(body);
                assert!(compiled.is_valid(&value));
                value
            }),
        },
        Contender {
            name: "`Value` + boon",
            omits: no_dates,
            read: result(move |body| {
                let value = value(body);
                assert!(boon_schemas.validate(&value, boon_index).is_ok());
                value
            }),
        },
        Contender {
            name: "static struct",
            omits: "schemas at run time, names in any case, lengths, NUL, business attributes by name, defaults, unique, more than one error",
            read: plain,
        },
        Contender {
            name: "static struct + garde",
            omits: "schemas at run time, names in any case, NUL, business attributes by name, defaults, unique, all type errors at once",
            read: with_garde,
        },
        Contender {
            name: "sonic-rs `Value`",
            omits: "every check but the grammar",
            read: result(|body| sonic_rs::from_slice::<sonic_rs::Value>(body).unwrap()),
        },
        Contender {
            name: "simd-json owned `Value`",
            omits: "every check but the grammar",
            read: result(|body| simd_json::to_owned_value(&mut body.to_vec()).unwrap()),
        },
        Contender {
            name: "**service-end** over sonic-rs",
            omits: "",
            read: result(|body| {
                let mut parser = sonic_rs::Deserializer::from_slice(body);
                case.validator.read_from(&mut parser).unwrap()
            }),
        },
        Contender {
            name: "**service-end** over simd-json",
            omits: "",
            read: result(|body| {
                let mut body = body.to_vec();
                let mut parser = simd_json::Deserializer::from_slice(&mut body).unwrap();
                case.validator.read_from(&mut parser).unwrap()
            }),
        },
    ]
}

/// Reads a shape with `IgnoredAny`, and with us. Violations are as welcome as an event.
pub fn base_and_ours(case: &Case) -> [Read<'_>; 2] {
    [
        result(|body| serde_json::from_slice::<IgnoredAny>(body).is_ok()),
        result(|body| case.validator.read(body)),
    ]
}

fn result<'c, T>(read: impl Fn(&[u8]) -> T + 'c) -> Read<'c> {
    Box::new(move |body, alive| {
        let _result = std::hint::black_box(read(body));
        alive();
    })
}

fn owned<T: DeserializeOwned>(body: &[u8], alive: &mut dyn FnMut()) {
    let _event = std::hint::black_box(serde_json::from_slice::<T>(body).unwrap());
    alive();
}

fn checked<T: DeserializeOwned + Validate<Context = ()>>(body: &[u8], alive: &mut dyn FnMut()) {
    let event = std::hint::black_box(serde_json::from_slice::<T>(body).unwrap());
    event.validate().unwrap();
    alive();
}
