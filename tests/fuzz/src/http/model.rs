//! What a host should have and know after the requests so far. The crate's reader, its decision and its view of a service
//! are what the host is held against: it may add nothing to what they say, and lose nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use http_host::openapi::document;
use http_host::options::Options;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use service_end::service::{Decision, End, Refusal, decide};
use service_end::{
    EndRules, ExtensionSchema, Problem, ReadError, Schemas, Service, ServiceId, StoredService, Timestamp,
    Validator, Version,
};

use super::answer::Answer;
use super::asked::{Asked, Sent};
use super::read::{IfMatch, Route, Segment, if_match, pairs};
use crate::plain::{Json, Type, judge};

#[derive(Debug)]
pub struct Model {
    options: Arc<Options>,
    /// Those in the store, and those that the host has taken from there.
    registered: Schemas,
    at_hand: Schemas,
    services: BTreeMap<i64, Kept>,
    /// How often each thing came of an end: whether it is a success, and its code.
    counted: BTreeMap<(bool, String), u64>,
    /// How many ends have changed something.
    changes: u64,
}

/// A service as it should be.
#[derive(Debug)]
struct Kept {
    stored: StoredService,
    /// It should be at a newer version.
    has_changed: bool,
    /// What time it was when it was started or ended, where the caller did not say when.
    started: Option<(Timestamp, Timestamp)>,
    ended: Option<(Timestamp, Timestamp)>,
}

/// When a request was sent, and when its answer was there.
pub type Moments = (Timestamp, Timestamp);

impl Model {
    pub fn new(options: &Arc<Options>) -> Self {
        let none = Schemas::new().with_open(options.open.clone());
        Model {
            options: Arc::clone(options),
            registered: none.clone(),
            at_hand: none,
            services: BTreeMap::new(),
            counted: BTreeMap::new(),
            changes: 0,
        }
    }

    pub fn known(&self) -> Vec<i64> {
        self.services.keys().copied().collect()
    }

    /// The ids of its services, and one that no service has.
    pub fn ids(&self) -> Vec<i64> {
        let ids: Vec<_> = self.services.keys().copied().collect();
        let unused = ids.last().map_or(i64::MAX, |last| last + 1_000_000);
        // Most requests are about one that is there.
        ids.iter().copied().cycle().take(7 * ids.len()).chain([unused]).collect()
    }

    pub fn names(&self) -> Vec<String> {
        self.registered.iter().map(|schema| schema.name().to_owned()).collect()
    }

    pub fn version(&self, id: i64) -> Option<i64> {
        self.services.get(&id).map(|kept| kept.stored.version.0)
    }

    pub fn schemas_json(&self) -> String {
        serde_json::to_string(&self.registered).expect("plain values")
    }

    /// Whether all schemas of the store are known to the host.
    pub fn is_fresh(&self) -> bool {
        self.at_hand.iter().eq(&self.registered)
    }

    /// Whether something is to be seen of a service that only the host can tell.
    pub fn has_changed(&self, id: i64) -> bool {
        let kept = &self.services[&id];
        kept.has_changed || kept.started.is_some() || kept.ended.is_some()
    }

    /// Another host has changed the schemas in the store, if it could.
    pub fn changed_elsewhere(&mut self, schemas: Option<Schemas>) {
        self.registered = schemas.unwrap_or_else(|| self.registered.clone());
    }

    /// Another host has removed a schema, if there is one of this name.
    pub fn remove(&mut self, name: &str) -> bool {
        let Ok(others) = self.registered.without(name) else { return false };
        self.registered = others;
        for kept in self.services.values_mut() {
            kept.has_changed |= kept.stored.remove_extension(name);
        }
        true
    }

    pub fn registered(&self) -> &Schemas {
        &self.registered
    }

