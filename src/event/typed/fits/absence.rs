//! Which fields a type needs.

use serde::de::Deserialize;

use super::super::error::{Mismatch, MismatchKind};
use super::record_probe::{Member, read};
use super::value_probe::Made;
use crate::schema::AttributeSchema;

/// A full record, of values that the type can read where there are any, and what is known to disagree.
pub(super) struct Absences<'s> {
    pub(super) record: Vec<Member<'s>>,
    pub(super) found: Vec<Mismatch>,
}

impl<'s> Absences<'s> {
    /// Lets the type read the full record, and records that lack what they may lack.
    pub(super) fn look<T: Deserialize<'s>>(mut self) -> Vec<Mismatch> {
        self.drop_refused();
        if self.complete::<T>() {
            self.each_absent::<T>();
        }
        self.least::<T>();
        self.found
    }

    /// What the type refuses to know is told already.
    fn drop_refused(&mut self) {
        let refused = |member: &Member<'s>| {
            let mut told =
                self.found.iter().filter(|mismatch| mismatch.kind() == MismatchKind::UnknownAttribute);
            told.any(|mismatch| mismatch.attribute() == Some(member.name))
        };
        let taken = self.record.iter().filter(|member| !refused(member)).copied().collect();
        self.record = taken;
    }

    /// Finds the fields that no attribute gives, and gives them something. Whether the record can then be read.
    fn complete<T: Deserialize<'s>>(&mut self) -> bool {
        loop {
            let (watch, result) = read::<T>(&self.record);
            let Err(mismatch) = result else { return true };
            let fields = watch.fields.get().unwrap_or_default();
            let field = fields.iter().find(|field| mismatch.attribute() == Some(**field));
            let given = |field: &str| self.record.iter().any(|member| member.name == field);
            match field {
                Some(field) if mismatch.kind() == MismatchKind::MissingValue && !given(field) => {
                    self.record.push(Member { name: field, attribute: None, made: Made::Least });
                    self.found.push(mismatch);
                }
                _ => {
                    let told = |other: &Mismatch| other.attribute() == mismatch.attribute();
                    if !self.found.iter().any(told) {
                        self.found.push(mismatch);
                    }
                    return false;
                }
            }
        }
    }

    /// Leaves out each attribute that a record may lack.
    fn each_absent<T: Deserialize<'s>>(&mut self) {
        for ordinal in 0..self.record.len() {
            let mut record = self.record.clone();
            let Some(attribute) =
                record.remove(ordinal).attribute.filter(|attribute| !attribute.is_mandatory())
            else {
                continue;
            };
            if let (_, Err(mismatch)) = read::<T>(&record) {
                self.found.push(mismatch.needs(attribute.name()));
            }
        }
    }

    /// Leaves out all of them.
    fn least<T: Deserialize<'s>>(&mut self) {
        let needed = |member: &Member<'s>| member.attribute.is_none_or(AttributeSchema::is_mandatory);
        let least: Vec<_> = self.record.iter().filter(|member| needed(member)).copied().collect();
        if self.found.is_empty() {
            self.found.extend(read::<T>(&least).1.err());
        }
    }
}
