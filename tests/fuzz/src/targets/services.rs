//! Stored services: their documents come back equal, and extensions that can't be read hide nothing else.

use service_end::service::{End, Unreadable};
use service_end::{ReadError, Schemas, Service, StoredService, Timestamp};

use super::schemas::check_pointers;
use crate::case::{Case, SCHEMAS};
use crate::made::Dice;

pub fn raw(data: &[u8]) {
    match StoredService::from_json(data, 1) {
        Ok(service) => check(&service, &Schemas::from_json(SCHEMAS).expect("valid declarations")),
        Err(ReadError::Invalid(violations)) => check_pointers(&violations, data),
        Err(error) => drop(format!("{error}{error:?}")),
    }
}

pub fn made(data: &[u8]) {
    let mut dice = Dice::new(data);
    let Some(case) = Case::made(&mut dice) else { return };
    let Ok(event) = case.read() else { return };
    let mut service = StoredService::new(7, 1, Timestamp::MIN);
    if dice.once_in(2) {
        let at = event.timestamp().unwrap_or(Timestamp::MAX);
        let end = End::new(at, event.fields().clone());
        assert_eq!(End::from_json(&end.to_json()).as_ref(), Ok(&end));
        service = service.with_end(end);
    }
    for extension in event.extensions() {
        service.insert_extension(&extension.name().to_ascii_uppercase(), extension.to_json());
    }
    let read = Service::read(&service, case.validator.schemas());
    assert!(read.unreadable().is_empty(), "{case}");
    assert_eq!(read.extensions(), event.extensions(), "{case}");
    // Damaged, it hides nothing else.
    if let Some(extension) = event.extensions().first() {
        let damaged = service
            .clone()
            .with_extension(extension.name(), dice.pick(&["", "[", "7", "{\"nope\":1}", "null"]));
        let read = Service::read(&damaged, case.validator.schemas());
        let unreadable = read.unreadable().iter().map(Unreadable::key);
        assert_eq!(unreadable.collect::<Vec<_>>(), [extension.key()]);
        assert_eq!(read.extensions(), &event.extensions()[1..]);
        check(&damaged, case.validator.schemas());
    }
    check(&service, case.validator.schemas());
}

fn check(service: &StoredService, schemas: &Schemas) {
    let written = service.to_json();
    let again = StoredService::from_json(&written, service.version)
        .unwrap_or_else(|error| panic!("{written}: {error}"));
    let (read, read_again) = (Service::read(service, schemas), Service::read(&again, schemas));
    assert_eq!(read.extensions(), read_again.extensions(), "{written}");
    assert_eq!((read.end(), read.started()), (read_again.end(), read_again.started()), "{written}");
    // Why it can't be read may be told otherwise: what is damaged is written as a string.
    let keys =
        |service: &Service| service.unreadable().iter().map(|each| each.key().to_owned()).collect::<Vec<_>>();
    assert_eq!(keys(&read), keys(&read_again), "{written}");
    assert_eq!(again.to_json(), written);
    // The document that is shown: without what can't be read, and without empty lists.
    let shown = serde_json::to_string(&read).expect("plain values");
    let stored = StoredService::from_json(&shown, 1).unwrap_or_else(|error| panic!("{shown}: {error}"));
    let read_again = Service::read(&stored, schemas);
    assert_eq!(serde_json::to_string(&read_again).expect("plain values"), shown);
    assert_eq!((read_again.end(), read_again.started()), (read.end(), read.started()));
    let not_empty: Vec<_> = read.extensions().iter().filter(|extension| !extension.is_empty()).collect();
    assert_eq!(read_again.extensions().iter().collect::<Vec<_>>(), not_empty, "{shown}");
}
