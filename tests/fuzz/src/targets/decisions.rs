//! Decisions: `decide` against section 2.4 of the design, said once more over the events of the plain reader.

use std::time::Duration;

use service_end::schema::FixedField;
use service_end::service::{Decision, End, Refusal, decide};
use service_end::{EndPolicy, EndRules, ServiceEndEvent, ServiceId, StoredService, Timestamp};

use crate::case::Case;
use crate::made::Dice;
use crate::plain::{Event, Extension, Host, Schema, Value};

const MOMENTS: [i64; 5] = [1_242_129_912_145, 1_242_129_912_144, 1_242_129_852_144, 0, 1_300_000_000_000];

pub fn made(data: &[u8]) {
    let mut dice = Dice::new(data);
    let Some(case) = Case::made(&mut dice) else { return };
    let Some((event, plain)) = case.event() else { return };
    let moment = |dice: &mut Dice<'_>| match (event.timestamp(), dice.below(7)) {
        (Some(timestamp), 5) => timestamp,
        (Some(timestamp), 6) => Timestamp::from_unix_millis(timestamp.unix_millis().saturating_add(60_000))
            .unwrap_or(Timestamp::MAX),
        (_, at) => Timestamp::from_unix_millis(MOMENTS[at % 5]).expect("a moment"),
    };
    let (started, now, at) = (moment(&mut dice), moment(&mut dice), moment(&mut dice));
    let mut service = StoredService::new(7, dice.pick(&[1, 2]), started);
    // What is stored, as the model sees it: the extensions that can be read and the others, and the end.
    let mut stored = Stored::default();
    let other = case.again(&mut dice);
    let earlier = if dice.once_in(2) { other.event() } else { Some((event.clone(), plain.clone())) };
    if let Some((earlier, plain)) = earlier.filter(|_| !dice.once_in(3)) {
        if !dice.once_in(4) {
            let at = earlier.timestamp().unwrap_or(at);
            let mut fields = plain.fields;
            fields.retain(|(name, _)| name != "timestamp" && name != "service_id");
            fields.push(("timestamp".into(), Value::Moment(at.unix_millis())));
            stored.end = Some(fields);
            service = service.with_end(End::new(at, earlier.fields().clone()));
        }
        for (extension, plain) in earlier.extensions().iter().zip(plain.extensions) {
            if extension.is_empty() && dice.once_in(2) {
                continue;
            }
            if dice.once_in(8) {
                service
                    .insert_extension(extension.name(), dice.pick(&["", "7", "null", "[7]", "{\"nope\":1}"]));
                stored.unreadable.push(plain.name);
            } else {
                service.insert_extension(extension.name(), extension.to_json());
                stored.extensions.push(plain);
            }
        }
    }
    let mut rules = EndRules::new().with_clock_tolerance(Duration::from_secs(dice.pick(&[60, 0, u64::MAX])));
    if dice.once_in(3) {
        rules = rules.with_policy(EndPolicy::ReplaceEarlier);
    }
    let version = dice.pick(&[None, Some(1), Some(2)]);
    let target = version.map_or(ServiceId(7).into(), |version| ServiceId(7).at(version));
    let there = (!dice.once_in(16)).then_some(&service);
    let decided = decide(target, there, event.clone(), &rules, now);
    let expected = model(&plain, there.map(|service| (service, &stored)), &case.plain, &rules, version, now);
    assert_eq!(told(&decided, &event), expected, "{case}\n{service:?}\n{rules:?} {target:?} {now}");
}

/// The answer in words.
fn told(decided: &Result<Decision, Refusal>, event: &ServiceEndEvent) -> String {
    match decided {
        Ok(Decision::Complete(completion)) => {
            assert_eq!(completion.service_id(), ServiceId(7));
            assert_eq!(completion.extensions(), event.extensions());
            assert_eq!(completion.end().fields(), event.fields());
            let end = completion.end().timestamp().unix_millis();
            format!(
                "complete at {end}, version {}, replaces {}",
                completion.version().0,
                completion.replaces()
            )
        }
        Ok(Decision::AlreadySo(end)) => format!("already so at {}", end.timestamp().unix_millis()),
        Err(Refusal::NotFound) => "not found".into(),
        Err(Refusal::VersionMismatch { current, .. }) => format!("version mismatch: {}", current.0),
        Err(Refusal::AlreadyEnded { differences, .. }) => {
            // In which order fields are told is not laid down; extensions follow them.
            let fields =
                differences.iter().take_while(|pointer| pointer[1..].parse::<FixedField>().is_ok()).count();
            let (mut fields, extensions) = (differences[..fields].to_vec(), &differences[fields..]);
            fields.sort_unstable();
            format!("already ended: {fields:?} {extensions:?}")
        }
        Err(Refusal::Invalid(violations)) => {
            let found: Vec<_> = violations
                .iter()
                .map(|violation| format!("{} {}", violation.pointer(), violation.code()))
                .collect();
            format!("invalid: {found:?}")
        }
        Err(other) => panic!("{other}"),
    }
}

