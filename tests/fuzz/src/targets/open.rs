//! Extensions without a schema: what is kept is what was written, and nothing else changes.

use std::sync::LazyLock;

use serde::de::IgnoredAny;
use serde_json::Value;
use service_end::event::OpenExtension;
use service_end::schema::OpenNames;
use service_end::{ReadError, Schemas, Service, StoredService, Timestamp, Validator};

use crate::case::SCHEMAS;

/// Small limits, so that short texts are over them.
static VALIDATOR: LazyLock<Validator> = LazyLock::new(|| {
    let schemas = Schemas::from_json(SCHEMAS).expect("valid declarations");
    Validator::new(schemas.with_open(OpenNames::every())).with_max_open_bytes(200).with_max_open_levels(5)
});

pub fn raw(data: &[u8]) {
    let value: Option<Value> = serde_json::from_slice(data).ok();
    let shown = || String::from_utf8_lossy(data);
    match VALIDATOR.read(data) {
        Err(ReadError::Syntax(error)) => {
            assert!(!value.is_some_and(|value| value.is_object()), "{error}: {}", shown());
        }
        Err(ReadError::Invalid(violations)) => {
            let violations = violations.locate(data);
            drop(format!("{violations}{}", violations.render(data)));
        }
        Err(error) => panic!("{error}: {}", shown()),
        Ok(event) => {
            // A key that serde_json keeps for itself can make its `Value` refuse what is JSON.
            let Some(value) = value else {
                assert!(serde_json::from_slice::<IgnoredAny>(data).is_ok(), "it is JSON: {}", shown());
                return;
            };
            let mut service = StoredService::new(7, 1, Timestamp::MIN);
            for open in event.open_extensions() {
                let json = open.json();
                assert!(json.len() <= 200, "{json}");
                assert_eq!(
                    serde_json::from_str::<Value>(json).ok().as_ref(),
                    Some(&value[open.name()]),
                    "{json}"
                );
                let made =
                    OpenExtension::from_json(open.name(), json).unwrap_or_else(|error| panic!("{error}"));
                assert_eq!((made.json(), &made), (json, open));
                service.insert_extension(open.name(), json);
            }
            let written = serde_json::to_string(&event).expect("plain values");
            let again =
                VALIDATOR.read(written.as_bytes()).unwrap_or_else(|error| panic!("{error}: {written}"));
            assert_eq!(again, event, "{written}");
            let read = Service::read(&service, VALIDATOR.schemas());
            let kept = [event.open_extensions(), again.open_extensions(), read.open_extensions()]
                .map(|all| all.iter().map(|open| (open.name(), open.json())).collect::<Vec<_>>());
            assert!(kept[0] == kept[1] && kept[1] == kept[2], "{written}");
        }
    }
}
