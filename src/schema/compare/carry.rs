use super::member::Member;
use crate::schema::attribute::AttributeSchema;
use crate::value::{EXACT_WHOLE, Scalar, Value};
use crate::violation::{JsonType, ViolationKind};

impl AttributeSchema {
    /// Judges what another version of the attribute has stored: it must read as the same value, numbers by value.
    pub(crate) fn carry<'a>(&self, scalar: Scalar<'a>) -> Result<Value<'a>, ViolationKind> {
        let value = self.accept(scalar)?;
        let is_same = match (scalar, value) {
            // However a moment is written, it is that one, but a part of a millisecond would be lost.
            (Scalar::String(text), Value::DateTime(_)) => {
                let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
                fraction.bytes().take_while(u8::is_ascii_digit).skip(3).all(|digit| digit == b'0')
            }
            (Scalar::String(text), stored) => Member::stored(stored).is_same_value(&Member::text(text)),
            (Scalar::Integer(number), stored) => {
                Member::stored(stored).is_same_value(&Member::Integer(number))
            }
            // A fraction is taken only as itself.
            _ => true,
        };
        match (is_same, scalar) {
            (true, _) => Ok(value),
            // The nearest float is another number.
            (false, Scalar::Integer(_)) => Err(ViolationKind::out_of_range(-EXACT_WHOLE, EXACT_WHOLE)),
            (false, _) => Err(self.attribute_type().wrong_type(JsonType::String)),
        }
    }
}
