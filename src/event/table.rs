//! The packed table behind extensions: all records in one vector of words, all text in one buffer.
//!
//! An extension begins with four words: the ordinal of its schema, how many records it has, where it ends, and where its
//! text begins. A record is one word that counts its cells, then three words for each: the column (and whether the cell says
//! "no value"), the low and the high half of the value. Cells stand in schema order. A record stores only what it
//! has, so sparse records of wide schemas cost what they say, not what they could say; and reading a body
//! allocates twice, however many records it has.

use std::cmp::Ordering;
use std::fmt;

use crate::schema::{AttributeType, ExtensionSchema};
use crate::value::{Currency, Date, Timestamp, Value};

/// Words before the records of an extension.
const HEADER: usize = 4;
/// Words per cell.
const CELL: usize = 3;
/// Flag beside the column: an explicit `null`, which keeps a default from being applied.
const NO_VALUE: u32 = 1 << 8;
/// The most words of a table: what is added before the next look fits below `u32::MAX`.
const MAX_WORDS: usize = u32::MAX as usize - 1024;
/// What a new table reserves at most, however long the body is.
const MAX_RESERVED_BYTES: usize = 1 << 20;
/// Fewer bytes than these are not worth giving back.
const LITTLE: usize = 256;

/// What it means when a record leaves an attribute out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Absent {
    /// An event: its default, if it has one.
    #[default]
    Default,
    /// A stored service, whose defaults were applied when it was an event: no value.
    NoValue,
    /// What is carried to another version of its schema: the default of a mandatory attribute, since it must have a value. An
    /// optional one had none, and has none.
    DefaultIfMandatory,
}

impl Absent {
    /// The columns that have their default where a record leaves them out.
    pub(super) fn defaults(self, schema: &ExtensionSchema) -> &[u8] {
        match self {
            Absent::Default => schema.defaults(),
            Absent::NoValue => &[],
            Absent::DefaultIfMandatory => schema.mandatory_defaults(),
        }
    }
}

#[derive(Default)]
pub(super) struct Table {
    words: Vec<u32>,
    text: String,
    absent: Absent,
}

/// Without what is in it: it is packed, and comes from callers.
impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Table").finish_non_exhaustive()
    }
}

impl Table {
    /// Where each extension begins, in order.
    pub(super) fn extensions(&self) -> impl Iterator<Item = u32> {
        let mut next = 0;
        std::iter::from_fn(move || {
            let begin = next;
            next = *self.words.get(begin as usize + 2)?;
            Some(begin)
        })
    }

    /// The ordinal of the schema of the extension that begins at a position.
    #[expect(clippy::indexing_slicing, reason = "an extension begins there")]
    pub(super) fn schema_ordinal(&self, extension: u32) -> u32 {
        self.words[extension as usize]
    }

    /// Gives the schemas of the extensions new ordinals, from 0, in the order of the extensions.
    pub(super) fn number_schemas(&mut self) {
        let begins: Vec<_> = self.extensions().collect();
        for (ordinal, begin) in (0..).zip(begins) {
            #[expect(clippy::indexing_slicing, reason = "an extension begins there")]
            let word = &mut self.words[begin as usize];
            *word = ordinal;
        }
    }

    /// How many records the extension has.
    #[expect(clippy::indexing_slicing, reason = "an extension begins there")]
    pub(super) fn record_count(&self, extension: u32) -> usize {
        self.words[extension as usize + 1] as usize
    }

    /// The words of its records.
    #[expect(clippy::indexing_slicing, reason = "an extension begins there, and tells its end")]
    pub(super) fn records(&self, extension: u32) -> &[u32] {
        let begin = extension as usize;
        &self.words[begin + HEADER..self.words[begin + 2] as usize]
    }

    /// How many words there are, and how many bytes of text.
    pub(super) fn size(&self) -> (usize, usize) {
        (self.words.len(), self.text.len())
    }

    /// What it means when a record leaves an attribute out.
    pub(super) fn absent(&self) -> Absent {
        self.absent
    }

