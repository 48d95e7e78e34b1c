//! Values that tell two attributes apart, if any value does.
//!
//! Most are ends. What an attribute with an order accepts is all between two ends, or a list. So is what another one accepts
//! of it, mostly: then it accepts all if it accepts both ends. Where it does not (an amount as a whole number, a large number
//! as a float, a moment as a day), what is refused comes again and again, and stands near an end or near where it begins.
//! Against a list of so many values, one more than so many are enough.

use super::line;
use super::member::Member;
use super::rule::Rule;
use crate::schema::attribute::AttributeType;
use crate::value::{EXACT_WHOLE, Value};

/// The longest text that is made to prove that a length is exceeded, in characters. Text beyond is
/// [`Unproven`](super::Answer::Unproven).
pub(super) const MAX_TEXT: usize = 1 << 20;

/// 2^53: from here on, floats leave whole numbers out.
const FIRST_INEXACT: i64 = EXACT_WHOLE + 1;
/// A whole amount of money in ten-thousandths.
const WHOLE_AMOUNT: i64 = 10_000;
/// 100,000,000,000 in ten-thousandths: from here on, an amount that is not whole is stored as a text.
const FIRST_TEXT_AMOUNT: i64 = 1_000_000_000_000_000;
/// 100,000,000,000: from here on, a number with a fraction or an exponent is no amount.
const FIRST_NO_AMOUNT: i64 = 100_000_000_000;

/// What bodies may say of an attribute, so that if the new rule refuses anything that the old one accepts, or takes two
/// values for one that are two to the old rule, some of these are such.
pub(super) fn in_bodies<'a>(old: &Rule<'a>, new: &Rule<'a>) -> Vec<Member<'a>> {
    let mut probes = Vec::new();
    for value in values(old, new) {
        push_forms(value, &mut probes);
    }
    if old.attribute_type() == AttributeType::String {
        push_texts(old, new, &mut probes);
    } else if new.attribute_type() == AttributeType::String {
        push_texts_of_values(old, new, &mut probes);
    }
    if let Some(default) = new.default {
        push_forms(default, &mut probes);
    }
    probes
}

/// The same of what is stored.
pub(super) fn in_records<'a>(old: &Rule<'a>, new: &Rule<'a>) -> Vec<Member<'a>> {
    let mut probes: Vec<_> = values(old, new).map(Member::stored).collect();
    if old.attribute_type() == AttributeType::String {
        push_texts(old, new, &mut probes);
    }
    probes
}

/// Up to three values, the shortest first: all there are, or at least two.
pub(super) fn samples<'a>(rule: &Rule<'a>) -> Vec<Member<'a>> {
    let mut samples: Vec<_> = match (rule.listed.values(), rule.attribute_type(), rule.ends()) {
        (Some(listed), ..) => listed.map(Member::stored).collect(),
        (None, AttributeType::String, _) => vec![Member::text(""), Member::text("a")],
        (None, attribute_type, Some((first, last))) => {
            let mut numbers = vec![first, first.saturating_add(1), last];
            numbers.extend([0, 1].map(|near| {
                if attribute_type == AttributeType::Currency { near * WHOLE_AMOUNT } else { near }
            }));
            numbers.retain(|number| (first..=last).contains(number));
            numbers.sort_unstable();
            numbers.dedup();
            numbers
                .into_iter()
                .filter_map(|number| line::value(attribute_type, number))
                .map(Member::stored)
                .collect()
        }
        (None, ..) => vec![Member::Boolean(true), Member::Boolean(false)],
    };
    samples.sort_by_cached_key(|sample| sample.json().map(|json| json.len()));
    samples.truncate(3);
    samples
}

/// Whether the new rule refuses texts for their length alone, but none that is short enough to be made, where the old one
/// accepts texts of this length.
pub(super) fn is_too_long_to_prove(length: Option<usize>, new: &Rule<'_>) -> bool {
    new.typed.length().is_some_and(|limit| limit >= MAX_TEXT && length.is_none_or(|length| length > limit))
}

/// The values of an attribute that is no unbounded text.
fn values<'a>(old: &Rule<'a>, new: &Rule<'a>) -> impl Iterator<Item = Value<'a>> {
    let attribute_type = old.attribute_type();
    let listed = old.listed.values();
    let is_listed = listed.is_some();
    let numbers = if is_listed { Vec::new() } else { numbers(old, new) };
    let truths: &[bool] = if attribute_type == AttributeType::Boolean { &[true, false] } else { &[] };
    let numbers = numbers.into_iter().filter_map(move |number| line::value(attribute_type, number));
    listed.into_iter().flatten().chain(numbers).chain(truths.iter().map(|truth| Value::Boolean(*truth)))
}

