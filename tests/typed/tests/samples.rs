//! The types of fields, each with values at random and the attribute types that it is made for.

use std::borrow::Cow;
use std::num::{NonZeroI32, NonZeroU8};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use service_end::Timestamp;
use service_end::value::{Currency, Date, SessionId};

use crate::dice::Dice;

/// A type of a field.
pub(crate) trait Sample {
    /// The types of attributes that it is made for.
    const TYPES: &'static [&'static str];
    /// Whether it has code of its own.
    const CUSTOM: bool = false;
    /// Whether it tells apart what the attribute does not, or the other way round.
    const LOOSE: bool = false;

    fn random(dice: &mut Dice) -> Self;

    /// What an absent field is.
    fn absent() -> Self
    where
        Self: Sized,
    {
        Self::random(&mut Dice::new(7))
    }
}

const WORDS: [&str; 6] =
    ["", "x", "good", "bad", "straße", "a rather long text, of more than thirty-two characters"];
const NUMBERS: &[&str] = &["integer", "long"];
const INTEGERS: [i64; 12] =
    [0, 1, -1, 7, 127, -128, 255, 300, 70_000, -(1 << 31), (1 << 53) + 1, 5_000_000_000];

macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl Sample for $integer {
            const TYPES: &'static [&'static str] = NUMBERS;

            fn random(dice: &mut Dice) -> Self {
                <$integer>::try_from(*dice.pick(&INTEGERS)).unwrap_or_default()
            }
        }
    )*};
}

integers! { i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 }

macro_rules! samples {
    ($($sample:ty: $types:expr $(, $constant:ident)?; |$dice:ident| $random:expr;)*) => {$(
        impl Sample for $sample {
            const TYPES: &'static [&'static str] = $types;
            $(const $constant: bool = true;)?

            fn random($dice: &mut Dice) -> Self {
                $random
            }
        }
    )*};
}

samples! {
    NonZeroU8: NUMBERS; |dice| NonZeroU8::new(u8::random(dice)).unwrap_or(NonZeroU8::MIN);
    NonZeroI32: NUMBERS; |dice| NonZeroI32::new(i32::random(dice)).unwrap_or(NonZeroI32::MIN);
    f64: &["double", "double", "integer", "long", "currency"]; |dice| *dice.pick(&[0.0, 0.1, -7.5, 1e300, 12.25, 3.0]);
    f32: &["double", "integer", "long"]; |dice| *dice.pick(&[0.0, 0.1, -7.5, 1e30, 12.25, 3.0, 16_777_216.0]);
    bool: &["boolean"]; |dice| dice.one_in(2);
    char: &["string"]; |dice| *dice.pick(&['x', 'ü', '\u{10ffff}', '"']);
    String: &["string", "string", "date", "datetime", "currency"]; |dice| (*dice.pick(&WORDS)).to_owned();
    &str: &["string"]; |dice| *dice.pick(&WORDS[..]);
    Cow<'_, str>: &["string"]; |dice| Cow::Borrowed(*dice.pick(&WORDS[..]));
    SessionId: &["string"]; |dice| SessionId::new(*dice.pick(&WORDS[..5])).unwrap();
    Date: &["date"]; |dice| Date::from_unix_days(i32::try_from(dice.below(900_000)).unwrap() - 400_000).unwrap();
    Timestamp: &["datetime"]; |dice| Timestamp::from_unix_millis(i64::try_from(dice.below(1 << 44)).unwrap()).unwrap();
    Currency: &["currency"]; |dice| Currency::from_ten_thousandths(i64::try_from(dice.throw() >> dice.below(60).max(1)).unwrap() * dice.pick(&[1, -1]));
    NaiveDate: &["date"]; |dice| Date::random(dice).into();
    DateTime<Utc>: &["datetime"]; |dice| Timestamp::random(dice).into();
    Decimal: &["currency"]; |dice| Decimal::new(i64::try_from(dice.below(1 << 40)).unwrap() - (1 << 39), 3);
    Mood: &["string"]; |dice| *dice.pick(&[Mood::Good, Mood::Bad]);
    AnyMood: &["string"], LOOSE; |dice| *dice.pick(&[AnyMood::Good, AnyMood::Bad]);
    Score: NUMBERS; |dice| Score(u8::random(dice));
    Word: &["string"], CUSTOM; |dice| Word((*dice.pick(&["x", "good"])).to_owned());
    serde_json::Value: &["string", "integer", "double", "date"], LOOSE; |_dice| serde_json::Value::Bool(true);
}

/// Whose variants are names.
#[derive(Clone, Copy, Serialize, Deserialize, Debug, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Mood {
    Good,
    Bad,
}

/// One that takes any text.
#[derive(Clone, Copy, Serialize, Deserialize, Debug, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AnyMood {
    Good,
    Bad,
    #[serde(other)]
    Other,
}

#[derive(Serialize, Deserialize, Debug, PartialEq)]
pub(crate) struct Score(pub(crate) u8);

/// Text with a rule of its own.
#[derive(Serialize, Deserialize, Debug, PartialEq)]
#[serde(try_from = "String")]
pub(crate) struct Word(pub(crate) String);

impl TryFrom<String> for Word {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, &'static str> {
        if text.contains(' ') { Err("more than a word") } else { Ok(Word(text)) }
    }
}

/// A newtype of anything.
#[derive(Serialize, Deserialize, Debug, PartialEq)]
pub(crate) struct New<T>(pub(crate) T);

macro_rules! wrappers {
    ($($wrapper:ident |$dice:ident| $random:expr;)*) => {$(
        impl<T: Sample> Sample for $wrapper<T> {
            const TYPES: &'static [&'static str] = T::TYPES;
            const CUSTOM: bool = T::CUSTOM;
            const LOOSE: bool = T::LOOSE;

            fn random($dice: &mut Dice) -> Self {
                $random
            }
        }
    )*};
}

wrappers! {
    New |dice| New(T::random(dice));
    Box |dice| Box::new(T::random(dice));
    Option |dice| if dice.one_in(3) { None } else { Some(T::random(dice)) };
}
