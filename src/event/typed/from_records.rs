//! Extensions made of Rust values, through `serde`. They follow the rules that a body follows.

use std::collections::BTreeMap;
use std::fmt::Display;

use serde::ser::{Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant};
use serde::ser::{SerializeTuple, SerializeTupleStruct, SerializeTupleVariant, Serializer};

use super::super::extension::Extension;
use super::super::extension_builder::ExtensionBuilder;
use super::super::scalar::{NoScalar, scalar_of};
use crate::schema::{ExtensionSchema, ExtensionType};
use crate::value::{NUMBER_KEY, Scalar};
use crate::violation::{JsonType, Violations};

impl Extension {
    /// Makes an extension of Rust values: of one that `serde` writes as a struct or a map where the schema is
    /// single-valued, of a sequence of them where it is multi-valued. They are judged as a body is.
    ///
    /// A field that is `None` has no value, not even its default; one that is skipped is absent. Dates, times and amounts
    /// may be given as text, and numbers may have any width.
    ///
    /// ```
    /// use service_end::{AttributeSchema, Extension, ExtensionSchema};
    /// #[derive(serde::Serialize)]
    /// struct Satisfaction { rating: u8, place: String }
    ///
    /// let schema = ExtensionSchema::multi_valued("Satisfaction")
    ///     .attribute(AttributeSchema::integer("rating").mandatory())
    ///     .attribute(AttributeSchema::string("place").length(5))
    ///     .build()?;
    /// let records = [("Paris", 2), ("Rome", 8)].map(|(place, rating)| Satisfaction { rating, place: place.into() });
    /// let extension = Extension::from_records(&schema, &records)?;
    /// assert_eq!(extension.to_json(), r#"[{"rating":2,"place":"Paris"},{"rating":8,"place":"Rome"}]"#);
    ///
    /// let records = vec![Satisfaction { rating: 2, place: "Buenos Aires".into() }];
    /// let violations = Extension::from_records(&schema, &records).unwrap_err();
    /// assert_eq!(violations.as_slice()[0].pointer(), "/0/place");
    /// # Ok::<(), service_end::Violations>(())
    /// ```
    ///
    /// # Errors
    /// Every violation, with pointers into what is given: `/3/place`, or `/place` where it is one record. More than 4 GiB
    /// are `too_long`.
    pub fn from_records(
        schema: &ExtensionSchema,
        records: &(impl Serialize + ?Sized),
    ) -> Result<Extension, Violations> {
        judged(schema, records).map_err(|violations| violations.inside(schema.name()))
    }
}

/// As [`Extension::from_records`], but with pointers as into the body of an event.
pub(in crate::event) fn judged(
    schema: &ExtensionSchema,
    records: &(impl Serialize + ?Sized),
) -> Result<Extension, Violations> {
    let mut builder = Extension::builder(schema);
    let is_list = schema.extension_type() == ExtensionType::MultiValued;
    if !is_list {
        builder.assembler.next_element();
    }
    if let Err(NoScalar(found)) = records.serialize(Records { builder: &mut builder, is_list }) {
        builder.assembler.wrong_shape(found, &mut builder.found);
    }
    builder.made()
}

/// Takes a list of records, or one record. What is neither is told as an error.
struct Records<'b> {
    builder: &'b mut ExtensionBuilder,
    is_list: bool,
}

impl<'b> Records<'b> {
    fn list(self) -> Result<List<'b>, NoScalar> {
        if self.is_list { Ok(List(self.builder)) } else { Err(NoScalar(JsonType::Array)) }
    }

    fn record(self) -> Result<Record<'b>, NoScalar> {
        if self.is_list {
            return Err(NoScalar(JsonType::Object));
        }
        self.builder.open();
        Ok(Record { builder: self.builder, key: None })
    }
}

macro_rules! scalars {
    ($($method:ident($from:ty) is $found:ident;)*) => {$(
        fn $method(self, _: $from) -> Result<(), NoScalar> {
            Err(NoScalar(JsonType::$found))
        }
    )*};
}

impl<'b> Serializer for Records<'b> {
    type Ok = ();
    type Error = NoScalar;
    type SerializeSeq = List<'b>;
    type SerializeTuple = List<'b>;
    type SerializeTupleStruct = List<'b>;
    type SerializeTupleVariant = Data;
    type SerializeMap = Record<'b>;
    type SerializeStruct = Record<'b>;
    type SerializeStructVariant = Data;

