//! Where notices may come from: a source that no receiver could take is refused before anything is kept with it.

use service_end::service::{Notice, NoticeOrigin, OriginError};

#[test]
fn a_source_is_a_uri_reference_that_is_not_empty() {
    for source in [
        "https://crm.example/services",
        "https://user:pa%20ss@crm.example:8443/a/b;c=1",
        "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66",
        "mailto:crm@example.com",
        "tel:+1-816-555-1212",
        "http://[2001:db8::7]:80/c?q#f",
        "http://[v7.a:b]/",
        "//crm.example",
        "/services",
        "./this:that",
        "services/eu?tenant=7&x=%C3%A9/?#a/b?c",
        "#eu",
        "?q",
        "a",
        "file:///a",
        "http://crm.example:",
    ] {
        let origin = NoticeOrigin::new(source);
        assert_eq!(origin.as_ref().map(NoticeOrigin::source), Ok(source));
        assert_eq!(source.parse(), origin);
    }
    for source in [
        "",
        " ",
        "https://crm.example/a b",
        "https://crm.example/é",
        "a\nb",
        "a\"b",
        "<a>",
        "a\\b",
        "%",
        "%4",
        "%zz",
        "1-555:7",
        ":a",
        "a_b:c",
        "http://crm.example:80a/",
        "http://a@b@c/",
        "http://[::1",
        "http://[::g]/",
        "http://[v.a]/",
        "http://a]b/",
        "a#b#c",
        "a|b",
        "{a}",
        "a^b",
        "a`b",
        "/a?x=[",
    ] {
        assert_eq!(NoticeOrigin::new(source), Err(OriginError::Source), "{source}");
    }
    assert_eq!(
        OriginError::Source.to_string(),
        "the source of notices must be a URI reference that is not empty"
    );
}

#[test]
fn a_type_is_a_text_that_cloudevents_can_carry() {
    let origin = NoticeOrigin::new("/services").unwrap();
    assert_eq!((origin.ended(), origin.replaced()), (Notice::ENDED, Notice::REPLACED));
    for (ended, replaced) in [(Notice::ENDED, Notice::REPLACED), ("a", "closed é \u{1f600}")] {
        for (ended, replaced) in [(ended, replaced), (replaced, ended)] {
            let origin = origin.clone().with_types(ended, replaced).unwrap();
            assert_eq!((origin.ended(), origin.replaced()), (ended, replaced));
        }
    }
    for wrong in ["", "a\nb", "\0", "\u{7f}", "\u{9f}", "\u{fdd0}", "a\u{ffff}", "\u{10fffe}"] {
        assert_eq!(origin.clone().with_types("a", wrong), Err(OriginError::Type), "{wrong:?}");
        assert_eq!(origin.clone().with_types(wrong, "a"), Err(OriginError::Type), "{wrong:?}");
    }
}
