//! Services as a host should have them: how they start, end and are shown.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Value, json};
use service_end::service::{Completion, Decision, End, Refusal, decide};
use service_end::{
    Problem, ReadError, Schemas, Service, ServiceEndEvent, ServiceId, StoredService, Timestamp, Validator,
    Version,
};

use super::answer::Answer;
use super::asked::Asked;
use super::model::{Kept, Model, Moments};
use super::read::{IfMatch, Segment, if_match};
use crate::plain::{Json, Seen, Type, judge};

impl Model {
    pub(super) fn check_start(&mut self, body: &[u8], answer: &Answer, (before, after): Moments) {
        let timestamp = match Validator::new(Schemas::new()).read(body) {
            _ if body.is_empty() => None,
            Ok(event) => event.timestamp(),
            Err(ReadError::Invalid(_)) => None,
            Err(error) => return answer.must_be_problem(&error.into()),
        };
        let expected = violations_of_start(body);
        if !expected.is_empty() {
            let problem = answer.problem().expect("a start is no question about the head");
            let violations = problem.violations().expect("violations");
            let found: Vec<_> =
                violations.iter().map(|violation| (violation.pointer(), violation.code().as_str())).collect();
            let kept: Vec<_> = expected.iter().map(|(pointer, code)| (&**pointer, *code)).take(100).collect();
            assert_eq!((problem.code(), found), ("invalid_start", kept), "{answer:?}");
            return assert_eq!(violations.truncated(), expected.len() > 100, "{answer:?}");
        }
        let started = answer.json();
        let id = started["service_id"].as_i64().expect("an id");
        answer.must_be_json(201, &json!({ "service_id": id }).to_string());
        assert_eq!(answer.header("location"), format!("/services/{id}"));
        let kept = Kept {
            // What it is at, the host tells when it is asked.
            stored: StoredService::new(id, i64::MIN, timestamp.unwrap_or(Timestamp::MIN)),
            has_changed: true,
            started: timestamp.is_none().then_some((before, after)),
            ended: None,
        };
        assert!(self.services.insert(id, kept).is_none(), "an id is never given twice: {id}");
    }

    pub(super) fn check_end(
        &mut self,
        id: Segment,
        asked: &Asked,
        answer: &Answer,
        (before, after): Moments,
    ) {
        let condition = if_match(&asked.headers);
        if condition == IfMatch::Invalid {
            return answer.must_be_code("invalid_if_match");
        }
        let Some(id) = service_id(id) else { return answer.must_be_code("invalid_service_id") };
        let decision = match self.decided(id, &condition, &asked.body, before) {
            Ok(decision) => decision,
            Err(problem) => return answer.must_be_problem(&problem),
        };
        answer.must_be_empty();
        let code = answer.told.as_ref().map(|told| &*told.code);
        let Decision::Complete(completion) = decision else { return assert_eq!(code, Some("already_so")) };
        assert_eq!(code, Some(if completion.replaces() { "replaced" } else { "ended" }));
        self.record(&completion);
        let kept = self.services.get_mut(&id.0).expect("it was there");
        let (before, after) = (before.max(kept.stored.started), after.max(kept.stored.started));
        kept.ended = (completion.end().timestamp() == before).then_some((before, after));
    }

    pub fn record(&mut self, completion: &Completion) {
        let kept = self.services.get_mut(&completion.service_id().0).expect("it was there");
        kept.stored.end = Some(completion.end().clone());
        for extension in completion.all_extensions() {
            if extension.is_empty() {
                kept.stored.remove_extension(extension.name());
            } else {
                kept.stored.insert_extension(extension.name(), extension.to_json());
            }
        }
        kept.has_changed = true;
        self.changes += 1;
    }

