use std::borrow::Cow;
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

impl Name {
    /// Whether a text is this name, without regard to ASCII case.
    pub(crate) fn is(&self, text: &str) -> bool {
        same_folded_name(&self.0, text)
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
        same_name(self.0, &name.0) || name.is(self.0)
    }
}

/// A name in lower case, as most keys are already.
pub(crate) fn in_lower_case(name: &str) -> Cow<'_, str> {
    if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
        name.to_ascii_lowercase().into()
    } else {
        name.into()
    }
}

/// Builds the hasher of tables keyed by [`Name`].
///
/// Such tables hold only names that the host declared, so nobody can fill them with colliding ones: a fast
/// unkeyed hash is safe, and folding the case on the way saves a lower-case copy of every key.
pub(crate) type FoldedBuild = BuildHasherDefault<FoldedHasher>;

/// Whether two texts are equal. Names are short, so that a call to compare them would cost more than to compare
/// them, as two ends that may overlap: with `==`, sparse records of 256 attributes cost 5 % more, other bodies 2 %.
pub(crate) fn same_name(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    match one.len() {
        17..=32 => ends::<16>(one) == ends::<16>(other),
        8..=16 => ends::<8>(one) == ends::<8>(other),
        4..=7 => ends::<4>(one) == ends::<4>(other),
        _ => one == other,
    }
}

/// Whether two texts are equal without regard to ASCII case, compared in the same way. With `eq_ignore_ascii_case` alone,
/// names in another case than the schema's cost 12 % more.
fn same_folded_name(one: &str, other: &str) -> bool {
    let folded = |bytes: &[u8]| match bytes.len() {
        8..=16 => {
            ends(bytes).map(|(first, last)| [first, last].map(|end| lower_case(u64::from_le_bytes(*end))))
        }
        4..=7 => {
            let (first, last) = ends(bytes)?;
            let both = u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last));
            Some([lower_case(both), 0])
        }
        _ => None,
    };
    if one.len() != other.len() {
        return false;
    }
    match (folded(one.as_bytes()), folded(other.as_bytes())) {
        (Some(one), Some(other)) => one == other,
        _ => one.eq_ignore_ascii_case(other),
    }
}

fn ends<const N: usize>(bytes: &[u8]) -> Option<(&[u8; N], &[u8; N])> {
    Some((bytes.first_chunk()?, bytes.last_chunk()?))
}

/// Eight bytes with `A` to `Z` turned into `a` to `z`.
fn lower_case(eight: u64) -> u64 {
    const fn each(byte: u8) -> u64 {
        u64::from_ne_bytes([byte; 8])
    }
    // Of each byte, its highest bit tells: not below `A`, beyond `Z`, no ASCII.
    let low = eight & each(0x7f);
    let from_a = low + each(0x80 - b'A');
    let beyond_z = low + each(0x7f - b'Z');
    eight | ((from_a & !beyond_z & !eight & each(0x80)) >> 2)
}

/// Hashes names eight bytes at a time, all letters as if in lower case. (Some other characters are folded too;
/// what is then found is compared.) With FNV-1a, which goes byte by byte, attributes out of order cost 7 % more, sparse
/// records of 256 attributes 18 %.
#[derive(Default)]
pub(crate) struct FoldedHasher(u64);

impl FoldedHasher {
    fn mix(&mut self, bytes: u64) {
        const LOWER_CASE: u64 = 0x2020_2020_2020_2020;
        const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
        let product = u128::from(self.0 ^ (bytes | LOWER_CASE)) * u128::from(ODD);
        #[expect(
            clippy::cast_possible_truncation,
            reason = "both halves, so that all bits depend on all bytes"
        )]
        {
            self.0 = product as u64 ^ (product >> 64) as u64;
        }
    }
}

impl Hasher for FoldedHasher {
    fn write(&mut self, bytes: &[u8]) {
        for eight in bytes.chunks_exact(8).filter_map(<[u8]>::first_chunk) {
            self.mix(u64::from_le_bytes(*eight));
        }
        // The rest, with some bytes once more.
        if let Some(last) = bytes.last_chunk() {
            self.mix(u64::from_le_bytes(*last));
        } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
            self.mix(u64::from(u32::from_le_bytes(*first)) << 32 | u64::from(u32::from_le_bytes(*last)));
        } else {
            self.mix(bytes.iter().fold(1, |all, byte| all << 8 | u64::from(*byte)));
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
