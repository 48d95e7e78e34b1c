//! How cases are read: each through two doors, as JSON text and as MessagePack, with the same answer.

use std::path::{Path, PathBuf};

use service_end::{
    ReadError, Schemas, Service, ServiceEndEvent, Validator, Violation,
    service::Unreadable,
    violation::{Code, SyntaxError},
};

/// What is wrong with a body: pointer and code of each violation, in order.
pub(crate) type Found = Vec<(String, &'static str)>;

/// A validator for a JSON array of schemas.
pub(crate) fn validator(schemas: &str) -> Validator {
    Validator::new(Schemas::from_json(schemas).unwrap_or_else(|error| panic!("{error}: {schemas}")))
}

/// A validator for one schema.
pub(crate) fn validator_of(schema: &str) -> Validator {
    validator(&format!("[{schema}]"))
}

/// A validator for a single-valued extension `E` with one attribute `v`, given the rest of its declaration:
/// `"type": "string", "length": 3`.
pub(crate) fn validator_of_attribute(declaration: &str) -> Validator {
    validator_of(&format!(
        r#"{{ "name": "E", "type": "single-valued", "attributes": [ {{ "name": "v", {declaration} }} ] }}"#
    ))
}

/// Reads a body through both doors.
pub(crate) fn read(validator: &Validator, body: &str) -> Result<ServiceEndEvent, ReadError> {
    let read = validator.read(body.as_bytes());
    if let Some(packed) = message_pack(body) {
        assert_eq!(read_message_pack(validator, &packed), read, "as MessagePack: {body}");
    }
    read
}

pub(crate) fn read_message_pack(validator: &Validator, packed: &[u8]) -> Result<ServiceEndEvent, ReadError> {
    validator.read_from(&mut rmp_serde::Deserializer::from_read_ref(packed))
}

/// The event of a body that must be valid.
pub(crate) fn valid(validator: &Validator, body: &str) -> ServiceEndEvent {
    read(validator, body).unwrap_or_else(|error| panic!("{body}: {error}"))
}

/// The violations of a body that must have some.
pub(crate) fn violations(validator: &Validator, body: &str) -> Vec<Violation> {
    match read(validator, body) {
        Err(ReadError::Invalid(violations)) => violations.as_slice().to_vec(),
        other => panic!("{body}: {other:?}"),
    }
}

/// What is wrong with a body; nothing if it is valid.
pub(crate) fn found(validator: &Validator, body: &str) -> Found {
    match read(validator, body) {
        Ok(_) => Vec::new(),
        Err(ReadError::Invalid(violations)) => summary(violations.as_slice()),
        Err(other) => panic!("{body}: {other}"),
    }
}

pub(crate) fn summary(violations: &[Violation]) -> Found {
    violations.iter().map(|violation| (violation.pointer().to_owned(), code(violation))).collect()
}

/// The code of a violation that the crate found.
pub(crate) fn code(violation: &Violation) -> &'static str {
    Code::ALL.iter().find(|code| *code == violation.code()).unwrap().as_str()
}

/// Holds a table of bodies against what must be found in them.
pub(crate) fn check(validator: &Validator, cases: &[(&str, &[(&str, &str)])]) {
    for (body, expected) in cases {
        let found = found(validator, body);
        let found: Vec<_> = found.iter().map(|(pointer, code)| (&**pointer, *code)).collect();
        assert_eq!(found, *expected, "{body}");
    }
}

/// The syntax error of a body, through the door of JSON text only: it depends on the text.
pub(crate) fn syntax_error(validator: &Validator, body: impl AsRef<[u8]>) -> SyntaxError {
    match validator.read(body.as_ref()) {
        Err(ReadError::Syntax(error)) => error,
        other => panic!("{}: {other:?}", String::from_utf8_lossy(body.as_ref())),
    }
}

/// The body as MessagePack, with the same keys in the same order. `None` where it can't be said there, for instance
/// no JSON at all; and where `serde_json` hands over numbers as maps, which a host may have switched on.
pub(crate) fn message_pack(body: &str) -> Option<Vec<u8>> {
    if arbitrary_precision() {
        return None;
    }
    let mut packed = Vec::new();
    let mut json = serde_json::Deserializer::from_str(body);
    serde_transcode::transcode(&mut json, &mut rmp_serde::Serializer::new(&mut packed)).ok()?;
    json.end().ok()?;
    Some(packed)
}

/// Whether `serde_json` was built with `arbitrary_precision`: then it takes a number that no float holds.
pub(crate) fn arbitrary_precision() -> bool {
    serde_json::from_str::<serde_json::Value>("1e400").is_ok()
}

/// The folder of the crate under test. These tests are compiled in another package too, which lies below it.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().find(|folder| folder.join("src/lib.rs").is_file()).unwrap().to_owned()
}

/// The keys of the extensions that can't be read.
pub(crate) fn unreadable(service: &Service) -> Vec<&str> {
    service.unreadable().iter().map(Unreadable::key).collect()
}

/// The files in some folders of the crate under test, or these files themselves, in an order that does not change.
pub(crate) fn files(below: &[&str]) -> Vec<PathBuf> {
    let mut open: Vec<PathBuf> = below.iter().map(|name| root().join(name)).collect();
    let mut files = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}
