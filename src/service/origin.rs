use std::net::Ipv6Addr;
use std::str::FromStr;

use super::completion::Completion;
use super::notice::Notice;

/// What all notices of a host have in common: their source and their types. A store that keeps an outbox is told it once.
///
/// One source, one store. Those who are told know a notice by its source and its [id](Notice::id). Where two stores have a
/// source in common, or a store that begins its ids anew keeps its source, other ends come under ids that were told before,
/// and whoever drops repetitions drops them.
///
/// ```
/// use service_end::{MemoryStorage, service::{NoticeOrigin, OriginError}};
/// let origin = NoticeOrigin::new("https://crm.example/services")?;
/// let origin = origin.with_types("com.example.ended", "com.example.replaced")?;
/// let storage = MemoryStorage::new().with_outbox(origin);
/// let with_the_types_of_the_crate = MemoryStorage::new().with_outbox("https://crm.example/services".parse()?);
/// # Ok::<(), OriginError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeOrigin {
    source: String,
    ended: String,
    replaced: String,
}

/// Why notices can't come from there: no receiver would have to take them as `CloudEvents`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OriginError {
    /// The source is empty, or not what RFC 3986 calls a URI reference: a blank in it, for one.
    #[error("the source of notices must be a URI reference that is not empty")]
    Source,
    /// A type is empty, or holds a control character or a Unicode noncharacter.
    #[error("a type of notices must be a text that is not empty and has no control characters")]
    Type,
}

impl NoticeOrigin {
    /// A source with the types of the crate. It is a URI reference that names the host's services among all that those who
    /// are told hear from; better an absolute one.
    ///
    /// # Errors
    /// When it is not a URI reference, or empty.
    pub fn new(source: impl Into<String>) -> Result<Self, OriginError> {
        let source = source.into();
        if source.is_empty() || !is_uri_reference(&source) {
            return Err(OriginError::Source);
        }
        Ok(NoticeOrigin { source, ended: Notice::ENDED.to_owned(), replaced: Notice::REPLACED.to_owned() })
    }

    /// With types of the host's own, as [`Notice::with_types`] takes them.
    ///
    /// # Errors
    /// When one of them is not what a `CloudEvent` can have as its type.
    pub fn with_types(
        mut self,
        ended: impl Into<String>,
        replaced: impl Into<String>,
    ) -> Result<Self, OriginError> {
        (self.ended, self.replaced) = (ended.into(), replaced.into());
        let are_types = [&self.ended, &self.replaced].into_iter().all(|name| is_type(name));
        if are_types { Ok(self) } else { Err(OriginError::Type) }
    }

    /// Where the notices come from.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The type of the first end of a service.
    pub fn ended(&self) -> &str {
        &self.ended
    }

    /// The type of an end that replaces an earlier one.
    pub fn replaced(&self) -> &str {
        &self.replaced
    }

    /// The notice of an end.
    pub fn notice<'c>(&'c self, completion: &'c Completion) -> Notice<'c> {
        completion.notice(&self.source).with_types(&self.ended, &self.replaced)
    }
}

impl FromStr for NoticeOrigin {
    type Err = OriginError;

    fn from_str(source: &str) -> Result<Self, OriginError> {
        NoticeOrigin::new(source)
    }
}

/// What `CloudEvents` calls a string, and not an empty one.
fn is_type(name: &str) -> bool {
    let is_noncharacter = |character: char| {
        matches!(u32::from(character), 0xfdd0..=0xfdef) || u32::from(character) & 0xfffe == 0xfffe
    };
    !name.is_empty() && !name.contains(|character: char| character.is_control() || is_noncharacter(character))
}

/// RFC 3986, section 4.1.
fn is_uri_reference(text: &str) -> bool {
    let (text, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (text, query) = text.split_once('?').unwrap_or((text, ""));
    let of_first_segment = text.split('/').next().and_then(|first| first.split_once(':'));
    let (scheme, rest) = match of_first_segment {
        Some((scheme, _)) => (Some(scheme), text.split_once(':').map_or("", |(_, rest)| rest)),
        None => (None, text),
    };
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_once('/').unwrap_or((rest, "")),
        None => ("", rest),
    };
    scheme.is_none_or(is_scheme)
        && is_authority(authority)
        && consists_of(path, ":@/")
        && [query, fragment].into_iter().all(|part| consists_of(part, ":@/?"))
}

fn is_scheme(scheme: &str) -> bool {
    let is_of_scheme = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    scheme.starts_with(|first: char| first.is_ascii_alphabetic()) && scheme.bytes().all(is_of_scheme)
}

fn is_authority(authority: &str) -> bool {
    let (user, host) = authority.split_once('@').unwrap_or(("", authority));
    let (is_host, port) = match host.strip_prefix('[').map(|literal| literal.split_once(']')) {
        Some(Some((literal, port))) => (is_ip_literal(literal), port),
        Some(None) => (false, ""),
        None => {
            let name = host.split(':').next().unwrap_or_default();
            (consists_of(name, ""), host.strip_prefix(name).unwrap_or_default())
        }
    };
    let is_port = port.is_empty()
        || port.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    consists_of(user, ":") && is_host && is_port
}

fn is_ip_literal(literal: &str) -> bool {
    let of_the_future = literal.strip_prefix(['v', 'V']).and_then(|rest| rest.split_once('.'));
    match of_the_future {
        Some((version, address)) => {
            let is_version = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_hexdigit());
            is_version && !address.is_empty() && !address.contains('%') && consists_of(address, ":")
        }
        None => literal.parse::<Ipv6Addr>().is_ok(),
    }
}

/// Whether a part has only characters that every part can have, escapes, and some more.
fn consists_of(part: &str, more: &str) -> bool {
    let mut bytes = part.bytes();
    while let Some(byte) = bytes.next() {
        let is_allowed = match byte {
            b'%' => {
                [bytes.next(), bytes.next()].iter().flatten().filter(|byte| byte.is_ascii_hexdigit()).count()
                    == 2
            }
            _ => {
                byte.is_ascii_alphanumeric()
                    || b"-._~!$&'()*+,;=".contains(&byte)
                    || more.as_bytes().contains(&byte)
            }
        };
        if !is_allowed {
            return false;
        }
    }
    true
}
