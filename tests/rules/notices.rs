//! What others are told of an end: a `CloudEvents` 1.0 document whose id never changes.

use serde_json::{Value, json};
use service_end::service::{Decision, End, Notice, NoticeOrigin, decide};
use service_end::{
    AttributeSchema, Completion, EndPolicy, EndRules, ExtensionSchema, FixedFields, Schemas, StoredService,
    Timestamp, Validator,
};

const SOURCE: &str = "https://crm.example/services";
const BODY: &str =
    r#"{ "disposition": 10, "feedback": { "rating": 7 }, "Satisfaction": [ { "rating": 2 } ] }"#;

fn schemas() -> Schemas {
    let feedback = ExtensionSchema::single_valued("Feedback").attribute(AttributeSchema::integer("rating"));
    let satisfaction =
        ExtensionSchema::multi_valued("Satisfaction").attribute(AttributeSchema::integer("rating"));
    Schemas::new().with(feedback.build().unwrap()).unwrap().with(satisfaction.build().unwrap()).unwrap()
}

fn now() -> Timestamp {
    "2009-05-12T12:05:12.145Z".parse().unwrap()
}

/// A service at version 3 that is active, and has an extension which the events don't name.
fn service(id: i64) -> StoredService {
    StoredService::new(id, 3, "2009-05-12T11:50:00Z".parse().unwrap()).with_extension("Other", "{}")
}

fn completion(service: &StoredService, body: &str) -> Completion {
    let event = Validator::new(schemas()).read(body.as_bytes()).unwrap();
    let rules = EndRules::new().with_policy(EndPolicy::ReplaceEarlier);
    match decide(service.service_id, Some(service), event, &rules, now()) {
        Ok(Decision::Complete(completion)) => completion,
        other => panic!("{other:?}"),
    }
}

fn parsed(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

#[test]
fn a_notice_has_the_attributes_of_cloudevents_and_the_document_of_the_service() {
    let completion = completion(&service(36_981_723), BODY);
    let expected = json!({
        "specversion": "1.0",
        "id": "36981723-3",
        "source": SOURCE,
        "type": "service-end.ended",
        "subject": "36981723",
        "time": "2009-05-12T12:05:12.145Z",
        "datacontenttype": "application/json",
        "data": {
            "service_id": 36_981_723,
            "started": { "timestamp": "2009-05-12T11:50:00.000Z" },
            "completed": { "timestamp": "2009-05-12T12:05:12.145Z", "disposition": 10 },
            "Feedback": { "rating": 7 },
            "Satisfaction": [ { "rating": 2 } ],
        },
    });
    let notice = completion.notice(SOURCE);
    assert_eq!(parsed(&notice.to_json()), expected);
    assert_eq!((notice.source(), NoticeOrigin::new(SOURCE).unwrap().source()), (SOURCE, SOURCE));
    assert_eq!(NoticeOrigin::new(SOURCE).unwrap().notice(&completion).to_json(), notice.to_json());
}

#[test]
fn the_binary_mode_says_the_same_as_the_structured_one() {
    let completion = completion(&service(-7), BODY);
    let notice = completion.notice(SOURCE);
    let mut structured = parsed(&notice.to_json());
    let whole = structured.as_object_mut().unwrap();
    assert_eq!(whole.remove("datacontenttype").unwrap(), Notice::DATA_CONTENT_TYPE);
    assert_eq!(whole.remove("data").unwrap(), parsed(&notice.data_to_json()));
    let attributes: serde_json::Map<_, _> =
        notice.attributes().map(|(name, value)| (name.to_owned(), value.into())).collect();
    assert_eq!(*whole, attributes);
    // Names as CloudEvents has them, and no value empty.
    for (name, value) in &attributes {
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase()) && value != "", "{name}");
    }
}

#[test]
fn the_id_is_that_of_the_version_decided_on_and_never_changes() {
    for (id, version, expected) in
        [(7, 1, "7-1"), (-7, 1, "-7-1"), (i64::MIN, i64::MAX, "-9223372036854775808-9223372036854775807")]
    {
        let mut service = service(id);
        service.version = version.into();
        let first = completion(&service, BODY);
        assert_eq!(first.notice(SOURCE).id(), expected);
        // Decided again, as another attempt does; with other extensions loaded; by a host of another name.
        let again = completion(&service.clone().with_extension("Feedback", "{}"), BODY);
        assert_eq!(first.notice(SOURCE).to_json(), again.notice(SOURCE).to_json());
        assert_eq!(again.notice("/other").id(), expected);
    }
}

#[test]
fn the_type_tells_the_first_end_from_one_that_replaces_it_in_names_that_a_host_can_set() {
    let ended =
        service(7).with_end(End::new(now(), FixedFields { resource_id: Some(1), ..FixedFields::default() }));
    let (first, later) = (completion(&service(7), BODY), completion(&ended, BODY));
    assert_eq!(first.notice(SOURCE).event_type(), Notice::ENDED);
    assert_eq!(later.notice(SOURCE).event_type(), Notice::REPLACED);
    let named = |completion: &Completion| {
        parsed(&completion.notice(SOURCE).with_types("com.example.end", "com.example.again").to_json())["type"].clone()
    };
    assert_eq!((named(&first), named(&later)), ("com.example.end".into(), "com.example.again".into()));
}

#[test]
fn the_data_reads_back_as_the_service_with_the_extensions_that_the_event_named() {
    let body = r#"{ "timestamp": "2009-05-12T12:00:00Z", "Feedback": { "rating": 7 }, "Satisfaction": [] }"#;
    let completion = completion(&service(7).with_extension("satisfaction", r#"[{"rating":1}]"#), body);
    let data = completion.notice(SOURCE).data_to_json();
    let read = StoredService::from_json(&data, 4).unwrap();
    assert_eq!(read.started, service(7).started);
    assert_eq!(read.end.as_ref(), Some(completion.end()));
    assert_eq!(completion.notice(SOURCE).time(), "2009-05-12T12:00:00Z".parse().unwrap());
    let keys: Vec<_> = read.extensions().map(|extension| extension.key).collect();
    assert_eq!(keys, ["feedback"], "what was cleared is left out, and what was not named too");
}
