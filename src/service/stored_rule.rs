use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use super::end::End;
use super::stored::StoredService;
use crate::event::{Extension, OpenExtension, ServiceEndEvent};
use crate::schema::{ExtensionSchema, Schemas};
use crate::validate::{
    Content, Findings, Parts, Reads, Rule, RuleError, RuleFailed, Validator, check_rule_name, reads, run_rule,
};
use crate::value::Timestamp;
use crate::violation::Collector;

/// What a rule about an event and the service that it ends looks at, and what it finds: a closure will do.
///
/// It is pure, as a [`Check`](crate::validate::Check) is.
pub trait StoredCheck: Send + Sync {
    /// Looks at the parts of the event that the rule reads, and at what is stored.
    fn check(&self, parts: &Parts<'_>, stored: &StoredParts<'_>, findings: &mut Findings<'_>);
}

impl<F: Fn(&Parts<'_>, &StoredParts<'_>, &mut Findings<'_>) + Send + Sync> StoredCheck for F {
    fn check(&self, parts: &Parts<'_>, stored: &StoredParts<'_>, findings: &mut Findings<'_>) {
        self(parts, stored, findings);
    }
}

/// A rule of the host's own about an event and the service that it ends. It runs in the decision, where extensions that
/// are required are looked at: after a retry was told, and beside an end before the start.
/// [`CompleteService::with_stored_rule`](crate::CompleteService::with_stored_rule) takes it; [`rules`](crate::rules) tells which rule
/// goes where.
///
/// ```
/// use service_end::service::{StoredParts, StoredRule};
/// use service_end::validate::{Findings, Parts};
/// use service_end::violation::HostCode;
/// use service_end::{CompleteService, MemoryStorage, Schemas, StoredService, Timestamp, Validator};
///
/// let schemas = Schemas::from_json(r#"[ { "name": "Hold", "type": "single-valued",
///     "attributes": [ { "name": "reason", "type": "string" } ] } ]"#)?;
/// let code = HostCode::new("on_hold")?;
/// let rule = StoredRule::new(
///     "nothing_on_hold_ends",
///     [""; 0],
///     ["Hold"],
///     move |_: &Parts<'_>, stored: &StoredParts<'_>, findings: &mut Findings<'_>| {
///         if stored.extension("Hold").is_some() {
///             findings.at_event(&code, "the service is on hold");
///         }
///     },
/// );
/// let storage = MemoryStorage::new();
/// let started: Timestamp = "2009-05-12T11:50:00Z".parse()?;
/// storage.insert(StoredService::new(7, 0, started).with_extension("Hold", r#"{"reason":"fraud"}"#));
/// let operation = CompleteService::new(Validator::new(schemas), &storage).with_stored_rule(rule)?;
/// let error = operation.end(7, br#"{ "disposition": 10 }"#, started).unwrap_err();
/// assert_eq!(error.violations().unwrap().as_slice()[0].code().as_str(), "on_hold");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct StoredRule {
    name: Arc<str>,
    reads: Vec<String>,
    stored: Vec<String>,
    check: Arc<dyn StoredCheck>,
}

impl StoredRule {
    /// A rule by its name, the names of the fixed fields and extensions of the event that it reads, the names of the
    /// stored extensions that it reads, and what it checks. Whether the names are good is looked at when it is given to
    /// the operation.
    pub fn new(
        name: &str,
        reads: impl IntoIterator<Item = impl Into<String>>,
        stored: impl IntoIterator<Item = impl Into<String>>,
        check: impl StoredCheck + 'static,
    ) -> Self {
        StoredRule {
            name: name.into(),
            reads: reads.into_iter().map(Into::into).collect(),
            stored: stored.into_iter().map(Into::into).collect(),
            check: Arc::new(check),
        }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names of the fixed fields and extensions of the event that it reads.
    pub fn reads(&self) -> impl ExactSizeIterator<Item = &str> {
        self.reads.iter().map(String::as_str)
    }

    /// The names of the stored extensions that it reads.
    pub fn reads_stored(&self) -> impl ExactSizeIterator<Item = &str> {
        self.stored.iter().map(String::as_str)
    }
}

impl fmt::Debug for StoredRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rule = f.debug_struct("StoredRule");
        rule.field("name", &self.name).field("reads", &self.reads).field("stored", &self.stored);
        rule.finish_non_exhaustive()
    }
}

/// What is stored of a service, as far as a rule declared to read it: the start, an earlier end, and extensions.
pub struct StoredParts<'s> {
    service: &'s StoredService,
    read: &'s HashMap<&'s str, Option<Extension>>,
    open: &'s HashMap<&'s str, Option<OpenExtension>>,
    keys: &'s HashSet<String>,
}

