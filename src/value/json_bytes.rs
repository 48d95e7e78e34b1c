//! How long the JSON of a value is, without that JSON being made.

use std::io;

use serde::Serialize;

use super::Value;

impl Value<'_> {
    /// How many bytes `serde_json` writes for the value.
    pub(crate) fn json_bytes(self) -> usize {
        match self {
            Value::String(text) => "\"\"".len() + text.bytes().map(escaped_bytes).sum::<usize>(),
            other => written_bytes(&other),
        }
    }
}

/// How many bytes `serde_json` writes for a byte of a text.
fn escaped_bytes(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 0x08 | 0x0c => r"\n".len(),
        0..0x20 => r"\u0000".len(),
        _ => 1,
    }
}

/// How many bytes `serde_json` writes.
pub(crate) fn written_bytes(json: &impl Serialize) -> usize {
    let mut bytes = Counter(0);
    serde_json::to_writer(&mut bytes, json).unwrap_or_else(|_| unreachable!("a counter takes all"));
    bytes.0
}

struct Counter(usize);

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Currency, Timestamp};

    #[test]
    fn the_length_is_that_of_the_text_that_is_written() {
        let all: String = (1..300).filter_map(char::from_u32).collect();
        for value in [
            Value::String(""),
            Value::String(&all),
            Value::String("東京 \u{10ffff}"),
            Value::Integer(i32::MIN),
            Value::Long(0),
            Value::Double(1e15),
            Value::Double(-1e16),
            Value::Double(5e-324),
            Value::Boolean(false),
            Value::DateTime(Timestamp::MIN),
            Value::Currency(Currency::MIN),
            Value::Currency(Currency::from_ten_thousandths(12_500)),
        ] {
            assert_eq!(value.json_bytes(), serde_json::to_string(&value).unwrap().len(), "{value:?}");
        }
    }
}
