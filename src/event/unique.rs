//! Finds records that are equal under the schema's `unique`.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use indexmap::IndexMap;
use indexmap::map::raw_entry_v1::{RawEntryApiV1, RawEntryMut};

use super::record::absent;
use super::table::{Cell, Cells, TableWriter, bits};
use crate::schema::ExtensionSchema;
use crate::value::Value;

/// The records of one extension seen so far. The extensions of a body use the same memory, one after the other.
#[derive(Debug)]
pub(crate) struct SeenRecords {
    /// Of each, where it begins in the table, and its ordinal in the extension, found by the hash of its key.
    ordinals: IndexMap<u32, u32>,
    /// So that nobody outside can foresee which keys collide.
    secret: [u64; 2],
}

impl SeenRecords {
    pub(super) fn new() -> Self {
        let ordinals = IndexMap::new();
        let secret = [0, 1].map(|n: u64| RandomState::hash_one(ordinals.hasher(), n) | 1);
        SeenRecords { ordinals, secret }
    }

    /// The same memory, for the next extension.
    pub(super) fn next_extension(mut self) -> Self {
        // One by one: to clear the map takes as long as it is large, however few records the last extension had.
        while self.ordinals.pop().is_some() {}
        self
    }

    /// The ordinal of an earlier record with the same key. Without one, the record is remembered.
    pub(super) fn earlier(
        &mut self,
        schema: &ExtensionSchema,
        writer: &TableWriter,
        position: u32,
        ordinal: u32,
    ) -> Option<u32> {
        if self.ordinals.capacity() == 0 {
            // As many as the words reserved for the body can hold, so that it need not grow.
            self.ordinals.reserve(writer.words_reserved() / writer.words_of_extension());
        }
        let record = writer.record_at(position);
        let hash = self.hash(schema, record);
        let same_key =
            |other: &u32| key_cells(schema, record).eq(key_cells(schema, writer.record_at(*other)));
        match self.ordinals.raw_entry_mut_v1().from_hash(hash, same_key) {
            RawEntryMut::Occupied(earlier) => Some(*earlier.get()),
            RawEntryMut::Vacant(none) => {
                none.insert_hashed_nocheck(hash, position, ordinal);
                None
            }
        }
    }

    /// Multiplies with a secret, eight bytes at a time, straight from the cells: with `SipHash`, a body whose records are
    /// all hashed costs 1.1 times as many instructions.
    fn hash(&self, schema: &ExtensionSchema, record: Cells<'_>) -> u64 {
        let [secret, last] = self.secret;
        let mut hash = last;
        for (column, cell) in key_cells(schema, record) {
            // A secret for each column, since a record says only some.
            let secret = secret.wrapping_add(2 * u64::from(column));
            let mut mix = |word: u64| hash = folded_product(hash ^ word, secret);
            // What has no value is told from a value by comparing.
            let Cell::Value(value) = cell else {
                mix(u64::MAX);
                continue;
            };
            mix(bits(value));
            if let Value::String(text) = value {
                let bytes = text.as_bytes();
                for eight in bytes.chunks_exact(8).filter_map(<[u8]>::first_chunk) {
                    mix(u64::from_le_bytes(*eight));
                }
                // The rest, with some bytes once more.
                match bytes.last_chunk() {
                    Some(last) => mix(u64::from_le_bytes(*last)),
                    None => mix(bytes.iter().fold(0, |all, byte| all << 8 | u64::from(*byte))),
                }
            }
        }
        folded_product(hash, last)
    }
}

/// Both halves of the product, so that all bits depend on all bits.
fn folded_product(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    #[expect(clippy::cast_possible_truncation, reason = "the halves")]
    {
        product as u64 ^ (product >> 64) as u64
    }
}

/// What a record says of its key, in schema order. What it would have anyway is left out: it needs no hashing and no
/// comparing, however many attributes the key has, and however long their defaults are.
fn key_cells<'t>(schema: &ExtensionSchema, record: Cells<'t>) -> impl Iterator<Item = (u8, Cell<'t>)> {
    let (key, key_set) = schema.key_columns();
    // Of the record and the key, what is shorter: 10,000 `{}` with a key of 256 cost fifty times as much otherwise.
    let by_cell = record.len() < key.len();
    (0..record.len().min(key.len())).filter_map(move |n| {
        let (column, cell) = if by_cell {
            let column = record.column(n).filter(|column| key_set.contains(*column))?;
            (column, record.cell(n, schema)?)
        } else {
            let column = *key.get(n)?;
            (column, record.find(column, schema)?)
        };
        let value = if let Cell::Value(value) = cell { Some(value) } else { None };
        (value != absent(schema.at(column), record)).then_some((column, cell))
    })
}
