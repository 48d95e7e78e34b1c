//! Judges the value of an open extension, whatever it is, and writes it where it does not come as JSON text.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, EnumAccess, Error, IgnoredAny, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde::ser::Serialize;
use serde_json::value::RawValue;

use super::any::{SkippedKey, skip_rest_of_array, skip_rest_of_object};
use super::pass::Door;
use crate::value::{NUMBER_KEY, Scalar};
use crate::violation::{At, Collector, JsonType, Known, Part, Place, Pointer, Violation, ViolationKind};

/// What may stand under the name of an open extension.
const TYPES: Known = Known::fixed(&["array", "boolean", "number", "object", "string"]);

/// What a value is judged with.
pub(super) struct Judge<'j> {
    pub(super) name: &'j str,
    /// The ordinal of the extension in the body; `None` where there is no body.
    pub(super) member: Option<u32>,
    pub(super) door: Door,
    pub(super) collector: &'j mut Collector,
    pub(super) max_levels: usize,
    pub(super) is_too_deep: bool,
    pub(super) written: Written,
}

/// The JSON of the value, as far as it may be kept.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) json: Vec<u8>,
    /// How long all of it is.
    pub(super) length: usize,
    pub(super) limit: usize,
}

impl Written {
    /// Nothing, where JSON text is kept as it came.
    fn push(&mut self, json: &[u8]) {
        self.length = self.length.saturating_add(json.len());
        if self.length <= self.limit {
            self.json.extend_from_slice(json);
        }
    }

    fn push_value(&mut self, value: &(impl Serialize + ?Sized)) {
        if self.limit == 0 {
            return;
        }
        match serde_json::to_vec(value) {
            Ok(json) => self.push(&json),
            Err(error) => unreachable!("a scalar is JSON: {error}"),
        }
    }

    fn cut_back(&mut self, length: usize) {
        self.length = length;
        self.json.truncate(length);
    }
}

impl Judge<'_> {
    /// Something is wrong with the extension as a whole.
    pub(super) fn whole(&mut self, kind: ViolationKind) {
        let Judge { name, member, collector, .. } = self;
        let place = member.map(|member| Place::member(member, Part::Value));
        collector.push(|| Violation::new(Pointer::to(name), place, kind));
    }

    fn fault(&mut self, at: &At<'_>, kind: ViolationKind) {
        match at {
            At::Member { outer: At::Whole, .. } => self.whole(kind),
            _ => self.collector.push(|| Violation::in_document(at.pointer(), at.path(), kind)),
        }
    }

    fn fault_in_key(&mut self, at: &At<'_>, kind: ViolationKind) {
        self.collector.push(|| Violation::in_document(at.pointer(), at.key_path(), kind));
    }

    /// What stands deeper than allowed is not looked into.
    fn too_deep(&mut self) {
        if !self.is_too_deep {
            self.is_too_deep = true;
            self.whole(ViolationKind::TooDeep { limit: self.max_levels });
        }
    }
}

/// One value.
pub(super) struct AnyValue<'a, 'j> {
    pub(super) judge: &'a mut Judge<'j>,
    pub(super) at: &'a At<'a>,
    /// How many levels there may be below.
    pub(super) levels: usize,
    /// It stands under the key under which a number can come in: where the object around it begins in what is written.
    pub(super) number_begin: Option<usize>,
}

/// What a value turned out to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    Value,
    /// The number that the object around it stands for.
    Number,
}

impl<'j> AnyValue<'_, 'j> {
    fn inside<'b>(&'b mut self, at: &'b At<'b>) -> AnyValue<'b, 'j> {
        AnyValue { judge: self.judge, at, levels: self.levels.saturating_sub(1), number_begin: None }
    }

    fn scalar(self, value: &(impl Serialize + ?Sized)) -> Taken {
        self.judge.written.push_value(value);
        Taken::Value
    }

    fn wide<T: fmt::Display>(self, number: &T) -> Taken {
        self.judge.written.push(number.to_string().as_bytes());
        Taken::Value
    }

    fn wrong(self, kind: ViolationKind) -> Taken {
        self.judge.fault(self.at, kind);
        Taken::Value
    }

    fn no_json(self) -> Taken {
        self.wrong(ViolationKind::WrongType { expected: TYPES, found: JsonType::Other })
    }

    fn null(self) -> Taken {
        if matches!(self.at, At::Member { outer: At::Whole, .. }) {
            return self.wrong(ViolationKind::WrongType { expected: TYPES, found: JsonType::Null });
        }
        self.scalar(&())
    }
}

