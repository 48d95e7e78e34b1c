//! The packed table behind extensions: all records in one vector of words, all text in one buffer.
//!
//! A record is one word that counts its cells, then three words for each: the column (and whether the cell says
//! "no value"), the low and the high half of the value. Cells stand in schema order. A record stores only what
//! it has, so sparse records of wide schemas cost what they say, not what they could say; and reading a body
//! allocates twice, however many records it has.

use crate::schema::{AttributeType, ExtensionSchema};
use crate::value::{Currency, Date, Timestamp, Value};

/// Words per cell.
const CELL: usize = 3;
/// Flag beside the column: an explicit `null`, which keeps a default from being applied.
const NO_VALUE: u32 = 1 << 8;
/// What a new table reserves at most, whatever the length of the body promises.
const MAX_RESERVED_BYTES: usize = 1 << 20;
/// So many bytes are not worth to be given back.
const LITTLE: usize = 256;

#[derive(Debug, Default)]
pub(crate) struct Table {
    words: Vec<u32>,
    text: String,
}

impl Table {
    pub(super) fn words(&self, from: u32, to: u32) -> &[u32] {
        self.words.get(from as usize..to as usize).unwrap_or_default()
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Whether it was made with much room to spare.
    pub(super) fn has_spare_room(&self) -> bool {
        let Table { words, text } = self;
        let held = words.capacity() * size_of::<u32>() + text.capacity();
        let needed = words.len() * size_of::<u32>() + text.len();
        held > needed + needed / 4 + LITTLE
    }

    pub(super) fn without_spare_room(&self) -> Table {
        Table { words: self.words.as_slice().to_vec(), text: self.text.as_str().to_owned() }
    }
}

/// What a cell says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell<'a> {
    NoValue,
    Value(Value<'a>),
}

/// The cells of one record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cells<'a> {
    words: &'a [u32],
    text: &'a str,
}

impl<'a> Cells<'a> {
    /// Splits the first record off a run of them.
    pub(super) fn split_first(words: &'a [u32], text: &'a str) -> Option<(Self, &'a [u32])> {
        let (count, rest) = words.split_first()?;
        let (words, rest) = rest.split_at_checked(*count as usize * CELL)?;
        Some((Cells { words, text }, rest))
    }

    fn len(self) -> usize {
        self.words.len() / CELL
    }

    fn nth(self, n: usize) -> Option<[u32; CELL]> {
        self.words.get(n * CELL..)?.first_chunk().copied()
    }

    /// The column of the n-th cell.
    pub(super) fn column(self, n: usize) -> Option<u8> {
        self.nth(n).map(|[tag, ..]| column_of(tag))
    }

    /// What the n-th cell says.
    pub(super) fn cell(self, n: usize, schema: &ExtensionSchema) -> Option<Cell<'a>> {
        self.nth(n).and_then(|words| self.unpack(words, schema))
    }

    fn unpack(self, [tag, low, high]: [u32; CELL], schema: &ExtensionSchema) -> Option<Cell<'a>> {
        if tag & NO_VALUE != 0 {
            return Some(Cell::NoValue);
        }
        let attribute_type = schema.at(column_of(tag))?.attribute_type();
        Some(Cell::Value(unpack(attribute_type, low, high, self.text)))
    }

    /// What the record says of a column; `None` where it says nothing. Cells are in schema order, so that of a
    /// column stands at its own ordinal or before.
    pub(super) fn find(self, column: u8, schema: &ExtensionSchema) -> Option<Cell<'a>> {
        let mut n = self.len().checked_sub(1)?.min(column.into());
        loop {
            let words = self.nth(n)?;
            let there = column_of(words[0]);
            if there <= column {
                return if there == column { self.unpack(words, schema) } else { None };
            }
            n = n.checked_sub(1)?;
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low byte is the column")]
const fn column_of(tag: u32) -> u8 {
    tag as u8
}

fn unpack(attribute_type: AttributeType, low: u32, high: u32, text: &str) -> Value<'_> {
    let bits = u64::from(low) | u64::from(high) << 32;
    match attribute_type {
        AttributeType::String => {
            let (start, length) = (low as usize, high as usize);
            Value::String(text.get(start..start + length).unwrap_or_default())
        }
        AttributeType::Integer => Value::Integer(low.cast_signed_()),
        AttributeType::Long => Value::Long(bits.cast_signed_()),
        AttributeType::Double => Value::Double(f64::from_bits(bits)),
        AttributeType::Boolean => Value::Boolean(low != 0),
        AttributeType::Date => Value::Date(Date::from_unix_days(low.cast_signed_()).unwrap_or(Date::MIN)),
        AttributeType::DateTime => {
            Value::DateTime(Timestamp::from_unix_millis(bits.cast_signed_()).unwrap_or(Timestamp::MIN))
        }
        AttributeType::Currency => Value::Currency(Currency::from_ten_thousandths(bits.cast_signed_())),
    }
}

/// The same bits with a sign. (The standard library's own is newer than the oldest Rust we support.)
trait CastSigned {
    type Signed;
    fn cast_signed_(self) -> Self::Signed;
}

impl CastSigned for u32 {
    type Signed = i32;
    fn cast_signed_(self) -> i32 {
        i32::from_ne_bytes(self.to_ne_bytes())
    }
}

impl CastSigned for u64 {
    type Signed = i64;
    fn cast_signed_(self) -> i64 {
        i64::from_ne_bytes(self.to_ne_bytes())
    }
}

/// More text or more cells than the table can address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Full;

