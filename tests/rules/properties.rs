//! What holds for every event and for every body, checked with generated ones.

use std::sync::LazyLock;

use proptest::collection::{hash_set, vec};
use proptest::option;
use proptest::prelude::*;
use service_end::{
    Extension, ReadError, Schemas, Service, ServiceEndEvent, StoredService, Timestamp, Validator,
    service::End, value::Currency,
};

use crate::differential::cases;
use crate::support::validator;

const SCHEMAS: &str = r#"[
    { "name": "Feedback", "type": "single-valued", "attributes": [
        { "name": "s", "type": "string", "length": 8, "default": "unknown" }, { "name": "i", "type": "integer", "default": 7 },
        { "name": "l", "type": "long", "mandatory": true }, { "name": "d", "type": "double", "default": 0.5 },
        { "name": "b", "type": "boolean", "default": true }, { "name": "day", "type": "date", "default": "2009-05-12" },
        { "name": "t", "type": "datetime" }, { "name": "c", "type": "currency", "default": "19.90" },
        { "name": "m", "type": "string", "mandatory": true, "default": "x" } ] },
    { "name": "Satisfaction", "type": "multi-valued", "unique": ["key", "day"], "attributes": [
        { "name": "c", "type": "currency" }, { "name": "key", "type": "long" }, { "name": "day", "type": "date" },
        { "name": "s", "type": "string" }, { "name": "d", "type": "double" }, { "name": "b", "type": "boolean" },
        { "name": "t", "type": "datetime", "default": "2009-05-12T12:05:12.145Z" },
        { "name": "i", "type": "integer", "mandatory": true } ] } ]"#;

static READER: LazyLock<Validator> = LazyLock::new(|| validator(SCHEMAS));

