//! One schema in two versions.

use super::attribute::{Lost, lost, merged, two};
use super::member::Member;
use super::record::{extension, record, shortest, shortest_extension};
use super::rule::{Door, Rule};
use crate::schema::attribute::AttributeSchema;
use crate::schema::extension::{ExtensionSchema, ExtensionType};

/// What the new version refuses of what the old one accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Nothing,
    /// A body that does not name the extension.
    Unnamed,
    /// This extension, as a body or a store has it.
    Extension(String),
    Unproven,
}

/// What bodies, or a store, may say of the extension no more; of a store, also what reads otherwise.
pub(super) fn refused(old: &ExtensionSchema, new: &ExtensionSchema, door: Door) -> Refused {
    if door == Door::Body && new.is_required() && !old.is_required() {
        return Refused::Unnamed;
    }
    if old == new {
        return Refused::Nothing;
    }
    if old.extension_type() != new.extension_type() {
        return Refused::Extension(shortest_extension(old, door));
    }
    let one = |given: Option<(&str, &Member<'_>)>| extension(old, &record(old, door, given));
    let is_due = |attribute| !Rule::of(attribute).accepts(door, &Member::Absent);
    let mut due = (0..=u8::MAX).zip(new.attributes()).filter(|(_, attribute)| is_due(attribute));
    if due.any(|(column, attribute)| old.column(attribute.name(), column).is_none()) {
        return Refused::Extension(one(None));
    }
    let mut is_unproven = false;
    for (before, now) in pairs(old, new) {
        let rule = Rule::of(before);
        let Some(now) = now else {
            let member = if rule.mandatory || door == Door::Store { shortest(&rule) } else { Member::Null };
            return Refused::Extension(one(Some((before.name(), &member))));
        };
        match lost(&rule, &Rule::of(now), door) {
            Lost::Nothing => {}
            Lost::Member(member) => return Refused::Extension(one(Some((before.name(), &member)))),
            Lost::Unproven => is_unproven = true,
        }
    }
    match equal_now(old, new, door) {
        Some([first, second]) => Refused::Extension(format!("[{first},{second}]")),
        None if is_unproven => Refused::Unproven,
        None => Refused::Nothing,
    }
}

/// The attributes of the old version, each with that of the new one.
fn pairs<'a>(
    old: &'a ExtensionSchema,
    new: &'a ExtensionSchema,
) -> impl Iterator<Item = (&'a AttributeSchema, Option<&'a AttributeSchema>)> {
    // Mostly they have kept their place.
    (0..=u8::MAX).zip(old.attributes()).map(move |(column, attribute)| {
        let now = new.column(attribute.name(), column).map(|found| new.at(found));
        (attribute, now)
    })
}

/// Two records that the old version takes beside each other and the new one takes for equal, if it takes each by itself.
///
/// They need differ in one attribute only: one of the old key, since they must differ there. An attribute that the old
/// version lacks can't tell them apart.
fn equal_now(old: &ExtensionSchema, new: &ExtensionSchema, door: Door) -> Option<[String; 2]> {
    if old.extension_type() == ExtensionType::SingleValued || new.unique().len() == 0 {
        return None;
    }
    if old.unique().len() == 0 {
        return Some([record(old, door, None), record(old, door, None)]);
    }
    let ((key, _), (_, key_now)) = (old.key_columns(), new.key_columns());
    key.iter().find_map(|column| {
        let attribute = old.at(*column);
        let found = new.column(attribute.name(), *column)?;
        let before = Rule::of(attribute);
        let two = match (key_now.contains(found), door) {
            (false, door) => two(&before, door),
            (true, Door::Body) => merged(&before, &Rule::of(new.at(found))),
            // What reads, reads with its value.
            (true, Door::Store) => None,
        };
        two.map(|two| two.map(|member| record(old, door, Some((attribute.name(), &member)))))
    })
}
