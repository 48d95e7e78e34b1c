//! The differences between two versions of a schema, and what each of them breaks by itself: the old version is compared
//! with itself but for this one thing.

use std::fmt::{self, Display};

use super::attribute::{Lost, lost, merged, two};
use super::change::{Breaks, Change, ChangeCode};
use super::member::Member;
use super::rule::{Door, Rule};
use crate::schema::attribute::AttributeSchema;
use crate::schema::columns::Columns;
use crate::schema::extension::{ExtensionSchema, ExtensionType};
use crate::value::Value;

/// The differences, in the order of the keys of a schema.
pub(super) fn changes(old: &ExtensionSchema, new: &ExtensionSchema, base: &str, changes: &mut Vec<Change>) {
    let mut list = List { base, changes };
    if old.name() != new.name() {
        list.add(
            "/name",
            ChangeCode::NameRespelled,
            respelled("the extension", old.name(), new.name()),
            Breaks::NOTHING,
        );
    }
    if old.extension_type() != new.extension_type() {
        let message =
            format!("the extension is {} instead of {}", new.extension_type(), old.extension_type());
        list.add("/type", ChangeCode::ExtensionTypeChanged, message, Breaks::ALL);
    }
    list.attributes(old, new);
    list.unique(old, new);
    if old.is_required() != new.is_required() {
        let (message, breaks) = if new.is_required() {
            ("a service can't end without the extension any more", Breaks { bodies: true, ..Breaks::NOTHING })
        } else {
            ("a service can end without the extension now", Breaks { rollback: true, ..Breaks::NOTHING })
        };
        list.add("/required", ChangeCode::RequiredChanged, message.to_owned(), breaks);
    }
}

struct List<'l> {
    /// The pointer to the schema.
    base: &'l str,
    changes: &'l mut Vec<Change>,
}

