//! Visitors that skip what means nothing to them.

/// The methods of a visitor for all that means nothing to it: each skips what comes, and gives the same answer.
macro_rules! skip_all_else {
    ($answer:expr) => {
        $crate::value::skip::skip_all_else! {
            $answer;
            visit_bool(bool) visit_i64(i64) visit_i128(i128) visit_u64(u64) visit_u128(u128) visit_f64(f64)
            visit_unit() visit_none();
            visit_some(Deserializer) visit_newtype_struct(Deserializer)
            visit_seq(SeqAccess) visit_map(MapAccess) visit_enum(EnumAccess)
        }
    };
    ($answer:expr; $($scalar:ident($($of:ty)?))*; $($nested:ident($access:ident))*) => {
        $(fn $scalar<E: serde::de::Error>(self, $(_: $of)?) -> Result<Self::Value, E> {
            Ok($answer)
        })*

        $(fn $nested<A: serde::de::$access<'de>>(self, nested: A) -> Result<Self::Value, A::Error> {
            serde::de::IgnoredAny.$nested(nested).map(|_| $answer)
        })*
    };
}

pub(crate) use skip_all_else;
