//! A body with a host to read it, and what both readers say of it.

use std::sync::{Arc, LazyLock};

use service_end::{BusinessAttributes, ReadError, Schemas, ServiceEndEvent, Validator};

use crate::declared::{read_business, read_schemas};
use crate::made::{Dice, body, business, damage, schemas};
use crate::plain::{Event, Host, Read};
use crate::written::is_written;

/// The schemas of raw bodies: every type, with and without defaults, lengths, `mandatory` and `unique`.
pub const SCHEMAS: &str = include_str!("../schemas.json");
/// The enumerations of raw bodies.
pub const BUSINESS: &str = r#"{"disposition":[{"id":10,"name":"Resolved"},{"id":11,"name":"é"}],"media_type":[{"id":1,"name":"voice"}]}"#;

/// A host, known to both readers.
#[derive(Debug)]
pub struct Case {
    pub plain: Arc<Host>,
    pub validator: Validator,
    pub body: Vec<u8>,
}

impl Case {
    /// A body for the schemas that raw bodies have.
    pub fn raw(body: &[u8]) -> Self {
        static HOST: LazyLock<(Arc<Host>, Validator)> =
            LazyLock::new(|| host(SCHEMAS, BUSINESS, 4, 12).expect("valid declarations"));
        let (plain, validator) = HOST.clone();
        Case { plain, validator, body: body.to_vec() }
    }

    /// Schemas and a body made of the bytes; `None` if the schemas are not valid.
    pub fn made(dice: &mut Dice<'_>) -> Option<Self> {
        let schemas = schemas(dice, false);
        let business = business(dice, false);
        let (records, violations) = (dice.pick(&[3, 10_000, 0, 1]), dice.pick(&[100, 1, 2, 3]));
        let (plain, validator) = host(&schemas, &business, records, violations)?;
        let mut body = body(dice, &plain.schemas, &plain.business).into_bytes();
        if dice.once_in(24) {
            let cut = dice.below(body.len() + 1);
            if dice.secretive { body.truncate(cut) } else { damage(dice, &mut body) }
        }
        Some(Case { plain, validator, body })
    }

    /// A body for a host without business attributes and with the usual limits; `None` if the schemas are not valid.
    pub fn of(schemas: &str, body: &[u8]) -> Option<Self> {
        let (plain, validator) = host(schemas, "{}", 10_000, 100)?;
        Some(Case { plain, validator, body: body.to_vec() })
    }

    /// The same host with another body.
    #[must_use]
    pub fn with_body(&self, body: &[u8]) -> Self {
        Case { plain: Arc::clone(&self.plain), validator: self.validator.clone(), body: body.to_vec() }
    }

    /// Another body for the same host.
    #[must_use]
    pub fn again(&self, dice: &mut Dice<'_>) -> Self {
        let body = body(dice, &self.plain.schemas, &self.plain.business).into_bytes();
        Case { plain: Arc::clone(&self.plain), validator: self.validator.clone(), body }
    }

    /// Keeps 100 violations: of more, the length of the body has a say.
    #[must_use]
    pub fn with_100_violations(mut self) -> Self {
        Arc::make_mut(&mut self.plain).max_violations = 100;
        self.validator = self.validator.with_max_violations(100);
        self
    }

    /// Reads the body both ways. The answers must be the same.
    pub fn read(&self) -> Result<ServiceEndEvent, ReadError> {
        self.read_both().0
    }

    /// The event as both readers see it.
    pub fn event(&self) -> Option<(ServiceEndEvent, Event)> {
        match self.read_both() {
            (Ok(event), Read::Event(plain)) => Some((event, plain)),
            _ => None,
        }
    }

    fn read_both(&self) -> (Result<ServiceEndEvent, ReadError>, Read) {
        let (read, plain) = (self.validator.read(&self.body), self.plain.read(&self.body));
        match (&read, &plain) {
            (Err(ReadError::Syntax(_)), Read::Syntax) => {}
            (Err(ReadError::Invalid(violations)), Read::Violations(expected, truncated)) => {
                let found: Vec<_> = violations
                    .iter()
                    .map(|violation| (violation.pointer(), violation.code().as_str()))
                    .collect();
                let expected: Vec<_> = expected.iter().map(|(pointer, code)| (&**pointer, *code)).collect();
                assert_eq!((found, violations.truncated()), (expected, *truncated), "{self}");
            }
            (Ok(event), Read::Event(expected)) => {
                let written = serde_json::to_string(event).expect("plain values");
                assert!(
                    is_written(expected, &self.plain.schemas, &written),
                    "{self}\n{written}\n{expected:?}"
                );
            }
            _ => panic!("{self}\n{read:?}\n{plain:?}"),
        }
        (read, plain)
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let schemas = serde_json::to_string(self.validator.schemas()).expect("plain values");
        let business = serde_json::to_string(self.validator.business_attributes()).expect("plain values");
        let Host { max_records, max_violations, .. } = *self.plain;
        let body = String::from_utf8_lossy(&self.body);
        write!(f, "{body}\n{schemas}\n{business}\nat most {max_records} records, {max_violations} violations")
    }
}

fn host(
    schemas: &str,
    business: &str,
    max_records: usize,
    max_violations: usize,
) -> Option<(Arc<Host>, Validator)> {
    let validator = Validator::new(Schemas::from_json(schemas).ok()?)
        .with_business_attributes(BusinessAttributes::from_json(business).ok()?)
        .with_max_records(max_records)
        .with_max_violations(max_violations);
    let plain = Host {
        schemas: read_schemas(schemas),
        business: read_business(business),
        max_records,
        max_violations,
    };
    Some((Arc::new(plain), validator))
}
