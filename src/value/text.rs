use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::leaf::deserialize_text;

/// Text of at most `MAX` characters (Unicode scalar values), without U+0000, which major databases can't store.
///
/// ```
/// use service_end::value::{SessionId, TextError};
/// assert_eq!(SessionId::new("7f3a").unwrap().as_str(), "7f3a");
/// assert_eq!(SessionId::new("x".repeat(33)), Err(TextError::TooLong { limit: 32, length: 33 }));
/// ```
#[derive(Clone)]
pub struct BoundedText<const MAX: usize>(Text);

/// Most such texts are short: they need no allocation. With a `Box<str>` for all, a small body takes two more, and costs 2 %
/// more.
#[derive(Clone)]
enum Text {
    Short { length: u8, bytes: [u8; SHORT] },
    Long(Box<str>),
}

/// As many bytes as make both kinds of text equally large.
const SHORT: usize = 22;

impl Text {
    fn short(text: &str) -> Option<Self> {
        let mut bytes = [0; SHORT];
        bytes.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        Some(Text::Short { length: u8::try_from(text.len()).ok()?, bytes })
    }

    fn as_str(&self) -> &str {
        match self {
            Text::Short { length, bytes } => {
                let text =
                    bytes.get(..usize::from(*length)).and_then(|bytes| std::str::from_utf8(bytes).ok());
                text.unwrap_or_else(|| unreachable!("it was copied from a text of this length"))
            }
            Text::Long(text) => text,
        }
    }
}

/// The id of the related session: at most 32 characters (documented by the original).
pub type SessionId = BoundedText<32>;
/// The id of the interaction: at most 50 characters (documented by the original).
pub type InteractionId = BoundedText<50>;
/// What the disposition means in this case: at most 64 characters (documented by the original).
pub type DispositionDesc = BoundedText<64>;
/// The name of a business attribute's value: at most 255 characters (chosen).
pub type BusinessName = BoundedText<255>;

/// Why a text does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// It contains U+0000.
    #[error("must not contain the character U+0000")]
    ForbiddenCharacter,
    /// It has more characters than allowed.
    #[error("must have at most {limit} characters, but has {length}")]
    TooLong {
        /// The most characters allowed.
        limit: usize,
        /// How many it has.
        length: usize,
    },
}

impl TextError {
    /// Looks at the length of a text in characters, which are counted only where the length in bytes exceeds the
    /// limit.
    pub(crate) fn check_length(text: &str, limit: Option<usize>) -> Result<(), TextError> {
        let Some(limit) = limit.filter(|limit| text.len() > *limit) else { return Ok(()) };
        let length = char_count(text);
        if length > limit { Err(TextError::TooLong { limit, length }) } else { Ok(()) }
    }
}

/// How many characters a text has: bytes that begin one. Counted in bytes, of which the processor takes many at once:
/// with `chars().count()`, text outside of ASCII that is longer than its limit in bytes costs 7 % more.
fn char_count(text: &str) -> usize {
    let begins = |byte: &u8| u8::from(byte & 0b1100_0000 != 0b1000_0000);
    text.as_bytes().chunks(255).map(|chunk| usize::from(chunk.iter().map(begins).sum::<u8>())).sum()
}

impl<const MAX: usize> BoundedText<MAX> {
    /// The most characters it can have.
    pub const MAX_CHARS: usize = MAX;

    /// Takes a text that fits.
    ///
    /// # Errors
    /// [`TextError`] when it contains U+0000 or has more than `MAX` characters.
    pub fn new(text: impl AsRef<str> + Into<Box<str>>) -> Result<Self, TextError> {
        if text.as_ref().contains('\0') {
            return Err(TextError::ForbiddenCharacter);
        }
        Self::without_nul(text)
    }

    /// Takes a text that fits, and of which it is known that it has no U+0000.
    pub(crate) fn without_nul(text: impl AsRef<str> + Into<Box<str>>) -> Result<Self, TextError> {
        TextError::check_length(text.as_ref(), Some(MAX))?;
        Ok(BoundedText(Text::short(text.as_ref()).unwrap_or_else(|| Text::Long(text.into()))))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl<const MAX: usize> AsRef<str> for BoundedText<MAX> {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl<const MAX: usize> PartialEq for BoundedText<MAX> {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl<const MAX: usize> PartialEq<str> for BoundedText<MAX> {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl<const MAX: usize> PartialEq<&str> for BoundedText<MAX> {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl<const MAX: usize> Eq for BoundedText<MAX> {}

impl<const MAX: usize> PartialOrd for BoundedText<MAX> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<const MAX: usize> Ord for BoundedText<MAX> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl<const MAX: usize> Hash for BoundedText<MAX> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

/// It is equal, ordered and hashed as its text is.
impl<const MAX: usize> Borrow<str> for BoundedText<MAX> {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl<const MAX: usize> From<BoundedText<MAX>> for String {
    fn from(text: BoundedText<MAX>) -> Self {
        match text.0 {
            Text::Short { .. } => text.as_str().to_owned(),
            Text::Long(text) => text.into(),
        }
    }
}

impl<const MAX: usize> TryFrom<String> for BoundedText<MAX> {
    type Error = TextError;

    fn try_from(text: String) -> Result<Self, TextError> {
        Self::new(text)
    }
}

impl<const MAX: usize> TryFrom<&str> for BoundedText<MAX> {
    type Error = TextError;

    fn try_from(text: &str) -> Result<Self, TextError> {
        Self::new(text)
    }
}

impl<const MAX: usize> std::str::FromStr for BoundedText<MAX> {
    type Err = TextError;

    fn from_str(text: &str) -> Result<Self, TextError> {
        Self::new(text)
    }
}

impl<const MAX: usize> fmt::Display for BoundedText<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl<const MAX: usize> fmt::Debug for BoundedText<MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl<const MAX: usize> serde::Serialize for BoundedText<MAX> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de, const MAX: usize> serde::Deserialize<'de> for BoundedText<MAX> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_text(deserializer, "a text")
    }
}
