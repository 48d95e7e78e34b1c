//! Names that need no schema, in two versions of a set.

use super::change::{Breaks, Change, ChangeCode};
use crate::schema::extension::ExtensionSchema;
use crate::schema::set::Schemas;

/// A value that is open under some name, and that no schema takes.
pub(super) const VALUE: &str = "0";

/// A name that is open in the old set, and not so in the new one.
pub(super) fn lost(old: &Schemas, new: &Schemas) -> Option<String> {
    let is_lost = |name: &&str| old.is_open(name) && !new.is_open(name);
    let named = old.open_names().iter().chain(new.iter().map(ExtensionSchema::name)).find(is_lost);
    let other = || {
        let mut others = (0..=u32::MAX).map(|n| format!("Other{n}"));
        let is_every_lost = old.open_names().is_every() && !new.open_names().is_every();
        if is_every_lost { others.find(|name| is_lost(&&**name)) } else { None }
    };
    named.map(str::to_owned).or_else(other)
}

/// What of the names that are open has changed.
pub(super) fn changes(old: &Schemas, new: &Schemas, base: impl Fn(&str) -> String, list: &mut Vec<Change>) {
    let gained = |old: &Schemas, new: &Schemas| {
        let every = (new.open_names().is_every() && !old.open_names().is_every()).then_some("*");
        let is_new = |name: &&str| new.is_open(name) && !old.is_open(name) && old.get(name).is_none();
        let names = new.open_names().iter().filter(is_new).chain(every);
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    let what = |name: &str| if name == "*" { "every name".to_owned() } else { format!("the name `{name}`") };
    for name in gained(old, new) {
        let message = format!("{} is open", what(&name));
        let breaks = Breaks { bodies: false, records: false, rollback: true };
        list.push(Change::new(base(&name), ChangeCode::ExtensionAdded, message, breaks));
    }
    // One that has a schema instead was told with that.
    for name in gained(new, old) {
        let message = format!("{} is open no more", what(&name));
        let breaks = Breaks { bodies: true, records: true, rollback: false };
        list.push(Change::new(base(&name), ChangeCode::ExtensionRemoved, message, breaks));
    }
}
