//! The host's registered schemas, kept beside its services.

use std::collections::HashMap;

use etcd_client::{GetOptions, KeyValue, Txn, TxnOp};
use service_end::{ExtensionSchema, Schemas, schema::ReplaceError};

use crate::nodes::EtcdError;
use crate::storage::EtcdStorage;
use crate::transaction::{all_found, at, found, unmark};

/// How many keys are looked at in one transaction when records are swept, and deleted in one.
const PAGE: i64 = 1000;
const DELETES: usize = 100;

/// Schemas that are registered here hold for every store on the prefix. A host that keeps its schemas elsewhere
/// registers none, and any extension is taken.
///
/// A name has two keys. Its schema changes with each version. Its registration is written when the name is declared and
/// when it is removed, and not between: records belong to a registration, and a newer version of the schema keeps them.
/// Neither key is ever deleted: removing overwrites the schema with nothing. Therefore
///
/// - removing is one atomic step. From that revision on no reader sees a record that is older; deleting the records
///   comes after, and can be cut short without harm ([`EtcdStorage::sweep`] finishes it);
/// - a commit compares the revision of the schema of each extension that it names. One that was decided under a
///   schema that was removed, replaced or declared anew since changes nothing, however late it arrives, and the answer is
///   [`Commit::SchemaChanged`](service_end::storage::Commit::SchemaChanged). If the new schema is equal to the old one,
///   it is new data like any other;
/// - so what is older than the last removal is hidden for good. A declaration hides nothing: a host that kept its schemas
///   elsewhere, or an extension open, can register the schema here and keep its records.
impl EtcdStorage {
    /// The schemas that are registered, in the order registered.
    ///
    /// # Errors
    /// If the cluster does not answer, or holds something that is not a schema.
    pub async fn schemas(&self) -> Result<Schemas, EtcdError> {
        let all = GetOptions::new().with_prefix();
        let registrations = TxnOp::get(self.registration(""), Some(all.clone().with_keys_only()));
        let reads = [registrations, TxnOp::get(self.schema(""), Some(all))];
        let (answer, _) = self.nodes.send(Txn::new().and_then(reads)).await?;
        let [registrations, mut kvs] = all_found(&answer)?;
        let registered = self.revisions(&registrations);
        let prefix = self.schema("");
        kvs.sort_by_key(|kv| kv.key_str().ok().and_then(|key| registered.get(key.strip_prefix(&prefix)?)));
        let mut schemas = Schemas::new();
        for kv in kvs.iter().filter(|kv| is_registered(kv)) {
            let schema = ExtensionSchema::from_json(unmark(kv).1).map_err(|_| EtcdError::damaged(kv))?;
            self.saw(schema.key(), Some((kv.mod_revision(), Some(schema.clone()))));
            schemas = schemas.with(schema).map_err(|_| EtcdError::damaged(kv))?;
        }
        Ok(schemas)
    }

    /// Registers a schema; `false`, and nothing changes, if its name is taken, without regard to case.
    ///
    /// # Errors
    /// If the cluster does not answer: whether it is registered is unknown.
    pub async fn register(&self, schema: &ExtensionSchema) -> Result<bool, EtcdError> {
        let (key, mark) = (self.schema(schema.key()), self.nodes.mark());
        let json = schema.to_json();
        let mut revision = 0;
        loop {
            // What is not older than the removal was written without a schema, and may be read by this one.
            let registration = TxnOp::put(self.registration(schema.key()), revision.to_string(), None);
            let write = vec![TxnOp::put(&*key, format!("{mark}\n{json}"), None), registration];
            let read = vec![TxnOp::get(&*key, None)];
            let Some(found) = self.nodes.write(&mark, vec![at(&*key, revision)], write, read).await? else {
                return Ok(true);
            };
            match found.first().and_then(|kvs| kvs.first()) {
                Some(kv) if is_registered(kv) => return Ok(false),
                // There was one, and it was removed.
                Some(kv) => revision = kv.mod_revision(),
                None => revision = 0,
            }
        }
    }

    /// Registers a new version of a schema, and keeps what is stored: if it is safe ([`Schemas::replace`]), or by force
    /// ([`Schemas::replace_anyway`]). An end that is under way with the earlier version is answered with *schema
    /// changed*.
    ///
    /// # Errors
    /// If the cluster does not answer: whether the schema is replaced is unknown. Within: why it is not replaced; then
    /// nothing changes.
    pub async fn replace(
        &self,
        schema: &ExtensionSchema,
        force: bool,
    ) -> Result<Result<(), ReplaceError>, EtcdError> {
        let (key, mark) = (self.schema(schema.key()), self.nodes.mark());
        let json = schema.to_json();
        let (answer, _) = self.nodes.send(Txn::new().and_then([TxnOp::get(&*key, None)])).await?;
        let mut kvs = found(&answer);
        loop {
            let kv = kvs.first().and_then(|kvs| kvs.first());
            let (revision, old) = kv.map_or((0, ""), |kv| (kv.mod_revision(), unmark(kv).1));
            let old = Schemas::from_json(format!("[{old}]")).map_err(|_| EtcdError::Damaged(key.clone()))?;
            let replaced = if force {
                old.replace_anyway(schema.clone()).map_err(ReplaceError::from)
            } else {
                old.replace(schema.clone())
            };
            if let Err(error) = replaced {
                return Ok(Err(error));
            }
            // Only if it is still the version that was compared.
            let write = vec![TxnOp::put(&*key, format!("{mark}\n{json}"), None)];
            let read = vec![TxnOp::get(&*key, None)];
            match self.nodes.write(&mark, vec![at(&*key, revision)], write, read).await? {
                None => return Ok(Ok(())),
                Some(found) => kvs = found,
            }
        }
    }

