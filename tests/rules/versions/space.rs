//! Bounded spaces of schemas of one name, and of everything that a body or a store may say of them.

use service_end::ExtensionSchema;

/// Schemas, and what may stand in a body or in a store under their name.
pub(crate) struct Space {
    pub(crate) schemas: Vec<ExtensionSchema>,
    pub(crate) extensions: Vec<String>,
}

const NARROWED: &[&str] = &[
    r#""type":"string""#,
    r#""type":"string","length":1"#,
    r#""type":"string","length":10"#,
    r#""type":"string","length":24"#,
    r#""type":"string","values":["a"]"#,
    r#""type":"string","values":["b","a"]"#,
    r#""type":"string","values":["2020-01-01"]"#,
    r#""type":"string","values":["2020-01-01","2020-01-01T00:00:00Z"]"#,
    r#""type":"string","values":["2020-01-01T00:00:00.000Z","2020-01-01T02:00:00+02:00"]"#,
    r#""type":"string","values":["1","1.0"]"#,
    r#""type":"string","values":["100000000000.5"]"#,
    r#""type":"integer""#,
    r#""type":"integer","minimum":1,"maximum":1"#,
    r#""type":"integer","minimum":1,"maximum":2"#,
    r#""type":"integer","minimum":2"#,
    r#""type":"integer","values":[1]"#,
    r#""type":"integer","values":[2,1,3]"#,
    r#""type":"long""#,
    r#""type":"long","minimum":1,"maximum":2"#,
    r#""type":"long","minimum":0,"maximum":99999999999"#,
    r#""type":"long","minimum":0,"maximum":100000000000"#,
    r#""type":"long","minimum":9007199254740991,"maximum":9007199254740992"#,
    r#""type":"long","minimum":9007199254740992,"maximum":9007199254740993"#,
    r#""type":"long","minimum":9007199254740993,"maximum":9007199254740993"#,
    r#""type":"long","minimum":9007199254740993,"maximum":9007199254740994"#,
    r#""type":"long","values":[9007199254740992,9007199254740993]"#,
    r#""type":"long","values":[1]"#,
    r#""type":"double""#,
    r#""type":"double","minimum":1,"maximum":1"#,
    r#""type":"double","minimum":0.5,"maximum":0.5"#,
    r#""type":"double","minimum":1,"maximum":2"#,
    r#""type":"double","minimum":9007199254740991,"maximum":9007199254740991"#,
    r#""type":"double","minimum":9007199254740992,"maximum":9007199254740992"#,
    r#""type":"double","minimum":4503599627370496,"maximum":4503599627370498"#,
    r#""type":"boolean""#,
    r#""type":"date""#,
    r#""type":"date","minimum":"2020-01-01","maximum":"2020-01-01""#,
    r#""type":"date","maximum":"2020-01-01""#,
    r#""type":"datetime""#,
    r#""type":"datetime","minimum":"2020-01-01T00:00:00Z","maximum":"2020-01-01T00:00:00Z""#,
    r#""type":"datetime","minimum":"2020-01-01T00:00:00Z","maximum":"2020-01-01T00:00:00.001Z""#,
    r#""type":"currency""#,
    r#""type":"currency","minimum":1,"maximum":1"#,
    r#""type":"currency","minimum":"0.5","maximum":"0.5""#,
    r#""type":"currency","minimum":1,"maximum":2"#,
    r#""type":"currency","minimum":"100000000000.5","maximum":"100000000000.5""#,
    r#""type":"currency","minimum":"100000000000.1","maximum":"100000000000.9""#,
    r#""type":"currency","minimum":"99999999999.9","maximum":"100000000000.5""#,
];

const DEFAULTS: &[&str] = &[
    "\"a\"",
    "\"2020-01-01\"",
    "\"1.0\"",
    "\"100000000000.5\"",
    "1",
    "2",
    "0.5",
    "9007199254740992",
    "true",
    "\"2020-01-01T00:00:00Z\"",
];

const SCALARS: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "1",
    "1.0",
    "2",
    "2.0",
    "3",
    "-1",
    "0.5",
    "1.5",
    "1.00001",
    "5e-324",
    "2147483648",
    "99999999999.0",
    "100000000000",
    "100000000000.0",
    "922337203685478",
    "4503599627370497.0",
    "9007199254740991",
    "9007199254740991.0",
    "9007199254740992",
    "9007199254740992.0",
    "9007199254740993",
    "9007199254740994",
    "9223372036854775807",
    "9223372036854775808",
    "1e300",
    "[]",
    "\"\"",
    "\"a\"",
    "\"b\"",
    "\"aa\"",
    "\"aaaaaaaaaaaaaaaaaaaaaaaaa\"",
    "\"2020-01-01\"",
    "\"2020-01-02\"",
    "\"2020-01-01T00:00:00Z\"",
    "\"2020-01-01T00:00:00.000Z\"",
    "\"2020-01-01T00:00:00.0009Z\"",
    "\"2020-01-01T02:00:00+02:00\"",
    "\"2020-01-01T00:00:00.001Z\"",
    "\"1\"",
    "\"1.0\"",
    "\"0.5\"",
    "\"100000000000.5\"",
    "\"0100000000000.5\"",
    "\"99999999999.9\"",
];

