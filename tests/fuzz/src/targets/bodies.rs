//! Bodies: the crate reads them as the plain reader does, violation by violation, and what it writes reads back equal.

use service_end::ReadError;

use crate::case::Case;
use crate::made::Dice;

pub fn raw(data: &[u8]) {
    check(&Case::raw(data));
}

pub fn made(data: &[u8]) {
    if let Some(case) = Case::made(&mut Dice::new(data)) {
        check(&case);
    }
}

fn check(case: &Case) {
    let Ok(event) = case.read() else { return };
    let written = serde_json::to_string(&event).expect("plain values");
    assert_eq!(case.validator.read(written.as_bytes()).as_ref(), Ok(&event), "{written}");
    assert_eq!(case.validator.admit(event.clone()).as_ref(), Ok(&event), "{written}");
    // The limit on the length of the event is one on what was written.
    let limited = |bytes| case.validator.clone().with_max_event_bytes(bytes).read(&case.body);
    assert_eq!(limited(written.len()).as_ref(), Ok(&event), "{written}");
    let limit = written.len() - 1;
    assert!(matches!(limited(limit), Err(ReadError::EventTooLarge { .. })), "{written}");
}