    /// How many bytes it needs.
    pub(super) fn bytes(&self) -> usize {
        size_of_val(self.words.as_slice()) + self.text.len()
    }

    /// How many of them the extension that begins at a position needs.
    #[expect(clippy::indexing_slicing, reason = "an extension begins there")]
    pub(super) fn bytes_of(&self, extension: u32) -> usize {
        let begin = extension as usize;
        let end = self.words[begin + 2] as usize;
        let text_begin = self.words[begin + 3] as usize;
        let text_end = self.words.get(end + 3).map_or(self.text.len(), |next| *next as usize);
        size_of_val(&self.words[begin..end]) + text_end - text_begin
    }

    /// Whether it holds on to much more than is needed of it.
    pub(super) fn has_spare_room(&self, needed: usize) -> bool {
        let held = self.words.capacity() * size_of::<u32>() + self.text.capacity();
        held > needed + needed / 4 + LITTLE
    }

    pub(super) fn without_spare_room(&self) -> Table {
        let Table { words, text, absent } = self;
        Table { words: words.as_slice().to_vec(), text: text.as_str().to_owned(), absent: *absent }
    }
}

/// What a cell says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Cell<'t> {
    NoValue,
    Value(Value<'t>),
}

/// The cells of one record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cells<'t> {
    words: &'t [u32],
    table: &'t Table,
}

impl<'t> Cells<'t> {
    /// Splits the first record off a run of them.
    pub(super) fn split_first(words: &'t [u32], table: &'t Table) -> Option<(Self, &'t [u32])> {
        let (count, rest) = words.split_first()?;
        let (words, rest) = rest.split_at(*count as usize * CELL);
        Some((Cells { words, table }, rest))
    }

    /// What it means when the record leaves an attribute out.
    pub(super) fn absent(self) -> Absent {
        self.table.absent
    }

    /// Splits the first cell off.
    // It and what it needs is inlined into types of hosts, which are compiled elsewhere.
    #[inline]
    pub(super) fn split_first_cell(&mut self) -> Option<RawCell<'t>> {
        let (words, rest) = self.words.split_first_chunk()?;
        self.words = rest;
        Some(RawCell { words, table: self.table })
    }

    /// How many cells it has.
    pub(super) fn len(self) -> usize {
        self.words.len() / CELL
    }

    fn nth(self, n: usize) -> Option<RawCell<'t>> {
        let words = self.words.get(n * CELL..)?.first_chunk()?;
        Some(RawCell { words, table: self.table })
    }

    /// The cells, in schema order, each with its column.
    pub(super) fn iter(self, schema: &ExtensionSchema) -> impl Iterator<Item = (u8, Cell<'t>)> {
        let cells = self.words.chunks_exact(CELL).filter_map(<[u32]>::first_chunk);
        cells.map(move |words| {
            let cell = RawCell { words, table: self.table };
            (cell.column(), cell.unpack(schema))
        })
    }

    /// The columns of the cells.
    pub(super) fn columns(self) -> impl Iterator<Item = u8> {
        self.words.chunks_exact(CELL).filter_map(<[u32]>::first).map(|tag| column_of(*tag))
    }

    /// The column of the n-th cell.
    pub(super) fn column(self, n: usize) -> Option<u8> {
        self.nth(n).map(RawCell::column)
    }

    /// What the n-th cell says.
    pub(super) fn cell(self, n: usize, schema: &ExtensionSchema) -> Option<Cell<'t>> {
        self.nth(n).map(|cell| cell.unpack(schema))
    }

    /// What the record says of a column; `None` where it says nothing. Cells are in schema order, so that of a
    /// column stands at its own ordinal or before.
    pub(super) fn find(self, column: u8, schema: &ExtensionSchema) -> Option<Cell<'t>> {
        let (mut from, mut to) = (0, self.len().min(usize::from(column) + 1));
        // Mostly it is the last of them, since most records say most of what they can.
        let mut n = to.checked_sub(1)?;
        while from < to {
            let cell = self.nth(n)?;
            match cell.column().cmp(&column) {
                Ordering::Equal => return Some(cell.unpack(schema)),
                Ordering::Less => from = n + 1,
                Ordering::Greater => to = n,
            }
            n = usize::midpoint(from, to);
        }
        None
    }
}

