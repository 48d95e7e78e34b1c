//! The structs: made by a macro of all types of fields, in all wrappers and shapes.

use std::borrow::Cow;
use std::fmt::Debug;
use std::num::{NonZeroI32, NonZeroU8};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use service_end::event::MismatchKind;
use service_end::value::{Currency, Date, SessionId};
use service_end::{Extension, ExtensionSchema, Timestamp};

use crate::dice::Dice;
use crate::samples::{AnyMood, Mood, New, Sample, Score, Word};

/// A struct, as the test sees it.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// The types of attributes that its fields are made for.
    pub(crate) types: [&'static [&'static str]; 3],
    pub(crate) check: fn(&ExtensionSchema, &Extension, &mut Dice) -> Found,
}

/// What came of a pair.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Found {
    Fits,
    Unproven,
    DoesNotFit,
}

macro_rules! shapes {
    ($($(#[$container:meta])* $Shape:ident($(#[$field:meta])*) covers $covers:literal;)*) => {$(
        #[derive(Serialize, Deserialize, Debug, PartialEq)]
        $(#[$container])*
        struct $Shape<A, B, C> {
            $(#[$field])*
            a: A,
            b: B,
            c: C,
        }

        impl<A: Sample, B: Sample, C: Sample> Shape for $Shape<A, B, C> {
            const TYPES: [&'static [&'static str]; 3] = [A::TYPES, B::TYPES, C::TYPES];
            const CUSTOM: bool = A::CUSTOM || B::CUSTOM || C::CUSTOM;
            const LOOSE: bool = A::LOOSE || B::LOOSE || C::LOOSE;
            const COVERS: bool = $covers;

            fn random(dice: &mut Dice) -> Self {
                $Shape { a: A::random(dice), b: B::random(dice), c: C::random(dice) }
            }
        }
    )*};
}

pub(crate) trait Shape: Sized {
    const TYPES: [&'static [&'static str]; 3];
    const CUSTOM: bool;
    const LOOSE: bool;
    /// Whether what it reads says all that the record says.
    const COVERS: bool;

    fn random(dice: &mut Dice) -> Self;
}

shapes! {
    Plain() covers true;
    #[serde(deny_unknown_fields, rename_all = "UPPERCASE")]
    Strict() covers true;
    #[serde(bound(deserialize = "A: Sample + Deserialize<'de>, B: Deserialize<'de>, C: Deserialize<'de>"))]
    Lenient(#[serde(default = "A::absent")]) covers false;
}

/// Whether a schema has the fields of a struct and no others, each of a type that it is made for: what can be read from
/// other types need not be written as those write it.
pub(crate) fn made_for(schema: &ExtensionSchema, types: [&[&str]; 3]) -> bool {
    schema.attributes().len() == 3
        && ["a", "b", "c"].iter().zip(types).all(|(name, types)| {
            let attribute = schema.attribute(name);
            attribute.is_some_and(|attribute| types.contains(&attribute.attribute_type().as_str()))
        })
}

/// Holds `fits` against reading; both ways of writing and reading lose nothing.
fn check<'s, T>(schema: &'s ExtensionSchema, extension: &'s Extension) -> Found
where
    T: Shape + Serialize + Deserialize<'s> + Debug,
{
    let fits = schema.fits::<T>();
    let read: Vec<_> = extension.records_as::<T>().collect();
    let failed = read.iter().find_map(|read| read.as_ref().err());
    let context = || format!("{}\n{}\n{fits:?}", std::any::type_name::<T>(), schema.to_json());
    let certain = fits
        .as_ref()
        .err()
        .map(|found| found.iter().any(|mismatch| mismatch.kind() != MismatchKind::Unproven));
    match certain {
        None => {
            assert_eq!(failed, None, "it fits, but can't be read: {}", context());
            let read: Vec<T> = read.into_iter().map(Result::unwrap).collect();
            if !made_for(schema, T::TYPES) {
                return Found::Fits;
            }
            if T::COVERS && !T::LOOSE {
                let made = Extension::from_records(schema, &read);
                assert_eq!(made.as_ref(), Ok(extension), "something is lost: {}", context());
            }
            Found::Fits
        }
        Some(true) => {
            assert!(failed.is_some(), "it does not fit, but all is read: {}", context());
            Found::DoesNotFit
        }
        Some(false) => {
            assert!(T::CUSTOM, "nothing is unknown of it: {}", context());
            Found::Unproven
        }
    }
}

/// One kind for each type in each shape, and for each three types that follow each other.
macro_rules! kinds {
    ($($all:ty),* $(,)?) => {
        pub(crate) const KINDS: &[&[Kind]] = &[
            $(&[
                kinds!(@kind Plain<$all, Option<$all>, New<$all>>),
                kinds!(@kind Strict<Box<$all>, New<Option<$all>>, i32>),
                kinds!(@kind Lenient<$all, Option<New<$all>>, Option<bool>>),
            ],)*
        ];
    };
    (@kind $kind:ty) => {
        Kind {
            name: stringify!($kind),
            types: <$kind as Shape>::TYPES,
            check: |schema, extension, dice| {
                let found = check::<$kind>(schema, extension);
                if found == Found::Fits && !<$kind as Shape>::LOOSE && made_for(schema, <$kind as Shape>::TYPES) {
                    let made: Vec<$kind> = vec![<$kind as Shape>::random(dice)];
                    if let Ok(written) = Extension::from_records(schema, &made) {
                        let read: Vec<$kind> = written.to().unwrap();
                        assert_eq!(read, made, "something is lost: {}", schema.to_json());
                    }
                }
                found
            },
        }
    };
}

kinds! {
    i8, i16, i32, i64, i128, u8, u16, u32, u64, u128, NonZeroU8, NonZeroI32, f64, f32, bool, char, String, &str,
    Cow<'_, str>, SessionId, Date, Timestamp, Currency, NaiveDate, DateTime<Utc>, Decimal, Mood, AnyMood, Score, Word,
    serde_json::Value,
}

macro_rules! mixed {
    ($first:ty, $second:ty, $third:ty $(, $rest:ty)*) => {
        mixed!(@more [kinds!(@kind Plain<$first, $second, $third>)] $second, $third $(, $rest)*);
    };
    (@more [$($kind:expr),*] $first:ty, $second:ty, $third:ty $(, $rest:ty)*) => {
        mixed!(@more [$($kind,)* kinds!(@kind Plain<$first, $second, $third>)] $second, $third $(, $rest)*);
    };
    (@more [$($kind:expr),*] $first:ty, $second:ty) => {
        pub(crate) const MIXED: &[Kind] = &[$($kind),*];
    };
}

mixed! {
    i64, &str, Option<Currency>, bool, Mood, Timestamp, f64, Option<Date>, u16, SessionId, Option<f32>, Decimal, String,
    DateTime<Utc>, Option<Score>, Cow<'_, str>, u64, NaiveDate, Option<Word>, i32, AnyMood
}
