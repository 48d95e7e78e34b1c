//! What narrows the values of an attribute beyond its type and its length.

use std::cmp::Ordering;
use std::sync::Arc;

use indexmap::IndexSet;

use super::attribute_type::AttributeType;
use crate::value::{Scalar, Value};
use crate::violation::{Known, ViolationKind};

/// The most values that an attribute can list (chosen).
pub(super) const MAX_VALUES: usize = 1_000;

/// A value that outlives the declaration that it came from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum OwnedValue {
    Text(Arc<str>),
    Scalar(Value<'static>),
}

impl OwnedValue {
    pub(super) fn get(&self) -> Value<'_> {
        match self {
            OwnedValue::Text(text) => Value::String(text),
            OwnedValue::Scalar(value) => *value,
        }
    }

    /// The value, unless it is a text.
    pub(super) fn scalar(self) -> Option<Value<'static>> {
        if let OwnedValue::Scalar(value) = self { Some(value) } else { None }
    }
}

impl From<Value<'_>> for OwnedValue {
    fn from(value: Value<'_>) -> Self {
        OwnedValue::Scalar(match value {
            Value::String(text) => return OwnedValue::Text(text.into()),
            Value::Integer(number) => Value::Integer(number),
            Value::Long(number) => Value::Long(number),
            Value::Double(number) => Value::Double(number),
            Value::Boolean(truth) => Value::Boolean(truth),
            Value::Date(date) => Value::Date(date),
            Value::DateTime(timestamp) => Value::DateTime(timestamp),
            Value::Currency(amount) => Value::Currency(amount),
        })
    }
}

/// The bounds of an attribute, and the list of its values. At least one of them is there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Narrowing {
    pub(super) minimum: Option<Value<'static>>,
    pub(super) maximum: Option<Value<'static>>,
    pub(super) values: Option<Values>,
}

impl Narrowing {
    /// Judges a value of the attribute's type.
    pub(super) fn check(&self, value: Value<'_>) -> Result<(), ViolationKind> {
        let beyond = |bound: Value<'static>, wrong| compare(value, bound) == wrong;
        if let Some(minimum) = self.minimum.filter(|minimum| beyond(*minimum, Ordering::Less)) {
            return Err(ViolationKind::BelowMinimum { minimum });
        }
        if let Some(maximum) = self.maximum.filter(|maximum| beyond(*maximum, Ordering::Greater)) {
            return Err(ViolationKind::AboveMaximum { maximum });
        }
        match &self.values {
            Some(values) if !values.contains(value) => Err(values.unknown()),
            _ => Ok(()),
        }
    }

    /// What is beyond the type is beyond a bound on the same side, which says more. A `long` in a form that is not exact
    /// need not be.
    pub(super) fn beyond_type(&self, scalar: Scalar<'_>, kind: ViolationKind) -> ViolationKind {
        if !kind.is_out_of_range() {
            return kind;
        }
        let is_low = match scalar {
            Scalar::Integer(number) => number < 0,
            Scalar::Float(number) if !number.is_nan() => number < 0.0,
            Scalar::String(text) => text.starts_with('-'),
            Scalar::Float(_) | Scalar::Null | Scalar::Boolean(_) | Scalar::TextWithNul(_) => return kind,
        };
        let is_below = |minimum: &Value<'_>| match (scalar, minimum) {
            (Scalar::Float(number), Value::Long(minimum)) => number < rounded(*minimum),
            _ => is_low,
        };
        let is_above = |maximum: &Value<'_>| match (scalar, maximum) {
            (Scalar::Float(number), Value::Long(maximum)) => number > rounded(*maximum),
            _ => !is_low,
        };
        match (self.minimum.filter(is_below), self.maximum.filter(is_above)) {
            (Some(minimum), _) => ViolationKind::BelowMinimum { minimum },
            (None, Some(maximum)) => ViolationKind::AboveMaximum { maximum },
            (None, None) => kind,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "of a number that is rounded to a bound the form is told")]
fn rounded(bound: i64) -> f64 {
    bound as f64
}

