//! Other formats: an event that is said in another format is the event that its text says.

use service_end::ReadError;

use crate::case::Case;
use crate::made::Dice;

pub fn made(data: &[u8]) {
    let Some(case) = Case::made(&mut Dice::new(data)) else { return };
    let read = case.read();
    let Ok(text) = std::str::from_utf8(&case.body) else { return };
    let mut packed = Vec::new();
    let mut json = serde_json::Deserializer::from_str(text);
    let transcoded = serde_transcode::transcode(&mut json, &mut rmp_serde::Serializer::new(&mut packed));
    if transcoded.is_err() || json.end().is_err() {
        return;
    }
    assert_same(
        &case.validator.read_from(&mut rmp_serde::Deserializer::from_read_ref(&packed)),
        &read,
        &case,
    );

    // Of equal keys, `Value` keeps one, and it sorts them: so it is compared with its own text.
    let value: serde_json::Value = serde_json::from_str(text).expect("it is JSON");
    let sorted = value.to_string();
    let read = case.validator.read(sorted.as_bytes());
    assert_same(&case.validator.read_from(&value), &read, &case);
    assert_same(&case.validator.read_from(value), &read, &case);
}

fn assert_same(
    read: &Result<service_end::ServiceEndEvent, ReadError>,
    expected: &Result<service_end::ServiceEndEvent, ReadError>,
    case: &Case,
) {
    match (read, expected) {
        // Its place is in the text.
        (Err(ReadError::Syntax(_)), Err(ReadError::Syntax(_))) => {}
        _ => assert_eq!(read, expected, "{case}"),
    }
}

/// Whatever the bytes say, it is an event or an error.
pub fn message_pack(data: &[u8]) {
    let case = Case::raw(b"{}");
    let read = case.validator.read_from(&mut rmp_serde::Deserializer::from_read_ref(data));
    match read {
        Ok(event) => {
            let packed = rmp_serde::to_vec_named(&event).expect("plain values");
            let again = case.validator.read_from(&mut rmp_serde::Deserializer::from_read_ref(&packed));
            assert_eq!(again.as_ref(), Ok(&event));
            let written = serde_json::to_string(&event).expect("plain values");
            assert_eq!(case.validator.read(written.as_bytes()), Ok(event));
        }
        Err(error) => drop(format!("{error}{error:?}")),
    }
}