    /// Removes a schema and all records of its extension; `false` if there is none of this name. Either way it
    /// ends with [`EtcdStorage::sweep`], and so finishes what a removal that was cut short has left.
    ///
    /// # Errors
    /// If the cluster does not answer: whether the schema is removed is unknown.
    pub async fn unregister(&self, name: &str) -> Result<bool, EtcdError> {
        let (name, mark) = (name.to_ascii_lowercase(), self.nodes.mark());
        let key = self.schema(&name);
        let (answer, _) = self.nodes.send(Txn::new().and_then([TxnOp::get(&*key, None)])).await?;
        let mut kvs = found(&answer);
        let removed = loop {
            let revision = match kvs.first().and_then(|kvs| kvs.first()) {
                Some(kv) if is_registered(kv) => kv.mod_revision(),
                _ => break false,
            };
            let registration = TxnOp::put(self.registration(&name), "", None);
            let write = vec![TxnOp::put(&*key, format!("{mark}\n"), None), registration];
            let read = vec![TxnOp::get(&*key, None)];
            match self.nodes.write(&mark, vec![at(&*key, revision)], write, read).await? {
                None => break true,
                Some(found) => kvs = found,
            }
        };
        self.sweep().await?;
        Ok(removed)
    }

    /// Deletes the records that no reader sees any more, of extensions whose schemas were removed, and tells how
    /// many. It goes through the keys of all services, a page at a time.
    ///
    /// # Errors
    /// If the cluster does not answer. What was deleted till then stays deleted.
    pub async fn sweep(&self) -> Result<usize, EtcdError> {
        // `0` is the character after `/`.
        let (mut from, end) = (self.key("services/"), self.key("services0"));
        let mut deleted = 0;
        loop {
            let page = GetOptions::new().with_range(&*end).with_limit(PAGE).with_keys_only();
            let all = GetOptions::new().with_prefix();
            let reads = [TxnOp::get(&*from, Some(page)), TxnOp::get(self.registration(""), Some(all))];
            let (answer, _) = self.nodes.send(Txn::new().and_then(reads)).await?;
            let [kvs, registrations] = all_found(&answer)?;
            let hidden = self.hidden(&registrations)?;
            let unseen: Vec<&KeyValue> = kvs.iter().filter(|kv| is_hidden(kv, &hidden)).collect();
            let mut overtaken = false;
            for some in unseen.chunks(DELETES) {
                let when: Vec<_> = some.iter().map(|kv| at(kv.key(), kv.mod_revision())).collect();
                let removals: Vec<_> = some.iter().map(|kv| TxnOp::delete(kv.key(), None)).collect();
                let (answer, _) = self.nodes.send(Txn::new().when(when).and_then(removals)).await?;
                deleted += if answer.succeeded() { some.len() } else { 0 };
                overtaken |= !answer.succeeded();
            }
            match kvs.last() {
                // Another writer came between: the page is read again.
                _ if overtaken => {}
                Some(last) => from = format!("{}\0", last.key_str()?),
                None => return Ok(deleted),
            }
        }
    }

    /// Up to which revision the records of an extension are hidden, by the registrations: up to the last removal. A
    /// registration that is a declaration tells which one that was.
    pub(crate) fn hidden(&self, registrations: &[KeyValue]) -> Result<HashMap<String, i64>, EtcdError> {
        registrations
            .iter()
            .map(|kv| {
                let removal = match kv.value_str() {
                    Ok("") => Some(kv.mod_revision()),
                    text => text.ok().and_then(|text| text.parse().ok()),
                };
                self.registered(kv).zip(removal).ok_or_else(|| EtcdError::damaged(kv))
            })
            .collect()
    }

    /// The revisions of registrations.
    fn revisions(&self, registrations: &[KeyValue]) -> HashMap<String, i64> {
        registrations.iter().filter_map(|kv| Some((self.registered(kv)?, kv.mod_revision()))).collect()
    }

    /// Which extension a registration is of.
    fn registered(&self, kv: &KeyValue) -> Option<String> {
        Some(kv.key_str().ok()?.strip_prefix(&self.registration(""))?.to_owned())
    }
}

/// Whether a schema's key holds a schema: there is none once it was removed.
fn is_registered(kv: &KeyValue) -> bool {
    !unmark(kv).1.is_empty()
}

/// Whether a key is of a record that is hidden.
fn is_hidden(kv: &KeyValue, hidden: &HashMap<String, i64>) -> bool {
    let key = kv.key_str().ok().and_then(|key| key.rsplit_once("/extensions/"));
    key.and_then(|(_, key)| hidden.get(key)).is_some_and(|revision| kv.mod_revision() <= *revision)
}
