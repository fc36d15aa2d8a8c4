//! Schemas: every keyword accepts and refuses, keywords outside the subset are refused, and a hostile schema
//! costs a bounded time.

use det::{CheckError, Schema, SchemaError, Value, parse_json};
use proptest::prelude::*;

fn schema(text: &str) -> Schema {
    Schema::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn check(schema_text: &str, subject: &str) -> Result<(), String> {
    schema(schema_text).check(&parse_json(subject).unwrap()).map_err(|finding| finding.to_string())
}

#[test]
fn every_keyword_admits_and_refuses() {
    // Each row: a schema, a subject that satisfies it, and a subject that does not.
    let table: [(&str, &[&str], &[&str]); 37] = [
        (r#"{"type":"integer"}"#, &["1", "1.0", "-3"], &["1.5", "\"1\"", "true", "null"]),
        (r#"{"type":"number"}"#, &["1", "1.5"], &["\"1\"", "false"]),
        (r#"{"type":["string","null"]}"#, &["\"\"", "null"], &["0", "[]"]),
        (r#"{"type":"boolean"}"#, &["true"], &["1", "0"]),
        (r#"{"type":"array"}"#, &["[]"], &["{}"]),
        (r#"{"type":"object"}"#, &["{}"], &["[]"]),
        (r#"{"const":{"a":1}}"#, &[r#"{"a":1.0}"#], &[r#"{"a":2}"#, r#"{"a":1,"b":2}"#]),
        (r#"{"enum":["a",1,null]}"#, &["\"a\"", "1.0", "null"], &["true", "\"b\""]),
        (r#"{"minimum":2}"#, &["2", "2.0", "\"x\""], &["1", "1.999"]),
        (r#"{"maximum":2}"#, &["2", "-5"], &["2.0000001"]),
        (r#"{"exclusiveMinimum":2}"#, &["3"], &["2", "2.0"]),
        (r#"{"exclusiveMaximum":2}"#, &["1.9"], &["2"]),
        (r#"{"minLength":2}"#, &["\"éé\"", "1"], &["\"é\""]),
        (r#"{"maxLength":2}"#, &["\"éé\""], &["\"abc\""]),
        (r#"{"minItems":1}"#, &["[0]"], &["[]"]),
        (r#"{"maxItems":1}"#, &["[0]", "{}"], &["[0,0]"]),
        (r#"{"uniqueItems":true}"#, &["[1,true,\"1\"]"], &["[1,1.0]", "[[],[]]"]),
        (r#"{"items":{"type":"integer"}}"#, &["[]", "[1,2]"], &["[1,\"2\"]"]),
        (r#"{"prefixItems":[{"type":"string"}],"items":false}"#, &["[\"a\"]", "[]"], &["[1]", "[\"a\",1]"]),
        (r#"{"required":["a"]}"#, &[r#"{"a":null}"#, "3"], &["{}"]),
        (r#"{"properties":{"a":{"type":"string"}}}"#, &["{}", r#"{"a":"x","b":1}"#], &[r#"{"a":1}"#]),
        (r#"{"properties":{"a":true},"additionalProperties":false}"#, &[r#"{"a":1}"#], &[r#"{"b":1}"#]),
        (r#"{"additionalProperties":{"type":"integer"}}"#, &[r#"{"b":1}"#], &[r#"{"b":"x"}"#]),
        (r#"{"minProperties":1,"maxProperties":2}"#, &[r#"{"a":1}"#], &["{}", r#"{"a":1,"b":2,"c":3}"#]),
        (r#"{"oneOf":[{"minimum":3},{"maximum":5}]}"#, &["1", "9"], &["4"]),
        (r#"{"minLength":2.0}"#, &["\"ab\""], &["\"a\""]),
        (r#"{"multipleOf":2}"#, &["4", "4.0", "\"x\""], &["3", "4.5"]),
        (r#"{"pattern":"^a+b$"}"#, &["\"aab\"", "1"], &["\"b\"", "\"aabc\""]),
        (r#"{"format":"date"}"#, &["\"2024-02-29\"", "1"], &["\"2023-02-29\""]),
        (r#"{"contains":{"const":1}}"#, &["[0,1]", "{}"], &["[]", "[0]"]),
        (r#"{"contains":{"const":1},"minContains":2,"maxContains":3}"#, &["[1,0,1]"], &["[1]", "[1,1,1,1]"]),
        (r#"{"contains":{"const":1},"minContains":0,"maxContains":1}"#, &["[]", "[1]"], &["[1,1]"]),
        (r#"{"propertyNames":{"maxLength":1}}"#, &[r#"{"a":1}"#, "[]"], &[r#"{"ab":1}"#]),
        (
            r#"{"patternProperties":{"^x":{"type":"integer"}},"additionalProperties":false}"#,
            &[r#"{"x1":1}"#],
            &[r#"{"x1":"a"}"#, r#"{"y":1}"#],
        ),
        (
            r#"{"dependentRequired":{"a":["b"]},"dependentSchemas":{"c":{"minProperties":2}}}"#,
            &["{}", r#"{"a":1,"b":2}"#, r#"{"c":1,"d":1}"#],
            &[r#"{"a":1}"#, r#"{"c":1}"#],
        ),
        (
            r#"{"if":{"type":"integer"},"then":{"minimum":3},"else":{"type":"string"}}"#,
            &["3", "\"a\""],
            &["2", "null"],
        ),
        (
            r#"{"allOf":[{"minimum":3}],"anyOf":[{"const":4},{"const":5}],"not":{"const":5}}"#,
            &["4"],
            &["5", "6", "2"],
        ),
    ];
    for (text, good, bad) in table {
        for subject in good {
            assert_eq!(check(text, subject), Ok(()), "{text} against {subject}");
        }
        for subject in bad {
            assert!(check(text, subject).is_err(), "{text} admits {subject}");
        }
    }
    assert!(check("false", "1").is_err() && check("true", "1").is_ok() && check("{}", "[]").is_ok());
}

#[test]
fn a_finding_names_the_place_the_keyword_and_both_sides() {
    let text =
        r#"{"type":"object","properties":{"pets":{"items":{"properties":{"a/b":{"type":"string"}}}}}}"#;
    assert_eq!(
        check(text, r#"{"pets":[{}, {"a/b": 3}]}"#),
        Err("at /pets/1/a~1b: type demands string, found 3".to_owned())
    );
    assert_eq!(
        check(r#"{"required":["name"]}"#, "{}"),
        Err("at the whole: required demands the property name, found no such property".to_owned())
    );
}

#[test]
fn what_is_outside_the_subset_is_refused_by_name() {
    let keyword = |text: &str| match Schema::parse(text) {
        Err(SchemaError::Keyword { at, keyword }) => (at, keyword),
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(keyword(r#"{"minimun":1}"#), (String::new(), "minimun".to_owned()));
    let nested = r#"{"properties":{"x":{"items":{"contentEncoding":"base64"}}}}"#;
    assert_eq!(keyword(nested), ("/properties/x/items".to_owned(), "contentEncoding".to_owned()));
    let shown = Schema::parse(r#"{"unevaluatedItems":{}}"#).unwrap_err().to_string();
    assert!(
        shown.contains("the root has unevaluatedItems") && shown.contains("additionalProperties"),
        "{shown}"
    );
    for bad in [
        "[]",
        "3",
        r#"{"type":"text"}"#,
        r#"{"type":[]}"#,
        r#"{"minLength":-1}"#,
        r#"{"minLength":1.5}"#,
        r#"{"required":[1]}"#,
        r#"{"properties":[]}"#,
        r#"{"anyOf":[]}"#,
        r#"{"minimum":"1"}"#,
        r#"{"uniqueItems":1}"#,
        r#"{"enum":1}"#,
        r#"{"items":3}"#,
        r##"{"$ref":"#/properties/x"}"##,
        r#"{"multipleOf":0}"#,
        r#"{"multipleOf":-1}"#,
        r#"{"format":"duration"}"#,
        r#"{"format":1}"#,
        r#"{"pattern":"("}"#,
        r#"{"patternProperties":{"(?=a)":true}}"#,
        r#"{"dependentRequired":{"a":"b"}}"#,
        r#"{"items":[{}]}"#,
        r#"{"additionalItems":false}"#,
        r#"{"$ref":"http://elsewhere"}"#,
        r##"{"$ref":"#/$defs/none"}"##,
        "{",
        "",
    ] {
        assert!(Schema::parse(bad).is_err(), "{bad}");
    }
}

#[test]
fn references_recur_into_the_subject_and_never_in_place() {
    let tree = r##"{"$ref":"#/$defs/tree","$defs":{"tree":{"type":"object","required":["v"],
        "properties":{"v":{"type":"integer"},"kids":{"items":{"$ref":"#/$defs/tree"}}}}}}"##;
    assert_eq!(check(tree, r#"{"v":1,"kids":[{"v":2,"kids":[]}]}"#), Ok(()));
    assert!(check(tree, r#"{"v":1,"kids":[{"v":"2"}]}"#).unwrap_err().contains("/kids/0/v"));
    for circle in [
        r##"{"$ref":"#"}"##,
        r##"{"allOf":[{"$ref":"#"}]}"##,
        r##"{"$ref":"#/$defs/a","$defs":{"a":{"anyOf":[{"$ref":"#/$defs/b"}]},"b":{"not":{"$ref":"#/$defs/a"}}}}"##,
    ] {
        assert!(matches!(Schema::parse(circle), Err(SchemaError::Circular { .. })), "{circle}");
    }
}

#[test]
fn hostile_schemas_cost_a_bounded_effort() {
    // Two alternatives at every level would be 2^60 ways without a bound.
    let twice = r##"{"anyOf":[{"items":{"$ref":"#"}},{"items":{"$ref":"#"}}],"not":{"const":7}}"##;
    let deep = format!("{}7{}", "[".repeat(60), "]".repeat(60));
    assert_eq!(schema(twice).check(&parse_json(&deep).unwrap()), Err(CheckError::OutOfFuel));
    let definitions: Vec<String> =
        (0..40).map(|at| format!(r##""d{at}":{{"$ref":"#/$defs/d{}"}}"##, at + 1)).collect();
    let chain = format!(r##"{{"$ref":"#/$defs/d0","$defs":{{{},"d40":true}}}}"##, definitions.join(","));
    assert_eq!(Schema::parse(&chain).unwrap_err(), SchemaError::TooLarge);
    let deep = (0..200_000).fold(Value::Null, |inner, _| Value::List(vec![inner]));
    assert_eq!(schema("true").check(&deep), Err(CheckError::TooDeep { depth: 200_000 }));
}

/// Checks a part of the subset a second time, slowly and in another way.
fn opinion(schema: &serde_json::Value, subject: &serde_json::Value) -> bool {
    use serde_json::Value as Json;
    let Json::Object(map) = schema else { return schema == &Json::Bool(true) };
    map.iter().all(|(keyword, argument)| match (keyword.as_str(), subject) {
        ("type", subject) => match argument.as_str().unwrap() {
            "integer" => subject.as_f64().is_some_and(|float| float.fract() == 0.0),
            "string" => subject.is_string(),
            "array" => subject.is_array(),
            _ => subject.is_object(),
        },
        ("minimum", Json::Number(number)) => number.as_f64() >= argument.as_f64(),
        ("maxLength", Json::String(text)) => text.chars().count() as u64 <= argument.as_u64().unwrap(),
        ("minItems", Json::Array(items)) => items.len() as u64 >= argument.as_u64().unwrap(),
        ("items", Json::Array(items)) => items.iter().all(|item| opinion(argument, item)),
        ("required", Json::Object(map)) => {
            argument.as_array().unwrap().iter().all(|name| map.contains_key(name.as_str().unwrap()))
        }
        ("additionalProperties", Json::Object(map)) => map.values().all(|value| opinion(argument, value)),
        ("anyOf", subject) => argument.as_array().unwrap().iter().any(|inner| opinion(inner, subject)),
        ("not", subject) => !opinion(argument, subject),
        _ => true,
    })
}

fn schemas() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::json;
    let leaf = prop_oneof![
        Just(json!(true)),
        Just(json!({"type": "integer"})),
        Just(json!({"type": "string"})),
        Just(json!({"type": "array"})),
        (-3..3_i64).prop_map(|least| json!({"minimum": least})),
        (0..3_u64).prop_map(|most| json!({"maxLength": most})),
        (0..3_u64).prop_map(|least| json!({"minItems": least})),
        Just(json!({"required": ["a"]})),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|schema| json!({"items": schema})),
            inner.clone().prop_map(|schema| json!({"additionalProperties": schema})),
            inner.clone().prop_map(|schema| json!({"not": schema})),
            prop::collection::vec(inner, 1..3).prop_map(|schemas| json!({"anyOf": schemas})),
        ]
    })
}

fn subjects() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::json;
    let leaf = prop_oneof![
        (-4..4_i64).prop_map(|int| json!(int)),
        Just(json!(0.5)),
        "[ab]{0,3}".prop_map(|text| json!(text)),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(|items| json!(items)),
            prop::collection::btree_map("[ab]", inner, 0..3).prop_map(|map| json!(map)),
        ]
    })
}

proptest! {
    #[test]
    fn agrees_with_a_second_opinion(schema_json in schemas(), subject in subjects()) {
        let ours = schema(&schema_json.to_string()).check(&parse_json(&subject.to_string()).unwrap());
        prop_assert_eq!(ours.is_ok(), opinion(&schema_json, &subject), "{} against {}", schema_json, subject);
    }

    #[test]
    fn reading_any_value_as_a_schema_never_panics(value in subjects(), schema_json in schemas()) {
        let _ = Schema::parse(&value.to_string());
        let odd = schema_json.to_string().replace("type", "$ref").replace("\"integer\"", "\"#\"");
        let _ = Schema::parse(&odd).map(|schema| schema.check(&Value::Null));
    }
}