/// The numbers of the values of an attribute with an order.
fn numbers(old: &Rule<'_>, new: &Rule<'_>) -> Vec<i64> {
    use AttributeType::{Currency, DateTime, Double, Integer, Long};

    let Some((first, last)) = old.ends() else { return Vec::new() };
    let mut numbers = vec![0, first, last];
    let mut run = |from: i64, count: i64| numbers.extend((0..count).map(|n| from.saturating_add(n)));
    if let Some(listed) = new.listed.values() {
        run(first, i64::try_from(listed.len()).unwrap_or(i64::MAX).saturating_add(1));
    }
    match (old.attribute_type(), new.attribute_type()) {
        (Integer | Long, Double) => {
            // Among four whole numbers in a row that floats leave out, two are nearest to the same float.
            run(first, 5);
            run(last.saturating_sub(4), 5);
            run(FIRST_INEXACT - 1, 5);
            run(-FIRST_INEXACT - 4, 5);
            if let Some(Value::Double(default)) = new.default {
                #[expect(clippy::cast_possible_truncation, reason = "near to it, if there is such a number")]
                run((default as i64).saturating_sub(1), 3);
            }
        }
        (Integer | Long, Currency) => {
            run(FIRST_NO_AMOUNT, 1);
            run(-FIRST_NO_AMOUNT, 1);
            run(EXACT_WHOLE, 1);
            run(-EXACT_WHOLE, 1);
        }
        // One of two floats in a row is no amount, and neither whole as long as there are fractions.
        (Double, other) if other != Double => {
            run(line::of_float(0.5), 1);
            run(first, 2);
            run(last.saturating_sub(1), 2);
        }
        (Currency, other) if other != Currency => {
            // The first whole amount.
            let above = (WHOLE_AMOUNT - first.rem_euclid(WHOLE_AMOUNT)) % WHOLE_AMOUNT;
            run(first.saturating_add(above), 1);
            run(first, 2);
            run(last.saturating_sub(1), 2);
            run(FIRST_TEXT_AMOUNT, 2);
            run(-FIRST_TEXT_AMOUNT - 1, 2);
        }
        (DateTime, other) if other != DateTime => run(first, 2),
        _ => {}
    }
    numbers.retain(|number| (first..=last).contains(number));
    numbers
}

/// The texts of an attribute of that type.
fn push_texts<'a>(old: &Rule<'a>, new: &Rule<'a>, probes: &mut Vec<Member<'a>>) {
    if old.listed.values().is_some() {
        return;
    }
    probes.push(Member::text(""));
    let listed = new.listed.values().map_or(0, |listed| listed.len());
    probes.extend(('a'..=char::MAX).take(listed + 1).map(|character| Member::text(character.to_string())));
    if let Some(length) = new.typed.length().filter(|length| *length < MAX_TEXT) {
        probes.push(Member::text("a".repeat(length + 1)));
    }
}

/// Every way to write a value, as far as another type may take it otherwise.
fn push_forms<'a>(value: Value<'a>, probes: &mut Vec<Member<'a>>) {
    let stored = Member::stored(value);
    probes.push(stored.clone());
    match (value, stored) {
        (Value::Double(number), _) => {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "it may be another number, which is judged too"
            )]
            probes.push(Member::Integer(number as i64));
        }
        (Value::Date(date), _) => probes.push(Member::text(format!("{date}T00:00:00Z"))),
        (Value::Currency(amount), stored) => {
            probes.push(Member::text(amount.to_string()));
            push_float_of(&stored, probes);
        }
        (_, stored) => push_float_of(&stored, probes),
    }
}

/// A whole number, written with a fraction.
fn push_float_of(member: &Member<'_>, probes: &mut Vec<Member<'_>>) {
    let Member::Integer(number) = *member else { return };
    if (-EXACT_WHOLE..=EXACT_WHOLE).contains(&number) {
        #[expect(clippy::cast_precision_loss, reason = "exact below 2^53")]
        probes.push(Member::Float(number as f64));
    }
}

/// Days, moments and amounts can be written as texts of any length, and of any number.
fn push_texts_of_values<'a>(old: &Rule<'a>, new: &Rule<'a>, probes: &mut Vec<Member<'a>>) {
    let Some(value) = old.ends().and_then(|(first, _)| line::value(old.attribute_type(), first)) else {
        return;
    };
    let text = |filling: &str| match value {
        Value::Date(date) => Some(format!("{date}T00:00:00.000{filling}Z")),
        Value::DateTime(timestamp) => {
            let text = timestamp.to_string();
            text.strip_suffix('Z').map(|text| format!("{text}{filling}Z"))
        }
        Value::Currency(amount) => {
            let text = amount.to_string();
            let (sign, digits) = text.strip_prefix('-').map_or(("", &*text), |digits| ("-", digits));
            Some(format!("{sign}{filling}{digits}"))
        }
        _ => None,
    };
    if let Some(listed) = new.listed.values() {
        let zeros = "0".repeat(listed.len() + 1);
        let fillings = (1..=zeros.len()).filter_map(|count| zeros.get(..count));
        probes.extend(fillings.filter_map(text).map(Member::text));
    }
    if let Some(length) = new.typed.length().filter(|length| *length < MAX_TEXT) {
        probes.extend(text(&"0".repeat(length + 1)).map(Member::text));
    }
}
