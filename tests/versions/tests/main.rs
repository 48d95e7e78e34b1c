//! Every two schemas of bounded spaces: no answer is wrong.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

#[path = "../../rules/versions/oracle.rs"]
mod oracle;
#[path = "../../rules/versions/space.rs"]
mod space;

use std::time::Instant;

use oracle::{compare_all, try_all};
use service_end::Schemas;
use space::{Space, of_one_attribute, of_two_attributes};

fn no_answer_is_wrong(space: &Space) {
    let all = try_all(space, space.schemas.iter().cloned());
    println!("{} schemas, {} extensions", all.len(), space.extensions.len());
    let tally = compare_all(&all);
    println!("{tally:?}");
    assert!(tally.pairs >= 500_000, "{tally:?}");
    assert_eq!(tally.unproven, 0, "{tally:?}");
    assert!(tally.longest_witness <= 300, "{tally:?}");
}

#[test]
fn no_answer_is_wrong_about_one_attribute() {
    no_answer_is_wrong(&of_one_attribute());
}

#[test]
fn no_answer_is_wrong_about_two_attributes() {
    no_answer_is_wrong(&of_two_attributes());
}

/// What large comparisons cost is printed, and not judged: time is no rule.
#[test]
fn large_sets_are_compared() {
    let set = |attribute: &dyn Fn(usize) -> String| {
        let attributes: Vec<_> = (0..256).map(|n| format!(r#"{{"name":"a{n}",{}}}"#, attribute(n))).collect();
        let names: Vec<_> = (0..256).map(|n| format!("\"a{n}\"")).collect();
        let (attributes, names) = (attributes.join(","), names.join(","));
        let schemas: Vec<_> = (0..1_000)
            .map(|n| format!(r#"{{"name":"E{n}","type":"multi-valued","attributes":[{attributes}],"unique":[{names}]}}"#))
            .collect();
        Schemas::from_json(format!("[{}]", schemas.join(","))).unwrap()
    };
    let types = ["string", "integer", "long", "double", "boolean", "date", "datetime", "currency"];
    let by_type =
        |shift: usize| move |n: usize| format!(r#""type":"{}","mandatory":true"#, types[(n + shift) % 8]);
    let all = |rest: &'static str| move |_: usize| rest.to_owned();
    for (what, old, new, changes) in [
        ("the same", set(&by_type(0)), set(&by_type(0)), 0),
        ("every type another", set(&by_type(0)), set(&by_type(1)), 256_000),
        (
            "optional now",
            set(&all(r#""type":"integer","mandatory":true"#)),
            set(&all(r#""type":"integer""#)),
            256_000,
        ),
        ("integer to long", set(&all(r#""type":"integer""#)), set(&all(r#""type":"long""#)), 256_000),
        ("integer to double", set(&all(r#""type":"integer""#)), set(&all(r#""type":"double""#)), 256_000),
        (
            "another default",
            set(&all(r#""type":"date","default":"2020-01-01""#)),
            set(&all(r#""type":"date","default":"2020-01-02""#)),
            256_000,
        ),
    ] {
        let begun = Instant::now();
        let comparison = old.compare(&new);
        println!("1,000 schemas of 256 attributes, {what}: {:?}", begun.elapsed());
        assert_eq!(comparison.changes().len(), changes);
    }
    let listed = |add: usize, attribute_type: &str, quote: &str| {
        let values: Vec<_> = (0..1_000).map(|n| format!("{quote}{}{quote}", n + add)).collect();
        let json = format!(
            r#"{{"name":"E","type":"multi-valued","attributes":[{{"name":"a","type":"{attribute_type}","values":[{}]}}],"unique":["a"]}}"#,
            values.join(",")
        );
        service_end::ExtensionSchema::from_json(json).unwrap()
    };
    let plain = |attribute_type: &str| {
        let json = format!(
            r#"{{"name":"E","type":"multi-valued","attributes":[{{"name":"a","type":"{attribute_type}"}}],"unique":["a"]}}"#
        );
        service_end::ExtensionSchema::from_json(json).unwrap()
    };
    let (texts, numbers) = (listed(0, "string", "\""), listed(0, "long", ""));
    for new in [listed(1, "string", "\""), numbers, plain("currency"), plain("string"), plain("date")] {
        for (old, new) in [(&texts, &new), (&new, &texts)] {
            let begun = Instant::now();
            let comparison = old.compare(new);
            println!("1,000 values: {:?}, {} changes", begun.elapsed(), comparison.changes().len());
            assert!(!comparison.changes().is_empty());
        }
    }
}
