use crate::value::named;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $status:literal $code:literal $title:literal;)*) => {
        named! {
            /// What kind of failure it is: a stable code, with the HTTP status that goes with it (as a plain number, since
            /// the crate knows no HTTP library) and a fixed title.
            ///
            /// ```
            /// use service_end::problem::ProblemCode;
            /// let code: ProblemCode = "service_not_found".parse().unwrap();
            /// assert_eq!((code.status(), code.title()), (404, "There is no such service"));
            /// ```
            #[derive(PartialOrd, Ord)]
            #[non_exhaustive]
            pub enum ProblemCode {
                $($(#[$doc])* $variant = $code,)*
            }

            /// Every code there is.
            ALL;

            /// The code as documents carry it.
            fn as_str;

            "a problem code" compared with eq,
            or else ProblemCodeError = ProblemCodeError;
        }

        impl ProblemCode {
            /// The HTTP status.
            pub const fn status(self) -> u16 {
                match self {
                    $(ProblemCode::$variant => $status,)*
                }
            }

            /// A short summary, always the same for a code.
            pub const fn title(self) -> &'static str {
                match self {
                    $(ProblemCode::$variant => $title,)*
                }
            }
        }
    };
}

codes! {
    /// 400: the body is not a JSON object.
    Syntax = 400 "syntax" "The body is not a JSON object";
    /// 400: the body has violations.
    InvalidEvent = 400 "invalid_event" "The service end event is invalid";
    /// 400: the schema has mistakes.
    InvalidSchema = 400 "invalid_schema" "The extension schema is invalid";
    /// 404: no such service.
    ServiceNotFound = 404 "service_not_found" "There is no such service";
    /// 404: no such schema.
    SchemaNotFound = 404 "schema_not_found" "There is no such extension schema";
    /// 409: the service has ended in another way.
    ServiceAlreadyEnded = 409 "service_already_ended" "The service has already ended";
    /// 409: the name of the schema is taken.
    SchemaExists = 409 "schema_exists" "The extension schema already exists";
    /// 409: the new version of the schema breaks bodies or records.
    IncompatibleSchema = 409 "incompatible_schema" "The new version of the extension schema is not safe";
    /// 412: the service is at another version than the caller demands.
    VersionMismatch = 412 "version_mismatch" "The service is at another version";
    /// 413: the body is over the host's limit.
    BodyTooLarge = 413 "body_too_large" "The body is too large";
    /// 413: the event, with the defaults of its records, is over the host's limit.
    EventTooLarge = 413 "event_too_large" "The event is too large with its defaults";
    /// 413: the store can never take it.
    TooLargeForStorage = 413 "too_large_for_storage" "The end of the service is too large to be stored";
    /// 500: a rule of the host has a mistake of its own ([`RuleFailed`](crate::validate::RuleFailed)). The caller can do
    /// nothing about it.
    RuleFailed = 500 "rule_failed" "A rule of the host has a mistake";
    /// 503: other writers kept winning.
    Contended = 503 "contended" "Others are changing the service";
    /// 503: the store keeps another schema than the event was read with.
    SchemaChanged = 503 "schema_changed" "The schema of an extension has changed";
    /// 503: the store failed; the outcome may be unknown.
    StorageUnavailable = 503 "storage_unavailable" "The storage is unavailable";
}

/// A text that is none of the crate's problem codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a problem code of this crate")]
#[non_exhaustive]
pub struct ProblemCodeError;
