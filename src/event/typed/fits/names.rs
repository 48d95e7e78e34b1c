//! What the names of types tell. The compiler makes no promise about them: what is not recognized counts as unknown, and
//! never as a type that fits.

use crate::value::BoundedText;

/// Crates whose types take all values of a kind between two borders, and have no rules of their own beyond that.
const KNOWN_CRATES: [&str; 8] =
    ["core", "alloc", "std", "serde", "serde_core", "serde_json", "chrono", "rust_decimal"];
/// Where a module for `#[serde(with = "…")]` hands its values to a visitor of its own.
const KNOWN_MODULES: [&str; 2] = ["chrono::", "rust_decimal::"];
const OWN_CRATE: &str = "service_end";

/// What is known of the type that reads a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declared {
    /// All of it: it takes what its border values tell.
    Known,
    /// Its name.
    Named(&'static str),
    /// Nothing: code of its own stands between it and what it asks for.
    Unknown,
}

impl Declared {
    pub(super) fn of<T>() -> Self {
        Declared::Named(std::any::type_name::<T>())
    }

    /// Whether it is an `Option`, which may be absent.
    pub(super) fn is_option(self) -> bool {
        matches!(self, Declared::Named(name) if inside(name, &["core::option::Option<"]).is_some())
    }

    /// What is known once the type has asked with a visitor.
    pub(super) fn asked_with<V, Value>(self) -> Asking {
        let Declared::Named(name) = self else { return Asking::Settled(self) };
        let visitor = std::any::type_name::<V>();
        if is_known(name) {
            return Asking::Settled(Declared::Known);
        }
        if name.contains("__DeserializeWith") {
            // What `#[serde(borrow)]` makes of a `Cow`, too.
            let known = KNOWN_MODULES.iter().any(|module| visitor.starts_with(module))
                || (visitor.starts_with("serde") && visitor.contains("::borrow_cow_str::"));
            return Asking::Settled(if known { Declared::Known } else { Declared::Unknown });
        }
        let name =
            inside(name, &["alloc::boxed::Box<", "alloc::rc::Rc<", "alloc::sync::Arc<"]).unwrap_or(name);
        if std::any::type_name::<Value>() != name {
            // It asks for another type, and makes itself of that in code of its own.
            return Asking::Settled(Declared::Unknown);
        }
        if let Some(name) = inside(name, &["core::option::Option<"]) {
            return Asking::Option(Declared::Named(name));
        }
        if is_derived(visitor) { Asking::Derived } else { Asking::Settled(Declared::Unknown) }
    }
}

/// How a type asks for its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asking {
    /// There is nothing more to be found out.
    Settled(Declared),
    /// As an option of another type.
    Option(Declared),
    /// As what `serde` derives for it.
    Derived,
}

/// The argument of a generic type, if it is one of those that begin so.
fn inside(name: &'static str, generics: &[&str]) -> Option<&'static str> {
    generics.iter().find_map(|generic| name.strip_prefix(generic)?.strip_suffix('>'))
}

/// Whether a visitor is one that `serde` derives for a `Deserialize`. With `remote`, it derives one for a function of the
/// type, and the `Deserialize` is written by hand around it.
fn is_derived(visitor: &str) -> bool {
    let place = visitor.split_once("::__Visitor").and_then(|(path, _)| path.rsplit_once("<impl "));
    place.is_some_and(|(_, implemented)| implemented.contains(" for "))
}

/// Whether all that a type is made of is known.
fn is_known(name: &str) -> bool {
    let is_part = |character: char| character.is_alphanumeric() || character == '_' || character == ':';
    let paths = name.split(|character| !is_part(character));
    paths.filter(|path| !path.is_empty()).all(|path| match path.split_once("::") {
        Some((root, _)) => root == OWN_CRATE || KNOWN_CRATES.contains(&root),
        // A type of the language itself, or a number.
        None => true,
    })
}

/// The most characters of a text of this crate that has a limit.
pub(super) fn bounded(name: &str) -> Option<usize> {
    let generic = std::any::type_name::<BoundedText<0>>().strip_suffix("0>")?;
    name.strip_prefix(generic)?.strip_suffix('>')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_types_are_told_from_others() {
        for (name, known) in [
            ("u8", true),
            ("&str", true),
            ("core::option::Option<alloc::borrow::Cow<str>>", true),
            ("chrono::datetime::DateTime<chrono::offset::utc::Utc>", true),
            ("service_end::value::text::BoundedText<32>", true),
            ("alloc::vec::Vec<[u8; 4]>", true),
            ("app::Place", false),
            ("core::option::Option<app::Place>", false),
            ("service_end_tests::Place", false),
        ] {
            assert_eq!(is_known(name), known, "{name}");
        }
    }
}