/// What is stored of a service.
#[derive(Debug, Default)]
struct Stored {
    end: Option<Fields>,
    extensions: Vec<Extension>,
    unreadable: Vec<String>,
}

type Fields = Vec<(String, Value)>;

fn field(fields: &Fields, name: &str) -> Option<Value> {
    fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone())
}

fn model(
    event: &Event,
    service: Option<(&StoredService, &Stored)>,
    host: &Host,
    rules: &EndRules,
    version: Option<i64>,
    now: Timestamp,
) -> String {
    if field(&event.fields, "service_id").is_some_and(|id| id != Value::Whole(7)) {
        return r#"invalid: ["/service_id service_id_mismatch"]"#.into();
    }
    let Some((service, stored)) = service else { return "not found".into() };
    let current = service.version.0;
    let differences =
        stored.end.as_ref().map(|end| (different_fields(event, end), different_extensions(event, stored)));
    if let (Some((fields, extensions)), Some(end)) = (&differences, &stored.end) {
        if fields.is_empty() && extensions.is_empty() {
            let Some(Value::Moment(at)) = field(end, "timestamp") else { panic!("an end has a timestamp") };
            return format!("already so at {at}");
        }
    }
    if version.is_some_and(|version| version != current) {
        return format!("version mismatch: {current}");
    }
    match &differences {
        Some((fields, extensions)) if rules.policy == EndPolicy::KeepFirst => {
            return format!("already ended: {fields:?} {extensions:?}");
        }
        _ => {}
    }
    let start = service.started.unix_millis();
    let tolerance = i128::try_from(rules.clock_tolerance.as_millis()).unwrap_or(i128::MAX);
    let mut found = Vec::new();
    let at = match field(&event.fields, "timestamp") {
        Some(Value::Moment(at)) => {
            if i128::from(at) < i128::from(start) - tolerance {
                found.push("/timestamp ends_before_start".to_owned());
            }
            at
        }
        _ => now.unix_millis().max(start),
    };
    for Schema { name, .. } in host.schemas.iter().filter(|schema| schema.required) {
        let of_name = |extensions: &[Extension]| {
            extensions
                .iter()
                .find(|extension| extension.name == *name)
                .map(|extension| !extension.records.is_empty())
        };
        let is_there = of_name(&event.extensions).or_else(|| of_name(&stored.extensions));
        if !is_there.unwrap_or_else(|| stored.unreadable.contains(name)) {
            found.push(format!("/{name} missing_extension"));
        }
    }
    if found.is_empty() {
        return format!("complete at {at}, version {current}, replaces {}", differences.is_some());
    }
    found.truncate(host.max_violations);
    format!("invalid: {found:?}")
}

fn different_fields(event: &Event, end: &Fields) -> Vec<String> {
    let mut names: Vec<_> = event.fields.iter().chain(end).map(|(name, _)| name.clone()).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| name != "service_id" && field(&event.fields, name) != field(end, name));
    names.retain(|name| name != "timestamp" || field(&event.fields, name).is_some());
    names.iter().map(|name| format!("/{name}")).collect()
}

fn different_extensions(event: &Event, stored: &Stored) -> Vec<String> {
    let differs = |extension: &&Extension| {
        let earlier = stored.extensions.iter().find(|other| other.name == extension.name);
        let same = match earlier {
            Some(earlier) => earlier.records == extension.records,
            None => extension.records.is_empty(),
        };
        !same || stored.unreadable.contains(&extension.name)
    };
    event.extensions.iter().filter(differs).map(|extension| format!("/{}", extension.name)).collect()
}