/// One attribute with all that can be said of its values.
pub(crate) fn of_one_attribute() -> Space {
    let mut attributes = Vec::new();
    for narrowed in NARROWED {
        attributes.extend([narrowed.to_string(), format!(r#"{narrowed},"mandatory":true"#)]);
        for default in DEFAULTS {
            attributes.push(format!(r#"{narrowed},"default":{default}"#));
            attributes.push(format!(r#"{narrowed},"default":{default},"mandatory":true"#));
        }
    }
    let mut schemas = Vec::new();
    for attribute in &attributes {
        let attributes = format!(r#"[{{"name":"a",{attribute}}}]"#);
        for (extension_type, unique) in
            [("single-valued", "[]"), ("multi-valued", "[]"), ("multi-valued", r#"["a"]"#)]
        {
            schemas.extend(schema("E", extension_type, &attributes, unique, false));
        }
    }
    let states: Vec<_> = SCALARS.iter().map(|scalar| format!(r#"{{"a":{scalar}}}"#)).collect();
    Space { schemas, extensions: extensions(&states) }
}

/// Two attributes, of which each is there or not, in any order and spelling, with every key, shape and demand.
pub(crate) fn of_two_attributes() -> Space {
    const VARIANTS: &[&str] = &[
        r#""type":"boolean""#,
        r#""type":"boolean","mandatory":true"#,
        r#""type":"boolean","default":true"#,
        r#""type":"string","values":["x"],"mandatory":true"#,
        r#""type":"string","values":["x"],"default":"x","mandatory":true"#,
        r#""type":"string","length":1"#,
        r#""type":"string","values":["y","x"]"#,
        r#""type":"boolean","default":false,"mandatory":true"#,
    ];
    let mut schemas = Vec::new();
    let mut add = |attributes: &[String], names: &[&str]| {
        let attributes = format!("[{}]", attributes.join(","));
        for required in [false, true] {
            schemas.extend(schema("E", "single-valued", &attributes, "[]", required));
            for keys in 0..1 << names.len() {
                let key: Vec<_> = (0..names.len())
                    .filter(|n| keys >> n & 1 == 1)
                    .map(|n| format!("\"{}\"", names[n]))
                    .collect();
                let unique = format!("[{}]", key.join(","));
                schemas.extend(schema("e", "multi-valued", &attributes, &unique, required));
            }
        }
    };
    for (n, one) in VARIANTS.iter().enumerate() {
        let a = format!(r#"{{"name":"a",{one}}}"#);
        add(std::slice::from_ref(&a), &["a"]);
        add(&[format!(r#"{{"name":"b",{one}}}"#)], &["b"]);
        for (m, other) in VARIANTS.iter().enumerate() {
            let b = format!(r#"{{"name":"B",{other}}}"#);
            if (n + m) % 2 == 0 {
                add(&[a.clone(), b], &["a", "B"]);
            } else {
                add(&[b, a.clone()], &["B", "a"]);
            }
        }
    }
    let states = ["", "null", "true", "false", "\"x\"", "\"y\""];
    let mut records = Vec::new();
    for a in states {
        for b in states {
            let members = [("a", a), ("b", b)].into_iter().filter(|(_, json)| !json.is_empty());
            let members: Vec<_> = members.map(|(name, json)| format!("\"{name}\":{json}")).collect();
            records.push(format!("{{{}}}", members.join(",")));
        }
    }
    records.retain(|record| record != "{}");
    Space { schemas, extensions: extensions(&records) }
}

/// The schema, unless it is none: a default, for one, must fit.
fn schema(
    name: &str,
    extension_type: &str,
    attributes: &str,
    unique: &str,
    required: bool,
) -> Option<ExtensionSchema> {
    let json = format!(
        r#"{{"name":"{name}","type":"{extension_type}","attributes":{attributes},"unique":{unique},"required":{required}}}"#
    );
    ExtensionSchema::from_json(json).ok()
}

/// All extensions of these records: none of them, one, or two beside each other.
fn extensions(records: &[String]) -> Vec<String> {
    let mut extensions = vec!["[]".to_owned(), "{}".to_owned(), "[{}]".to_owned(), "[{},{}]".to_owned()];
    for record in records {
        extensions.extend([record.clone(), format!("[{record}]"), format!("[{record},{{}}]")]);
        extensions.extend(records.iter().map(|other| format!("[{record},{other}]")));
    }
    extensions
}
