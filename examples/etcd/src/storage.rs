use std::collections::HashMap;
use std::fmt::Display;
use std::sync::{Mutex, PoisonError};

use etcd_client::{Compare, CompareOp, GetOptions, KeyValue, PutOptions, Txn, TxnOp, TxnResponse};
use service_end::{
    AsyncStorage, Completion, ExtensionSchema, ServiceId, StoredService, Timestamp,
    event::AnyExtension,
    service::{End, NoticeOrigin},
    storage::{Commit, Want},
};

use crate::nodes::{EtcdError, Nodes};
use crate::outbox::Orders;
use crate::transaction::{all_found, at, found, unmark};

/// Services in an etcd cluster. Share one store, behind an `Arc` or by reference, among all callers of a process.
///
/// What it writes, below a prefix of its own:
///
/// | key | value |
/// |---|---|
/// | `services/<id>/started` | when it started |
/// | `services/<id>/state` | a mark, a line feed, and once it has ended the JSON of its [`End`] |
/// | `services/<id>/extensions/<key>` | the name of an extension, a line feed, and its canonical JSON |
/// | `schemas/<key>` | a mark, a line feed, and unless it was removed the JSON of a schema |
/// | `registrations/<key>` | written when the schema is removed, with nothing, and when it is declared, with the revision of the removal before |
/// | `outbox/notices/<part>/<id>/<version>-<millis>` | a notice that waits, by the version decided on and the time; one of 256 parts |
/// | `outbox/due/<millis>/<id>` | that a service has notices of which none was taken, since when |
/// | `outbox/again/<millis>/<id>` | that the first one was taken, and when it can be again; how often, and since when it waits |
/// | `outbox/tried/<millis>/<id>` | the same, since when it waits |
/// | `outbox/claims/<id>` | while a worker holds the first notice: a mark, a line feed and what leads to `again` and `tried`; during a pause nothing but the line feed |
/// | `ids` | how many ids were passed over, which the revision of a write to it is added to for an id |
///
/// - The version of a service is the `mod_revision` of its state: revisions count up for the whole cluster, so none
///   ever comes back. A commit is one transaction that compares it and writes the state, and each extension that
///   the completion names is put or deleted in the same transaction.
/// - A mark names the call that wrote a value. When a node dies before it answers, the same transaction is sent to
///   the next one, and the mark tells whether the first attempt had come through.
#[derive(Debug)]
pub struct EtcdStorage {
    pub(crate) nodes: Nodes,
    prefix: String,
    /// The revision and content of the schemas seen last. A commit compares the revision: what is out of date here
    /// costs it a second round trip, no more.
    schemas: Mutex<HashMap<String, (i64, Option<ExtensionSchema>)>>,
    /// Of the notices, where they are kept.
    pub(crate) origin: Option<NoticeOrigin>,
    pub(crate) orders: Orders,
}

impl EtcdStorage {
    /// A store on the nodes of a cluster (`http://host:2379`), whose keys all begin with a prefix (`service-end/`).
    /// Nothing is sent yet.
    ///
    /// # Errors
    /// If an endpoint is no URI.
    pub async fn connect(endpoints: &[&str], prefix: impl Into<String>) -> Result<Self, EtcdError> {
        let nodes = Nodes::connect(endpoints).await?;
        let (schemas, orders) = (Mutex::default(), Orders::default());
        Ok(EtcdStorage { nodes, prefix: prefix.into(), schemas, origin: None, orders })
    }

    /// Starts a service under a new id. Ids that the host has given to services of its own are passed over, and some
    /// free ones with them.
    ///
    /// # Errors
    /// If the cluster does not answer: the service may be there, under an id that nobody learns.
    pub async fn start(&self, started: Timestamp) -> Result<ServiceId, EtcdError> {
        let mut taken = 0;
        loop {
            let id = self.new_id().await?;
            if self.insert(&StoredService::new(id, 0, started)).await? {
                return Ok(id);
            }
            // The host has given this id. There may be a million behind it: each step is twice as long.
            self.skip((1 << taken.min(40)) - 1).await?;
            taken += 1;
        }
    }

