//! Names under which an extension needs no schema.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use indexmap::IndexSet;
use serde::ser::{Serialize, Serializer};

use super::extension_name::name_mistake;
use crate::value::leaf::text_leaf;
use crate::value::{Caseless, FoldedBuild, Name};

/// The names under which a host takes extensions without a schema: any JSON but `null`, kept as it is written (chosen;
/// later versions of the original do so). None by default.
///
/// It goes with the registered schemas ([`Schemas::with_open`](crate::Schemas::with_open)), and a name that has a schema is read by that. As text, and
/// in `serde` formats, it is a list with commas, or `*` for every name.
///
/// ```
/// use service_end::schema::OpenNames;
/// let open = OpenNames::listed(["Case", "Notes"])?;
/// assert!(open.includes("case") && !open.includes("Feedback"));
/// assert_eq!("Case,Notes".parse(), Ok(open));
/// assert!("*".parse::<OpenNames>()?.includes("Feedback"));
/// # Ok::<(), service_end::schema::OpenNameError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenNames(Names);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Names {
    #[default]
    None,
    Listed(Arc<IndexSet<Name, FoldedBuild>>),
    Every,
}

/// A text that can't be the name of an extension: it must be an ASCII letter, then ASCII letters, digits or `_`, at most 26
/// in all, and have no meaning of its own at the top level of a body or a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{name}` can't be the name of an extension: it must be a letter, then letters, digits or `_`, at most 26, and not reserved"
)]
pub struct OpenNameError {
    name: String,
}

impl OpenNameError {
    /// The text.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl OpenNames {
    /// No name.
    pub fn none() -> Self {
        OpenNames(Names::None)
    }

    /// Every name that can be that of an extension.
    pub fn every() -> Self {
        OpenNames(Names::Every)
    }

    /// Some names, each in any case.
    ///
    /// # Errors
    /// [`OpenNameError`] for the first that can't be the name of an extension.
    pub fn listed(names: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, OpenNameError> {
        let mut listed = IndexSet::default();
        for name in names {
            let name = name.as_ref();
            if name_mistake(name).is_some() {
                return Err(OpenNameError { name: name.to_owned() });
            }
            listed.insert(Name(name.into()));
        }
        Ok(if listed.is_empty() { OpenNames::none() } else { OpenNames(Names::Listed(Arc::new(listed))) })
    }

    /// Whether an extension of this name needs no schema, without regard to ASCII case.
    pub fn includes(&self, name: &str) -> bool {
        match &self.0 {
            Names::None => false,
            Names::Listed(listed) => listed.contains(&Caseless(name)),
            Names::Every => name_mistake(name).is_none(),
        }
    }

    /// Whether there is no such name.
    pub fn is_none(&self) -> bool {
        self.0 == Names::None
    }

    /// Whether every name is one.
    pub fn is_every(&self) -> bool {
        self.0 == Names::Every
    }

    /// The names that are listed, in the order given: none where every name is open.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.shared().map(|Name(name)| &**name)
    }

    pub(super) fn shared(&self) -> impl Iterator<Item = &Name> {
        let listed = if let Names::Listed(listed) = &self.0 { Some(listed) } else { None };
        listed.into_iter().flat_map(|listed| listed.iter())
    }
}

impl fmt::Display for OpenNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_every() {
            return f.pad("*");
        }
        f.pad(&self.iter().collect::<Vec<_>>().join(","))
    }
}

impl Serialize for OpenNames {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

text_leaf!(OpenNames, OpenNameError, "a list of names with commas, or `*`");

impl FromStr for OpenNames {
    type Err = OpenNameError;

    fn from_str(text: &str) -> Result<Self, OpenNameError> {
        match text {
            "*" => Ok(OpenNames::every()),
            "" => Ok(OpenNames::none()),
            names => OpenNames::listed(names.split(',').map(str::trim)),
        }
    }
}
