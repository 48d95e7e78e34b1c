//! What a type asked for while it read a made-up record.

use std::cell::{Cell, RefCell};

use super::super::error::Mismatch;

/// Taken down while a type reads one record.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// The fields that the type asked for, if it is a struct.
    pub(super) fields: Cell<Option<&'static [&'static str]>>,
    /// Whether it is known how the type reads records.
    pub(super) record_known: Cell<bool>,
    /// Whether it is known how it reads the value read last.
    pub(super) value_known: Cell<bool>,
    /// Whether its type is an `Option`.
    pub(super) value_optional: Cell<bool>,
    /// What the value read last was asked for as.
    pub(super) asked: Cell<Option<AskedValue>>,
    /// Whether it read the value, or what kept it from that.
    pub(super) value: RefCell<Option<Result<(), Mismatch>>>,
    /// Newtypes are to be read as such. Else they are read as lists of one element, which tell the type of that.
    pub(super) newtypes: bool,
    /// A newtype can't be read as a list.
    pub(super) no_list: Cell<bool>,
}

/// What a value was asked for as.
#[derive(Clone, Copy, Debug)]
pub(super) struct AskedValue {
    pub(super) what: &'static str,
    /// The type that the visitor makes.
    pub(super) made: &'static str,
    /// Those of an enum.
    pub(super) variants: &'static [&'static str],
}
