use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;

use crate::service::{Completion, StoredService};
use crate::value::{ServiceId, in_lower_case};

/// What keeps services: a database, a file, a cluster. Hosts implement it; [`MemoryStorage`](crate::MemoryStorage) is
/// the default.
///
/// The repository has implementations to copy from: `examples/sqlite` for this trait, `examples/postgres` and
/// `examples/etcd` for [`AsyncStorage`](crate::AsyncStorage). The crate `service-end-conformance` tests yours on each
/// of the rules below.
///
/// A store needs no more than one compare-and-set on one service. SQL, key-value and consensus stores all have that,
/// and a cluster can be sharded by service id. The rules:
///
/// - **S1** `commit` applies a completion if and only if the service is still at [`Completion::version`]; otherwise, or
///   when the service is absent, it answers [`Commit::Stale`] and changes nothing. A version is a 64-bit number that
///   never comes back for a service; ids are never reused.
/// - **S2** It is atomic: the fixed fields, the ended state and every replaced extension, or none of it. A crash or
///   a lost connection at any point leaves one of the two.
/// - **S3** The extensions that the completion names ([`Completion::all_extensions`]) are replaced whole, the others
///   untouched.
/// - **S4** Once `commit` has answered [`Commit::Committed`], every later read of any reader sees it, for a durable
///   store after a crash too. An error means that the outcome is unknown.
/// - **S5** Reading an unknown service is `None`, not an error.
/// - **S6** What is read is one consistent version, exactly as stored: text code point by code point, numbers, amounts,
///   dates and timestamps by value, records in order. The JSON of an open extension comes back to the letter, and under
///   the name as it was spelled: keep [`AnyExtension::name`](crate::event::AnyExtension::name) beside it. A column type
///   that writes JSON anew, like `jsonb`, loses its numbers.
/// - **S7** Errors keep their source and never stand for an answer. A completion that the store can never take is
///   [`Commit::TooLarge`], not an error.
/// - **S8** A stored extension is handed back even where today's schemas can't read it, or where it is damaged: keep
///   its JSON as text that you don't look into. Extensions are kept by
///   [`Extension::key`](crate::Extension::key), the name in lower case. If a host inserts one twice, in any case, the
///   last one wins.
/// - **S9** A store that also keeps the schemas checks a completion against them: if one of its extensions was read
///   with another schema than the one registered there, or its schema was removed, `commit` answers
///   [`Commit::SchemaChanged`] and changes nothing. So it does for an open extension whose name has a schema there; one
///   whose schema was removed is taken. Schemas are equal by content. A store that keeps no schemas never answers so.
/// - **S10** A store may keep an outbox: the notice of a completion is committed with it, in the same atomic step, and
///   stays until it was told. [`Outbox`](crate::storage::Outbox) has the rules.
///
/// A whole store, in a map:
///
/// ```
/// use std::collections::BTreeMap;
/// use std::convert::Infallible;
/// use std::sync::Mutex;
///
/// use service_end::{Completion, ServiceId, Storage, StoredService, Version, storage::{Commit, Want}};
///
/// struct MapStorage(Mutex<BTreeMap<ServiceId, StoredService>>);
///
/// impl Storage for MapStorage {
///     type Error = Infallible;
///
///     fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, Infallible> {
///         let mut service = self.0.lock().unwrap().get(&id).cloned();
///         if let Some(service) = &mut service {
///             service.retain_extensions(want.filter());
///         }
///         Ok(service)
///     }
///
///     fn commit(&self, completion: &Completion) -> Result<Commit, Infallible> {
///         let mut services = self.0.lock().unwrap();
///         let Some(service) = services.get_mut(&completion.service_id()) else { return Ok(Commit::Stale) };
///         if service.version != completion.version() {
///             return Ok(Commit::Stale);
///         }
///         service.version = Version(service.version.0 + 1); // the store gives versions, each once
///         service.end = Some(completion.end().clone());
///         for extension in completion.all_extensions() {
///             service.remove_extension(extension.key());
///             if !extension.is_empty() {
///                 service.insert_extension(extension.name(), extension.to_json());
///             }
///         }
///         Ok(Commit::Committed)
///     }
/// }
/// ```
pub trait Storage {
    /// What can go wrong with the store itself.
    type Error: Error + Send + Sync + 'static;

    /// Loads one consistent version of a service: its state and fixed fields, and of its extensions those that
    /// are wanted; `None` if there is no such service.
    ///
    /// # Errors
    /// When the store can't answer.
    fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, Self::Error>;

    /// Applies a completion, as a whole or not at all.
    ///
    /// # Errors
    /// When the outcome is unknown.
    fn commit(&self, completion: &Completion) -> Result<Commit, Self::Error>;
}

/// Which extensions of a service are to be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want<'a> {
    /// None of them.
    Nothing,
    /// Those of these keys, without regard to ASCII case, as far as they are stored.
    Named(&'a [&'a str]),
    /// All of them.
    All,
}

impl<'a> Want<'a> {
    /// Those of these keys, which may be none; without keys, all.
    pub(crate) fn of(keys: Option<&'a [&'a str]>) -> Self {
        match keys {
            None => Want::All,
            Some([]) => Want::Nothing,
            Some(keys) => Want::Named(keys),
        }
    }

    /// Tells of many keys whether they are wanted: an event can name thousands of extensions, and thousands can be stored.
    ///
    /// ```
    /// use service_end::storage::Want;
    /// let is_wanted = Want::Named(&["Note"]).filter();
    /// assert!(is_wanted("note") && !is_wanted("feedback"));
    /// ```
    pub fn filter(self) -> impl Fn(&str) -> bool + use<'a> {
        let mut named: Option<Vec<Cow<'a, str>>> = match self {
            Want::Nothing => Some(Vec::new()),
            Want::Named(keys) => Some(keys.iter().map(|key| in_lower_case(key)).collect()),
            Want::All => None,
        };
        // A set of 130,000 takes twice the memory.
        if let Some(named) = &mut named {
            named.sort_unstable();
        }
        move |key| named.as_ref().is_none_or(|named| named.binary_search(&in_lower_case(key)).is_ok())
    }

    /// Whether the extension of a key is wanted. It looks at all that are wanted; of many keys, [`Want::filter`] tells
    /// it faster.
    pub fn includes(&self, key: &str) -> bool {
        match self {
            Want::Nothing => false,
            Want::Named(keys) => keys.iter().any(|wanted| wanted.eq_ignore_ascii_case(key)),
            Want::All => true,
        }
    }
}

/// What became of a completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub enum Commit {
    /// It is applied.
    Committed,
    /// The service is not at the version it was decided on, or not there: nothing has changed.
    Stale,
    /// The store can never take it: nothing has changed.
    TooLarge,
    /// The store also keeps schemas, and one of the extensions was read with another schema than the one registered
    /// there, or with one that was removed: nothing has changed.
    SchemaChanged,
}

macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<S: Storage + ?Sized> Storage for $pointer {
            type Error = S::Error;

            fn load(&self, id: ServiceId, want: Want<'_>) -> Result<Option<StoredService>, S::Error> {
                (**self).load(id, want)
            }

            fn commit(&self, completion: &Completion) -> Result<Commit, S::Error> {
                (**self).commit(completion)
            }
        }
    )*};
}

forward!(&S, Box<S>, Arc<S>);