/// The order of two values of one type that has bounds.
pub(super) fn compare(one: Value<'_>, other: Value<'_>) -> Ordering {
    let order = match (one, other) {
        (Value::Integer(one), Value::Integer(other)) => Some(one.cmp(&other)),
        (Value::Long(one), Value::Long(other)) => Some(one.cmp(&other)),
        (Value::Double(one), Value::Double(other)) => one.partial_cmp(&other),
        (Value::Date(one), Value::Date(other)) => Some(one.cmp(&other)),
        (Value::DateTime(one), Value::DateTime(other)) => Some(one.cmp(&other)),
        (Value::Currency(one), Value::Currency(other)) => Some(one.cmp(&other)),
        _ => None,
    };
    order.unwrap_or_else(|| unreachable!("both are of the attribute's type, and doubles are finite"))
}

/// The values that an attribute may have, in the order declared, and what a violation lists of them, made once.
#[derive(Clone, Debug)]
pub(super) struct Values {
    list: List,
    known: Known,
}

#[derive(Clone, Debug)]
pub(super) enum List {
    Texts(IndexSet<Arc<str>>),
    Numbers(IndexSet<i64>),
}

impl List {
    /// An empty one for a type that can list its values.
    pub(super) fn of(attribute_type: AttributeType) -> Option<Self> {
        match attribute_type {
            AttributeType::String => Some(List::Texts(IndexSet::new())),
            AttributeType::Integer | AttributeType::Long => Some(List::Numbers(IndexSet::new())),
            _ => None,
        }
    }

    /// Adds a value; if it is there already, the ordinal of the first one.
    pub(super) fn insert(&mut self, value: Value<'_>) -> Result<(), usize> {
        let (ordinal, is_new) = match self {
            List::Texts(texts) => texts.insert_full(text(value).into()),
            List::Numbers(numbers) => numbers.insert_full(number(value)),
        };
        if is_new { Ok(()) } else { Err(ordinal) }
    }
}

impl From<List> for Values {
    fn from(list: List) -> Self {
        let known = match &list {
            List::Texts(texts) => Known::declared(texts.iter().cloned()),
            List::Numbers(numbers) => {
                Known::listed(numbers.len(), numbers.iter().map(|number| number.to_string().into()))
            }
        };
        Values { list, known }
    }
}

impl Values {
    pub(super) fn contains(&self, value: Value<'_>) -> bool {
        match &self.list {
            List::Texts(texts) => texts.contains(text(value)),
            List::Numbers(numbers) => numbers.contains(&number(value)),
        }
    }

    fn unknown(&self) -> ViolationKind {
        ViolationKind::UnknownValue { known: self.known.clone() }
    }

    /// The values, of the attribute's type.
    pub(super) fn iter(&self, attribute_type: AttributeType) -> impl ExactSizeIterator<Item = Value<'_>> {
        let count = match &self.list {
            List::Texts(texts) => texts.len(),
            List::Numbers(numbers) => numbers.len(),
        };
        (0..count).map(move |ordinal| self.nth(ordinal, attribute_type))
    }

    fn nth(&self, ordinal: usize, attribute_type: AttributeType) -> Value<'_> {
        match &self.list {
            List::Texts(texts) => Value::String(&texts[ordinal]),
            List::Numbers(numbers) if attribute_type == AttributeType::Long => Value::Long(numbers[ordinal]),
            List::Numbers(numbers) => {
                let number = i32::try_from(numbers[ordinal]);
                Value::Integer(number.unwrap_or_else(|_| unreachable!("it was taken as an integer")))
            }
        }
    }
}

fn text(value: Value<'_>) -> &str {
    value.as_str().unwrap_or_else(|| unreachable!("values are of the attribute's type"))
}

fn number(value: Value<'_>) -> i64 {
    value.as_i64().unwrap_or_else(|| unreachable!("values are of the attribute's type"))
}

/// Equal if they list the same, in the same order: it is the order in which they are told.
impl PartialEq for Values {
    fn eq(&self, other: &Self) -> bool {
        match (&self.list, &other.list) {
            (List::Texts(mine), List::Texts(theirs)) => mine.iter().eq(theirs),
            (List::Numbers(mine), List::Numbers(theirs)) => mine.iter().eq(theirs),
            _ => false,
        }
    }
}
