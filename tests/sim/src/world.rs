//! The store: one service, every state that it ever had, and commits that are still under way.

use std::sync::LazyLock;

use crate::outbox::Outbox;
use crate::scenario::Scenario;
use service_end::storage::Commit;
use service_end::{Completion, Schemas, ServiceId, StoredService, Timestamp, Validator, Version};

/// The service that everybody ends.
pub const SERVICE: ServiceId = ServiceId(7);

/// The name of the extension, and its key.
pub const SURVEY: &str = "Survey";

/// One call of one caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CallId {
    /// Which caller.
    pub caller: usize,
    /// His how many-th call, from 0.
    pub call: usize,
}

/// Who wrote, and what.
#[derive(Clone, Debug)]
pub enum Write {
    /// A call's completion was applied.
    End(CallId, Completion),
    /// Somebody else stored a survey.
    Other,
}

/// The store.
#[derive(Debug)]
pub struct World {
    /// The service in the beginning, and after each write.
    pub states: Vec<StoredService>,
    /// The writes, in their order.
    pub writes: Vec<Write>,
    /// Commits whose answers were lost, which may still be applied.
    pub under_way: Vec<(CallId, Completion)>,
    /// Whether the schemas have changed.
    pub schemas_changed: bool,
    /// The outbox, where the store keeps one.
    pub outbox: Option<Outbox>,
    /// What is wrong with the outbox.
    pub wrong: Option<String>,
    required: bool,
}

impl World {
    /// A store with an active service.
    pub fn new(scenario: &Scenario) -> Self {
        let mut service = StoredService::new(SERVICE, 1, started());
        if let Some(stored) = scenario.stored {
            service.insert_extension(SURVEY, stored);
        }
        let outbox = (!scenario.workers.is_empty())
            .then(|| Outbox::new(&service, validator(false, scenario.required).schemas(), scenario.workers));
        World {
            states: vec![service],
            writes: Vec::new(),
            under_way: Vec::new(),
            schemas_changed: false,
            outbox,
            wrong: None,
            required: scenario.required,
        }
    }

    /// The service as it is.
    pub fn service(&self) -> &StoredService {
        self.states.last().unwrap_or_else(|| unreachable!("there is a state in the beginning"))
    }

    /// The validator of now.
    pub fn validator(&self) -> &'static Validator {
        validator(self.schemas_changed, self.required)
    }

    /// What a load of some extensions answers.
    pub fn load(&self, keys: &[String]) -> StoredService {
        let mut service = self.service().clone();
        service.retain_extensions(|key| keys.iter().any(|wanted| wanted == key));
        service
    }

    /// What a commit would answer.
    pub fn would_commit(&self, completion: &Completion) -> Commit {
        let registered = self.validator().schemas();
        let is_current = |extension: &service_end::Extension| {
            registered.get(extension.name()).is_some_and(|schema| schema == extension.schema())
        };
        if completion.version() != self.service().version {
            Commit::Stale
        } else if !completion.extensions().iter().all(is_current) {
            Commit::SchemaChanged
        } else {
            Commit::Committed
        }
    }

    /// Applies a completion, if the contract says so.
    pub fn commit(&mut self, by: CallId, completion: Completion) -> Commit {
        let answer = self.would_commit(&completion);
        if let Some(outbox) = &mut self.outbox {
            self.wrong = outbox.commit(&completion, answer).err();
        }
        if answer == Commit::Committed {
            let mut service = self.service().clone();
            service.end = Some(completion.end().clone());
            for extension in completion.extensions() {
                service.remove_extension(extension.key());
                if !extension.is_empty() {
                    service.insert_extension(extension.key(), extension.to_json());
                }
            }
            self.write(service, Write::End(by, completion));
        }
        answer
    }

    /// Somebody else stores a survey, or removes the one that is stored.
    pub fn store(&mut self, survey: &str) {
        let mut service = self.service().clone();
        service.remove_extension(SURVEY);
        if survey != "[]" {
            service.insert_extension(SURVEY, survey);
        }
        if let Some(outbox) = &mut self.outbox {
            outbox.write(&service);
        }
        self.write(service, Write::Other);
    }

    /// The schemas change.
    pub fn change_schemas(&mut self) {
        self.schemas_changed = true;
        let schemas = self.validator().schemas();
        if let Some(outbox) = &mut self.outbox {
            outbox.change(schemas);
        }
    }

    fn write(&mut self, mut service: StoredService, write: Write) {
        service.version = Version(service.version.0 + 1);
        self.states.push(service);
        self.writes.push(write);
    }
}

/// When the service started.
pub fn started() -> Timestamp {
    timestamp("2009-05-12T11:50:00.000Z")
}

/// A timestamp that is known to be one.
pub fn timestamp(text: &str) -> Timestamp {
    text.parse().unwrap_or_else(|error| unreachable!("{text}: {error}"))
}

/// The validator before or after the schemas change.
fn validator(changed: bool, required: bool) -> &'static Validator {
    static ALL: LazyLock<[Validator; 4]> = LazyLock::new(|| {
        let (before, after) = (RATING.to_owned(), format!("{RATING},{COMMENT}"));
        [(false, &before), (false, &after), (true, &before), (true, &after)]
            .map(|(required, attributes)| with_schema(required, attributes))
    });
    let [before, after, required_before, required_after] = &*ALL;
    match (required, changed) {
        (false, false) => before,
        (false, true) => after,
        (true, false) => required_before,
        (true, true) => required_after,
    }
}

const RATING: &str = r#"{"name":"rating","type":"integer"}"#;
const COMMENT: &str = r#"{"name":"comment","type":"string"}"#;

fn with_schema(required: bool, attributes: &str) -> Validator {
    let form = r#""type":"multi-valued","attributes""#;
    let schemas = format!(r#"[{{"name":"{SURVEY}",{form}:[{attributes}],"required":{required}}}]"#);
    let schemas = Schemas::from_json(&schemas);
    Validator::new(schemas.unwrap_or_else(|error| unreachable!("{error}")))
}
