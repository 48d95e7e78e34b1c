use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::Arc;

/// A declared name: kept as written, compared without regard to ASCII case.
#[derive(Clone, Debug)]
pub(crate) struct Name(pub(crate) Arc<str>);

/// A name to look up among [`Name`]s, borrowed from wherever it stands.
#[derive(Debug)]
pub(crate) struct Caseless<'a>(pub(crate) &'a str);

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Caseless(&self.0).hash(state);
    }
}

impl Hash for Caseless<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(self.0.as_bytes());
    }
}

impl indexmap::Equivalent<Name> for Caseless<'_> {
    fn equivalent(&self, name: &Name) -> bool {
        self.0.eq_ignore_ascii_case(&name.0)
    }
}

/// Builds the hasher of tables keyed by [`Name`].
///
/// Such tables hold only names that the host declared, so nobody can fill them with colliding ones: a fast
/// unkeyed hash (FNV-1a) is safe, and folding the case byte by byte saves a lower-case copy of every key.
pub(crate) type FoldedBuild = BuildHasherDefault<FoldedHasher>;

/// FNV-1a over ASCII-lower-cased bytes.
pub(crate) struct FoldedHasher(u64);

impl Default for FoldedHasher {
    fn default() -> Self {
        FoldedHasher(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for FoldedHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// What keeps a text from being a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameError {
    Invalid,
    TooLong,
}

/// A name is an ASCII letter, then ASCII letters, digits or `_`, of at most `limit` characters.
pub(crate) fn check_name(name: &str, limit: usize) -> Result<(), NameError> {
    let mut bytes = name.bytes();
    if !bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
        || !bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    {
        return Err(NameError::Invalid);
    }
    if name.len() > limit { Err(NameError::TooLong) } else { Ok(()) }
}