/// Members of an object in the making: names and JSON values.
type Members = Vec<(&'static str, String)>;

fn json_string(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn text(limit: usize) -> impl Strategy<Value = String> {
    vec(prop_oneof![4 => any::<char>(), 4 => prop::char::range(' ', '~')], 0..=limit)
        .prop_map(|text| json_string(&text.into_iter().filter(|c| *c != '\0').collect::<String>()))
}

fn moment() -> impl Strategy<Value = Timestamp> {
    (Timestamp::MIN.unix_millis()..=Timestamp::MAX.unix_millis())
        .prop_map(|millis| Timestamp::from_unix_millis(millis).unwrap())
}

fn date() -> impl Strategy<Value = String> {
    moment().prop_map(|moment| json_string(&moment.to_string()[..10]))
}

fn datetime() -> impl Strategy<Value = String> {
    moment().prop_map(|moment| json_string(&moment.to_string()))
}

fn currency() -> impl Strategy<Value = String> {
    let amount = prop_oneof![any::<i64>(), -10_000_000..10_000_000_i64];
    amount.prop_map(|amount| json_string(&Currency::from_ten_thousandths(amount).to_string()))
}

fn double() -> impl Strategy<Value = String> {
    let float = prop_oneof![any::<f64>(), (-1000..1000).prop_map(|n| f64::from(n) / 8.0)];
    float.prop_filter("finite", |float| float.is_finite()).prop_map(|float| format!("{float:e}"))
}

fn integer() -> impl Strategy<Value = String> {
    any::<i32>().prop_map(|n| n.to_string())
}

fn long() -> impl Strategy<Value = String> {
    any::<i64>().prop_map(|n| n.to_string())
}

/// A value of an attribute: mostly there, sometimes left out, sometimes `null`.
fn maybe(value: impl Strategy<Value = String>) -> impl Strategy<Value = Option<String>> {
    prop_oneof![6 => value.prop_map(Some), 2 => Just(None), 2 => Just(Some("null".to_owned()))]
}

fn members<const N: usize>(
    names: [&'static str; N],
    values: impl IntoIterator<Item = Option<String>>,
) -> Members {
    names.into_iter().zip(values).filter_map(|(name, value)| Some((name, value?))).collect()
}

fn feedback() -> impl Strategy<Value = Members> {
    let here = option::of(text(20));
    let first = (
        maybe(text(8)),
        maybe(integer()),
        long(),
        maybe(double()),
        maybe(any::<bool>().prop_map(|b| b.to_string())),
    );
    (first, maybe(date()), maybe(datetime()), maybe(currency()), here).prop_map(
        |((s, i, l, d, b), day, t, c, m)| {
            members(["s", "i", "l", "d", "b", "day", "t", "c", "m"], [s, i, Some(l), d, b, day, t, c, m])
        },
    )
}

/// Records whose keys are different, whatever their days are.
fn satisfaction() -> impl Strategy<Value = Vec<Members>> {
    let rest =
        (maybe(currency()), maybe(date()), maybe(text(12)), maybe(double()), maybe(datetime()), integer());
    (vec(rest, 0..5), hash_set(-9..9_i64, 5)).prop_map(|(records, keys)| {
        let records = records.into_iter().zip(keys);
        let record = |((c, day, s, d, t, i), key): (_, i64)| {
            let key = if key == 0 { "null".to_owned() } else { key.to_string() };
            members(["c", "key", "day", "s", "d", "t", "i"], [c, Some(key), day, s, d, t, Some(i)])
        };
        records.map(record).collect()
    })
}

#[derive(Clone, Debug)]
struct Body {
    fields: Members,
    feedback: Option<Members>,
    satisfaction: Option<Vec<Members>>,
}

fn body() -> impl Strategy<Value = Body> {
    let business = || maybe(prop_oneof![long(), text(20)]);
    let fields = (
        maybe(text(32)),
        maybe(text(50)),
        business(),
        business(),
        business(),
        business(),
        maybe(long()),
        maybe(text(64)),
        maybe(datetime()),
    );
    (fields, option::of(feedback()), option::of(satisfaction())).prop_map(|(fields, feedback, satisfaction)| {
        let (session, interaction, application, resource, media, disposition, id, description, timestamp) = fields;
        let fields = members(
            ["session_id", "interaction_id", "application_type", "resource_type", "media_type", "disposition", "resource_id", "disposition_desc", "timestamp"],
            [session, interaction, application, resource, media, disposition, id, description, timestamp],
        );
        Body { fields, feedback, satisfaction }
    })
}

fn object(members: &[(&'static str, String)], spell: &mut dyn FnMut(&str) -> String) -> String {
    let members: Vec<_> =
        members.iter().map(|(name, value)| format!("\"{}\":{value}", spell(name))).collect();
    format!("{{{}}}", members.join(","))
}

impl Body {
    fn to_json(&self) -> String {
        self.spelled(&mut |name| name.to_owned())
    }

    /// The body, with the names of extensions and attributes spelled in another way.
    fn spelled(&self, spell: &mut dyn FnMut(&str) -> String) -> String {
        let mut all =
            self.fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect::<Vec<_>>();
        if let Some(feedback) = &self.feedback {
            let record = object(feedback, spell);
            all.push(format!("\"{}\":{record}", spell("Feedback")));
        }
        if let Some(satisfaction) = &self.satisfaction {
            let records: Vec<_> = satisfaction.iter().map(|record| object(record, spell)).collect();
            all.insert(all.len() / 2, format!("\"{}\":[{}]", spell("Satisfaction"), records.join(",")));
        }
        format!("{{{}}}", all.join(","))
    }

    fn event(&self) -> ServiceEndEvent {
        let json = self.to_json();
        READER.read(json.as_bytes()).unwrap_or_else(|error| panic!("{json}: {error}"))
    }
}

fn read(body: &[u8]) -> Result<ServiceEndEvent, ReadError> {
    READER.read(body)
}

/// The extension as a store gives it back.
fn stored(extension: &Extension) -> Service {
    let service =
        StoredService::new(7, 1, Timestamp::MIN).with_extension(extension.name(), extension.to_json());
    Service::read(&service, READER.schemas())
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn what_is_written_of_an_event_reads_back_equal(body in body()) {
        let event = body.event();
        let written = serde_json::to_string(&event).unwrap();
        prop_assert_eq!(read(written.as_bytes()).unwrap(), event.clone());
        prop_assert_eq!(serde_json::to_string(&read(written.as_bytes()).unwrap()).unwrap(), written);
        let packed = rmp_serde::to_vec_named(&event).unwrap();
        prop_assert_eq!(READER.read_from(&mut rmp_serde::Deserializer::from_read_ref(&packed)).unwrap(), event);
    }

    #[test]
    fn what_is_stored_of_an_event_reads_back_equal(body in body()) {
        let event = body.event();
        for extension in event.extensions() {
            let service = stored(extension);
            prop_assert!(service.unreadable().is_empty());
            prop_assert_eq!(service.extensions(), std::slice::from_ref(extension));
            prop_assert_eq!(service.extensions()[0].to_json(), extension.to_json());
        }
        let end = End::new(Timestamp::MAX, event.fields().clone());
        prop_assert_eq!(End::from_json(&end.to_json()).unwrap(), end.clone());

        let mut service = StoredService::new(7, 1, Timestamp::MIN).with_end(end);
        for extension in event.extensions() {
            service = service.with_extension(extension.key(), extension.to_json());
        }
        let service = Service::read(&service, READER.schemas());
        let document = serde_json::to_string(&service).unwrap();
        let again = Service::read(&StoredService::from_json(&document, 1).unwrap(), READER.schemas());
        prop_assert_eq!(serde_json::to_string(&again).unwrap(), document);
        prop_assert_eq!(again.end(), service.end());
        for extension in service.extensions().iter().filter(|extension| !extension.is_empty()) {
            prop_assert_eq!(again.extension(extension.name()), Some(extension));
        }
    }

    #[test]
    fn order_and_case_of_names_change_nothing(body in body(), seed in any::<u64>()) {
        let mut random = seed;
        let mut next = move || { random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407); random >> 33 };
        let mut shuffled = body.clone();
        let records = shuffled.feedback.iter_mut().chain(shuffled.satisfaction.iter_mut().flatten());
        for members in records.chain([&mut shuffled.fields]) {
            for at in (1..members.len()).rev() {
                members.swap(at, usize::try_from(next()).unwrap() % (at + 1));
            }
        }
        let mut any_case = |name: &str| -> String {
            name.chars().map(|c| if next() % 2 == 0 { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }).collect()
        };
        let other = shuffled.spelled(&mut any_case);
        prop_assert_eq!(read(other.as_bytes()).unwrap(), body.event(), "{}", other);
    }

    #[test]
    fn an_event_is_not_equal_to_one_that_says_something_else(body in body(), other in body()) {
        let same = body.to_json() == other.to_json();
        let (event, other) = (body.event(), other.event());
        let equal = serde_json::to_string(&event).unwrap() == serde_json::to_string(&other).unwrap();
        prop_assert!(event == event.clone());
        prop_assert_eq!(event == other, equal);
        prop_assert!(!same || equal);
    }
}

#[test]
fn the_schemas_of_these_tests_read_back_equal() {
    let schemas = Schemas::from_json(SCHEMAS).unwrap();
    let written = serde_json::to_string(&schemas).unwrap();
    assert_eq!(Schemas::from_json(written).unwrap(), schemas);
}
