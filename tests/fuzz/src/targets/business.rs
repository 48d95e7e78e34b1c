//! Business attributes: what is accepted comes back equal.

use service_end::BusinessAttributes;

use super::schemas::check_mistakes;
use crate::declared::read_business;
use crate::made::{Dice, business};

pub fn raw(data: &[u8]) {
    check(data);
    check(business(&mut Dice::new(data), true).as_bytes());
}

fn check(json: &[u8]) {
    let attributes = match BusinessAttributes::from_json(json) {
        Ok(attributes) => attributes,
        Err(error) => return check_mistakes(&error, json),
    };
    let written = serde_json::to_string(&attributes).expect("plain values");
    assert_eq!(BusinessAttributes::from_json(&written).as_ref(), Ok(&attributes), "{written}");
    let plain = read_business(std::str::from_utf8(json).expect("it was read"));
    assert_eq!(plain.len(), attributes.iter().count());
    for (field, known) in attributes.iter() {
        let (_, values) = plain.iter().find(|(name, _)| name == field.name()).expect("it was declared");
        let known: Vec<_> = known.map(|(id, name)| (id, name.to_owned())).collect();
        assert_eq!(known, *values);
        for (id, name) in values {
            assert_eq!(attributes.name_of(field, *id), Some(&**name));
        }
    }
}