impl List<'_> {
    fn add(&mut self, pointer: impl Display, code: ChangeCode, message: String, breaks: Breaks) {
        self.changes.push(Change::new(format!("{}{pointer}", self.base), code, message, breaks));
    }

    fn attributes(&mut self, old: &ExtensionSchema, new: &ExtensionSchema) {
        // The columns, in the old version, of those that both have.
        let mut order = Vec::new();
        let mut kept = Columns::default();
        for (column, attribute) in (0..=u8::MAX).zip(new.attributes()) {
            let Some(found) = old.column(attribute.name(), column) else {
                self.added(column, attribute);
                continue;
            };
            order.push(found);
            kept.insert(found);
            let before = old.at(found);
            if before != attribute {
                let is_key =
                    old.extension_type() == ExtensionType::MultiValued && old.key_columns().1.contains(found);
                self.attribute(format_args!("/attributes/{column}"), before, attribute, is_key);
            }
        }
        for (column, attribute) in (0..=u8::MAX).zip(old.attributes()) {
            if !kept.contains(column) {
                self.removed(column, attribute);
            }
        }
        if !order.is_sorted() {
            let message = "the attributes stand in another order".to_owned();
            self.add("/attributes", ChangeCode::OrderChanged, message, Breaks::NOTHING);
        }
    }

    fn added(&mut self, column: u8, attribute: &AttributeSchema) {
        let name = attribute.name();
        let (kind, breaks) = match (attribute.is_mandatory(), attribute.default()) {
            (true, None) => ("mandatory", Breaks::ALL),
            (true, Some(_)) => ("mandatory, with a default", Breaks { bodies: false, ..Breaks::ALL }),
            (false, _) => ("optional", Breaks { rollback: true, ..Breaks::NOTHING }),
        };
        let message = format!("attribute `{name}` is new, and {kind}");
        self.add(format_args!("/attributes/{column}"), ChangeCode::AttributeAdded, message, breaks);
    }

    fn removed(&mut self, column: u8, attribute: &AttributeSchema) {
        let rollback = attribute.is_mandatory() && attribute.default().is_none();
        let message = format!("attribute `{}` is gone", attribute.name());
        let breaks = Breaks { rollback, ..Breaks::ALL };
        self.add(format_args!("/attributes/{column}"), ChangeCode::AttributeRemoved, message, breaks);
    }

    /// The differences of an attribute.
    fn attribute<'a>(
        &mut self,
        pointer: fmt::Arguments<'_>,
        old: &'a AttributeSchema,
        new: &'a AttributeSchema,
        is_key: bool,
    ) {
        let name = old.name();
        let (before, now) = (Rule::of(old), Rule::of(new));
        let breaks = |changed: Rule<'_>| breaks(&before, &changed, is_key);
        let is_same_type = before.attribute_type() == now.attribute_type();
        let carried = if is_same_type { Some(before) } else { before.carried_to(&now) };
        // What belongs to another type can't be exchanged by itself.
        let of_type = |exchange: &dyn Fn(Rule<'a>) -> Rule<'a>| {
            carried.map_or(Breaks::NOTHING, |carried| self::breaks(&carried, &exchange(carried), is_key))
        };
        if name != new.name() {
            let message = respelled("the attribute", name, new.name());
            self.add(format_args!("{pointer}/name"), ChangeCode::NameRespelled, message, Breaks::NOTHING);
        }
        if !is_same_type {
            let types = (now.attribute_type(), before.attribute_type());
            let message = format!("attribute `{name}` has type `{}` instead of `{}`", types.0, types.1);
            let breaks = self::breaks(&before.of_values(), &carried.unwrap_or(now).of_values(), is_key);
            self.add(format_args!("{pointer}/type"), ChangeCode::TypeChanged, message, breaks);
        }
        if old.length() != new.length() {
            let says = |length: Option<usize>| {
                length.map_or("no length".to_owned(), |length| format!("a length of {length}"))
            };
            let message =
                format!("attribute `{name}` has {} instead of {}", says(new.length()), says(old.length()));
            let breaks = of_type(&|rule| Rule { typed: new, ..rule });
            self.add(format_args!("{pointer}/length"), ChangeCode::LengthChanged, message, breaks);
        }
        if old.is_mandatory() != new.is_mandatory() {
            let (code, what) = if new.is_mandatory() {
                (ChangeCode::BecameMandatory, "mandatory")
            } else {
                (ChangeCode::BecameOptional, "optional")
            };
            let message = format!("attribute `{name}` has become {what}");
            let breaks = breaks(Rule { mandatory: now.mandatory, ..before });
            self.add(format_args!("{pointer}/mandatory"), code, message, breaks);
        }
        if !is_same(before.default, now.default) {
            let message = exchanged(name, "default", before.default, now.default);
            let breaks = of_type(&|rule| Rule { default: now.default, ..rule });
            self.add(format_args!("{pointer}/default"), ChangeCode::DefaultChanged, message, breaks);
        }
        self.values(format_args!("{pointer}/values"), old, new, of_type);
        if !is_same(before.minimum, now.minimum) {
            let message = exchanged(name, "minimum", before.minimum, now.minimum);
            let breaks = of_type(&|rule| Rule { minimum: now.minimum, ..rule });
            self.add(format_args!("{pointer}/minimum"), ChangeCode::RangeChanged, message, breaks);
        }
        if !is_same(before.maximum, now.maximum) {
            let message = exchanged(name, "maximum", before.maximum, now.maximum);
            let breaks = of_type(&|rule| Rule { maximum: now.maximum, ..rule });
            self.add(format_args!("{pointer}/maximum"), ChangeCode::RangeChanged, message, breaks);
        }
    }

    fn values<'a>(
        &mut self,
        pointer: fmt::Arguments<'_>,
        old: &'a AttributeSchema,
        new: &'a AttributeSchema,
        of_type: impl Fn(&dyn Fn(Rule<'a>) -> Rule<'a>) -> Breaks,
    ) {
        let name = old.name();
        let (code, message) = match (old.values(), new.values()) {
            (None, None) => return,
            (Some(_), None) => {
                (ChangeCode::ValuesChanged, format!("attribute `{name}` does not list its values any more"))
            }
            (None, Some(_)) => {
                (ChangeCode::ValuesChanged, format!("attribute `{name}` lists its values now"))
            }
            (Some(mine), Some(theirs)) => {
                let stored = |value| Member::stored(value);
                if mine.len() == theirs.len() && mine.map(stored).eq(theirs.map(stored)) {
                    return;
                }
                if old.lists_same(new) {
                    let message = format!("the values of attribute `{name}` stand in another order");
                    (ChangeCode::OrderChanged, message)
                } else {
                    (ChangeCode::ValuesChanged, format!("attribute `{name}` lists other values"))
                }
            }
        };
        self.add(pointer, code, message, of_type(&|rule| Rule { listed: new, ..rule }));
    }

    fn unique(&mut self, old: &ExtensionSchema, new: &ExtensionSchema) {
        let has = |schema: &ExtensionSchema, name: &str| {
            schema.column(name, 0).is_some_and(|found| schema.key_columns().1.contains(found))
        };
        let all_of = |one: &ExtensionSchema, other| one.unique().all(|name| has(other, name));
        if all_of(old, new) && all_of(new, old) {
            let is_same_order =
                old.unique().zip(new.unique()).all(|(one, other)| one.eq_ignore_ascii_case(other));
            if !is_same_order {
                let message = "the attributes of the key stand in another order".to_owned();
                self.add("/unique", ChangeCode::OrderChanged, message, Breaks::NOTHING);
            }
            return;
        }
        let message = match (old.unique().len(), new.unique().len()) {
            (0, _) => "the records have a key now",
            (_, 0) => "the records have no key any more",
            _ => "the key of the records has other attributes",
        };
        let breaks = match old.extension_type() {
            ExtensionType::SingleValued => Breaks::NOTHING,
            ExtensionType::MultiValued => key_breaks(old, new, has),
        };
        self.add("/unique", ChangeCode::UniqueChanged, message.to_owned(), breaks);
    }
}