    /// An id that this prefix never gave before: the revision of a write of its own, and how many ids were passed over.
    ///
    /// # Errors
    /// If the cluster does not answer.
    pub async fn new_id(&self) -> Result<ServiceId, EtcdError> {
        let key = self.key("ids");
        let is_there = Compare::version(&*key, CompareOp::Greater, 0);
        let again = TxnOp::put(&*key, "", Some(PutOptions::new().with_ignore_value()));
        let read = TxnOp::get(&*key, None);
        let write = Txn::new()
            .when([is_there])
            .and_then([again, read.clone()])
            .or_else([TxnOp::put(&*key, "", None), read]);
        let (written, _) = self.nodes.send(write).await?;
        let id = first(&written).and_then(|kv| passed_over(&kv)?.checked_add(kv.mod_revision()));
        id.map(ServiceId).ok_or(EtcdError::Damaged(key))
    }

    /// Passes over so many ids, unless another caller does.
    async fn skip(&self, ids: i64) -> Result<(), EtcdError> {
        let key = self.key("ids");
        let (read, _) = self.nodes.send(Txn::new().and_then([TxnOp::get(&*key, None)])).await?;
        let Some(kv) = first(&read) else { return Ok(()) };
        let passed_over = passed_over(&kv).and_then(|passed_over| passed_over.checked_add(ids));
        let passed_over = passed_over.ok_or(EtcdError::Damaged(key.clone()))?;
        let write = TxnOp::put(&*key, passed_over.to_string(), None);
        self.nodes.send(Txn::new().when([at(key, kv.mod_revision())]).and_then([write])).await?;
        Ok(())
    }

    /// Keeps a service under the id it has, active or ended, with its extensions taken as they are; `false`, and
    /// nothing changes, if there is one of its id. Its version is not kept: the store gives versions of its own. If an
    /// extension is there twice, the later one stays.
    ///
    /// # Errors
    /// If the cluster does not answer, and if the service is too large for one transaction.
    pub async fn insert(&self, service: &StoredService) -> Result<bool, EtcdError> {
        let (id, mark) = (service.service_id, self.nodes.mark());
        let state = self.service(id, "state");
        let end = service.end.as_ref().map(End::to_json).unwrap_or_default();
        let mut writes = vec![
            TxnOp::put(&*state, format!("{mark}\n{end}"), None),
            TxnOp::put(self.service(id, "started"), service.started.to_string(), None),
        ];
        for extension in service.extensions() {
            let value = named(extension.name, extension.json);
            writes.push(TxnOp::put(self.extension(id, extension.key), value, None));
        }
        Ok(self
            .nodes
            .write(&mark, vec![at(&*state, 0)], writes, vec![TxnOp::get(state, None)])
            .await?
            .is_none())
    }

    /// The revision at which a commit may find the schema of an extension: the one seen last, if it has the content
    /// that the extension was made under; 0, no schema, if none was seen; else none at all.
    fn expected(&self, extension: AnyExtension<'_>) -> i64 {
        let schemas = self.schemas.lock().unwrap_or_else(PoisonError::into_inner);
        match schemas.get(extension.key()) {
            None => 0,
            Some((revision, schema)) if schema.as_ref() == extension.schema() => *revision,
            Some(_) => i64::MAX,
        }
    }

    /// Remembers a schema as it was found, with its revision: `None` if there never was one, and within if it was removed.
    pub(crate) fn saw(&self, key: &str, schema: Option<(i64, Option<ExtensionSchema>)>) {
        let mut schemas = self.schemas.lock().unwrap_or_else(PoisonError::into_inner);
        match schema {
            Some(schema) => schemas.insert(key.to_owned(), schema),
            None => schemas.remove(key),
        };
    }

    pub(crate) fn key(&self, path: impl Display) -> String {
        format!("{}{path}", self.prefix)
    }

    fn service(&self, id: ServiceId, what: &str) -> String {
        self.key(format_args!("services/{id}/{what}"))
    }

    fn extension(&self, id: ServiceId, key: &str) -> String {
        self.key(format_args!("services/{id}/extensions/{key}"))
    }

    pub(crate) fn schema(&self, key: &str) -> String {
        self.key(format_args!("schemas/{key}"))
    }

    pub(crate) fn registration(&self, key: &str) -> String {
        self.key(format_args!("registrations/{key}"))
    }
}

impl AsyncStorage for EtcdStorage {
    type Error = EtcdError;