impl AnyValue<'_, '_> {
    /// An object that may not be there, unless it is how a number comes in.
    fn too_deep_object<'de, A: MapAccess<'de>>(mut self, mut object: A) -> Result<Taken, A::Error> {
        let door = self.judge.door;
        if let Some(is_number) = object.next_key_seed(SkippedKey(door))? {
            if is_number {
                let begin = self.judge.written.length;
                let (mark, was_told, at) = (self.judge.collector.mark(), self.judge.is_too_deep, self.at);
                let value = AnyValue { number_begin: Some(begin), ..self.inside(at) };
                if object.next_value_seed(value)? == Taken::Number {
                    return Ok(Taken::Value);
                }
                // It was no number: as if it had not been looked into.
                self.judge.collector.forget_since(mark);
                self.judge.written.cut_back(begin);
                self.judge.is_too_deep = was_told;
            } else {
                object.next_value::<IgnoredAny>()?;
            }
        }
        skip_rest_of_object(&mut object, door)?;
        self.judge.too_deep();
        Ok(Taken::Value)
    }
}

/// The first character of every JSON value that is not a number.
const NO_NUMBER: [char; 6] = ['"', '[', '{', 't', 'f', 'n'];

impl<'de> DeserializeSeed<'de> for AnyValue<'_, '_> {
    type Value = Taken;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Taken, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyValue<'_, '_> {
    type Value = Taken;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Taken, E> {
        Ok(self.scalar(&truth))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Taken, E> {
        Ok(self.scalar(&number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Taken, E> {
        Ok(self.scalar(&number))
    }

    fn visit_i128<E: Error>(self, number: i128) -> Result<Taken, E> {
        Ok(self.wide(&number))
    }

    fn visit_u128<E: Error>(self, number: u128) -> Result<Taken, E> {
        Ok(self.wide(&number))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Taken, E> {
        if number.is_finite() {
            return Ok(self.scalar(&number));
        }
        Ok(self.wrong(ViolationKind::out_of_range(f64::MIN, f64::MAX)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Taken, E> {
        if text.contains('\0') {
            self.judge.fault(self.at, ViolationKind::ForbiddenCharacter);
        }
        Ok(self.scalar(text))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Taken, E> {
        let is_number = || serde_json::from_str::<&RawValue>(&text).is_ok() && !text.starts_with(NO_NUMBER);
        let Some(begin) = self.number_begin.filter(|_| is_number()) else { return self.visit_str(&text) };
        if Scalar::from_number_text(&text).is_none() {
            return Err(E::custom("number out of range"));
        }
        self.judge.written.cut_back(begin);
        self.judge.written.push(text.as_bytes());
        Ok(Taken::Number)
    }

    fn visit_unit<E: Error>(self) -> Result<Taken, E> {
        Ok(self.null())
    }

    fn visit_none<E: Error>(self) -> Result<Taken, E> {
        Ok(self.null())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Taken, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut array: A) -> Result<Taken, A::Error> {
        if self.levels == 0 {
            skip_rest_of_array(&mut array)?;
            self.judge.too_deep();
            return Ok(Taken::Value);
        }
        self.judge.written.push(b"[");
        for ordinal in 0.. {
            let before = self.judge.written.length;
            if ordinal > 0 {
                self.judge.written.push(b",");
            }
            let outer = self.at;
            let at = outer.element(ordinal);
            if array.next_element_seed(self.inside(&at))?.is_none() {
                self.judge.written.cut_back(before);
                break;
            }
        }
        self.judge.written.push(b"]");
        Ok(Taken::Value)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<Taken, A::Error> {
        if self.levels == 0 {
            return self.too_deep_object(object);
        }
        let begin = self.judge.written.length;
        self.judge.written.push(b"{");
        let mut seen: HashSet<Cow<'de, str>> = HashSet::new();
        for ordinal in 0.. {
            let Some(key) = object.next_key_seed(Key)? else { break };
            let outer = self.at;
            let at = outer.member(&key, ordinal);
            if seen.contains(&key) {
                self.judge.fault_in_key(&at, ViolationKind::DuplicateKey);
                object.next_value::<IgnoredAny>()?;
                continue;
            }
            if key.contains('\0') {
                self.judge.fault_in_key(&at, ViolationKind::ForbiddenCharacter);
            }
            if ordinal > 0 {
                self.judge.written.push(b",");
            }
            self.judge.written.push_value(&*key);
            self.judge.written.push(b":");
            let number_begin = (ordinal == 0 && key == NUMBER_KEY).then_some(begin);
            if object.next_value_seed(AnyValue { number_begin, ..self.inside(&at) })? == Taken::Number {
                return Ok(Taken::Value);
            }
            seen.insert(key);
        }
        self.judge.written.push(b"}");
        Ok(Taken::Value)
    }

    fn visit_bytes<E: Error>(self, _: &[u8]) -> Result<Taken, E> {
        Ok(self.no_json())
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Taken, D::Error> {
        IgnoredAny::deserialize(deserializer)?;
        Ok(self.no_json())
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Taken, A::Error> {
        data.variant::<IgnoredAny>()?.1.newtype_variant::<IgnoredAny>()?;
        Ok(self.no_json())
    }
}

/// A key inside of the value.
struct Key;

impl<'de> DeserializeSeed<'de> for Key {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Key {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key that is text")
    }

    fn visit_borrowed_str<E: Error>(self, key: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}
