//! Names and texts, which the crate compares and measures in fast ways, are taken as the plain way would take them.

use proptest::prelude::*;
use serde_json::json;
use service_end::{AttributeSchema, ExtensionSchema, Schemas, Validator, schema::ExtensionSchemaBuilder};

use crate::differential::cases;
use crate::support::found;

/// A schema `E` of one attribute.
fn validator_of_attribute(attribute: service_end::schema::AttributeSchemaBuilder) -> Validator {
    let schema = ExtensionSchema::single_valued("E").attribute(attribute).build().unwrap();
    Validator::new(Schemas::new().with(schema).unwrap())
}

/// A string of JSON in which some characters are escaped, all of those that must be.
fn written(text: &str, escaped: &[bool]) -> String {
    let character = |(ordinal, character): (usize, char)| {
        if character < ' ' || "\"\\".contains(character) || escaped[ordinal % escaped.len()] {
            let mut units = [0; 2];
            let units = character.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}"));
            units.collect::<Vec<_>>().concat()
        } else {
            character.to_string()
        }
    };
    format!("\"{}\"", text.chars().enumerate().map(character).collect::<String>())
}

/// A name, and a text that is the name in another case, or nearly: some characters are flipped in their bit for the
/// case, letters or not, and at times one is another altogether.
fn name_and_text() -> impl Strategy<Value = (String, String)> {
    let name = prop_oneof!["[A-Za-z][A-Za-z0-9_]{0,16}", "[A-Za-z][A-Za-z0-9_]{0,63}", "[A-Z]{1,33}"];
    let other = prop_oneof![Just(None), Just(None), any::<(prop::sample::Index, char)>().prop_map(Some)];
    (name, prop::collection::vec(any::<bool>(), 1..64), any::<bool>(), other).prop_map(
        |(name, flips, letters_only, other)| {
            let flip = |(ordinal, character): (usize, char)| {
                let flipped =
                    flips[ordinal % flips.len()] && (!letters_only || character.is_ascii_alphabetic());
                if flipped { char::from(character as u8 ^ 0x20) } else { character }
            };
            let mut text: Vec<char> = name.chars().enumerate().map(flip).collect();
            if let Some((index, character)) = other {
                let length = text.len();
                text[index.index(length)] = character;
            }
            (name, text.into_iter().collect())
        },
    )
}

/// Text of about a limit that fixed fields or buffers have, of characters of one to four bytes.
fn text() -> impl Strategy<Value = String> {
    let length = prop_oneof![0..10_usize, 14..34_usize, 48..68_usize, 250..260_usize, 500..520_usize];
    let character = prop_oneof![
        8 => prop::char::range(' ', '~'),
        3 => prop::char::range('\u{80}', '\u{7ff}'),
        3 => prop::char::range('\u{800}', '\u{d7ff}'),
        2 => prop::char::range('\u{10000}', '\u{10ffff}'),
    ];
    let nul = prop_oneof![4 => Just(None), 1 => any::<prop::sample::Index>().prop_map(Some)];
    (length, nul).prop_flat_map(move |(length, nul)| {
        prop::collection::vec(character.clone(), length).prop_map(move |mut characters| {
            if let Some(index) = nul.filter(|_| length > 0) {
                characters[index.index(length)] = '\0';
            }
            characters.into_iter().collect()
        })
    })
}

