//! Enums whose variants have names.

/// Declares one, with `ALL`, `NAMES`, a getter of the name, and every way to write the name and to read it back. Names
/// are compared with the method of `str` given under `compared with`.
macro_rules! named {
    (
        $(#[$about:meta])*
        pub enum $Named:ident {
            $($(#[$doc:meta])* $variant:ident = $text:expr,)*
        }

        $(#[$all:meta])*
        ALL;

        $(#[$getter:meta])*
        fn $name:ident;

        $what:literal compared with $same:ident, or else $error:ty = $unknown:expr;
    ) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $Named {
            $($(#[$doc])* $variant,)*
        }

        impl $Named {
            $(#[$all])*
            pub const ALL: &'static [$Named] = &[$($Named::$variant),*];

            /// The names of all, in the same order.
            #[allow(dead_code, reason = "not every error tells them")]
            pub(crate) const NAMES: &'static [&'static str] = &[$($text),*];

            $(#[$getter])*
            pub const fn $name(self) -> &'static str {
                match self {
                    $($Named::$variant => $text,)*
                }
            }

            /// The one of a name.
            pub(crate) fn of(name: &str) -> Option<Self> {
                $(if name.$same($text) {
                    return Some($Named::$variant);
                })*
                None
            }
        }

        impl std::fmt::Display for $Named {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.$name())
            }
        }

        impl std::str::FromStr for $Named {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                $Named::of(text).ok_or($unknown)
            }
        }

        impl serde::Serialize for $Named {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.$name())
            }
        }

        $crate::value::leaf::text_leaf!($Named, $error, $what);
    };
}

pub(crate) use named;
