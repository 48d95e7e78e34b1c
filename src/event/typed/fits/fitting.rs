//! Whether each attribute can be read.

use serde::de::Deserialize;

use super::super::error::{Mismatch, MismatchKind};
use super::super::record::at;
use super::absence::Absences;
use super::borders::Borders;
use super::mismatches::Mismatches;
use super::names::bounded;
use super::record_probe::{Member, read, sampled};
use super::value_probe::Made;
use super::watch::Watch;
use crate::schema::{AttributeSchema, AttributeType, ExtensionSchema};

impl ExtensionSchema {
    /// Tells whether every record that the schema accepts can be read into a Rust type, by [`Record::to`](crate::Record::to)
    /// and its siblings. For a multi-valued extension, name the type of one record. Ask once, at start-up:
    /// what the schema says then holds as long as it is the one registered.
    ///
    /// The type reads records that are made up for it, with values at the borders of what each attribute accepts. What a
    /// hand-written `Deserialize` would do with other values can't be found out: it is told as
    /// [`MismatchKind::Unproven`](crate::event::MismatchKind::Unproven), unless all values of the attribute were tried. So is
    /// what is behind `flatten`, `transparent`, `from`, `try_from`, `tag` and `untagged`. A newtype needs no `transparent`
    /// here. Types of the standard library, `chrono`, `rust_decimal`, `serde_json` and this crate are known, and so are enums,
    /// newtypes and options that `serde` derives.
    ///
    /// ```
    /// use service_end::{AttributeSchema, ExtensionSchema};
    /// #[derive(serde::Deserialize)]
    /// struct Rating { rating: u8, place: String, remark: Option<String> }
    ///
    /// let schema = ExtensionSchema::multi_valued("Satisfaction")
    ///     .attribute(AttributeSchema::integer("rating").mandatory())
    ///     .attribute(AttributeSchema::string("place"))
    ///     .build()?;
    /// let mismatches = schema.fits::<Rating>().unwrap_err();
    /// let told: Vec<_> = mismatches.iter().map(|mismatch| mismatch.to_string()).collect();
    /// assert_eq!(told, [
    ///     "extension `Satisfaction`, attribute `rating`: expected an integer from 0 to 255, \
    ///      found values of type `integer` beyond that",
    ///     "extension `Satisfaction`, attribute `place`: expected a value, found records that may lack it",
    /// ]);
    /// # Ok::<(), service_end::Violations>(())
    /// ```
    ///
    /// # Errors
    /// Every disagreement: a field without an attribute, a field that is not optional although a record may lack it, a type
    /// that is another or too narrow, an enum without one of the values, an attribute that the type refuses to know.
    pub fn fits<'s, T: Deserialize<'s>>(&'s self) -> Result<(), Mismatches> {
        let found = disagreements::<T>(self);
        Mismatches::none_of(found.into_iter().map(|mismatch| mismatch.in_extension(self)).collect())
    }
}

fn disagreements<'s, T: Deserialize<'s>>(schema: &'s ExtensionSchema) -> Vec<Mismatch> {
    let (watch, result) = read::<T>(&[]);
    if let Err(mismatch) = result {
        if matches!(mismatch.kind(), MismatchKind::Shape | MismatchKind::Broken) {
            return vec![mismatch];
        }
    }
    if !watch.record_known.get() {
        return of_unknown::<T>(schema);
    }
    let mut absences = Absences { record: Vec::new(), left_out: Vec::new(), found: Vec::new() };
    for attribute in schema.attributes() {
        let (member, mismatch) = tried::<T>(attribute);
        match member {
            Some(member) => absences.record.push(member),
            None => absences.left_out.push(attribute),
        }
        absences.found.extend(mismatch);
    }
    absences.look::<T>()
}

/// Lets the type read each border value of an attribute, alone: gives one that it can read, or else something that it
/// takes, and what it can't read.
fn tried<'s, T: Deserialize<'s>>(attribute: &'s AttributeSchema) -> (Option<Member<'s>>, Option<Mismatch>) {
    let Borders { values, all } = Borders::of(attribute);
    let (mut taken, mut found, mut known) = (None, None, true);
    // An enum takes all texts if it takes one that is no variant of it.
    let (mut others, mut most) = (false, None);
    for value in values {
        let member = Member { name: attribute.name(), attribute: Some(attribute), made: Made::Value(value) };
        let (watch, result) = read::<T>(&[member]);
        let Watch { value: read, value_known, asked, .. } = watch;
        match read.into_inner() {
            Some(Ok(())) => {
                taken = Some(member);
                known &= value_known.get();
                let asked = asked.get();
                others |= asked.is_none_or(|asked| !asked.variants.contains(&value.as_str().unwrap_or("")));
                most = asked.and_then(|asked| bounded(asked.made));
            }
            Some(Err(mismatch)) => found = found.or(Some(of_schema(mismatch, attribute))),
            // Its key is not taken, or nothing is.
            None => return (Some(member), result.err()),
        }
    }
    // No text is tried that is as long. A date has one length.
    let is_text = attribute.attribute_type() == AttributeType::String;
    let longer = |most: &usize| is_text && !all && attribute.length().is_none_or(|length| length > *most);
    let too_short = most.filter(longer);
    let unproven = || match too_short {
        Some(most) if known => Some(Mismatch::new(
            MismatchKind::Value,
            format!("a text of at most {most} characters"),
            "longer ones that the schema accepts",
        )),
        _ => ((!known || !others) && !all).then(Mismatch::unproven),
    };
    let mismatch = found.or_else(|| Some(at(unproven()?, attribute)));
    (taken.or_else(|| sampled::<T>(attribute.name(), Some(attribute))), mismatch)
}

/// A value that is not taken is one of many.
fn of_schema(mismatch: Mismatch, attribute: &AttributeSchema) -> Mismatch {
    if !matches!(mismatch.kind(), MismatchKind::Value | MismatchKind::Refused) {
        return mismatch;
    }
    mismatch.with_found(format!("values of type `{}` beyond that", attribute.attribute_type()))
}

/// What can be said of a type that reads records in a way of its own: that it can't read some, or nothing.
fn of_unknown<'s, T: Deserialize<'s>>(schema: &'s ExtensionSchema) -> Vec<Mismatch> {
    let member = |attribute: &'s AttributeSchema| {
        let value = Borders::of(attribute).values.into_iter().next();
        Member {
            name: attribute.name(),
            attribute: Some(attribute),
            made: value.map_or(Made::Least(0), Made::Value),
        }
    };
    let full: Vec<_> = schema.attributes().map(member).collect();
    let least: Vec<_> =
        schema.attributes().filter(|attribute| attribute.is_mandatory()).map(member).collect();
    let refused = [full, least].iter().find_map(|record| read::<T>(record).1.err());
    refused.into_iter().chain([Mismatch::unproven()]).collect()
}