    /// What the crate says of an end, with the schemas that the host should judge it by.
    fn decided(
        &mut self,
        id: ServiceId,
        condition: &IfMatch,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Decision, Problem> {
        let event = self.validator().read(body);
        let decision = event.clone().map(|event| self.decide(id, condition, event, now));
        let is_refused = match &decision {
            Ok(Err(refusal)) => *refusal != Refusal::NotFound,
            Err(error) => !matches!(error, ReadError::Syntax(_)),
            Ok(Ok(_)) => false,
        };
        if is_refused && !self.is_fresh() {
            // Nothing is refused by schemas that have changed.
            self.refresh();
            return self.decided(id, condition, body, now);
        }
        let event = event.map_err(|error| error.locate(body))?;
        let decision = self.decide(id, condition, event.clone(), now);
        let is_committed = match &decision {
            Ok(Decision::Complete(completion)) => completion
                .all_extensions()
                .all(|extension| self.registered.get(extension.name()) == extension.schema()),
            _ => true,
        };
        if is_committed {
            return decision.map_err(|refusal| Problem::from(refusal).locate(body));
        }
        // What was read with the schemas of before is carried to those of now. If that is no end, the body counts as it
        // stands.
        self.refresh();
        let carried = self.validator().admit(event).ok();
        if let Some(Ok(decision)) = carried.map(|event| self.decide(id, condition, event, now)) {
            return Ok(decision);
        }
        let event = self.validator().read(body).map_err(|error| error.locate(body))?;
        self.decide(id, condition, event, now).map_err(|refusal| Problem::from(refusal).locate(body))
    }

    fn decide(
        &self,
        id: ServiceId,
        condition: &IfMatch,
        event: ServiceEndEvent,
        now: Timestamp,
    ) -> Result<Decision, Refusal> {
        let stored = self.services.get(&id.0).map(|kept| &kept.stored);
        let version = stored.map(|stored| stored.version);
        let target = match condition {
            IfMatch::Tags(tags) => {
                let is_named =
                    |version: &Version| tags.iter().any(|tag| *tag == version.0.to_string().as_bytes());
                // No store gives the other version.
                id.at(version.filter(is_named).unwrap_or(Version(i64::MIN + 1)))
            }
            _ => id.into(),
        };
        decide(target, stored, event, &self.end_rules(), now)
    }

    pub(super) fn check_service(&mut self, id: Segment, query: &[(String, String)], answer: &Answer) {
        let Some(id) = service_id(id) else { return answer.must_be_code("invalid_service_id") };
        let Some(kept) = self.services.get(&id.0) else {
            return answer.must_be_problem(&Refusal::NotFound.into());
        };
        let lists = query.iter().filter(|(key, _)| key == "extensions");
        let names: Vec<_> = lists
            .flat_map(|(_, list)| list.split(','))
            .map(|name| name.trim().to_ascii_lowercase())
            .collect();
        let mut wanted = kept.stored.clone();
        wanted.retain_extensions(|key| names.iter().any(|name| name == "*" || name == key));
        let mut service = Service::read(&wanted, &self.at_hand);
        // What can't be read, or is open, may have a schema by now.
        if !service.unreadable().is_empty() || !service.open_extensions().is_empty() {
            self.refresh();
            service = Service::read(&wanted, &self.at_hand);
        }
        answer.must_be_success(200, "application/json");
        let tag = answer.header("etag");
        let version = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')?.parse::<i64>().ok());
        let version = version.unwrap_or_else(|| panic!("no version: {answer:?}"));
        assert_eq!(tag, format!("\"{version}\""));
        let kept = self.services.get_mut(&id.0).expect("it was there");
        let (earlier, has_changed) = (kept.stored.version.0, std::mem::take(&mut kept.has_changed));
        assert!(if has_changed { version > earlier } else { version == earlier }, "{earlier}: {answer:?}");
        kept.stored.version = Version(version);
        if answer.is_head {
            return;
        }
        let mut expected = members(&serde_json::to_string(&service).expect("plain values"));
        let found = answer.json();
        if let Some(moments) = kept.started.take() {
            kept.stored.started = moment(&found["started"], moments);
            expected.insert("started".into(), found["started"].to_string());
        }
        if let (Some(moments), Some(end)) = (kept.ended.take(), &kept.stored.end) {
            let end = End::new(moment(&found["completed"], moments), end.fields().clone());
            expected.insert("completed".into(), end.to_json());
            kept.stored.end = Some(end);
        }
        assert_eq!(members(answer.text()), expected);
    }
}

fn service_id(id: Segment) -> Option<ServiceId> {
    let id = id?;
    id.parse().ok().filter(|number: &i64| number.to_string() == id).map(ServiceId)
}

/// The members of an object as they are written, in whatever order.
fn members(json: &str) -> BTreeMap<String, String> {
    let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json).expect("an object");
    members.into_iter().map(|(name, value)| (name, value.get().to_owned())).collect()
}

/// The timestamp that the host has chosen.
fn moment(object: &Value, (before, after): Moments) -> Timestamp {
    let moment: Timestamp = object["timestamp"].as_str().expect("a text").parse().expect("a timestamp");
    assert!((before..=after).contains(&moment), "{moment} is not between {before} and {after}");
    moment
}

/// What is wrong with the body of a start, which is JSON: it takes a timestamp and nothing else.
fn violations_of_start(body: &[u8]) -> Vec<(String, &'static str)> {
    let Ok(members) = Json::of(std::str::from_utf8(body).expect("it was read")).and_then(Json::members)
    else {
        return Vec::new();
    };
    let mut has_timestamp = false;
    let violation = |(name, value): (String, Json<'_>)| {
        if name != "timestamp" {
            return Some((format!("/{}", name.replace('~', "~0").replace('/', "~1")), "unknown_field"));
        }
        let is_first = !std::mem::replace(&mut has_timestamp, true);
        let code = match value.see() {
            _ if !is_first => "duplicate_key",
            Ok(Seen::Null) => return None,
            Ok(seen) => judge(Type::DateTime, &seen).err()?,
            Err(_) => unreachable!("it was read"),
        };
        Some(("/timestamp".to_owned(), code))
    };
    members.into_iter().filter_map(violation).collect()
}