/// A table in the making, record by record.
#[derive(Debug, Default)]
pub(crate) struct TableWriter {
    table: Table,
    /// Where the record begun last has its count.
    record: usize,
    /// One more than the last column written, or more than any column once the order is broken.
    next_column: u32,
    scratch: Vec<[u32; CELL]>,
    /// How long the body is of which the table is made.
    body_bytes: usize,
}

const OUT_OF_ORDER: u32 = u32::MAX;

impl TableWriter {
    /// A table for extensions out of a body of some length. Nothing is reserved before there is a record.
    pub(crate) fn for_body(bytes: usize) -> Self {
        TableWriter { body_bytes: bytes.min(MAX_RESERVED_BYTES), ..TableWriter::default() }
    }

    /// Where the next record will begin.
    pub(super) fn position(&self) -> Option<u32> {
        u32::try_from(self.table.words.len()).ok()
    }

    /// How many more words fit before the vector must grow.
    pub(super) fn words_reserved(&self) -> usize {
        self.table.words.capacity()
    }

    #[inline]
    pub(super) fn open_record(&mut self) {
        if self.table.words.capacity() == 0 {
            self.reserve_words();
        }
        self.record = self.table.words.len();
        self.next_column = 0;
        self.table.words.push(0);
    }

    #[expect(clippy::inline_always, reason = "merges with what made the value: 5 % of all instructions")]
    #[inline(always)]
    pub(super) fn push(&mut self, column: u8, value: Value<'_>) -> Result<(), Full> {
        let bits = match value {
            Value::String(text) => return self.push_text(column, text),
            Value::Integer(number) => u64::from(u32::from_ne_bytes(number.to_ne_bytes())),
            Value::Long(number) => u64::from_ne_bytes(number.to_ne_bytes()),
            Value::Double(number) => number.to_bits(),
            Value::Boolean(truth) => u64::from(truth),
            Value::Date(date) => u64::from(u32::from_ne_bytes(date.unix_days().to_ne_bytes())),
            Value::DateTime(timestamp) => u64::from_ne_bytes(timestamp.unix_millis().to_ne_bytes()),
            Value::Currency(amount) => u64::from_ne_bytes(amount.ten_thousandths().to_ne_bytes()),
        };
        #[expect(clippy::cast_possible_truncation, reason = "the low half of the bits")]
        self.push_words(column.into(), bits as u32, (bits >> 32) as u32);
        Ok(())
    }

    #[cold]
    fn reserve_words(&mut self) {
        // A cell takes three words, and its key, its value and their punctuation mostly twelve bytes or more.
        self.table.words = Vec::with_capacity(self.bytes_of_extensions() / 4 + 1);
    }

    #[cold]
    fn reserve_text(&mut self) {
        self.table.text = String::with_capacity(self.bytes_of_extensions() / 3 * 2);
    }

    /// How much of the body the extensions may take. In a short one the fixed fields take a good part.
    fn bytes_of_extensions(&self) -> usize {
        const SHORT: usize = 1024;
        if self.body_bytes < SHORT { self.body_bytes / 2 } else { self.body_bytes }
    }

    #[inline]
    pub(super) fn push_text(&mut self, column: u8, text: &str) -> Result<(), Full> {
        if self.table.text.capacity() == 0 {
            self.reserve_text();
        }
        let start = self.table.text.len();
        let end = u32::try_from(start + text.len()).map_err(|_| Full)?;
        self.table.text.push_str(text);
        #[expect(clippy::cast_possible_truncation, reason = "both are at most `end`")]
        self.push_words(column.into(), start as u32, end - start as u32);
        Ok(())
    }

    pub(super) fn push_no_value(&mut self, column: u8) {
        self.push_words(u32::from(column) | NO_VALUE, 0, 0);
    }

    #[inline]
    fn push_words(&mut self, tag: u32, low: u32, high: u32) {
        let column = u32::from(column_of(tag));
        self.next_column = if column >= self.next_column { column + 1 } else { OUT_OF_ORDER };
        self.table.words.extend_from_slice(&[tag, low, high]);
    }

    /// Ends the record: counts its cells and puts them in schema order.
    #[inline]
    pub(super) fn close_record(&mut self) {
        if self.next_column == OUT_OF_ORDER {
            self.sort_record();
        }
        let cells = self.table.words.len().saturating_sub(self.record + 1) / CELL;
        if let Some(count) = self.table.words.get_mut(self.record) {
            #[expect(clippy::cast_possible_truncation, reason = "at most one cell for each of 256 columns")]
            {
                *count = cells as u32;
            }
        }
    }

    #[inline(never)]
    fn sort_record(&mut self) {
        let Some(cells) = self.table.words.get_mut(self.record + 1..) else { return };
        self.scratch.clear();
        self.scratch.extend(cells.chunks_exact(CELL).filter_map(|cell| cell.first_chunk().copied()));
        self.scratch.sort_unstable_by_key(|[tag, ..]| column_of(*tag));
        for (cell, sorted) in cells.chunks_exact_mut(CELL).zip(&self.scratch) {
            cell.copy_from_slice(sorted);
        }
    }

    /// The cells of the record that begins at a position.
    pub(super) fn record_at(&self, position: u32) -> Option<Cells<'_>> {
        let words = self.table.words.get(position as usize..)?;
        Cells::split_first(words, &self.table.text).map(|(cells, _)| cells)
    }

    /// Takes the finished table out, which keeps at most twice the words and four times the text that it needs, and a
    /// little.
    pub(crate) fn finish(&mut self) -> Table {
        let mut table = std::mem::take(&mut self.table);
        let Table { words, text } = &mut table;
        if words.capacity() > 2 * words.len() + LITTLE / size_of::<u32>() {
            words.shrink_to_fit();
        }
        if text.capacity() > 4 * text.len() + LITTLE {
            text.shrink_to_fit();
        }
        table
    }
}
