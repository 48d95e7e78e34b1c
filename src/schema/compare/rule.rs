use super::line;
use super::member::Member;
use crate::schema::attribute::AttributeSchema;
use crate::schema::attribute_type::AttributeType;
use crate::schema::narrowing::{OwnedValue, compare};
use crate::value::{Scalar, TextError, Value};

/// What an attribute demands, taken apart: so one demand can be exchanged for that of another version.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule<'a> {
    /// Whose type and length are demanded.
    pub(super) typed: &'a AttributeSchema,
    pub(super) minimum: Option<Value<'a>>,
    pub(super) maximum: Option<Value<'a>>,
    /// Whose values are demanded.
    pub(super) listed: &'a AttributeSchema,
    pub(super) mandatory: bool,
    pub(super) default: Option<Value<'a>>,
}

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    Body,
    Store,
}

/// What comes of a member of a record.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verdict<'v> {
    Refused,
    NoValue,
    Value(Value<'v>),
}

impl<'a> Rule<'a> {
    pub(super) fn of(attribute: &'a AttributeSchema) -> Self {
        Rule {
            typed: attribute,
            minimum: attribute.minimum(),
            maximum: attribute.maximum(),
            listed: attribute,
            mandatory: attribute.is_mandatory(),
            default: attribute.default(),
        }
    }

    /// Without what is said of records that have no value.
    pub(super) fn of_values(self) -> Self {
        Rule { mandatory: false, default: None, ..self }
    }

    /// This rule for the type of another one, where it has the same meaning there.
    pub(super) fn carried_to(&self, other: &Rule<'a>) -> Option<Rule<'a>> {
        let is_listed = [self, other].into_iter().any(|rule| rule.listed.values().is_some());
        if is_listed || self.ends().is_none() || other.ends().is_none() {
            return None;
        }
        let carry = |value: Option<Value<'a>>| match value {
            None => Some(None),
            Some(value) => {
                let stored = Member::stored(value);
                let carried = other.typed.accept_by_type(stored.scalar()?).ok()?;
                Some(Some(OwnedValue::from(carried).scalar()?))
            }
        };
        let (minimum, maximum, default) = (carry(self.minimum)?, carry(self.maximum)?, carry(self.default)?);
        Some(Rule { minimum, maximum, default, typed: other.typed, ..*self })
    }

    pub(super) fn attribute_type(&self) -> AttributeType {
        self.typed.attribute_type()
    }

    /// Whether both accept the same values because they demand the same of them.
    pub(super) fn has_values_of(&self, other: &Rule<'_>) -> bool {
        self.attribute_type() == other.attribute_type()
            && self.typed.length() == other.typed.length()
            && (self.minimum, self.maximum) == (other.minimum, other.maximum)
            && self.listed.lists_same(other.listed)
    }

    /// Judges what a record says. In a store nothing is left out for a default.
    pub(super) fn judge<'m>(&self, door: Door, member: &'m Member<'_>) -> Verdict<'m>
    where
        'a: 'm,
    {
        match (member.scalar(), self.default) {
            (None, Some(default)) if door == Door::Body => Verdict::Value(default),
            (None | Some(Scalar::Null), _) => {
                if self.mandatory {
                    Verdict::Refused
                } else {
                    Verdict::NoValue
                }
            }
            (Some(scalar), _) => match self.typed.accept_by_type(scalar) {
                Ok(value) if self.is_met_by(value) => Verdict::Value(value),
                _ => Verdict::Refused,
            },
        }
    }

    pub(super) fn accepts(&self, door: Door, member: &Member<'_>) -> bool {
        self.judge(door, member) != Verdict::Refused
    }

    /// Whether a value of the type meets the other demands.
    pub(super) fn is_met_by(&self, value: Value<'_>) -> bool {
        let is_low = self.minimum.is_some_and(|minimum| compare(value, minimum).is_lt());
        let is_high = self.maximum.is_some_and(|maximum| compare(value, maximum).is_gt());
        let is_long =
            value.as_str().is_some_and(|text| TextError::check_length(text, self.typed.length()).is_err());
        !is_low && !is_high && !is_long && self.listed.lists(value)
    }

    /// The numbers of its first and its last value, where its type has an order.
    pub(super) fn ends(&self) -> Option<(i64, i64)> {
        let (first, last) = line::ends(self.attribute_type())?;
        let first = self.minimum.and_then(line::number).unwrap_or(first);
        let last = self.maximum.and_then(line::number).unwrap_or(last);
        Some((first, last))
    }
}