/// One cell, as it is stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct RawCell<'t> {
    words: &'t [u32; CELL],
    table: &'t Table,
}

impl<'t> RawCell<'t> {
    #[inline]
    pub(super) fn column(self) -> u8 {
        column_of(self.words[0])
    }

    #[inline]
    pub(super) fn has_value(self) -> bool {
        self.words[0] & NO_VALUE == 0
    }

    fn unpack(self, schema: &ExtensionSchema) -> Cell<'t> {
        if self.has_value() {
            Cell::Value(self.value(schema.at(self.column()).attribute_type()))
        } else {
            Cell::NoValue
        }
    }

    /// Its value, which has the type of its attribute.
    #[inline]
    pub(super) fn value(self, attribute_type: AttributeType) -> Value<'t> {
        match attribute_type {
            AttributeType::String => Value::String(self.text()),
            AttributeType::Integer => Value::Integer(self.integer()),
            AttributeType::Long => Value::Long(self.long()),
            AttributeType::Double => Value::Double(self.double()),
            AttributeType::Boolean => Value::Boolean(self.boolean()),
            AttributeType::Date => Value::Date(
                Date::from_unix_days(self.integer()).unwrap_or_else(|_| unreachable!("a date was written")),
            ),
            AttributeType::DateTime => Value::DateTime(
                Timestamp::from_unix_millis(self.long())
                    .unwrap_or_else(|_| unreachable!("a timestamp was written")),
            ),
            AttributeType::Currency => Value::Currency(Currency::from_ten_thousandths(self.long())),
        }
    }

    #[inline]
    #[expect(clippy::string_slice, reason = "written there as a whole")]
    pub(super) fn text(self) -> &'t str {
        let (start, length) = (self.words[1] as usize, self.words[2] as usize);
        &self.table.text[start..start + length]
    }

    /// Of a date: the days since 1970.
    #[inline]
    #[expect(clippy::cast_possible_wrap, reason = "the bits of a number with a sign")]
    pub(super) fn integer(self) -> i32 {
        self.words[1] as i32
    }

    /// Of a `datetime`: the milliseconds since 1970; of an amount: its ten-thousandths.
    #[inline]
    #[expect(clippy::cast_possible_wrap, reason = "the bits of a number with a sign")]
    pub(super) fn long(self) -> i64 {
        self.bits() as i64
    }

    #[inline]
    pub(super) fn double(self) -> f64 {
        f64::from_bits(self.bits())
    }

    #[inline]
    pub(super) fn boolean(self) -> bool {
        self.words[1] != 0
    }

    #[inline]
    fn bits(self) -> u64 {
        u64::from(self.words[1]) | u64::from(self.words[2]) << 32
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low byte is the column")]
const fn column_of(tag: u32) -> u8 {
    tag as u8
}

/// The bits of a value, equal if two of one type are: a double is never `-0.0` and never NaN. Of a text its length.
pub(super) fn bits(value: Value<'_>) -> u64 {
    match value {
        Value::String(text) => text.len() as u64,
        Value::Integer(number) => u64::from(u32::from_ne_bytes(number.to_ne_bytes())),
        Value::Long(number) => u64::from_ne_bytes(number.to_ne_bytes()),
        Value::Double(number) => number.to_bits(),
        Value::Boolean(truth) => u64::from(truth),
        Value::Date(date) => u64::from(u32::from_ne_bytes(date.unix_days().to_ne_bytes())),
        Value::DateTime(timestamp) => u64::from_ne_bytes(timestamp.unix_millis().to_ne_bytes()),
        Value::Currency(amount) => u64::from_ne_bytes(amount.ten_thousandths().to_ne_bytes()),
    }
}

/// A table in the making, record by record.
#[derive(Debug, Default)]
pub(crate) struct TableWriter {
    table: Table,
    /// Where the extension begun last has its header.
    extension: usize,
    /// How many extensions were begun.
    extensions: usize,
    /// Where the record begun last has its count.
    record: usize,
    /// One more than the last column written, or more than any column once the order is broken.
    next_column: u32,
    scratch: Vec<[u32; CELL]>,
    /// How long the body is of which the table is made.
    body_bytes: usize,
    /// The table is full beyond this many words; 0 once there was too much text.
    max_words: usize,
    max_text: usize,
}

const OUT_OF_ORDER: u32 = u32::MAX;

impl TableWriter {
    /// A table for extensions out of a body of some length, of at most this many words and bytes of text. Nothing is
    /// reserved before there is an extension.
    pub(crate) fn new(absent: Absent, body_bytes: usize, limit: usize) -> Self {
        TableWriter {
            table: Table { absent, ..Table::default() },
            body_bytes: body_bytes.min(MAX_RESERVED_BYTES),
            max_words: limit.min(MAX_WORDS),
            max_text: limit.min(u32::MAX as usize),
            ..TableWriter::default()
        }
    }

    /// Whether more was to be written than it can hold. What was written last is then missing.
    pub(crate) fn is_full(&self) -> bool {
        self.table.words.len() > self.max_words
    }

    /// What it means when a record leaves an attribute out.
    pub(super) fn absent(&self) -> Absent {
        self.table.absent
    }

    /// How many words and how many bytes of text were written.
    pub(crate) fn size(&self) -> (usize, usize) {
        self.table.size()
    }

    /// How many words were written to the extension begun last.
    pub(super) fn words_of_extension(&self) -> usize {
        self.table.words.len() - self.extension
    }

    /// How many words fit before the vector must grow.
    pub(super) fn words_reserved(&self) -> usize {
        self.table.words.capacity()
    }

    fn position(&self) -> u32 {
        u32::try_from(self.table.words.len()).unwrap_or_else(|_| unreachable!("it is full before"))
    }

    /// Begins an extension.
    pub(super) fn open_extension(&mut self, schema_ordinal: u32) {
        if self.table.words.capacity() == 0 {
            // A cell takes three words, and its key, its value and their punctuation mostly twelve bytes or more.
            self.table.words = Vec::with_capacity(self.bytes_of_extensions() / 4 + 1);
        }
        self.extension = self.table.words.len();
        self.extensions += 1;
        let text_begin = u32::try_from(self.table.text.len());
        let text_begin = text_begin.unwrap_or_else(|_| unreachable!("a text has a limit"));
        self.table.words.extend_from_slice(&[schema_ordinal, 0, 0, text_begin]);
    }

    /// Adds an extension of another table.
    pub(super) fn copy(
        &mut self,
        schema_ordinal: u32,
        schema: &ExtensionSchema,
        table: &Table,
        extension: u32,
    ) {
        self.open_extension(schema_ordinal);
        let mut rest = table.records(extension);
        while let Some((cells, others)) = Cells::split_first(rest, table) {
            self.open_record();
            for (column, cell) in cells.iter(schema) {
                match cell {
                    Cell::NoValue => self.push_no_value(column),
                    Cell::Value(value) => self.push(column, value),
                }
            }
            self.close_record();
            rest = others;
        }
        #[expect(clippy::cast_possible_truncation, reason = "as many as there were")]
        self.close_extension(table.record_count(extension) as u32);
    }

    /// Ends the extension, which has this many records.
    pub(super) fn close_extension(&mut self, records: u32) {
        let end = self.position();
        #[expect(clippy::indexing_slicing, reason = "its header was written when it began")]
        self.table.words[self.extension + 1..self.extension + 3].copy_from_slice(&[records, end]);
    }

    /// Begins a record; tells where.
    pub(super) fn open_record(&mut self) -> u32 {
        self.record = self.table.words.len();
        self.next_column = 0;
        self.table.words.push(0);
        #[expect(clippy::cast_possible_truncation, reason = "it is full before")]
        {
            self.record as u32
        }
    }

    #[expect(clippy::inline_always, reason = "merges with what made the value: 5 % of all instructions")]
    #[inline(always)]
    pub(super) fn push(&mut self, column: u8, value: Value<'_>) {
        if let Value::String(text) = value {
            return self.push_text(column, text);
        }
        let bits = bits(value);
        #[expect(clippy::cast_possible_truncation, reason = "the low half of the bits")]
        self.push_words(column.into(), bits as u32, (bits >> 32) as u32);
    }

    /// How much of the body the extensions may take. In a short one the fixed fields take a good part.
    fn bytes_of_extensions(&self) -> usize {
        const SHORT: usize = 1024;
        if self.body_bytes < SHORT { self.body_bytes / 2 } else { self.body_bytes }
    }

    #[expect(clippy::inline_always, reason = "as above: 2 % of the instructions of a body of text")]
    #[inline(always)]
    fn push_text(&mut self, column: u8, text: &str) {
        if self.table.text.capacity() == 0 {
            self.table.text = String::with_capacity(self.bytes_of_extensions() / 3 * 2);
        }
        let start = self.table.text.len();
        if text.len() > self.max_text - start {
            self.max_words = 0;
            return;
        }
        self.table.text.push_str(text);
        #[expect(clippy::cast_possible_truncation, reason = "both are within the limit")]
        self.push_words(column.into(), start as u32, text.len() as u32);
    }

    pub(super) fn push_no_value(&mut self, column: u8) {
        self.push_words(u32::from(column) | NO_VALUE, 0, 0);
    }

    fn push_words(&mut self, tag: u32, low: u32, high: u32) {
        let column = u32::from(column_of(tag));
        self.next_column = if column >= self.next_column { column + 1 } else { OUT_OF_ORDER };
        self.table.words.extend_from_slice(&[tag, low, high]);
    }

    /// Ends the record: counts its cells and puts them in schema order.
    pub(super) fn close_record(&mut self) {
        if self.next_column == OUT_OF_ORDER {
            self.sort_record();
        }
        let end = self.table.words.len();
        #[expect(
            clippy::indexing_slicing,
            clippy::cast_possible_truncation,
            reason = "written when it began; at most one cell for each of 256 columns"
        )]
        {
            self.table.words[self.record] = ((end - self.record - 1) / CELL) as u32;
        }
    }

    fn sort_record(&mut self) {
        #[expect(clippy::indexing_slicing, reason = "its count was written when it began")]
        let cells = &mut self.table.words[self.record + 1..];
        self.scratch.extend(cells.chunks_exact(CELL).filter_map(|cell| cell.first_chunk().copied()));
        self.scratch.sort_unstable_by_key(|[tag, ..]| column_of(*tag));
        for (cell, sorted) in cells.chunks_exact_mut(CELL).zip(&self.scratch) {
            cell.copy_from_slice(sorted);
        }
        // Now, not when it is used again: `Debug` shows it.
        self.scratch.clear();
    }

    /// The cells of the record that begins at a position.
    #[expect(clippy::indexing_slicing, reason = "a record begins there")]
    pub(super) fn record_at(&self, position: u32) -> Cells<'_> {
        match Cells::split_first(&self.table.words[position as usize..], &self.table) {
            Some((cells, _)) => cells,
            None => unreachable!("a record begins there"),
        }
    }

    /// Takes the finished table out, which keeps at most twice the words and four times the text that it needs, and a
    /// little; and tells how many extensions it has.
    pub(super) fn finish(&mut self) -> (Table, usize) {
        let mut table = std::mem::take(&mut self.table);
        let Table { words, text, .. } = &mut table;
        if words.capacity() > 2 * words.len() + LITTLE / size_of::<u32>() {
            words.shrink_to_fit();
        }
        if text.capacity() > 4 * text.len() + LITTLE {
            text.shrink_to_fit();
        }
        (table, self.extensions)
    }
}
