//! A first schema out of a Rust type.

use std::any::type_name;
use std::cmp::Ordering;

use serde::de::Deserialize;

use super::super::error::{Mismatch, MismatchKind};
use super::mismatches::Mismatches;
use super::names::bounded;
use super::record_probe::{Member, read, sampled};
use super::value_probe::Made;
use super::watch::{AskedValue, Watch};
use crate::schema::{
    AttributeSchema, AttributeSchemaBuilder, ExtensionSchema, ExtensionSchemaBuilder, ExtensionType,
};
use crate::value::{Currency, Date, Timestamp, Value};

impl ExtensionSchema {
    /// A first schema for records of a Rust type, with an attribute for each of its fields, to be refined by the builder.
    ///
    /// A field that is neither an `Option` nor has a `default` is mandatory. Integers get the range of their width, enums
    /// their variants as values. A field with aliases is one attribute. A `chrono::DateTime` is a `datetime`, but a `long` by
    /// modules like `ts_milliseconds`, which write integers; a `rust_decimal` amount is a `currency`. A `default` goes unseen
    /// where a field before it takes none of the values that are made up for it.
    ///
    /// Not all that the schema accepts need be what the type reads: an address is a text, but not every text is an address.
    /// Ask [`fits`](Self::fits) once it is refined.
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
    /// Every field of a type that no attribute has, for instance an enum whose variants carry data; a type that is not read
    /// as a struct, or has a field with `flatten`.
    pub fn of<T: Deserialize<'static>>(
        name: &str,
        extension_type: ExtensionType,
    ) -> Result<ExtensionSchemaBuilder, Mismatches> {
        let mut found = Vec::new();
        let mut builder = ExtensionSchemaBuilder::new(name, extension_type);
        let fields = Fields::of::<T>().map_err(|mismatch| Mismatches::of(vec![mismatch]))?;
        for name in &fields.names {
            match attribute::<T>(name) {
                Ok(attribute) if fields.needs::<T>(name) => {
                    builder = builder.attribute(attribute.mandatory());
                }
                Ok(attribute) => builder = builder.attribute(attribute),
                Err(mismatch) => found.push(mismatch.at_attribute(name, || NO_ATTRIBUTE.into())),
            }
        }
        Mismatches::none_of(found).map(|()| builder)
    }
}

const NO_ATTRIBUTE: &str = "no type of attribute that holds that";

/// The fields of a struct, each once.
struct Fields {
    names: Vec<&'static str>,
    /// Those for which something is known that the type takes.
    taken: Vec<Member<'static>>,
}

impl Fields {
    fn of<T: Deserialize<'static>>() -> Result<Self, Mismatch> {
        let (watch, result) = read::<T>(&[]);
        let Some(names) = watch.fields.get() else {
            let sure =
                |mismatch: &Mismatch| matches!(mismatch.kind(), MismatchKind::Shape | MismatchKind::Broken);
            return Err(result.err().filter(sure).unwrap_or_else(Mismatch::unproven));
        };
        let mut fields = Fields { names: Vec::new(), taken: Vec::new() };
        for name in names {
            fields.names.push(name);
            if let Some(field) = sampled::<T>(name, None) {
                fields.taken.push(field);
                fields.drop_aliases::<T>(field);
            }
        }
        Ok(fields)
    }

    /// Of two names for one field, its own stays.
    fn drop_aliases<T: Deserialize<'static>>(&mut self, last: Member<'static>) {
        let Some(own) = duplicate::<T>(&self.taken) else { return };
        let last_is_own = own == last.name;
        let is_alias = |member: &Member<'static>| {
            let is_last = member.name == last.name;
            is_last != last_is_own && (is_last || duplicate::<T>(&[*member, last]).is_some())
        };
        let aliases: Vec<_> =
            self.taken.iter().filter(|member| is_alias(member)).map(|member| member.name).collect();
        self.names.retain(|name| !aliases.contains(name));
        self.taken.retain(|member| !aliases.contains(&member.name));
    }

    /// Whether the type needs a field. It looks for the first one that is absent, and for no other.
    fn needs<T: Deserialize<'static>>(&self, field: &'static str) -> bool {
        let without: Vec<_> = self.taken.iter().filter(|member| member.name != field).copied().collect();
        let Err(mismatch) = read::<T>(&without).1 else { return false };
        let place = |name: &str| self.names.iter().position(|other| *other == name);
        let missing = mismatch.attribute().filter(|_| mismatch.kind() == MismatchKind::MissingValue);
        match missing.and_then(place).cmp(&place(field)) {
            Ordering::Equal => true,
            Ordering::Greater => false,
            // A field before it takes nothing that is made up: its own type has to tell.
            Ordering::Less => !probed::<T>(field).value_optional.get(),
        }
    }
}

/// The field that two members of a record are read into.
fn duplicate<T: Deserialize<'static>>(record: &[Member<'static>]) -> Option<String> {
    let (_, result) = read::<T>(record);
    let mismatch = result.err().filter(|mismatch| mismatch.kind() == MismatchKind::DuplicateField)?;
    mismatch.attribute().map(str::to_owned)
}

/// How the type reads a field.
fn probed<T: Deserialize<'static>>(field: &'static str) -> Watch {
    read::<T>(&[Member { name: field, attribute: None, made: Made::Anything }]).0
}

/// The attribute for a field.
fn attribute<T: Deserialize<'static>>(field: &'static str) -> Result<AttributeSchemaBuilder, Mismatch> {
    let watch = probed::<T>(field);
    let asked = watch.asked.get().ok_or_else(Mismatch::unproven)?;
    if let Some(Err(mismatch)) = watch.value.into_inner() {
        // The data of a variant may contain the enum, which has an end all the same.
        if mismatch.kind() == MismatchKind::Broken && asked.what != "enum" {
            return Err(mismatch);
        }
    }
    for variant in asked.variants {
        let made = Made::Value(Value::String(variant));
        let (watch, _) = read::<T>(&[Member { name: field, attribute: None, made }]);
        match watch.value.into_inner() {
            Some(Err(mismatch)) if mismatch.kind() == MismatchKind::Type => {
                return Err(mismatch.with_found(NO_ATTRIBUTE.into()));
            }
            _ => {}
        }
    }
    attribute_for(field, asked)
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
        _ => return Err(Mismatch::new(MismatchKind::Type, what_in_words(what), NO_ATTRIBUTE)),
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

fn what_in_words(what: &'static str) -> &'static str {
    match what {
        "bytes" => "bytes",
        "list" => "a list",
        "map" => "a map",
        "struct" => "a struct",
        _ => "no value",
    }
}
