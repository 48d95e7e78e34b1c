//! Values that tell two attributes apart, if any value does.
//!
//! Most are ends. What an attribute with an order accepts is all between two ends, or a list. So is what another one accepts
//! of it, mostly: then it accepts all if it accepts both ends. Where it does not (an amount as a whole number, a large number
//! as a float, a moment as a day), what is refused comes again and again, and stands near an end or near where it begins.
//! Against a list of so many values, one more than so many are enough.

use std::ops::ControlFlow;

use super::line;
use super::member::Member;
use super::rule::{Door, Rule};
use crate::schema::attribute_type::AttributeType;
use crate::value::{EXACT_WHOLE, Value};

/// The longest text that is made to prove that a length is exceeded, in characters. Text beyond is
/// [`Unproven`](super::Answer::Unproven).
pub(super) const MAX_TEXT: usize = 1 << 20;

const LEAST_EXACT: i64 = -EXACT_WHOLE;
/// A whole amount of money in ten-thousandths.
const WHOLE_AMOUNT: i64 = 10_000;

/// What is done with a probe. Most often the first few say enough, and the others are not made.
pub(super) type Visit<'v, 'a> = &'v mut dyn FnMut(Member<'a>) -> ControlFlow<Member<'a>>;

/// What a record may say of an attribute, so that if the new rule refuses anything that the old one accepts, or takes two
/// values for one that are two to the old rule, some of these are such.
pub(super) fn visit<'a>(
    old: &Rule<'a>,
    new: &Rule<'a>,
    door: Door,
    visit: Visit<'_, 'a>,
) -> ControlFlow<Member<'a>> {
    let attribute_type = old.attribute_type();
    // One type takes every form of a value.
    let every_form = door == Door::Body && attribute_type != new.attribute_type();
    if let Some(listed) = old.listed.values() {
        for value in listed {
            visit_forms(value, every_form, visit)?;
        }
    } else if attribute_type == AttributeType::String {
        visit_texts(new, visit)?;
    } else if let Some((first, last)) = old.ends() {
        for value in numbers(old, new, first, last).into_iter().filter_map(|n| line::value(attribute_type, n))
        {
            visit_forms(value, every_form, visit)?;
        }
        if door == Door::Body && new.attribute_type() == AttributeType::String {
            visit_texts_of_values(old, new, visit)?;
        }
    } else {
        visit(Member::Boolean(true))?;
        visit(Member::Boolean(false))?;
    }
    match new.default {
        Some(default) if every_form => visit_forms(default, true, visit),
        _ => ControlFlow::Continue(()),
    }
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

/// Numbers of values of an attribute with an order, between its first and its last.
fn numbers(old: &Rule<'_>, new: &Rule<'_>, first: i64, last: i64) -> Vec<i64> {
    use AttributeType::{Currency, DateTime, Double, Integer, Long};

    let mut numbers = Vec::with_capacity(16);
    numbers.extend([0, first, last]);
    let mut run = |from: i64, count: i64| numbers.extend((0..count).map(|n| from.saturating_add(n)));
    if let Some(listed) = new.listed.values() {
        run(first, i64::try_from(listed.len()).unwrap_or(i64::MAX).saturating_add(1));
    }
    match (old.attribute_type(), new.attribute_type()) {
        (old, new) if old == new => {}
        (Integer | Long, Double) => {
            // Beyond 2^53, among five whole numbers in a row floats leave some out, and two are nearest to the same float.
            run(first, 5);
            run(last.saturating_sub(4), 5);
            if let Some(Value::Double(default)) = new.default {
                #[expect(clippy::cast_possible_truncation, reason = "near to it, if there is such a number")]
                run((default as i64).saturating_sub(1), 3);
            }
        }
        // One of two floats in a row is no amount, and neither whole as long as there are fractions.
        (Double, _) => {
            run(line::of_float(0.5), 1);
            run(first, 2);
            run(last.saturating_sub(1), 2);
        }
        // One of two amounts in a row is not whole.
        (Currency, _) => {
            // The first whole amount.
            let above = (WHOLE_AMOUNT - first.rem_euclid(WHOLE_AMOUNT)) % WHOLE_AMOUNT;
            run(first.saturating_add(above), 1);
            run(first, 2);
            run(last.saturating_sub(1), 2);
        }
        (DateTime, _) => run(first, 2),
        _ => {}
    }
    numbers.retain(|number| (first..=last).contains(number));
    numbers
}

/// Texts, where any text is one.
fn visit_texts<'a>(new: &Rule<'a>, visit: Visit<'_, 'a>) -> ControlFlow<Member<'a>> {
    visit(Member::text(""))?;
    let listed = new.listed.values().map_or(0, |listed| listed.len());
    for character in ('a'..=char::MAX).take(listed) {
        visit(Member::text(character.to_string()))?;
    }
    match new.typed.length() {
        Some(length) if length < MAX_TEXT => visit(Member::text("a".repeat(length + 1))),
        _ => ControlFlow::Continue(()),
    }
}

/// A value as it is stored, or in every form, as far as another type may take it otherwise.
fn visit_forms<'a>(value: Value<'a>, every: bool, visit: Visit<'_, 'a>) -> ControlFlow<Member<'a>> {
    let stored = Member::stored(value);
    if !every {
        return visit(stored);
    }
    let with_fraction = match stored {
        #[expect(clippy::cast_precision_loss, reason = "exact below 2^53")]
        Member::Integer(number @ LEAST_EXACT..=EXACT_WHOLE) => Some(Member::Float(number as f64)),
        _ => None,
    };
    visit(stored)?;
    with_fraction.map_or(ControlFlow::Continue(()), &mut *visit)?;
    match value {
        Value::Date(date) => visit(Member::text(format!("{date}T00:00:00Z"))),
        Value::Currency(amount) => visit(Member::text(amount.to_string())),
        _ => ControlFlow::Continue(()),
    }
}

/// Days, moments and amounts can be written as texts of any length, and of any number.
fn visit_texts_of_values<'a>(
    old: &Rule<'a>,
    new: &Rule<'a>,
    visit: Visit<'_, 'a>,
) -> ControlFlow<Member<'a>> {
    let first = old.ends().and_then(|(first, _)| line::value(old.attribute_type(), first));
    let (head, tail) = match first {
        Some(Value::Date(date)) => (format!("{date}T00:00:00.000"), "Z".to_owned()),
        Some(Value::DateTime(timestamp)) => (timestamp.to_string().replace('Z', ""), "Z".to_owned()),
        Some(Value::Currency(amount)) => {
            let text = amount.to_string();
            match text.strip_prefix('-') {
                Some(digits) => ("-".to_owned(), digits.to_owned()),
                None => (String::new(), text),
            }
        }
        _ => return ControlFlow::Continue(()),
    };
    let mut filled = |zeros: usize| visit(Member::text(format!("{head}{}{tail}", "0".repeat(zeros))));
    for zeros in 1..=new.listed.values().map_or(0, |listed| listed.len()) {
        filled(zeros)?;
    }
    match new.typed.length() {
        Some(length) if length < MAX_TEXT => filled(length + 1),
        _ => ControlFlow::Continue(()),
    }
}
