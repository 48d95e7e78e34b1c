//! The doors through which records are read into Rust types.

use std::iter::FusedIterator;
use std::marker::PhantomData;

use serde::de::{Deserialize, Error as _};

use super::super::extension::Extension;
use super::super::record::{Record, Records};
use super::error::Mismatch;
use super::record::{AskedFields, ExtensionDeserializer, RecordDeserializer};

impl<'e> Record<'e> {
    /// Reads the record into a Rust type, for instance a struct that derives `Deserialize`. Text is borrowed where the
    /// type borrows. What a type can ask for is told at [`Extension::to`].
    ///
    /// # Errors
    /// [`Mismatch`], where the type can't take what is there.
    pub fn to<T: Deserialize<'e>>(&self) -> Result<T, Mismatch> {
        self.to_asked(&mut AskedFields::default())
    }

    fn to_asked<T: Deserialize<'e>>(self, asked: &mut AskedFields) -> Result<T, Mismatch> {
        T::deserialize(RecordDeserializer::new(self, asked))
            .map_err(|mismatch| mismatch.in_record(self.schema(), self.ordinal()))
    }
}

impl Extension {
    /// Reads the extension into a Rust type: a single-valued one into a struct, a multi-valued one into any sequence of
    /// structs. Text is borrowed where the type borrows: a field `&str` always works.
    ///
    /// A value that a record does not have is a field that is absent; a default is a value. Names are matched without
    /// regard to case. The type of an attribute, and never the value at hand, decides what a field can be:
    ///
    /// | type | can be read into |
    /// |---|---|
    /// | `string` | `String`, `&str`, `Cow<str>`, `char`, an enum of unit variants |
    /// | `integer`, `long` | any integer that holds the number, `f64` below 2^53 and `f32` below 2^24 in magnitude |
    /// | `double` | `f64`; `f32` where writing that one gives the number back |
    /// | `boolean` | `bool` |
    /// | `date` | [`Date`](crate::value::Date), `chrono::NaiveDate`, `String` |
    /// | `datetime` | [`Timestamp`](crate::Timestamp), `chrono::DateTime`, `String`; by `chrono::serde::ts_milliseconds` and its siblings where nothing is cut off |
    /// | `currency` | [`Currency`](crate::value::Currency), `rust_decimal::Decimal` by any of its modules, `String`; `f64` below 100,000,000,000 |
    ///
    /// and into an `Option`, a newtype, or a type of your own that is read from one of these. Bytes, lists, maps and
    /// structs are never found in an attribute. Where `serde` keeps values in a buffer before it knows the type, which
    /// it does for `flatten` and for enums that are untagged or have an internal tag, names come in the schema's spelling,
    /// a `date`, a `datetime` or a `currency` is a text, and a number becomes an `f64` or `f32` even where that rounds it.
    ///
    /// ```
    /// use service_end::{AttributeSchema, Extension, ExtensionSchema};
    /// #[derive(serde::Deserialize, Debug, PartialEq)]
    /// struct Satisfaction<'e> {
    ///     rating: u8,
    ///     place: Option<&'e str>,
    /// }
    ///
    /// let schema = ExtensionSchema::multi_valued("Satisfaction")
    ///     .attribute(AttributeSchema::integer("rating").mandatory())
    ///     .attribute(AttributeSchema::string("place"))
    ///     .build()?;
    /// let extension = Extension::builder(&schema)
    ///     .record(|record| { record.set("rating", 2).set("place", "Paris"); })
    ///     .record(|record| { record.set("rating", 8); })
    ///     .build()?;
    /// let read: Vec<Satisfaction> = extension.to().unwrap();
    /// assert_eq!(read[0], Satisfaction { rating: 2, place: Some("Paris") });
    /// assert_eq!(read[1], Satisfaction { rating: 8, place: None });
    /// # Ok::<(), service_end::Violations>(())
    /// ```
    ///
    /// # Errors
    /// [`Mismatch`], where the type can't take what is there: the first, from the front.
    pub fn to<'e, T: Deserialize<'e>>(&'e self) -> Result<T, Mismatch> {
        T::deserialize(ExtensionDeserializer::new(self))
            .map_err(|mismatch| mismatch.in_extension(self.schema()))
    }

    /// Reads the records into a Rust type, one by one: that of a single-valued extension too.
    ///
    /// ```
    /// # use service_end::{AttributeSchema, Extension, ExtensionSchema};
    /// # let schema = ExtensionSchema::multi_valued("Satisfaction").attribute(AttributeSchema::integer("rating")).build()?;
    /// # let extension = Extension::builder(&schema)
    /// #     .record(|record| { record.set("rating", 2); })
    /// #     .record(|record| { record.set("rating", 300); })
    /// #     .build()?;
    /// #[derive(serde::Deserialize)]
    /// struct Rating { rating: u8 }
    /// // The second rating is 300.
    /// let readable: Vec<u8> = extension.records_as::<Rating>().flatten().map(|record| record.rating).collect();
    /// assert_eq!(readable, [2]);
    /// # Ok::<(), service_end::Violations>(())
    /// ```
    pub fn records_as<'e, T: Deserialize<'e>>(&'e self) -> RecordsAs<'e, T> {
        RecordsAs { records: self.records(), asked: AskedFields::default(), read: PhantomData }
    }
}

/// Reads the JSON of an open extension into a Rust type.
pub(in crate::event) fn read_open<'e, T: Deserialize<'e>>(name: &str, json: &'e str) -> Result<T, Mismatch> {
    serde_json::from_str(json).map_err(|error| Mismatch::custom(error).in_open(name))
}

/// The records of an extension, each read into a Rust type, or the [`Mismatch`] that keeps it from that.
#[derive(Debug)]
pub struct RecordsAs<'e, T> {
    records: Records<'e>,
    asked: AskedFields,
    read: PhantomData<fn() -> T>,
}

impl<T> Clone for RecordsAs<'_, T> {
    fn clone(&self) -> Self {
        RecordsAs { records: self.records.clone(), asked: self.asked, read: PhantomData }
    }
}

impl<'e, T: Deserialize<'e>> Iterator for RecordsAs<'e, T> {
    type Item = Result<T, Mismatch>;

    fn next(&mut self) -> Option<Self::Item> {
        self.records.next().map(|record| record.to_asked(&mut self.asked))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.records.size_hint()
    }
}

impl<'e, T: Deserialize<'e>> ExactSizeIterator for RecordsAs<'e, T> {}
impl<'e, T: Deserialize<'e>> FusedIterator for RecordsAs<'e, T> {}
