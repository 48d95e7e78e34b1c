//! Large sets of schemas: how they came to be makes no difference.

use service_end::{
    AttributeSchema, CompleteService, ExtensionSchema, MemoryStorage, Schemas, StoredService, Timestamp,
    Validator,
};

#[test]
fn a_set_that_grew_one_by_one_is_like_one_that_was_declared_at_once() {
    let numbered = |number: usize| {
        let schema = ExtensionSchema::single_valued(&format!("Note{number}"));
        let schema = if number % 30 == 0 { schema.required() } else { schema };
        schema.attribute(AttributeSchema::string("text")).build().unwrap()
    };
    let mut grown = Schemas::new();
    for count in 1..=200 {
        grown = grown.with(numbered(count)).unwrap();
        assert_eq!(grown.with(numbered(count / 2 + 1)).unwrap_err().name(), format!("Note{}", count / 2 + 1));
        if count % 20 > 2 {
            continue;
        }
        let at_once = Schemas::try_from_iter((1..=count).map(numbered)).unwrap();
        assert_eq!((grown.len(), &grown), (count, &at_once));
        assert!(grown.iter().eq(at_once.iter()), "in the order registered");
        let names = (0..=count + 1).map(|number| format!("nOTE{number}"));
        names.for_each(|name| assert_eq!(grown.get(&name), at_once.get(&name)));
        let shorter = [&grown, &at_once].map(|set| set.without("note1").unwrap());
        assert!(shorter[0].iter().eq(shorter[1].iter()) && shorter[0].len() == count - 1);

        let body =
            format!(r#"{{"Note{count}":{{"text":"a"}},"note1":{{"text":"b"}},"Note":1,"Note201":[]}}"#);
        let told = [&grown, &at_once].map(|set| Validator::new(set.clone()).read(body.as_bytes()));
        assert_eq!(told[0], told[1]);
        let (started, now) = (Timestamp::MIN, Timestamp::now());
        let ended = [&grown, &at_once].map(|set| {
            let storage = MemoryStorage::new();
            storage.insert(StoredService::new(7, 0, started));
            CompleteService::new(Validator::new(set.clone()), storage).end(7, b"{}", now)
        });
        assert_eq!(ended[0], ended[1], "the same extensions are required");
    }
}

#[test]
fn an_event_read_with_a_large_set_is_the_same_as_with_a_small_one() {
    let numbered = |number: usize| {
        let schema = ExtensionSchema::multi_valued(&format!("Note{number}"));
        schema
            .attribute(AttributeSchema::integer("a").default(i32::try_from(number).unwrap()))
            .build()
            .unwrap()
    };
    let large = Validator::new(Schemas::try_from_iter((0..100).map(numbered)).unwrap());
    let small = Validator::new(Schemas::try_from_iter([7, 70].map(numbered)).unwrap());
    let body = br#"{"Note70":[{},{"a":1}],"Note7":[{"a":2},{}]}"#;
    let events = [&large, &small].map(|validator| validator.read(body).unwrap());
    assert_eq!(events[0], events[1]);
    assert_eq!(
        serde_json::to_string(&events[0]).unwrap(),
        r#"{"Note70":[{"a":70},{"a":1}],"Note7":[{"a":2},{"a":7}]}"#
    );
    for (event, other) in [(&events[0], &small), (&events[1], &large)] {
        assert!(event.extensions().iter().all(|extension| extension.is_declared_by(other.schemas())));
        assert_eq!(other.admit(event.clone()).unwrap(), *event);
    }
    let changed = Schemas::new().with(numbered(7)).unwrap();
    let declared = events[0].extensions().iter().map(|extension| extension.is_declared_by(&changed));
    assert_eq!(declared.collect::<Vec<_>>(), [false, true]);
}