fn plain_judgement(text: &str, limit: Option<usize>) -> Option<&'static str> {
    if text.contains('\0') {
        Some("forbidden_character")
    } else if limit.is_some_and(|limit| text.chars().count() > limit) {
        Some("too_long")
    } else {
        None
    }
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn a_text_is_a_name_if_it_is_without_regard_to_ascii_case((name, text) in name_and_text()) {
        // Not where the reader guesses it to be, and among others, so that it is looked up.
        let others = ["q1", "q2", "Q3", "q4"].map(AttributeSchema::integer);
        let schema = others.into_iter().fold(ExtensionSchema::single_valued("E"), ExtensionSchemaBuilder::attribute);
        prop_assume!(name.len() != 2);
        let schema = schema.attribute(AttributeSchema::integer(&name)).build().unwrap();
        let validator = Validator::new(Schemas::new().with(schema).unwrap());
        let body = json!({ "E": { text.clone(): 1 } }).to_string();
        let expected = if text.eq_ignore_ascii_case(&name) { vec![] } else { vec!["unknown_attribute"] };
        let codes: Vec<_> = found(&validator, &body).into_iter().map(|(_, code)| code).collect();
        prop_assert_eq!(codes, expected, "{} {}", name, text);
    }

    #[test]
    fn a_text_is_the_name_of_an_extension_if_it_is_without_regard_to_ascii_case((name, text) in name_and_text()) {
        let reserved = ["service_id", "started", "completed", "timestamp", "disposition"];
        prop_assume!(name.len() <= 26 && name.len() != 2 && !reserved.contains(&&*name.to_lowercase()));
        let schema = |name: &str| {
            ExtensionSchema::single_valued(name).attribute(AttributeSchema::integer("v")).build().unwrap()
        };
        let schemas = ["q1", "q2", "Q3", &name].into_iter().fold(Schemas::new(), |schemas, name| {
            schemas.with(schema(name)).unwrap()
        });
        let body = json!({ text.clone(): { "v": 1 } }).to_string();
        let expected = if text.eq_ignore_ascii_case(&name) { vec![] } else { vec!["unknown_extension"] };
        let codes: Vec<_> = found(&Validator::new(schemas), &body).into_iter().map(|(_, code)| code).collect();
        prop_assert_eq!(codes, expected, "{} {}", name, text);
    }

    #[test]
    fn a_whole_number_in_a_fixed_field_is_taken_as_a_long(
        number in prop_oneof![any::<i64>().prop_map(i128::from), any::<i128>(), -300..300_i128],
        fraction in prop_oneof![Just(""), Just(".0"), Just(".5"), Just("e0")],
    ) {
        let number = format!("{number}{fraction}");
        let of_attribute = validator_of_attribute(AttributeSchema::long("v"));
        let expected: Vec<_> = found(&of_attribute, &format!(r#"{{"E":{{"v":{number}}}}}"#))
            .into_iter().map(|(_, code)| code).collect();
        let validator = Validator::new(Schemas::new());
        for field in ["application_id", "resource_id", "media_type", "disposition", "service_id"] {
            let codes: Vec<_> = found(&validator, &format!(r#"{{"{field}":{number}}}"#))
                .into_iter().map(|(_, code)| code).collect();
            prop_assert_eq!(&codes, &expected, "{} {}", field, number);
        }
    }

    #[test]
    fn a_text_fits_if_its_characters_do(
        text in text(),
        limit in prop::option::of(1..520_usize),
        near in any::<bool>(),
        escaped in prop::collection::vec(prop::bool::weighted(0.1), 1..5),
    ) {
        let length = text.chars().count().max(1);
        let limit = if near { Some(length - usize::from(length > 1)) } else { limit };
        let attribute = AttributeSchema::string("v");
        let attribute = match limit {
            Some(limit) => attribute.length(limit),
            None => attribute,
        };
        let json = written(&text, &escaped);
        let of_attribute = found(&validator_of_attribute(attribute), &format!(r#"{{"E":{{"v":{json}}}}}"#));
        let codes: Vec<_> = of_attribute.into_iter().map(|(_, code)| code).collect();
        prop_assert_eq!(codes, Vec::from_iter(plain_judgement(&text, limit)), "{} {:?}", json, limit);

        let validator = Validator::new(Schemas::new());
        for (field, limit) in
            [("session_id", 32), ("interaction_id", 50), ("disposition_desc", 64), ("media_type", 255)]
        {
            let codes: Vec<_> =
                found(&validator, &format!(r#"{{"{field}":{json}}}"#)).into_iter().map(|(_, code)| code).collect();
            prop_assert_eq!(codes, Vec::from_iter(plain_judgement(&text, Some(limit))), "{} {}", field, json);
        }
    }

    #[test]
    fn a_text_comes_back_as_it_was_sent(
        text in text(),
        escaped in prop::collection::vec(prop::bool::weighted(0.1), 1..5),
    ) {
        let json = written(&text, &escaped);
        let body = format!(r#"{{"disposition_desc":{json},"E":{{"v":{json}}}}}"#);
        let read = validator_of_attribute(AttributeSchema::string("v")).read(body.as_bytes());
        if let Ok(event) = read {
            prop_assert_eq!(event.fields().disposition_desc.as_ref().unwrap().as_str(), &text);
            let record = event.extensions()[0].record().unwrap();
            prop_assert_eq!(record.get("v").unwrap().as_str(), Some(&*text));
        } else {
            prop_assert!(plain_judgement(&text, Some(64)).is_some());
        }
    }
}