/// The service, and which extensions of it the rule reads, without their values.
impl fmt::Debug for StoredParts<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredParts")
            .field("service", self.service)
            .field("reads", self.keys)
            .finish_non_exhaustive()
    }
}

impl StoredParts<'_> {
    /// When the service started.
    pub fn started(&self) -> Timestamp {
        self.service.started
    }

    /// How it ended, where an earlier end is to be replaced.
    pub fn end(&self) -> Option<&End> {
        self.service.end.as_ref()
    }

    /// A stored extension, without regard to ASCII case. `None` where nothing is stored, where today's schemas can't
    /// read it, and for one that the rule did not declare.
    pub fn extension(&self, name: &str) -> Option<&Extension> {
        self.read.get(self.key(name)?)?.as_ref()
    }

    /// A stored open extension, without regard to ASCII case. `None` where nothing is stored, where what is stored can't be
    /// one, and for one that the rule did not declare.
    pub fn open_extension(&self, name: &str) -> Option<&OpenExtension> {
        self.open.get(self.key(name)?)?.as_ref()
    }

    /// Whether something is stored of an extension that can't be read today.
    pub fn is_unreadable(&self, name: &str) -> bool {
        let is_unreadable =
            |key| matches!(self.read.get(key), Some(None)) || matches!(self.open.get(key), Some(None));
        self.key(name).is_some_and(is_unreadable)
    }

    fn key(&self, name: &str) -> Option<&str> {
        self.keys.get(&*name.to_ascii_lowercase()).map(String::as_str)
    }
}

/// Rules, and what they read as the schemas of a validator have it.
#[derive(Clone, Debug, Default)]
pub(crate) struct StoredRules {
    /// Once there is a rule.
    schemas: Option<Schemas>,
    rules: Vec<Attached>,
    /// The schemas of the stored extensions that some rule reads, each once.
    stored: Vec<ExtensionSchema>,
    /// The keys of the stored open extensions that some rule reads, each once.
    open: Vec<String>,
}

#[derive(Clone, Debug)]
struct Attached {
    rule: StoredRule,
    reads: Reads,
    /// The keys of the stored extensions.
    keys: HashSet<String>,
}

impl StoredRules {
    pub(crate) fn add(&mut self, rule: StoredRule, validator: &Validator) -> Result<(), RuleError> {
        let earlier = self.rules.iter().map(|earlier| earlier.rule.name());
        check_rule_name(rule.name(), earlier.chain(validator.rules().map(Rule::name)))?;
        let schemas = validator.schemas();
        let reads = reads(rule.name(), rule.reads(), schemas)?;
        let mut keys = HashSet::with_capacity(rule.stored.len());
        for name in &rule.stored {
            let key = name.to_ascii_lowercase();
            if let Some(schema) = schemas.get(name) {
                if !self.stored.contains(schema) {
                    self.stored.push(schema.clone());
                }
            } else if !schemas.is_open(name) {
                let (rule, part) = (rule.name().to_owned(), name.clone());
                return Err(RuleError::UnknownStoredPart { rule, part });
            } else if !self.open.contains(&key) {
                self.open.push(key.clone());
            }
            keys.insert(key);
        }
        self.schemas = Some(schemas.clone());
        self.rules.push(Attached { rule, reads, keys });
        Ok(())
    }

    /// The rules, in the order in which they run.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &StoredRule> {
        self.rules.iter().map(|attached| &attached.rule)
    }

    /// The keys of the stored extensions that some rule reads.
    pub(crate) fn keys(&self) -> impl Iterator<Item = &str> {
        self.stored.iter().map(ExtensionSchema::key).chain(self.open.iter().map(String::as_str))
    }

    /// Runs all of them but those that read a part in which something was found before.
    pub(super) fn run(
        &self,
        event: &ServiceEndEvent,
        faulty: &[&str],
        service: &StoredService,
        found: &mut Collector,
    ) -> Result<(), RuleFailed> {
        let Some(schemas) = &self.schemas else { return Ok(()) };
        let content = Content::but_for(event, faulty, schemas);
        // Read once, however many rules look at it.
        let read = |schema| Some((ExtensionSchema::key(schema), service.read_extension(schema)?.ok()));
        let read: HashMap<_, _> = self.stored.iter().filter_map(read).collect();
        let open = |key| Some((key, service.read_open(key)?.ok()));
        let open: HashMap<_, _> = self.open.iter().map(String::as_str).filter_map(open).collect();
        self.rules.iter().try_for_each(|Attached { rule, reads, keys }| {
            let stored = StoredParts { service, read: &read, open: &open, keys };
            run_rule(rule.name(), reads, &content, found, |parts, findings| {
                rule.check.check(parts, &stored, findings);
            })
        })
    }
}
