//! Views of the records of an extension: what is read out of the packed table.

use std::cmp::Ordering;
use std::fmt;
use std::iter::{FusedIterator, Peekable};
use std::slice;

use super::table::{Absent, Cell, Cells, Table};
use crate::schema::{AttributeSchema, Columns, ExtensionSchema, ExtensionType};
use crate::value::Value;

/// The records of an extension, in the order given.
#[derive(Clone, Debug)]
pub struct Records<'e> {
    schema: &'e ExtensionSchema,
    table: &'e Table,
    rest: &'e [u32],
    left: usize,
    /// Of the next record.
    ordinal: u32,
}

impl<'e> Records<'e> {
    /// The records of the extension that begins at a position of the table.
    pub(super) fn of(schema: &'e ExtensionSchema, table: &'e Table, extension: u32) -> Self {
        Records {
            schema,
            table,
            rest: table.records(extension),
            left: table.record_count(extension),
            ordinal: 0,
        }
    }
}

impl<'e> Iterator for Records<'e> {
    type Item = Record<'e>;

    fn next(&mut self) -> Option<Record<'e>> {
        let (cells, rest) = Cells::split_first(self.rest, self.table)?;
        self.rest = rest;
        self.left -= 1;
        let ordinal = self.ordinal;
        self.ordinal += 1;
        Some(Record { schema: self.schema, cells, ordinal })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Records<'_> {}
impl FusedIterator for Records<'_> {}

/// One record of an extension.
#[derive(Clone, Copy)]
pub struct Record<'e> {
    schema: &'e ExtensionSchema,
    cells: Cells<'e>,
    ordinal: u32,
}

impl<'e> Record<'e> {
    /// The value of an attribute, its default included. `None` where the record has no value for it, and for a
    /// name that the schema lacks. Names are compared without regard to ASCII case.
    pub fn get(&self, attribute: &str) -> Option<Value<'e>> {
        effective(self.schema, self.cells, self.schema.column(attribute, 0)?)
    }

    /// The attributes that have a value, in schema order, with their values.
    pub fn iter(&self) -> RecordIter<'e> {
        RecordIter(self.walk())
    }

    /// How many attributes have a value.
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether no attribute has a value.
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// What the record says in schema order: values, and where a default was turned down by `null`.
    pub(super) fn walk(&self) -> Walk<'e> {
        let Record { schema, cells, .. } = *self;
        Walk { schema, cells, next: 0, defaults: schema.defaults().iter().peekable() }
    }

    pub(super) fn schema(&self) -> &'e ExtensionSchema {
        self.schema
    }

    /// Where it stands in a multi-valued extension, counted from 0.
    pub(super) fn ordinal(&self) -> Option<usize> {
        let multi_valued = self.schema.extension_type() == ExtensionType::MultiValued;
        multi_valued.then_some(self.ordinal as usize)
    }

    pub(super) fn cells(&self) -> Cells<'e> {
        self.cells
    }

    /// Whether another record of the schema has equal values. What both leave out is the same, where they have the same
    /// defaults, and not looked at: a record of two bytes can stand for many long ones.
    pub(super) fn has_values_of(&self, other: &Record<'_>) -> bool {
        let said = self.cells.columns().chain(other.cells.columns());
        let [mine, theirs] = [self.cells, other.cells].map(|cells| cells.absent().defaults(self.schema));
        // The defaults of one are among those of the other.
        let differing = match mine.len().cmp(&theirs.len()) {
            Ordering::Equal => &[],
            Ordering::Greater => mine,
            Ordering::Less => theirs,
        };
        let looked_at: Columns = said.chain(differing.iter().copied()).collect();
        looked_at.iter().all(|column| {
            effective(self.schema, self.cells, column) == effective(self.schema, other.cells, column)
        })
    }
}

impl<'e> IntoIterator for Record<'e> {
    type Item = (&'e str, Value<'e>);
    type IntoIter = RecordIter<'e>;

    fn into_iter(self) -> RecordIter<'e> {
        self.iter()
    }
}

impl<'e> IntoIterator for &Record<'e> {
    type Item = (&'e str, Value<'e>);
    type IntoIter = RecordIter<'e>;

    fn into_iter(self) -> RecordIter<'e> {
        self.iter()
    }
}

impl PartialEq for Record<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.schema == other.schema && self.has_values_of(other)
    }
}

impl fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

/// The attributes of a record that have a value, in schema order: each with its name and its value.
#[derive(Clone, Debug)]
pub struct RecordIter<'e>(Walk<'e>);

impl<'e> Iterator for RecordIter<'e> {
    type Item = (&'e str, Value<'e>);

    fn next(&mut self) -> Option<Self::Item> {
        self.0.find_map(|(attribute, value)| Some((attribute.name(), value?)))
    }
}

impl FusedIterator for RecordIter<'_> {}

/// Goes through the cells of a record and the defaults of its schema, in schema order.
#[derive(Clone, Debug)]
pub(super) struct Walk<'e> {
    schema: &'e ExtensionSchema,
    cells: Cells<'e>,
    /// The next cell.
    next: usize,
    /// The next columns that have a default.
    defaults: Peekable<slice::Iter<'e, u8>>,
}

impl<'e> Iterator for Walk<'e> {
    type Item = (&'e AttributeSchema, Option<Value<'e>>);

    fn next(&mut self) -> Option<Self::Item> {
        // Of the next cell and the next default, whichever column comes first; for the same one, the cell.
        let cell = self.cells.column(self.next);
        let default = self.defaults.peek().map(|column| **column);
        let column = match (cell, default) {
            (None, None) => return None,
            (Some(cell), Some(default)) => cell.min(default),
            (Some(only), None) | (None, Some(only)) => only,
        };
        if default == Some(column) {
            self.defaults.next();
        }
        let attribute = self.schema.at(column);
        if cell != Some(column) {
            return Some((attribute, absent(attribute, self.cells)));
        }
        let Some(said) = self.cells.cell(self.next, self.schema) else { unreachable!("its column was seen") };
        self.next += 1;
        Some((attribute, if let Cell::Value(value) = said { Some(value) } else { None }))
    }
}

/// The value that a record has for a column: its own, or the default.
fn effective<'e>(schema: &'e ExtensionSchema, cells: Cells<'e>, column: u8) -> Option<Value<'e>> {
    match cells.find(column, schema) {
        Some(Cell::Value(value)) => Some(value),
        Some(Cell::NoValue) => None,
        None => absent(schema.at(column), cells),
    }
}

/// The value of an attribute that a record leaves out.
pub(super) fn absent<'e>(attribute: &'e AttributeSchema, cells: Cells<'e>) -> Option<Value<'e>> {
    match cells.absent() {
        Absent::Default => attribute.default(),
        Absent::NoValue => None,
        Absent::DefaultIfMandatory => attribute.default().filter(|_| attribute.is_mandatory()),
    }
}
