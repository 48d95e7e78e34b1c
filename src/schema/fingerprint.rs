use std::fmt;
use std::str::FromStr;

use super::extension::ExtensionSchema;
use crate::value::leaf::text_leaf;
use crate::value::sha256;

/// Names one version of a schema: the SHA-256 hash of its canonical JSON, written as 64 hexadecimal digits.
///
/// Two schemas have one fingerprint if and only if they are equal. It stays the same in later versions of the crate, as
/// the canonical JSON does; so a store or a cache can keep it for the schema.
///
/// ```
/// use service_end::{AttributeSchema, ExtensionSchema, schema::Fingerprint};
/// let note = ExtensionSchema::single_valued("Note").attribute(AttributeSchema::string("text")).build()?;
/// let named: Fingerprint = note.fingerprint().to_string().parse().unwrap();
/// assert_eq!(named, note.fingerprint());
/// assert_eq!(named.to_string(), "47444b802ece0998a60c89ae563aa6668300d086085c5f1e56ff9b3c05f2afd1");
/// # Ok::<(), service_end::Violations>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

/// A text that is not 64 hexadecimal digits in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be 64 hexadecimal digits in lower case")]
#[non_exhaustive]
pub struct FingerprintError;

impl Fingerprint {
    /// The fingerprint with this hash, as [`Fingerprint::as_bytes`] gives it: for a store that keeps the 32 bytes.
    pub const fn from_bytes(hash: [u8; 32]) -> Self {
        Fingerprint(hash)
    }

    /// The hash.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl ExtensionSchema {
    /// Names this version of the schema.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint(sha256(self.to_json().as_bytes()))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.0.iter().fold(String::new(), |digits, byte| format!("{digits}{byte:02x}"));
        f.pad(&digits)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Ok(byte - b'0'),
            b'a'..=b'f' => Ok(byte - b'a' + 10),
            _ => Err(FingerprintError),
        };
        let mut bytes = [0; 32];
        if text.len() != 2 * bytes.len() {
            return Err(FingerprintError);
        }
        for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            for one in digits {
                *byte = *byte << 4 | digit(*one)?;
            }
        }
        Ok(Fingerprint(bytes))
    }
}

text_leaf!(Fingerprint, FingerprintError, "a fingerprint, 64 hexadecimal digits");

impl serde::Serialize for Fingerprint {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
