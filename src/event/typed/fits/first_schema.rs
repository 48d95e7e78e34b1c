//! A first schema out of a Rust type.

use std::any::type_name;

use serde::de::Deserialize;

use super::super::error::{Mismatch, MismatchKind};
use super::mismatches::Mismatches;
use super::record_probe::{Member, read};
use super::value_probe::Made;
use super::watch::AskedValue;
use crate::schema::{
    AttributeSchema, AttributeSchemaBuilder, ExtensionSchema, ExtensionSchemaBuilder, ExtensionType,
};
use crate::value::{BoundedText, Currency, Date, Timestamp};

impl ExtensionSchema {
    /// A first schema for records of a Rust type, with an attribute for each of its fields, to be refined by the builder.
    ///
    /// A field that is neither an `Option` nor has a `default` is mandatory. Integers get the range of their width, enums
    /// their variants as values. A field with aliases is one attribute. `chrono` times are a `datetime`, but a `long` by
    /// modules like `ts_milliseconds`, which write integers; a `rust_decimal` amount is a `currency`.
    ///
    /// ```
    /// use service_end::{ExtensionSchema, schema::ExtensionType, value::Currency};
    /// #[derive(serde::Deserialize)]
    /// struct Survey { rating: u8, place: Option<String>, price: Currency }
    ///
    /// let schema = ExtensionSchema::of::<Survey>("Survey", ExtensionType::MultiValued)?
    ///     .refine("place", |place| place.length(64).default("unknown"))
    ///     .unique(["place"])
    ///     .build()?;
    /// assert_eq!(
    ///     schema.to_json(),
    ///     r#"{"name":"Survey","type":"multi-valued","attributes":[{"name":"rating","type":"integer","mandatory":true,"minimum":0,"maximum":255},{"name":"place","type":"string","length":64,"default":"unknown"},{"name":"price","type":"currency","mandatory":true}],"unique":["place"]}"#,
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Every field of a type that no attribute has; a type that is not read as a struct, or has a field with `flatten`.
    pub fn of<T: Deserialize<'static>>(
        name: &str,
        extension_type: ExtensionType,
    ) -> Result<ExtensionSchemaBuilder, Mismatches> {
        let mut found = Vec::new();
        let mut builder = ExtensionSchemaBuilder::new(name, extension_type);
        let record = fields::<T>().map_err(|mismatch| Mismatches::of(vec![mismatch]))?;
        for (ordinal, field) in record.iter().enumerate() {
            let (watch, _) = read::<T>(&[Member { made: Made::Anything, ..*field }]);
            let attribute = watch.asked.get().ok_or_else(Mismatch::unproven);
            match attribute.and_then(|asked| attribute_for(field.name, asked)) {
                Ok(attribute) if needs::<T>(&record, ordinal) => {
                    builder = builder.attribute(attribute.mandatory());
                }
                Ok(attribute) => builder = builder.attribute(attribute),
                Err(mismatch) => found.push(mismatch.at_attribute(field.name, || "another".into())),
            }
        }
        Mismatches::none_of(found).map(|()| builder)
    }
}

/// The fields of a struct, each once.
fn fields<T: Deserialize<'static>>() -> Result<Vec<Member<'static>>, Mismatch> {
    let (watch, result) = read::<T>(&[]);
    let Some(fields) = watch.fields.get() else {
        return Err(result.err().unwrap_or_else(Mismatch::unproven));
    };
    let mut record: Vec<Member<'_>> = Vec::new();
    for name in fields {
        let field = Member { name, attribute: None, made: Made::Least };
        record.push(field);
        // An alias: of the two names, the field's own stays.
        let Some(own) = duplicate::<T>(&record) else { continue };
        record.pop();
        if own == *name {
            record.retain(|earlier| duplicate::<T>(&[*earlier, field]).is_none());
            record.push(field);
        }
    }
    Ok(record)
}

/// The field that two members of a record are read into.
fn duplicate<T: Deserialize<'static>>(record: &[Member<'static>]) -> Option<String> {
    let (_, result) = read::<T>(record);
    let mismatch = result.err().filter(|mismatch| mismatch.kind() == MismatchKind::DuplicateField)?;
    mismatch.attribute().map(str::to_owned)
}

/// Whether the type needs a field.
fn needs<T: Deserialize<'static>>(record: &[Member<'static>], ordinal: usize) -> bool {
    let mut without = record.to_vec();
    let field = without.remove(ordinal);
    let (_, result) = read::<T>(&without);
    result.is_err_and(|mismatch| {
        mismatch.kind() == MismatchKind::MissingValue && mismatch.attribute() == Some(field.name)
    })
}

/// The attribute for a field that asks for its value in some way.
fn attribute_for(name: &str, asked: AskedValue) -> Result<AttributeSchemaBuilder, Mismatch> {
    let AskedValue { what, made, variants } = asked;
    if let Some(attribute) = by_name(name, asked) {
        return Ok(attribute);
    }
    let least = i64::from(made.contains("::NonZero<u"));
    Ok(match what {
        "bool" => AttributeSchema::boolean(name),
        "i32" => AttributeSchema::integer(name),
        "i8" => AttributeSchema::integer(name).minimum(i8::MIN).maximum(i8::MAX),
        "i16" => AttributeSchema::integer(name).minimum(i16::MIN).maximum(i16::MAX),
        "u8" => AttributeSchema::integer(name).minimum(least).maximum(u8::MAX),
        "u16" => AttributeSchema::integer(name).minimum(least).maximum(u16::MAX),
        "u32" => AttributeSchema::long(name).minimum(least).maximum(u32::MAX),
        "u64" | "u128" => AttributeSchema::long(name).minimum(least),
        "i64" | "i128" => AttributeSchema::long(name),
        "f32" | "f64" => AttributeSchema::double(name),
        "string" => match bounded(made) {
            Some(length) => AttributeSchema::string(name).length(length),
            None => AttributeSchema::string(name),
        },
        "char" => AttributeSchema::string(name).length(1),
        "enum" => AttributeSchema::string(name).values(variants.iter().copied()),
        "any" => return Err(Mismatch::unproven()),
        _ => {
            return Err(Mismatch::new(
                MismatchKind::Type,
                what_in_words(what),
                "no attribute that can be that",
            ));
        }
    })
}

/// By the type that is asked for, where that is one for dates, times or amounts.
fn by_name(name: &str, AskedValue { what, made, .. }: AskedValue) -> Option<AttributeSchemaBuilder> {
    let chrono = made.strip_prefix("chrono::");
    if made == type_name::<Timestamp>()
        || (what == "string" && chrono.is_some_and(|made| made.contains("DateTime<")))
    {
        Some(AttributeSchema::datetime(name))
    } else if made == type_name::<Date>() || chrono.is_some_and(|made| made.ends_with("::NaiveDate")) {
        Some(AttributeSchema::date(name))
    } else if made == type_name::<Currency>() || made.starts_with("rust_decimal::") {
        Some(AttributeSchema::currency(name))
    } else {
        None
    }
}

/// The limit of a text that has one.
fn bounded(made: &str) -> Option<usize> {
    let generic = type_name::<BoundedText<0>>().strip_suffix("0>")?;
    made.strip_prefix(generic)?.strip_suffix('>')?.parse().ok()
}

fn what_in_words(what: &'static str) -> &'static str {
    match what {
        "bytes" => "bytes",
        "list" => "a list",
        "map" => "a map",
        "struct" => "a struct",
        _ => "no value",
    }
}
