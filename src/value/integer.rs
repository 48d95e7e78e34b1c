/// A text that is not a 64-bit integer in its one canonical form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a 64-bit integer in plain digits: no `+`, no leading zeros, no blanks, and 0 without a sign"
)]
#[non_exhaustive]
pub struct IntegerError;

/// Reads an integer as it is written; other texts for the same number are refused, so that it has one address.
pub(super) fn integer(text: &str) -> Result<i64, IntegerError> {
    let number: i64 = text.parse().map_err(|_| IntegerError)?;
    let digits = text.strip_prefix('-').unwrap_or(text);
    let canonical = !text.starts_with('+') && (!digits.starts_with('0') || text == "0");
    if canonical { Ok(number) } else { Err(IntegerError) }
}