    /// Sees to it that this is the right answer, and that what it shows is as it should be.
    pub fn check(&mut self, asked: &Asked, answer: &Answer, moments: Moments) {
        let route = Route::of(asked.uri.path());
        if let Some(Route::End(_)) = route {
            let code = answer.told.as_ref().expect("what came of it").code.clone().into_owned();
            *self.counted.entry((answer.status < 400, code)).or_default() += 1;
        }
        let arrived = if let Sent::Broken(after) = asked.sent { after } else { asked.body.len() };
        if arrived > self.options.max_body {
            return answer.is_code("body_too_large");
        }
        if let Sent::Broken(_) = asked.sent {
            return answer.is_code("incomplete_body");
        }
        let Some(route) = route else { return answer.is_code("not_found") };
        if !route.methods().contains(&asked.method.as_str()) {
            let mut allowed: Vec<_> = answer.header("allow").split(',').map(str::trim).collect();
            allowed.sort_unstable();
            assert_eq!(allowed, route.methods(), "{answer:?}");
            return answer.is_code("method_not_allowed");
        }
        let query = pairs(asked.uri.query().unwrap_or_default());
        match (route, asked.method.as_str()) {
            (Route::Schemas, "POST") => self.check_register(&asked.body, answer),
            (Route::Schemas, _) => answer.is_json(200, &self.schemas_json()),
            (Route::Schema(name), "PUT") => self.check_replace(name, &query, &asked.body, answer),
            (Route::Schema(name), _) => self.check_unregister(&name.unwrap_or_default(), answer),
            (Route::Start, _) => self.check_start(&asked.body, answer, moments),
            (Route::End(id), _) => self.check_end(id, asked, answer, moments),
            (Route::Service(id), _) => self.check_service(id, &query, answer),
            (Route::Health, _) => self.check_health(answer),
            (Route::Metrics, _) => self.check_metrics(answer),
            (Route::OpenApi, _) => {
                self.refresh();
                let document = document(&self.validator());
                answer.is_json(200, &serde_json::to_string(&document).expect("plain values"));
            }
        }
    }

    fn check_register(&mut self, body: &[u8], answer: &Answer) {
        let schema = match ExtensionSchema::from_json(body) {
            Ok(schema) => schema,
            Err(error) => return answer.is_problem(&error.into()),
        };
        let Ok(registered) = self.registered.with(schema.clone()) else {
            return answer.is_code("schema_exists");
        };
        answer.is_json(201, &json!({ "name": schema.name() }).to_string());
        assert_eq!(answer.header("location"), format!("/metadata/services/extensions/{}", schema.name()));
        self.registered = registered;
        self.refresh();
    }

    fn check_replace(&mut self, name: Segment, query: &[(String, String)], body: &[u8], answer: &Answer) {
        let schema = match ExtensionSchema::from_json(body) {
            Ok(schema) => schema,
            Err(error) => return answer.is_problem(&error.into()),
        };
        if !name.is_some_and(|name| name.eq_ignore_ascii_case(schema.name())) {
            return answer.is_code("invalid_schema");
        }
        let is_forced = query.iter().any(|(key, value)| key == "force" && value == "true");
        let replaced = if is_forced {
            self.registered.replace_anyway(schema.clone()).map_err(Into::into)
        } else {
            self.registered.replace(schema.clone())
        };
        match replaced {
            Ok(replaced) => self.registered = replaced,
            Err(error) => return answer.is_problem(&error.into()),
        }
        answer.is_json(200, &json!({ "name": schema.name() }).to_string());
        self.refresh();
    }

    fn check_unregister(&mut self, name: &str, answer: &Answer) {
        if self.remove(name) {
            answer.is_empty();
            self.refresh();
        } else {
            answer.is_code("schema_not_found");
        }
    }

