//! The version of a service as an entity tag, and as a condition (RFC 9110, 8.8.3 and 13.1.1).

use axum::http::HeaderMap;
use axum::http::header::{ETAG, HeaderName, HeaderValue, IF_MATCH};
use service_end::Version;

use crate::answer::{Failure, of_host};

/// The version as a strong tag.
pub fn etag(version: Version) -> [(HeaderName, String); 1] {
    [(ETAG, format!("\"{}\"", version.0))]
}

/// The versions at one of which the service must be; `None` if the caller does not say. `*` says no more than that
/// the service exists.
pub fn condition(headers: &HeaderMap) -> Result<Option<Vec<Version>>, Failure> {
    let lists: Vec<&[u8]> = headers.get_all(IF_MATCH).iter().map(HeaderValue::as_bytes).collect();
    let list = lists.join(&b","[..]);
    if lists.is_empty() || list.trim_ascii() == b"*" {
        return Ok(None);
    }
    versions(&String::from_utf8_lossy(&list)).map(Some).ok_or_else(|| of_host("invalid_if_match").into())
}

/// The versions of a list of tags. A weak tag never matches, and neither does one that this host did not make.
fn versions(list: &str) -> Option<Vec<Version>> {
    let (mut rest, mut any, mut versions) = (list, false, Vec::new());
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return any.then_some(versions);
        }
        let weak = rest.strip_prefix("W/");
        let (tag, after) = weak.unwrap_or(rest).strip_prefix('"')?.split_once('"')?;
        rest = after.trim_start_matches([' ', '\t']);
        if tag.contains([' ', '\t']) || !(rest.is_empty() || rest.starts_with(',')) {
            return None;
        }
        any = true;
        let version = tag.parse().ok().filter(|version: &i64| version.to_string() == tag);
        versions.extend(version.filter(|_| weak.is_none()).map(Version));
    }
}
