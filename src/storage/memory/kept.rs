use std::collections::HashSet;
use std::fmt;
use std::mem;
use std::sync::Arc;

use crate::event::{AnyExtension, Extensions};
use crate::service::{Completion, End, StoredExtension, StoredService};
use crate::storage::contract::Want;
use crate::value::{Timestamp, Version};

/// A service as it is kept. Small, so that the table of many active services is small too: what an end brings is kept
/// apart.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) version: Version,
    pub(super) started: Timestamp,
    pub(super) recorded: Option<Recorded>,
}

/// What is recorded of a service beyond its start: immutable and shared, so it is read while others go on.
#[derive(Clone, Debug)]
pub(super) enum Recorded {
    /// What one completion brought, as it came in: its extensions are written as JSON when they are read.
    Completion(Completion),
    /// What came from several sides.
    Pieces(Arc<Pieces>),
}

#[derive(Debug)]
pub(super) struct Pieces {
    end: Option<End>,
    inserted: Vec<Arc<Inserted>>,
    completed: Extensions,
}

/// An extension as it was inserted.
struct Inserted {
    key: Box<str>,
    name: Box<str>,
    json: Box<str>,
}

/// Without what callers have sent.
impl fmt::Debug for Inserted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name.fmt(f)
    }
}

impl Kept {
    /// A service as it comes.
    pub(super) fn new(service: StoredService) -> Self {
        let inserted = |StoredExtension { key, name, json }: StoredExtension<'_>| {
            Arc::new(Inserted { key: key.into(), name: name.into(), json: json.into() })
        };
        let inserted = service.extensions().map(inserted).collect();
        let StoredService { version, started, end, .. } = service;
        Kept {
            version,
            started,
            recorded: Pieces { end, inserted, completed: Extensions::default() }.recorded(),
        }
    }

    /// Records a completion; what was recorded before is handed back.
    pub(super) fn complete(&mut self, version: Version, completion: Completion) -> Option<Recorded> {
        let recorded = match &self.recorded {
            Some(earlier) => earlier.replaced_by(completion),
            None => Recorded::Completion(completion),
        };
        self.version = version;
        self.recorded.replace(recorded)
    }

    /// Forgets an extension; what was recorded before is handed back, if it had the extension.
    pub(super) fn forget(&mut self, key: &str, version: impl FnOnce() -> Version) -> Option<Recorded> {
        let has = |recorded: &&Recorded| recorded.keys().any(|recorded| recorded == key);
        let recorded = self.recorded.as_ref().filter(has)?;
        let others = recorded.pieces(recorded.end().cloned(), |recorded| recorded != key);
        self.version = version();
        mem::replace(&mut self.recorded, others.recorded())
    }
}

impl Pieces {
    fn recorded(self) -> Option<Recorded> {
        // No extension of a completion is there without its end.
        let nothing = self.end.is_none() && self.inserted.is_empty();
        (!nothing).then(|| Recorded::Pieces(Arc::new(self)))
    }
}

impl Recorded {
    fn end(&self) -> Option<&End> {
        match self {
            Recorded::Completion(completion) => Some(completion.end()),
            Recorded::Pieces(pieces) => pieces.end.as_ref(),
        }
    }

    fn inserted(&self) -> &[Arc<Inserted>] {
        match self {
            Recorded::Completion(_) => &[],
            Recorded::Pieces(pieces) => &pieces.inserted,
        }
    }

    /// An empty extension leaves nothing.
    fn completed(&self) -> impl Iterator<Item = AnyExtension<'_>> {
        let extensions = match self {
            Recorded::Completion(completion) => completion.all_extensions(),
            Recorded::Pieces(pieces) => pieces.completed.all(),
        };
        extensions.filter(|extension| !extension.is_empty())
    }

    fn keys(&self) -> impl Iterator<Item = &str> {
        self.inserted()
            .iter()
            .map(|extension| &*extension.key)
            .chain(self.completed().map(|extension| extension.key()))
    }

    /// The extensions that are wanted, with an end.
    fn pieces(&self, end: Option<End>, is_wanted: impl Fn(&str) -> bool) -> Pieces {
        let inserted = self.inserted().iter().filter(|extension| is_wanted(&extension.key));
        let mut completed = Extensions::default();
        for extension in self.completed().filter(|extension| is_wanted(extension.key())) {
            completed.add(extension);
        }
        let completed = completed.without_spare_room();
        Pieces { end, inserted: inserted.cloned().collect(), completed }
    }

    /// Shows it in a service.
    pub(super) fn show(&self, service: &mut StoredService, want: Want<'_>) {
        // A retry names all that is stored, in the same order. Then nothing is looked up, and no set of names is made.
        let want = match want {
            Want::Named(keys) if self.keys().eq(keys.iter().copied()) => Want::All,
            want => want,
        };
        let is_wanted = want.filter();
        let inserted = self.inserted().iter().filter(|extension| is_wanted(&extension.key));
        let completed = self.completed().filter(|extension| is_wanted(extension.key()));
        service.end = self.end().cloned();
        let stored = self.keys().count();
        service.reserve(match want {
            Want::Nothing => 0,
            Want::Named(keys) => keys.len().min(stored),
            Want::All => stored,
        });
        for extension in inserted {
            service.insert_extension(&extension.name, &*extension.json);
        }
        for extension in completed {
            match extension {
                AnyExtension::Declared(extension) => service.insert_read(extension.clone()),
                AnyExtension::Open(open) => service.insert_open(open.clone()),
            }
        }
    }

    /// What is recorded once a completion is.
    fn replaced_by(&self, completion: Completion) -> Recorded {
        let named = completion.all_extensions();
        let keys: HashSet<_> = named.clone().map(|extension| extension.key()).collect();
        let is_other = |key: &str| !keys.contains(key);
        if !self.keys().any(is_other) {
            return Recorded::Completion(completion);
        }
        let mut pieces = self.pieces(Some(completion.end().clone()), is_other);
        for extension in named {
            pieces.completed.add(extension);
        }
        Recorded::Pieces(Arc::new(pieces))
    }
}