    scalars! {
        serialize_bool(bool) is Boolean;
        serialize_i8(i8) is Number;
        serialize_i16(i16) is Number;
        serialize_i32(i32) is Number;
        serialize_i64(i64) is Number;
        serialize_i128(i128) is Number;
        serialize_u8(u8) is Number;
        serialize_u16(u16) is Number;
        serialize_u32(u32) is Number;
        serialize_u64(u64) is Number;
        serialize_u128(u128) is Number;
        serialize_f32(f32) is Number;
        serialize_f64(f64) is Number;
        serialize_char(char) is String;
        serialize_str(&str) is String;
        serialize_bytes(&[u8]) is Other;
        serialize_unit_struct(&'static str) is Null;
    }

    fn collect_str<T: Display + ?Sized>(self, _: &T) -> Result<(), NoScalar> {
        Err(NoScalar(JsonType::String))
    }

    fn serialize_none(self) -> Result<(), NoScalar> {
        Err(NoScalar(JsonType::Null))
    }

    fn serialize_unit(self) -> Result<(), NoScalar> {
        Err(NoScalar(JsonType::Null))
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), NoScalar> {
        value.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), NoScalar> {
        value.serialize(self)
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, _: &'static str) -> Result<(), NoScalar> {
        Err(NoScalar(JsonType::String))
    }

    /// An object of one member, named after the variant.
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), NoScalar> {
        let mut record = self.record()?;
        SerializeMap::serialize_entry(&mut record, variant, value)?;
        SerializeMap::end(record)
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'b>, NoScalar> {
        self.list()
    }

    fn serialize_tuple(self, _: usize) -> Result<List<'b>, NoScalar> {
        self.list()
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'b>, NoScalar> {
        self.list()
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        ordinal: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Data, NoScalar> {
        self.serialize_newtype_variant(name, ordinal, variant, &[(); 0]).map(|()| Data)
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Record<'b>, NoScalar> {
        self.record()
    }

    /// With its feature `arbitrary_precision`, a number of `serde_json` comes as a struct.
    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Record<'b>, NoScalar> {
        if name == NUMBER_KEY { Err(NoScalar(JsonType::Number)) } else { self.record() }
    }

    fn serialize_struct_variant(
        self,
        name: &'static str,
        ordinal: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Data, NoScalar> {
        let data = BTreeMap::<u8, u8>::new();
        self.serialize_newtype_variant(name, ordinal, variant, &data).map(|()| Data)
    }
}

/// The data of a variant, which no attribute holds: that they are an array, or an object, is told already.
struct Data;

impl SerializeTupleVariant for Data {
    type Ok = ();
    type Error = NoScalar;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), NoScalar> {
        Ok(())
    }

    fn end(self) -> Result<(), NoScalar> {
        Ok(())
    }
}

impl SerializeStructVariant for Data {
    type Ok = ();
    type Error = NoScalar;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, _: &T) -> Result<(), NoScalar> {
        Ok(())
    }

    fn end(self) -> Result<(), NoScalar> {
        Ok(())
    }
}

/// Takes the records of a multi-valued extension.
struct List<'b>(&'b mut ExtensionBuilder);

impl List<'_> {
    fn element<T: Serialize + ?Sized>(&mut self, value: &T) {
        let List(builder) = self;
        if builder.is_full() {
            return;
        }
        builder.assembler.next_element();
        if let Err(NoScalar(found)) = value.serialize(Records { builder, is_list: false }) {
            builder.assembler.wrong_element(found, &mut builder.found);
        }
    }
}

macro_rules! lists {
    ($($Trait:ident::$method:ident;)*) => {$(
        impl $Trait for List<'_> {
            type Ok = ();
            type Error = NoScalar;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoScalar> {
                self.element(value);
                Ok(())
            }

            fn end(self) -> Result<(), NoScalar> {
                Ok(())
            }
        }
    )*};
}

lists! {
    SerializeSeq::serialize_element;
    SerializeTuple::serialize_element;
    SerializeTupleStruct::serialize_field;
}

/// Takes the attributes of one record.
struct Record<'b> {
    builder: &'b mut ExtensionBuilder,
    /// The key of a map, until its value comes.
    key: Option<String>,
}

impl SerializeStruct for Record<'_> {
    type Ok = ();
    type Error = NoScalar;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), NoScalar> {
        self.builder.attributes().set(name, value);
        Ok(())
    }

    fn end(self) -> Result<(), NoScalar> {
        self.builder.close();
        Ok(())
    }
}

impl SerializeMap for Record<'_> {
    type Ok = ();
    type Error = NoScalar;

    /// Keys that are numbers or booleans are written as in JSON. A map with keys of another kind is not a JSON object.
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), NoScalar> {
        self.key = None;
        let written = scalar_of(key, &mut |scalar| {
            self.key = match scalar {
                Scalar::String(text) | Scalar::TextWithNul(text) => Some(text.to_owned()),
                Scalar::Integer(number) => Some(number.to_string()),
                Scalar::Float(number) => Some(number.to_string()),
                Scalar::Boolean(truth) => Some(truth.to_string()),
                Scalar::Null => None,
            };
        });
        match written {
            Err(NoScalar(JsonType::Unwritten)) => written,
            _ if self.key.is_none() => Err(NoScalar(JsonType::Other)),
            _ => Ok(()),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), NoScalar> {
        let key = self.key.take().ok_or(NoScalar(JsonType::Other))?;
        self.builder.attributes().set(&key, value);
        Ok(())
    }

    fn end(self) -> Result<(), NoScalar> {
        self.builder.close();
        Ok(())
    }
}