    fn check_start(&mut self, body: &[u8], answer: &Answer, (before, after): Moments) {
        let timestamp = match Validator::new(Schemas::new()).read(body) {
            _ if body.is_empty() => None,
            Ok(event) => event.timestamp(),
            Err(ReadError::Invalid(_)) => None,
            Err(error) => return answer.is_problem(&error.into()),
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
        answer.is_json(201, &json!({ "service_id": id }).to_string());
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

    fn check_end(&mut self, id: Segment, asked: &Asked, answer: &Answer, (before, after): Moments) {
        let condition = if_match(&asked.headers);
        if condition == IfMatch::Invalid {
            return answer.is_code("invalid_if_match");
        }
        let Some(id) = service_id(id) else { return answer.is_code("invalid_service_id") };
        let decision = match self.decided(id, &condition, &asked.body, before) {
            Ok(decision) => decision,
            Err(problem) => return answer.is_problem(&problem),
        };
        answer.is_empty();
        let code = answer.told.as_ref().map(|told| &*told.code);
        let Decision::Complete(completion) = decision else { return assert_eq!(code, Some("already_so")) };
        assert_eq!(code, Some(if completion.replaces() { "replaced" } else { "ended" }));
        let kept = self.services.get_mut(&id.0).expect("it was there");
        kept.stored.end = Some(completion.end().clone());
        for extension in completion.all_extensions() {
            if extension.is_empty() {
                kept.stored.remove_extension(extension.name());
            } else {
                kept.stored.insert_extension(extension.name(), extension.to_json());
            }
        }
        kept.has_changed = true;
        let started = kept.stored.started;
        let is_ours = completion.end().timestamp() == before.max(started);
        kept.ended = is_ours.then_some((before.max(started), after.max(started)));
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
        let mut event = self.validator().read(body);
        if let (Err(ReadError::Invalid(_)), false) = (&event, self.is_fresh()) {
            self.refresh();
            event = self.validator().read(body);
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
        // What was read with the schemas of before is carried to those of now; if it can't be, it is read again.
        self.refresh();
        let event = self.validator().admit(event).or_else(|_| self.validator().read(body));
        let event = event.map_err(|error| error.locate(body))?;
        self.decide(id, condition, event, now).map_err(|refusal| Problem::from(refusal).locate(body))
    }

    fn decide(
        &self,
        id: ServiceId,
        condition: &IfMatch,
        event: service_end::ServiceEndEvent,
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
        decide(target, stored, event, &EndRules::new().with_policy(self.options.policy), now)
    }

    fn check_service(&mut self, id: Segment, query: &[(String, String)], answer: &Answer) {
        let Some(id) = service_id(id) else { return answer.is_code("invalid_service_id") };
        let Some(kept) = self.services.get(&id.0) else {
            return answer.is_problem(&Refusal::NotFound.into());
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
        answer.is_success(200, "application/json");
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

    fn check_health(&self, answer: &Answer) {
        answer.is_success(200, "application/json");
        if !answer.is_head {
            let mut expected = json!({ "status": "ok" });
            if self.options.publish.is_some() {
                expected["outbox"] = answer.json()["outbox"].clone();
                // It may be the count of a second ago.
                let waiting = expected["outbox"]["waiting"].as_u64().expect("it is counted");
                assert!(waiting <= self.changes, "{answer:?}");
                assert_eq!(expected["outbox"].as_object().map(serde_json::Map::len), Some(2), "{answer:?}");
            }
            assert_eq!(answer.json(), expected);
        }
    }

    fn check_metrics(&self, answer: &Answer) {
        answer.is_success(200, "application/openmetrics-text; version=1.0.0; charset=utf-8");
        if answer.is_head {
            return;
        }
        let lines = answer.text().lines();
        let mut found: Vec<_> = lines
            .filter(|line| line.contains("_total{") || line.contains("duration_seconds_count"))
            .collect();
        let mut expected: Vec<_> = (self.counted.iter())
            .map(|((is_success, code), count)| match is_success {
                true => format!("service_end_ends_total{{outcome=\"{code}\"}} {count}"),
                false => format!("service_end_refusals_total{{code=\"{code}\"}} {count}"),
            })
            .collect();
        expected
            .push(format!("service_end_end_duration_seconds_count {}", self.counted.values().sum::<u64>()));
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{answer:?}");
    }

    fn refresh(&mut self) {
        self.at_hand = self.registered.clone();
    }

    fn validator(&self) -> Validator {
        let validator = Validator::new(self.at_hand.clone());
        self.options.rules.iter().fold(validator, |validator, rules| rules.attached(validator))
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
            Ok(crate::plain::Seen::Null) => return None,
            Ok(seen) => judge(Type::DateTime, &seen).err()?,
            Err(_) => unreachable!("it was read"),
        };
        Some(("/timestamp".to_owned(), code))
    };
    members.into_iter().filter_map(violation).collect()
}
