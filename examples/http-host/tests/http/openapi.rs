//! What the host tells of itself. Tools from outside judge it in `tests/openapi`.

use crate::errors::assert_problem;
use crate::host::{Fixture, feedback, satisfaction};

pub(crate) async fn the_document_tells_the_schemas_that_are_registered_now(fixture: &Fixture) {
    let (host, other) = (fixture.host(), fixture.host());
    let path = "/openapi.json";
    let body = "/components/schemas/ServiceEndEvent/properties";
    let extensions = |document: &serde_json::Value| {
        let properties = document.pointer(body).unwrap();
        ["Feedback", "Satisfaction"].map(|name| properties.get(name).is_some())
    };
    assert_eq!(extensions(&host.shown(path).await), [false, false]);
    host.register(&feedback()).await;
    assert_eq!(extensions(&host.shown(path).await), [true, false]);
    host.register(&satisfaction()).await;
    assert_eq!(extensions(&host.shown(path).await), [true, true]);
    assert_eq!(host.send("DELETE", "/metadata/services/extensions/feedback", "").await.status, 204);
    let document = host.shown(path).await;
    assert_eq!(extensions(&document), [false, true]);
    // Hosts that share a store tell the same.
    assert!(!fixture.shared || other.shown(path).await == document);

    // What the document offers as a body ends a service.
    let end = &document["paths"]["/services/{service_id}/end"]["post"];
    let offered = &end["requestBody"]["content"]["application/json"]["example"];
    let id = host.start_service().await;
    assert_eq!(host.end(id, &offered.to_string()).await.status, 204, "{offered}");
    for path in
        ["/services/start", "/services/{service_id}", "/metadata/services/extensions", "/health", "/metrics"]
    {
        assert!(document["paths"][path].is_object(), "{path}");
    }
}

pub(crate) async fn the_page_is_served_from_here_alone(fixture: &Fixture) {
    let host = fixture.host();
    for file in
        ["/docs/", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css", "/docs/swagger-initializer.js"]
    {
        let answer = host.send("GET", file, "").await;
        assert_eq!(answer.status, 200, "{file}");
        assert!(answer.header("content-security-policy").starts_with("default-src 'self';"), "{file}");
    }
    let moved = host.send("GET", "/docs", "").await;
    assert!([200, 308].contains(&moved.status), "{moved:?}");
    assert_problem(&host.send("GET", "/docs/nope.js", "").await, 404, "not_found", "no such file");
}
