//! Decisions: `decide` against section 2.4 of the design, said once more over the events of the plain reader.

use std::time::Duration;

use service_end::service::{Decision, End, Refusal, decide};
use service_end::{EndPolicy, EndRules, ServiceEndEvent, ServiceId, StoredService, Timestamp};

use crate::case::Case;
use crate::made::Dice;
use crate::plain::{Event, Value};

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
    // What is stored, as the model sees it: the end, and the extensions that can be read.
    let mut stored: Option<Event> = None;
    let mut unreadable = Vec::new();
    let other = case.again(&mut dice);
    let earlier = if dice.once_in(2) { other.event() } else { Some((event.clone(), plain.clone())) };
    if let Some((earlier, mut plain)) = earlier.filter(|_| !dice.once_in(3)) {
        let at = earlier.timestamp().unwrap_or(at);
        plain.fields.retain(|(name, _)| name != "timestamp" && name != "service_id");
        plain.fields.push(("timestamp".into(), Value::Moment(at.unix_millis())));
        service = service.with_end(End::new(at, earlier.fields().clone()));
        for extension in earlier.extensions() {
            if extension.is_empty() && dice.once_in(2) {
                continue;
            }
            if dice.once_in(8) {
                service
                    .insert_extension(extension.name(), dice.pick(&["", "7", "null", "[7]", "{\"nope\":1}"]));
                unreadable.push(extension.name().to_owned());
                plain.extensions.retain(|other| other.name != extension.name());
            } else {
                service.insert_extension(extension.name(), extension.to_json());
            }
        }
        stored = Some(plain);
    }
    let mut rules = EndRules::new().with_clock_tolerance(Duration::from_secs(dice.pick(&[60, 0, u64::MAX])));
    if dice.once_in(3) {
        rules = rules.with_policy(EndPolicy::ReplaceEarlier);
    }
    let version = dice.pick(&[None, Some(1), Some(2)]);
    let target = version.map_or(ServiceId(7).into(), |version| ServiceId(7).at(version));
    let there = (!dice.once_in(16)).then_some(&service);
    let decided = decide(target, there, event.clone(), &rules, now);
    let expected = model(&plain, there, stored.as_ref(), &unreadable, &rules, version, now);
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
            let fields = differences
                .iter()
                .take_while(|pointer| pointer[1..].starts_with(|c: char| c.is_lowercase()))
                .count();
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

fn model(
    event: &Event,
    service: Option<&StoredService>,
    stored: Option<&Event>,
    unreadable: &[String],
    rules: &EndRules,
    version: Option<i64>,
    now: Timestamp,
) -> String {
    let field = |event: &Event, name: &str| {
        event.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone())
    };
    if field(event, "service_id").is_some_and(|id| id != Value::Whole(7)) {
        return r#"invalid: ["/service_id service_id_mismatch"]"#.into();
    }
    let Some(service) = service else { return "not found".into() };
    let current = service.version.0;
    let mut replaces = false;
    if let Some(stored) = stored {
        let mut names: Vec<_> =
            event.fields.iter().chain(&stored.fields).map(|(name, _)| name.clone()).collect();
        names.sort_unstable();
        names.dedup();
        names.retain(|name| name != "service_id" && field(event, name) != field(stored, name));
        names.retain(|name| name != "timestamp" || field(event, name).is_some());
        let fields: Vec<_> = names.iter().map(|name| format!("/{name}")).collect();
        let differs = |extension: &&crate::plain::Extension| {
            let earlier = stored.extensions.iter().find(|other| other.name == extension.name);
            let same = earlier.map_or(extension.many && extension.records.is_empty(), |earlier| {
                earlier.records == extension.records
            });
            !same || unreadable.contains(&extension.name)
        };
        let extensions: Vec<_> =
            event.extensions.iter().filter(differs).map(|extension| format!("/{}", extension.name)).collect();
        if fields.is_empty() && extensions.is_empty() {
            let Some(Value::Moment(at)) = field(stored, "timestamp") else {
                panic!("an end has a timestamp")
            };
            return format!("already so at {at}");
        }
        if version.is_some_and(|version| version != current) {
            return format!("version mismatch: {current}");
        }
        if rules.policy == EndPolicy::KeepFirst {
            return format!("already ended: {fields:?} {extensions:?}");
        }
        replaces = true;
    } else if version.is_some_and(|version| version != current) {
        return format!("version mismatch: {current}");
    }
    let start = service.started.unix_millis();
    let tolerance = i128::try_from(rules.clock_tolerance.as_millis()).unwrap_or(i128::MAX);
    let at = match field(event, "timestamp") {
        Some(Value::Moment(at)) if i128::from(at) < i128::from(start) - tolerance => {
            return r#"invalid: ["/timestamp ends_before_start"]"#.into();
        }
        Some(Value::Moment(at)) => at,
        _ => now.unix_millis().max(start),
    };
    format!("complete at {at}, version {current}, replaces {replaces}")
}
