use std::fmt;
use std::sync::Arc;

use serde::de::Deserialize;
use serde::ser::{Error as _, Serialize, Serializer};
use serde_json::value::RawValue;

use super::open_texts::OpenTexts;
use super::typed::{Mismatch, read_open};
use crate::schema::node::Node;
use crate::value::same_json;

/// Named data attached to a service under a name that needs no schema: any JSON but `null`, of at most 64 KiB and 32 levels
/// unless the host sets other limits (chosen; later versions of the original keep any JSON without a schema).
///
/// It is kept and given back as it was written, without the white space that means nothing: numbers keep their digits and
/// texts their escapes. Where a body is not JSON text, it is what the format hands over, written as `serde_json` writes it.
/// Two are equal if their names are, without regard to ASCII case, and their JSON says the same: members in any order,
/// numbers by their exact value.
///
/// Which names are open is said beside the schemas: [`Schemas::with_open`](crate::Schemas::with_open). A
/// [`Validator`](crate::Validator) reads it from a body, [`OpenExtension::from_json`] makes it in Rust. Owned, immutable and
/// cheap to clone: the open extensions of one body share one text.
///
/// ```
/// use service_end::event::OpenExtension;
/// let case = OpenExtension::from_json("Case", r#"{ "id": 12345678901234567890123, "cost": 2.50 }"#)?;
/// assert_eq!(case.json(), r#"{"id":12345678901234567890123,"cost":2.50}"#);
/// assert_eq!(case, OpenExtension::from_json("case", r#"{"cost":2.5,"id":12345678901234567890123}"#)?);
/// # Ok::<(), service_end::ReadError>(())
/// ```
#[derive(Clone)]
pub struct OpenExtension {
    texts: Arc<OpenTexts>,
    ordinal: u32,
    /// How many extensions with a schema stand before it where it is named.
    before: u32,
}

impl OpenExtension {
    /// One of a name, given its JSON without white space. Whether both are right was looked at.
    pub(crate) fn of(name: &str, json: &str) -> Self {
        OpenExtension::nth(Arc::new(OpenTexts::of(name, json)), 0, 0)
    }

    pub(super) fn nth(texts: Arc<OpenTexts>, ordinal: u32, before: u32) -> Self {
        OpenExtension { texts, ordinal, before }
    }

    /// The same extensions, for those who keep them for long: the others of their events are let go.
    pub(super) fn without_spare_room(extensions: &[OpenExtension]) -> Vec<OpenExtension> {
        let of_one_text = extensions.chunk_by(|one, next| Arc::ptr_eq(&one.texts, &next.texts));
        of_one_text.flat_map(OpenExtension::in_own_room).collect()
    }

    /// The same extensions, all of one text.
    fn in_own_room(extensions: &[OpenExtension]) -> Vec<OpenExtension> {
        let Some(OpenExtension { texts, .. }) = extensions.first() else { return Vec::new() };
        let ordinals = || extensions.iter().map(|open| open.ordinal);
        let Some(texts) = texts.without_spare_room(ordinals()).map(Arc::new) else {
            return extensions.to_vec();
        };
        let kept = |(ordinal, open): (u32, &OpenExtension)| {
            OpenExtension::nth(Arc::clone(&texts), ordinal, open.before)
        };
        (0..).zip(extensions).map(kept).collect()
    }

    pub(super) fn before(&self) -> u32 {
        self.before
    }

    pub(super) fn stand_after(&mut self, declared: u32) {
        self.before = declared;
    }

    /// Its name, as it was spelled when it was recorded.
    pub fn name(&self) -> &str {
        self.texts.name(self.ordinal)
    }

    /// Its name in lower case, under which stores keep it.
    pub fn key(&self) -> &str {
        self.texts.key(self.ordinal)
    }

    /// Its JSON, as it was written but without white space that means nothing.
    pub fn json(&self) -> &str {
        self.texts.json(self.ordinal)
    }

    /// Whether it is an empty list, which clears what was recorded.
    pub fn is_empty(&self) -> bool {
        self.json() == "[]"
    }

    /// Reads its JSON into a Rust type, as `serde_json` does. Text is borrowed where the type borrows and nothing in it is
    /// escaped.
    ///
    /// ```
    /// use service_end::event::OpenExtension;
    /// #[derive(serde::Deserialize)]
    /// struct Case { id: u32 }
    ///
    /// let case: Case = OpenExtension::from_json("Case", r#"{ "id": 17 }"#)?.to().unwrap();
    /// assert_eq!(case.id, 17);
    /// # Ok::<(), service_end::ReadError>(())
    /// ```
    ///
    /// # Errors
    /// [`Mismatch`], where the type can't take what is there.
    pub fn to<'e, T: Deserialize<'e>>(&'e self) -> Result<T, Mismatch> {
        read_open(self.name(), self.json())
    }
}

impl PartialEq for OpenExtension {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key() && same_json(self.json(), other.json())
    }
}

impl fmt::Debug for OpenExtension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name(), self.json())
    }
}

/// Writes its JSON: to the letter where `serde_json` writes, and in a format that people don't read what it says.
impl Serialize for OpenExtension {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            let raw: &RawValue = serde_json::from_str(self.json()).map_err(S::Error::custom)?;
            return raw.serialize(serializer);
        }
        let node: Node = serde_json::from_str(self.json()).map_err(S::Error::custom)?;
        node.serialize(serializer)
    }
}
