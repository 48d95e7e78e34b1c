//! One server, many callers.

use std::sync::Arc;
use std::time::Duration;

use service_end::{
    AsyncStorage as _, AttributeSchema, CompleteError, Extension, ExtensionSchema, Outcome, Schemas, Service,
    ServiceId, StoredService, Validator, Version, storage::Want,
};
use service_end_postgres::PostgresStorage;
use tokio_postgres::NoTls;

use crate::server::Server;
use crate::{now, operation, started};

#[tokio::test(flavor = "multi_thread")]
async fn of_two_callers_one_wins() {
    let server = Server::start();
    let storage = server.storage().await;
    for round in 0..20 {
        let id = storage.start(started()).await.unwrap();
        let callers: Vec<_> = (0..8)
            .map(|n| {
                let storage = storage.clone();
                tokio::spawn(async move {
                    let body = format!(r#"{{"resource_id":{n}}}"#);
                    operation(&storage, &Schemas::new()).end_async(id, body.as_bytes(), now()).await
                })
            })
            .collect();
        let (mut ended, mut refused) = (0, 0);
        for caller in callers {
            match caller.await.unwrap() {
                Ok(Outcome::Ended(_)) => ended += 1,
                Err(CompleteError::Refused(_)) => refused += 1,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((ended, refused), (1, 7), "round {round}");
        assert_eq!(storage.load(id, Want::Nothing).await.unwrap().unwrap().version, Version(2));
    }
}

#[tokio::test]
async fn a_service_is_inserted_once_and_what_nobody_can_read_comes_back_to_the_letter() {
    let server = Server::start();
    let storage = server.storage().await;
    let service = StoredService::new(i64::MIN, 99, started())
        .with_extension("Text", "no {json}")
        .with_extension("Twice", r#"{"a":1,"a":2}"#)
        .with_extension("Null", r#"{"a":"\u0000"}"#)
        .with_extension("Scalar", r#""a \"string\"""#)
        .with_extension("Spaced", "{ \"a\" :\n1E2 }")
        .with_extension("Surrogate", r#"{"a":"\ud83d"}"#)
        .with_extension("Huge", r#"{"a":1e999999}"#);
    assert!(storage.insert(&service).await.unwrap());
    let other = StoredService::new(i64::MIN, 99, now()).with_extension("More", "{}");
    assert!(!storage.insert(&other).await.unwrap());
    let stored = storage.load(service.service_id, Want::All).await.unwrap().unwrap();
    assert_eq!(stored.started, started());
    assert_eq!(stored.extensions().len(), service.extensions().len());
    for extension in service.extensions() {
        assert_eq!(stored.extension(extension.key), Some(extension.json), "{}", extension.key);
    }
    assert_eq!(storage.load(ServiceId(0), Want::All).await.unwrap(), None);
}

#[tokio::test]
async fn an_id_that_the_host_has_given_is_not_given_again() {
    let server = Server::start();
    let storage = server.storage().await;
    for id in 1..4 {
        storage.insert(&StoredService::new(id, 0, started())).await.unwrap();
    }
    assert_eq!(storage.start(started()).await.unwrap(), ServiceId(4));
}

#[tokio::test]
async fn numbers_and_texts_come_back_to_the_letter_and_are_carried() {
    let all = ExtensionSchema::multi_valued("All")
        .attribute(AttributeSchema::double("zz_double"))
        .attribute(AttributeSchema::currency("currency"))
        .attribute(AttributeSchema::long("a"))
        .attribute(AttributeSchema::string("string"))
        .build()
        .unwrap();
    let schemas = Schemas::new().with(all).unwrap();
    let doubles = [
        "0",
        "-0.0",
        "0.1",
        "-1e-7",
        "5e-324",
        "2.2250738585072014e-308",
        "1.7976931348623157e308",
        "1e16",
        "1.8446744073709552e19",
        "123456789012345680.0",
        "1.2345678901234567e18",
        "9.007199254740994e15",
        "9007199254740993",
        "0.30000000000000004",
    ];
    let currencies = [
        "0",
        "-0.0001",
        "99999999999.9999",
        "\"922337203685477.5807\"",
        "\"-922337203685477.5808\"",
        "1e10",
        "12.50",
    ];
    let longs = ["0", "-9223372036854775808", "9223372036854775807"];
    let strings = [
        r#""""#,
        r#""\"\\\n\t\u0001\u007f""#,
        "\"e\u{301} \u{e9} \u{1f600} \u{202e} \u{ffff}\"",
        r#""\ud83d\ude00""#,
    ];
    let longest = doubles.len();
    let records = (0..longest).map(|n| {
        format!(
            r#"{{"zz_double":{},"currency":{},"a":{},"string":{}}}"#,
            doubles[n],
            currencies[n % currencies.len()],
            longs[n % longs.len()],
            strings[n % strings.len()]
        )
    });
    let body = format!(r#"{{"All":[{}]}}"#, records.collect::<Vec<_>>().join(","));
    let event = Validator::new(schemas.clone()).read(body.as_bytes()).unwrap();

    let server = Server::start();
    let storage = server.storage().await;
    let id = storage.start(started()).await.unwrap();
    assert!(operation(&storage, &schemas).end_async(id, body.as_bytes(), now()).await.is_ok());
    let stored = storage.load(id, Want::All).await.unwrap().unwrap();
    assert_eq!(stored.extension("all"), event.extension("All").map(Extension::to_json).as_deref());
    assert_eq!(Service::read(&stored, &schemas).extension("All"), event.extension("All"));

    let migrated = stored.migrate(&schemas);
    assert_eq!(migrated.as_ref(), Ok(&stored), "nothing is to be carried");
}

#[tokio::test]
async fn what_the_server_can_never_hold_is_an_answer_and_changes_nothing() {
    let note =
        ExtensionSchema::single_valued("Note").attribute(AttributeSchema::string("text")).build().unwrap();
    let schemas = Schemas::new().with(note).unwrap();
    let server = Server::start();
    server.storage().await;
    let patient =
        PostgresStorage::with(server.url().parse().unwrap(), NoTls, 1, Duration::from_secs(60)).unwrap();
    let id = patient.start(started()).await.unwrap();
    let validator = Validator::new(schemas).with_max_body_bytes(usize::MAX).with_max_event_bytes(usize::MAX);
    let operation = service_end::CompleteService::new(validator, Arc::new(patient));
    // A completion has at most 2^28 bytes.
    let body = |length| format!(r#"{{"disposition":10,"Note":{{"text":"{}"}}}}"#, "x".repeat(length));

    let refused = operation.end_async(id, body(1 << 28).as_bytes(), now()).await;
    let refused = refused.map(|_| "ended");
    assert!(matches!(refused, Err(CompleteError::TooLargeForStorage)), "{refused:?}");
    let service = operation.storage().load(id, Want::All).await.unwrap().unwrap();
    assert_eq!((service.version, service.end.as_ref(), service.extensions().len()), (Version(1), None, 0));

    assert!(operation.end_async(id, body(1 << 20).as_bytes(), now()).await.is_ok());
}
