//! What a host should have and know after the requests so far. The crate's reader, its decision and its view of a service
//! are what the host is checked against: it may add nothing to what they say, and lose nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use http_host::openapi::document;
use http_host::options::Options;
use serde_json::json;
use service_end::{EndRules, ExtensionSchema, Schemas, StoredService, Timestamp, Validator};

use super::answer::Answer;
use super::asked::{Asked, Sent};
use super::read::{Route, Segment, pairs};

#[derive(Debug)]
pub struct Model {
    pub(super) options: Arc<Options>,
    /// Those in the store, and those that the host has taken from there.
    pub(super) registered: Schemas,
    pub(super) at_hand: Schemas,
    pub(super) services: BTreeMap<i64, Kept>,
    /// How often each thing came of an end: whether it is a success, and its code.
    counted: BTreeMap<(bool, String), u64>,
    /// How many ends have changed something.
    pub(super) changes: u64,
}

/// A service as it should be.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) stored: StoredService,
    /// It should be at a newer version.
    pub(super) has_changed: bool,
    /// What time it was when it was started or ended, where the caller did not say when.
    pub(super) started: Option<Moments>,
    pub(super) ended: Option<Moments>,
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

    pub fn ids(&self) -> Vec<i64> {
        self.services.keys().copied().collect()
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

    /// Those that the host judges by, as long as it does not look again.
    pub fn schemas_at_hand_json(&self) -> String {
        serde_json::to_string(&self.at_hand).expect("plain values")
    }

    pub fn max_body(&self) -> usize {
        self.options.max_body
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
            return answer.must_be_code("body_too_large");
        }
        if let Sent::Broken(_) = asked.sent {
            return answer.must_be_code("incomplete_body");
        }
        let Some(route) = route else { return answer.must_be_code("not_found") };
        if !route.methods().contains(&asked.method.as_str()) {
            let mut allowed: Vec<_> = answer.header("allow").split(',').map(str::trim).collect();
            allowed.sort_unstable();
            assert_eq!(allowed, route.methods(), "{answer:?}");
            return answer.must_be_code("method_not_allowed");
        }
        let query = pairs(asked.uri.query().unwrap_or_default());
        match (route, asked.method.as_str()) {
            (Route::Schemas, "POST") => self.check_register(&asked.body, answer),
            (Route::Schemas, _) => answer.must_be_json(200, &self.schemas_json()),
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
                answer.must_be_json(200, &serde_json::to_string(&document).expect("plain values"));
            }
        }
    }

    fn check_register(&mut self, body: &[u8], answer: &Answer) {
        let schema = match ExtensionSchema::from_json(body) {
            Ok(schema) => schema,
            Err(error) => return answer.must_be_problem(&error.into()),
        };
        let Ok(registered) = self.registered.with(schema.clone()) else {
            return answer.must_be_code("schema_exists");
        };
        answer.must_be_json(201, &json!({ "name": schema.name() }).to_string());
        assert_eq!(answer.header("location"), format!("/metadata/services/extensions/{}", schema.name()));
        self.registered = registered;
        self.refresh();
    }

    fn check_replace(&mut self, name: Segment, query: &[(String, String)], body: &[u8], answer: &Answer) {
        let schema = match ExtensionSchema::from_json(body) {
            Ok(schema) => schema,
            Err(error) => return answer.must_be_problem(&error.into()),
        };
        if !name.is_some_and(|name| name.eq_ignore_ascii_case(schema.name())) {
            return answer.must_be_code("invalid_schema");
        }
        let is_forced = query.iter().any(|(key, value)| key == "force" && value == "true");
        let replaced = if is_forced {
            self.registered.replace_anyway(schema.clone()).map_err(Into::into)
        } else {
            self.registered.replace(schema.clone())
        };
        match replaced {
            Ok(replaced) => self.registered = replaced,
            Err(error) => return answer.must_be_problem(&error.into()),
        }
        answer.must_be_json(200, &json!({ "name": schema.name() }).to_string());
        self.refresh();
    }

    fn check_unregister(&mut self, name: &str, answer: &Answer) {
        if self.remove(name) {
            answer.must_be_empty();
            self.refresh();
        } else {
            answer.must_be_code("schema_not_found");
        }
    }

    fn check_health(&self, answer: &Answer) {
        answer.must_be_success(200, "application/json");
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
        answer.must_be_success(200, "application/openmetrics-text; version=1.0.0; charset=utf-8");
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

    /// The host takes the schemas of the store.
    pub(super) fn refresh(&mut self) {
        self.at_hand = self.registered.clone();
    }

    pub fn end_rules(&self) -> EndRules {
        EndRules::new().with_policy(self.options.policy)
    }

    /// What the host should read bodies with.
    pub(super) fn validator(&self) -> Validator {
        let validator = Validator::new(self.at_hand.clone());
        self.options.rules.iter().fold(validator, |validator, rules| rules.attached(validator))
    }
}