/// What another key of the old version's records breaks.
fn key_breaks(
    old: &ExtensionSchema,
    new: &ExtensionSchema,
    has: impl Fn(&ExtensionSchema, &str) -> bool,
) -> Breaks {
    let (key, key_now) = (old.unique().len() > 0, new.unique().len() > 0);
    let gone = || old.unique().filter(|name| !has(new, name)).filter_map(|name| old.attribute(name));
    // One that the old version lacks is the same in all its records.
    let mut come = new.unique().filter(|name| !has(old, name)).filter_map(|name| old.attribute(name));
    Breaks {
        bodies: key_now && (!key || gone().any(|attribute| two(&Rule::of(attribute), Door::Body).is_some())),
        records: key_now
            && (!key || gone().any(|attribute| two(&Rule::of(attribute), Door::Store).is_some())),
        rollback: key && (!key_now || come.any(|attribute| two(&Rule::of(attribute), Door::Body).is_some())),
    }
}

/// What a change from one rule to another breaks.
fn breaks(old: &Rule<'_>, new: &Rule<'_>, is_key: bool) -> Breaks {
    let merges = |old, new| is_key && merged(old, new).is_some();
    Breaks {
        bodies: lost(old, new, Door::Body) != Lost::Nothing || merges(old, new),
        records: lost(old, new, Door::Store) != Lost::Nothing,
        rollback: lost(new, old, Door::Body) != Lost::Nothing || merges(new, old),
    }
}

/// Whether both are the same, numbers by value.
fn is_same(one: Option<Value<'_>>, other: Option<Value<'_>>) -> bool {
    match (one, other) {
        (one, other) if one == other => true,
        (Some(one), Some(other)) => Member::stored(one).is_same_value(&Member::stored(other)),
        _ => false,
    }
}

fn exchanged(name: &str, what: &str, old: Option<Value<'_>>, new: Option<Value<'_>>) -> String {
    let how = match (old, new) {
        (None, _) => format!("has a {what} now"),
        (_, None) => format!("has no {what} any more"),
        _ => format!("has another {what}"),
    };
    format!("attribute `{name}` {how}")
}

fn respelled(what: &str, old: &str, new: &str) -> String {
    format!("{what} is spelled `{new}` instead of `{old}`")
}
