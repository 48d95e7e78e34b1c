//! Names and values that are very long: each answer tells of them what its question pays for.

use service_end::schema::OpenNames;
use service_end::{ReadError, Schemas, Validator, Violations};

use crate::support::validator;

fn refused(validator: &Validator, body: &str) -> Violations {
    match validator.read(body.as_bytes()) {
        Err(ReadError::Invalid(violations)) => violations,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_listed_value_of_more_than_256_bytes_is_not_told() {
    let listing = |values: &[String]| {
        let values = serde_json::to_string(values).unwrap();
        let schemas = format!(
            r#"[ {{ "name": "E", "type": "single-valued", "attributes": [
                {{ "name": "a", "type": "string", "length": 2000000, "values": {values} }} ] }} ]"#
        );
        refused(&validator(&schemas), r#"{ "E": { "a": "y" } }"#)
    };
    let of = |lengths: &[usize]| -> Vec<String> {
        let characters = "abcdefgh".chars();
        lengths
            .iter()
            .zip(characters)
            .map(|(length, character)| character.to_string().repeat(*length))
            .collect()
    };
    for (lengths, listed, more) in [
        (&[256, 256, 1][..], 1, 2),
        (&[255, 256, 1], 2, 1),
        (&[1, 257, 1], 1, 2),
        (&[257, 1, 1], 0, 3),
        (&[1 << 20, 1 << 20], 0, 2),
    ] {
        let values = of(lengths);
        let violations = listing(&values);
        let violation = &violations.as_slice()[0];
        let known = violation.expected().unwrap();
        assert_eq!((known.len(), known.more()), (listed, more), "{lengths:?}");
        assert!(known.iter().eq(&values[..listed]), "{lengths:?}");
        if listed == 0 {
            assert_eq!(known.to_string(), format!("{more} values that are too long to list"), "{lengths:?}");
        }
    }
}

#[test]
fn below_a_very_long_name_fewer_violations_are_kept() {
    let open = Validator::new(Schemas::new().with_open(OpenNames::every()));
    for (length, kept) in [(8, 100), (100, 100), (900, 11), (20_000, 5), (60_000, 5)] {
        let twice = r#", "a": 0"#.repeat(120);
        let body = format!(r#"{{ "E": {{ "{}": {{ "a": 0{twice} }} }} }}"#, "k".repeat(length));
        let violations = refused(&open, &body);
        assert_eq!((violations.len(), violations.truncated()), (kept, true), "{length}");
        let bytes = serde_json::to_string(&violations).unwrap().len();
        assert!(bytes < 8 * body.len() + (128 << 10), "{length}: {bytes}");
    }
}
