//! One attribute in two versions.

use std::collections::HashMap;

use super::line;
use super::member::Member;
use super::probes;
use super::rule::{Rule, Verdict};
use crate::schema::attribute::AttributeType;
use crate::value::Value;

/// What the new version does not take of what the old one takes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Lost<'a> {
    Nothing,
    /// This, for one.
    Member(Member<'a>),
    Unproven,
}

/// What bodies may say no more.
pub(super) fn lost_in_bodies<'a>(old: &Rule<'a>, new: &Rule<'a>) -> Lost<'a> {
    let is_lost = |member: &Member<'_>| old.accepts(member) && !new.accepts(member);
    if let Some(member) = [Member::Absent, Member::Null].into_iter().find(is_lost) {
        return Lost::Member(member);
    }
    if old.has_values_of(new) {
        return Lost::Nothing;
    }
    // Days, moments and amounts can be written at any length.
    let is_unproven = is_text_of_any_length(old) && probes::is_too_long_to_prove(old.typed.length(), new);
    first(probes::in_bodies(old, new), is_lost, is_unproven)
}

/// What is stored and reads no more, or reads as another value.
pub(super) fn lost_in_records<'a>(old: &Rule<'a>, new: &Rule<'a>) -> Lost<'a> {
    if new.mandatory && !old.mandatory {
        return Lost::Member(Member::Absent);
    }
    if old.has_values_of(new) {
        return Lost::Nothing;
    }
    let is_lost = |member: &Member<'_>| {
        old.judge_stored(member) != Verdict::Refused
            && match new.judge_stored(member) {
                Verdict::Value(value) => !Member::stored(value).is_same_value(member),
                Verdict::NoValue | Verdict::Refused => true,
            }
    };
    let is_unproven = old.attribute_type() == AttributeType::String
        && is_text_of_any_length(old)
        && probes::is_too_long_to_prove(old.typed.length(), new);
    first(probes::in_records(old, new), is_lost, is_unproven)
}

fn is_text_of_any_length(rule: &Rule<'_>) -> bool {
    use AttributeType::{Currency, Date, DateTime, String};

    rule.listed.values().is_none() && matches!(rule.attribute_type(), String | Date | DateTime | Currency)
}

/// The first probe that is lost.
fn first(probes: Vec<Member<'_>>, is_lost: impl Fn(&Member<'_>) -> bool, is_unproven: bool) -> Lost<'_> {
    match probes.into_iter().find(is_lost) {
        Some(member) => Lost::Member(member),
        None if is_unproven => Lost::Unproven,
        None => Lost::Nothing,
    }
}

/// Two things that a body may say, with two values under the old version and one under the new.
pub(super) fn merged<'a>(old: &Rule<'a>, new: &Rule<'a>) -> Option<[Member<'a>; 2]> {
    if old.attribute_type() == new.attribute_type() {
        // What is given has the same value under both. What is left out may not.
        let other = match new.default {
            default if default == old.default => return None,
            Some(default) => Member::stored(default),
            None => Member::Null,
        };
        let accepted = old.accepts(&Member::Absent) && new.accepts(&Member::Absent) && old.accepts(&other);
        let are_two = old.judge(&other) != old.judge(&Member::Absent);
        return (accepted && are_two).then_some([Member::Absent, other]);
    }
    let mut members = vec![Member::Absent, Member::Null];
    members.append(&mut probes::in_bodies(old, new));
    let mut seen = HashMap::new();
    for member in &members {
        let (before, now) = (old.judge(member), new.judge(member));
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

/// Two things that a body may say, with two values.
pub(super) fn two_in_bodies<'a>(rule: &Rule<'a>) -> Option<[Member<'a>; 2]> {
    two([Member::Absent, Member::Null], rule, |member| rule.judge(member))
}

/// Two things that may be stored, with two values.
pub(super) fn two_in_records<'a>(rule: &Rule<'a>) -> Option<[Member<'a>; 2]> {
    two([Member::Absent], rule, |member| rule.judge_stored(member))
}

fn two<'a>(
    without_value: impl IntoIterator<Item = Member<'a>>,
    rule: &Rule<'a>,
    judge: impl for<'m> Fn(&'m Member<'a>) -> Verdict<'m>,
) -> Option<[Member<'a>; 2]> {
    let members: Vec<_> = without_value.into_iter().chain(probes::samples(rule)).collect();
    let mut accepted = members.iter().filter(|member| judge(member) != Verdict::Refused);
    let first = accepted.next()?;
    let other = accepted.find(|member| judge(member) != judge(first))?;
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