    async fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, EtcdError> {
        let (started_key, state_key) = (self.service(id, "started"), self.service(id, "state"));
        let extensions = self.service(id, "extensions/");
        // One transaction, so all of it is of one revision; without writes it is a linearizable read.
        let mut reads = vec![TxnOp::get(&*started_key, None), TxnOp::get(&*state_key, None)];
        if want != Want::Nothing {
            let all = GetOptions::new().with_prefix();
            reads.push(TxnOp::get(&*extensions, Some(all.clone())));
            reads.push(TxnOp::get(self.registration(""), Some(all)));
        }
        let (answer, _) = self.nodes.send(Txn::new().and_then(reads)).await?;
        let [started, state, kept, registrations] = if want == Want::Nothing {
            let [started, state] = all_found(&answer)?;
            [started, state, Vec::new(), Vec::new()]
        } else {
            all_found(&answer)?
        };
        let Some(state) = state.first() else { return Ok(None) };
        let started = started.first().and_then(|kv| kv.value_str().ok()?.parse::<Timestamp>().ok());
        let started = started.ok_or(EtcdError::Damaged(started_key))?;
        let mut service = StoredService::new(id, state.mod_revision(), started);
        let (_, end) = unmark(state);
        if !end.is_empty() {
            service.end = Some(End::from_json(end).map_err(|_| EtcdError::Damaged(state_key))?);
        }
        let hidden = self.hidden(&registrations)?;
        let is_wanted = want.filter();
        for kv in kept {
            let key = kv.key_str().ok().and_then(|key| key.strip_prefix(&extensions)).unwrap_or_default();
            if is_wanted(key) && kv.mod_revision() > hidden.get(key).copied().unwrap_or_default() {
                let key = key.to_owned();
                // What is not text is not JSON either: unreadable, but it hides nothing else.
                let value = String::from_utf8(kv.into_key_value().1).unwrap_or_default();
                match value.split_once('\n').filter(|(name, _)| name.eq_ignore_ascii_case(&key)) {
                    Some((name, json)) => service.insert_extension(name, json),
                    // As it was written before there were open extensions.
                    None => service.insert_extension(&key, value),
                }
            }
        }
        Ok(Some(service))
    }

    async fn commit(&self, completion: &Completion) -> Result<Commit, EtcdError> {
        let (id, mark) = (completion.service_id(), self.nodes.mark());
        // A revision is at least 1, and 0 would stand for an absent key.
        let version @ 1.. = completion.version().0 else { return Ok(Commit::Stale) };
        let state = self.service(id, "state");
        let mut writes = vec![TxnOp::put(&*state, format!("{mark}\n{}", completion.end().to_json()), None)];
        let mut reads = vec![TxnOp::get(&*state, None)];
        for extension in completion.all_extensions() {
            let key = self.extension(id, extension.key());
            writes.push(if extension.is_empty() {
                TxnOp::delete(key, None)
            } else {
                TxnOp::put(key, named(extension.name(), &extension.to_json()), None)
            });
            reads.push(TxnOp::get(self.schema(extension.key()), None));
        }
        if let Some(origin) = &self.origin {
            writes.extend(self.keep(id, completion.version(), origin.notice(completion).to_json()));
        }
        loop {
            let mut when = vec![at(&*state, version)];
            for extension in completion.all_extensions() {
                when.push(at(self.schema(extension.key()), self.expected(extension)));
            }
            let mut found = match self.nodes.write(&mark, when, writes.clone(), reads.clone()).await {
                Ok(None) => return Ok(Commit::Committed),
                Ok(Some(found)) => found.into_iter(),
                Err(error) if error.is_too_large() => return Ok(Commit::TooLarge),
                Err(error) => return Err(error),
            };
            if found.next().unwrap_or_default().first().map(KeyValue::mod_revision) != Some(version) {
                return Ok(Commit::Stale);
            }
            // So a schema is not the one that was seen last. If it is the extension's, once more.
            for (extension, kvs) in completion.all_extensions().zip(found) {
                let Some(kv) = kvs.first() else {
                    self.saw(extension.key(), None);
                    continue;
                };
                let (_, json) = unmark(kv);
                let registered =
                    if json.is_empty() { Ok(None) } else { ExtensionSchema::from_json(json).map(Some) };
                match registered {
                    Ok(registered) if registered.as_ref() == extension.schema() => {
                        self.saw(extension.key(), Some((kv.mod_revision(), registered)));
                    }
                    _ => return Ok(Commit::SchemaChanged),
                }
            }
        }
    }
}

/// An extension as it is kept, with its name as it is spelled.
fn named(name: &str, json: &str) -> String {
    format!("{name}\n{json}")
}

/// The one key that a transaction has read, if it is there.
fn first(answer: &TxnResponse) -> Option<KeyValue> {
    found(answer).into_iter().flatten().next()
}

/// How many ids were passed over; `None` if that is not what the key holds.
fn passed_over(ids: &KeyValue) -> Option<i64> {
    let text = ids.value_str().ok()?;
    if text.is_empty() { Some(0) } else { text.parse().ok() }
}
