//! Which fields a type needs.

use serde::de::Deserialize;

use super::super::error::{Mismatch, MismatchKind};
use super::record_probe::{Member, read, sampled};
use crate::schema::AttributeSchema;

/// A full record, of values that the type can read, and what is known to disagree.
pub(super) struct Absences<'s> {
    pub(super) record: Vec<Member<'s>>,
    /// The attributes that are not in it, since no value is known that the type takes for them.
    pub(super) left_out: Vec<&'s AttributeSchema>,
    pub(super) found: Vec<Mismatch>,
}

impl<'s> Absences<'s> {
    /// Lets the type read the full record, and records that lack what they may lack.
    pub(super) fn look<T: Deserialize<'s>>(mut self) -> Vec<Mismatch> {
        self.drop_refused();
        let refused = self.complete::<T>();
        self.each_absent::<T>(refused.as_ref());
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

    /// Finds the fields that no attribute gives, and gives them something. What still keeps the type from reading the
    /// record.
    fn complete<T: Deserialize<'s>>(&mut self) -> Option<Mismatch> {
        loop {
            let (watch, result) = read::<T>(&self.record);
            let mismatch = result.err()?;
            if mismatch.kind() == MismatchKind::DuplicateField && self.drop_duplicate::<T>() {
                self.found.push(mismatch);
                continue;
            }
            let fields = watch.fields.get().unwrap_or_default();
            let field = fields.iter().find(|field| {
                mismatch.kind() == MismatchKind::MissingValue && mismatch.attribute() == Some(**field)
            });
            let is_given = |field: &str| self.record.iter().any(|member| member.name == field);
            let given = field.filter(|field| !is_given(field)).and_then(|field| sampled::<T>(field, None));
            let Some(member) = given else {
                self.stopped(&mismatch, field.copied());
                return Some(mismatch);
            };
            self.record.push(member);
            self.found.push(mismatch);
        }
    }

    /// The record can't be read, for instance for lack of a field.
    fn stopped(&mut self, mismatch: &Mismatch, field: Option<&str>) {
        let named = |attribute: &&AttributeSchema| {
            field.is_some_and(|field| attribute.name().eq_ignore_ascii_case(field))
        };
        let told = self.found.iter().any(|told| told.attribute() == mismatch.attribute());
        match self.left_out.iter().copied().find(named) {
            Some(attribute) if !attribute.is_mandatory() => {
                self.found.push(mismatch.clone().needs(attribute.name()));
            }
            // One that is left out may give the field under an alias.
            None if !told && (field.is_none() || self.left_out.is_empty()) => {
                self.found.push(mismatch.clone());
            }
            _ => {}
        }
    }

    /// Drops the first member that is read into the field of another one, which then stays whatever a record may lack.
    fn drop_duplicate<T: Deserialize<'s>>(&mut self) -> bool {
        let is_duplicate = |record: &[Member<'s>]| {
            read::<T>(record).1.is_err_and(|mismatch| mismatch.kind() == MismatchKind::DuplicateField)
        };
        let second =
            (0..self.record.len()).find(|ordinal| self.record.get(..=*ordinal).is_some_and(is_duplicate));
        let Some(second) = second.map(|ordinal| self.record.remove(ordinal)) else { return false };
        for first in self.record.iter_mut().filter(|first| is_duplicate(&[**first, second])) {
            first.attribute = None;
        }
        true
    }

    /// Leaves out each attribute that a record may lack. If the record can't be read as it is, the fields are heard that
    /// the type looks at before it comes to that.
    fn each_absent<T: Deserialize<'s>>(&mut self, refused: Option<&Mismatch>) {
        for ordinal in 0..self.record.len() {
            let mut record = self.record.clone();
            let Some(attribute) =
                record.remove(ordinal).attribute.filter(|attribute| !attribute.is_mandatory())
            else {
                continue;
            };
            if let Some(mismatch) = read::<T>(&record).1.err().filter(|mismatch| refused != Some(mismatch)) {
                let mismatch = mismatch.needs(attribute.name());
                if !self.found.contains(&mismatch) {
                    self.found.push(mismatch);
                }
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
