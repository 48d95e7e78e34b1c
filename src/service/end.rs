use std::fmt;

use serde::de::Deserialize;
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::event::{FixedFields, Mismatch, read_fields};
use crate::schema::FixedField;
use crate::validate::{ReadError, read_end};
use crate::value::Timestamp;

/// What is recorded of an end: when, and the other fixed fields.
///
/// ```
/// use service_end::service::End;
/// use service_end::{FixedFields, Timestamp};
/// let end = End::from_json(r#"{"timestamp":"2009-05-12T12:05:12.145Z","resource_id":5005}"#)?;
/// assert_eq!(end.fields().resource_id, Some(5005));
/// assert_eq!(End::from_json(&end.to_json())?, end);
/// # Ok::<(), service_end::ReadError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct End {
    timestamp: Timestamp,
    /// Boxed: they are large, and an end is handed on from hand to hand.
    fields: Box<FixedFields>,
}

/// When it was, and which other fields it has, without their values.
impl fmt::Debug for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("End")
            .field("timestamp", &self.timestamp)
            .field("fields", &self.fields.named())
            .finish()
    }
}

impl End {
    /// An end at a time, with the other fixed fields.
    pub fn new(timestamp: Timestamp, fields: FixedFields) -> Self {
        End { timestamp, fields: Box::new(fields) }
    }

    pub(super) fn of(timestamp: Timestamp, fields: Box<FixedFields>) -> Self {
        End { timestamp, fields }
    }

    pub(super) fn into_fields(self) -> Box<FixedFields> {
        self.fields
    }

    /// When the service ended.
    pub fn timestamp(&self) -> Timestamp {
        self.timestamp
    }

    /// The other fixed fields of the event that ended it.
    pub fn fields(&self) -> &FixedFields {
        &self.fields
    }

    /// Reads the end into a Rust type, as [`FixedFields::to`] does, with its `timestamp` among the fields.
    ///
    /// ```
    /// use service_end::service::End;
    /// use service_end::{FixedFields, Timestamp};
    /// #[derive(serde::Deserialize)]
    /// struct Ended { timestamp: Timestamp, disposition: Option<i64> }
    ///
    /// let end = End::new(Timestamp::MIN, FixedFields { disposition: Some(10.into()), ..FixedFields::default() });
    /// let ended: Ended = end.to()?;
    /// assert_eq!((ended.timestamp, ended.disposition), (Timestamp::MIN, Some(10)));
    /// # Ok::<(), service_end::event::Mismatch>(())
    /// ```
    ///
    /// # Errors
    /// [`Mismatch`], where the type can't take what is there.
    pub fn to<'e, T: Deserialize<'e>>(&'e self) -> Result<T, Mismatch> {
        read_fields(Some(self.timestamp), &self.fields)
    }

    /// Reads the JSON object that [`End::to_json`] writes. Business attributes are taken as they are.
    ///
    /// # Errors
    /// [`ReadError::Syntax`] if it is not JSON, else [`ReadError::Invalid`] with every violation.
    pub fn from_json(json: &str) -> Result<Self, ReadError> {
        let (timestamp, fields) = read_end(json, FixedField::RECORDED)?;
        Ok(End { timestamp, fields })
    }

    /// The end as a JSON object, the value of `completed` in the document of a service.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|error| unreachable!("plain values: {error}"))
    }
}

impl Serialize for End {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_map(None)?;
        json.serialize_entry(FixedField::Timestamp.name(), &self.timestamp)?;
        self.fields.write(&mut json)?;
        json.end()
    }
}

/// When a service started, as a JSON object.
pub(super) struct Started(pub(super) Timestamp);

impl Serialize for Started {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut json = serializer.serialize_map(Some(1))?;
        json.serialize_entry(FixedField::Timestamp.name(), &self.0)?;
        json.end()
    }
}
