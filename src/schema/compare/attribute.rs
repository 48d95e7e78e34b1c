//! One attribute in two versions.

use std::collections::HashMap;
use std::ops::ControlFlow;

use super::line;
use super::member::Member;
use super::probes;
use super::rule::{Door, Rule, Verdict};
use crate::schema::attribute_type::AttributeType;
use crate::value::Value;

/// What the new version does not take of what the old one takes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Lost<'a> {
    Nothing,
    /// This, for one.
    Member(Member<'a>),
    Unproven,
}

/// What records may say no more; in a store, also what reads as another value.
pub(super) fn lost<'a>(old: &Rule<'a>, new: &Rule<'a>, door: Door) -> Lost<'a> {
    let is_lost = |member: &Member<'_>| {
        old.accepts(door, member)
            && match new.judge(door, member) {
                Verdict::Refused => true,
                Verdict::NoValue => false,
                Verdict::Value(value) => door == Door::Store && !Member::stored(value).is_same_value(member),
            }
    };
    if let Some(member) = [Member::Absent, Member::Null].into_iter().find(is_lost) {
        return Lost::Member(member);
    }
    // Value by value, two schemas of 256 attributes with the same 1,000 values each take 14 to 19 times as long.
    if old.has_values_of(new) {
        return Lost::Nothing;
    }
    let mut judge =
        |member| if is_lost(&member) { ControlFlow::Break(member) } else { ControlFlow::Continue(()) };
    match probes::visit(old, new, door, &mut judge) {
        ControlFlow::Break(member) => Lost::Member(member),
        ControlFlow::Continue(()) if is_too_long_to_prove(old, new, door) => Lost::Unproven,
        ControlFlow::Continue(()) => Lost::Nothing,
    }
}

/// Whether the new rule refuses texts that the old one accepts for their length alone, and none that is short enough to
/// be made.
fn is_too_long_to_prove(old: &Rule<'_>, new: &Rule<'_>, door: Door) -> bool {
    use AttributeType::{Currency, Date, DateTime, String};

    let Some(limit) = new.typed.length().filter(|limit| *limit >= probes::MAX_TEXT) else { return false };
    old.listed.values().is_none()
        && match old.attribute_type() {
            String => old.typed.length().is_none_or(|length| length > limit),
            // In a body they can be written at any length.
            Date | DateTime | Currency => door == Door::Body,
            _ => false,
        }
}

/// Two things that a body may say, with two values under the old version and one under the new.
pub(super) fn merged<'a>(old: &Rule<'a>, new: &Rule<'a>) -> Option<[Member<'a>; 2]> {
    if old.attribute_type() == new.attribute_type() {
        return merged_by_default(old, new);
    }
    if keeps_apart(old.attribute_type(), new.attribute_type())
        && old.default.is_none()
        && new.default.is_none()
    {
        return None;
    }
    let mut members = vec![Member::Absent, Member::Null];
    let _ = probes::visit(old, new, Door::Body, &mut |member| {
        members.push(member);
        ControlFlow::Continue(())
    });
    let mut seen = HashMap::new();
    for member in &members {
        let (before, now) = (old.judge(Door::Body, member), new.judge(Door::Body, member));
        if before == Verdict::Refused || now == Verdict::Refused {
            continue;
        }
        let (earlier, earlier_before) = *seen.entry(key(now)).or_insert((member, before));
        if earlier_before != before {
            return Some([earlier.clone(), member.clone()]);
        }
    }
    None
}

/// The same for rules of one type. What is given has the same value under both, but what is left out may not.
fn merged_by_default<'a>(old: &Rule<'a>, new: &Rule<'a>) -> Option<[Member<'a>; 2]> {
    if old.default == new.default {
        return None;
    }
    let is_accepted = [old, new].into_iter().all(|rule| rule.accepts(Door::Body, &Member::Absent));
    let (other, is_other_accepted) = match new.default {
        Some(default) => (Verdict::Value(default), old.is_met_by(default)),
        None => (Verdict::NoValue, !old.mandatory),
    };
    if !is_accepted || !is_other_accepted || old.judge(Door::Body, &Member::Absent) == other {
        return None;
    }
    Some([Member::Absent, new.default.map_or(Member::Null, Member::stored)])
}

/// Whether two values of a type are two values of another type too, where that accepts both.
fn keeps_apart(old: AttributeType, new: AttributeType) -> bool {
    use AttributeType::{Double, Long, String};

    old != String && (old, new) != (Long, Double)
}

/// Two things that a record may say, with two values.
pub(super) fn two<'a>(rule: &Rule<'a>, door: Door) -> Option<[Member<'a>; 2]> {
    let without_value = match door {
        Door::Body => vec![Member::Absent, Member::Null],
        Door::Store => vec![Member::Absent],
    };
    let members: Vec<_> = without_value.into_iter().chain(probes::samples(rule)).collect();
    let mut accepted = members.iter().filter(|member| rule.accepts(door, member));
    let first = accepted.next()?;
    let other = accepted.find(|member| rule.judge(door, member) != rule.judge(door, first))?;
    Some([first.clone(), other.clone()])
}

/// Equal for equal values of one type.
fn key(verdict: Verdict<'_>) -> (Option<&str>, Option<i64>) {
    match verdict {
        Verdict::Value(Value::String(text)) => (Some(text), None),
        Verdict::Value(Value::Boolean(truth)) => (None, Some(truth.into())),
        Verdict::Value(value) => (None, line::number(value)),
        Verdict::NoValue | Verdict::Refused => (None, None),
    }
}
