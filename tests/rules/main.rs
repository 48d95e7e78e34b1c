use service_end::*;
#[test]
fn t() {
    let s = Schemas::from_json(r#"[{"name":"Feedback","type":"single-valued","attributes":[{"name":"FeedbackType","type":"string"},{"name":"rating","type":"integer"},{"name":"notes","type":"string"}]},
    {"name":"Satisfaction","type":"multi-valued","attributes":[{"name":"rating","type":"integer","mandatory":true},{"name":"pertinence","type":"integer"},{"name":"usefull","type":"boolean"},{"name":"place","type":"string","default":"x"}],"unique":["place"]}]"#).unwrap();
    let v = Validator::new(s);
    let body = r#"{ "timestamp": "2009-05-12T12:05:12.145Z", "interaction_id": "123ABCAADFJ1259ACF", "media_type": 1, "resource_id": 5005, "Feedback": { "FeedbackType":"survey", "rating":7, "notes":"warm" }, "SATISFACTION": [ { "rating":2, "pertinence":8, "usefull":true, "place":"Terranova mexico resort" }, { "pertinence":8, "rating":2 , "PLACE": null} ] }"#;
    let e = v.read(body.as_bytes()).unwrap();
    println!("{e:#?}\n{}", serde_json::to_string(&e).unwrap());
    assert_eq!(v.read(serde_json::to_string(&e).unwrap().as_bytes()).unwrap(), e);
    let body = r#"{ "timestamp": "x", "rating":5, "media_type": {"a":1}, "resource_id": 5.5, "Feedback": 5, "SATISFACTION": [ { "rating":2, "place":"Terranova" }, { "Rating":null,"rAting": 5, "foo~/": 8, "PLACE":[]},1,{"rating":1,"place":"Terranova"} ] }"#;
    println!("{}", v.read(body.as_bytes()).unwrap_err());
}
mod conformance;
