//! The fixed fields as Rust types.

use std::fmt;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::super::fields::{BusinessValue, FixedFields, FixedFieldsIter};
use super::error::{Mismatch, MismatchKind};
use super::value::{Source, ValueDeserializer, deeper};
use crate::schema::FixedField;
use crate::value::{BusinessName, NUMBER_KEY, NumberText, Scalar, Timestamp, Value};

impl FixedFields {
    /// Reads the fields into a Rust type, as [`Extension::to`](crate::Extension::to) reads a record. Fields that are not
    /// there are absent. A business attribute is an integer or a text, as it is recorded.
    ///
    /// ```
    /// use service_end::FixedFields;
    /// #[derive(serde::Deserialize)]
    /// struct Resource { resource_id: u64, resource_type: Option<i64> }
    ///
    /// let fields = FixedFields { resource_id: Some(5005), ..FixedFields::default() };
    /// let resource: Resource = fields.to()?;
    /// assert_eq!((resource.resource_id, resource.resource_type), (5005, None));
    /// # Ok::<(), service_end::event::Mismatch>(())
    /// ```
    ///
    /// # Errors
    /// [`Mismatch`], where the type can't take what is there.
    pub fn to<'f, T: Deserialize<'f>>(&'f self) -> Result<T, Mismatch> {
        read_fields(None, self)
    }
}

/// Reads the fixed fields, and beside them the time of the event.
pub(crate) fn read_fields<'f, T: Deserialize<'f>>(
    timestamp: Option<Timestamp>,
    fields: &'f FixedFields,
) -> Result<T, Mismatch> {
    T::deserialize(FieldsDeserializer { timestamp, fields, depth: 0 })
}

/// Writes the fields that are there, as a JSON object.
impl Serialize for FixedFields {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_map(None)?;
        self.write(&mut json)?;
        json.end()
    }
}

/// Reads an id or a name, as it is recorded.
impl<'de> Deserialize<'de> for BusinessValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BusinessValueVisitor)
    }
}

struct BusinessValueVisitor;

impl<'de> Visitor<'de> for BusinessValueVisitor {
    type Value = BusinessValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id or a name")
    }

    fn visit_i64<E: Error>(self, id: i64) -> Result<BusinessValue, E> {
        Ok(BusinessValue::Id(id))
    }

    fn visit_u64<E: Error>(self, id: u64) -> Result<BusinessValue, E> {
        i64::try_from(id).map(BusinessValue::Id).map_err(E::custom)
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<BusinessValue, E> {
        BusinessName::new(name).map(BusinessValue::Name).map_err(E::custom)
    }

    /// So `serde_json` hands over numbers with its feature `arbitrary_precision`.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<BusinessValue, A::Error> {
        let number = match map.next_key::<String>()? {
            Some(key) if key == NUMBER_KEY => map.next_value_seed(NumberText)?,
            _ => None,
        };
        match number {
            Some(Scalar::Integer(id)) => Ok(BusinessValue::Id(id)),
            _ => Err(A::Error::custom("must be an id or a name")),
        }
    }
}

/// Reads fixed fields as a map.
struct FieldsDeserializer<'f> {
    timestamp: Option<Timestamp>,
    fields: &'f FixedFields,
    depth: u8,
}

impl FieldsDeserializer<'_> {
    fn deeper(self) -> Result<Self, Mismatch> {
        Ok(FieldsDeserializer { depth: deeper(self.depth)?, ..self })
    }
}

impl<'f> Deserializer<'f> for FieldsDeserializer<'f> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'f>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        let FieldsDeserializer { timestamp, fields, .. } = self;
        let mut members = Members { timestamp, fields: fields.iter(), value: None };
        let read = visitor.visit_map(&mut members)?;
        if members.value.is_some() || members.next_member().is_some() {
            return Err(Mismatch::stops_early());
        }
        Ok(read)
    }

    fn deserialize_option<V: Visitor<'f>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_some(self.deeper()?)
    }

    fn deserialize_newtype_struct<V: Visitor<'f>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_newtype_struct(self.deeper()?)
    }

    fn deserialize_ignored_any<V: Visitor<'f>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }

    fn deserialize_enum<V: Visitor<'f>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Mismatch> {
        Err(Mismatch::new(MismatchKind::Shape, "one of several variants", "the fixed fields"))
    }

    forward_to_deserialize_any! {
        <V: Visitor<'f>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier
    }
}

struct Members<'f> {
    timestamp: Option<Timestamp>,
    fields: FixedFieldsIter<'f>,
    value: Option<(FixedField, Value<'f>)>,
}

impl<'f> Members<'f> {
    fn next_member(&mut self) -> Option<(FixedField, Value<'f>)> {
        match self.timestamp.take() {
            Some(timestamp) => Some((FixedField::Timestamp, Value::DateTime(timestamp))),
            None => self.fields.next(),
        }
    }
}

impl<'f> MapAccess<'f> for &mut Members<'f> {
    type Error = Mismatch;

    fn next_key_seed<K: DeserializeSeed<'f>>(&mut self, seed: K) -> Result<Option<K::Value>, Mismatch> {
        if self.value.is_some() {
            return Err(Mismatch::out_of_turn());
        }
        self.value = self.next_member();
        let Some((field, _)) = self.value else { return Ok(None) };
        let name = field.name();
        let key = seed.deserialize(BorrowedStrDeserializer::new(name));
        key.map(Some).map_err(|mismatch: Mismatch| mismatch.at_attribute(name, || "a field".into()))
    }

    fn next_value_seed<S: DeserializeSeed<'f>>(&mut self, seed: S) -> Result<S::Value, Mismatch> {
        let Some((field, value)) = self.value.take() else { return Err(Mismatch::out_of_turn()) };
        let found = match value {
            Value::String(_) => "a text",
            Value::DateTime(_) => "a timestamp",
            _ => "an integer",
        };
        let read = seed.deserialize(ValueDeserializer::new(Source::Value(value)));
        read.map_err(|mismatch| mismatch.at_attribute(field.name(), || found.into()))
    }
}
