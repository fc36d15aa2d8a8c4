//! The dialect of schemas: references, drafts and annotations, and the schemas that real programs write.

use det::{Schema, SchemaError, parse_json};

fn admits(schema: &str, subject: &str) -> bool {
    let schema = Schema::parse(schema).unwrap_or_else(|error| panic!("{schema}: {error}"));
    schema.check(&parse_json(subject).unwrap()).is_ok()
}

fn refusal(schema: &str) -> String {
    Schema::parse(schema).expect_err(schema).to_string()
}

fn check(table: &[(&str, &[&str], &[&str])]) {
    for (schema, good, bad) in table {
        for subject in *good {
            assert!(admits(schema, subject), "{schema} refuses {subject}");
        }
        for subject in *bad {
            assert!(!admits(schema, subject), "{schema} admits {subject}");
        }
    }
}

#[test]
fn references_are_pointers_by_token() {
    let table: [(&str, &[&str], &[&str]); 11] = [
        (r##"{"$ref":"#/properties/a","properties":{"a":{"type":"object"}}}"##, &["{}"], &["1"]),
        (r##"{"$ref":"#/$defs/a~1b","$defs":{"a/b":{"type":"null"}}}"##, &["null"], &["1"]),
        (r##"{"$ref":"#/$defs/a~0b","$defs":{"a~b":{"type":"null"}}}"##, &["null"], &["1"]),
        (
            r##"{"$ref":"#/$defs/a~01b","$defs":{"a~1b":{"type":"null"},"a/b":{"type":"integer"}}}"##,
            &["null"],
            &["1"],
        ),
        (r##"{"$ref":"#/$defs/a%25b","$defs":{"a%b":{"type":"null"}}}"##, &["null"], &["1"]),
        (r##"{"$ref":"#/$defs/a%2525b","$defs":{"a%25b":{"type":"null"},"a%b":true}}"##, &["null"], &["1"]),
        (r##"{"$ref":"#/$defs/a%22%C3%A9","$defs":{"a\"é":{"type":"null"}}}"##, &["null"], &["1"]),
        (r##"{"$ref":"#/%24defs/a","$defs":{"a":{"type":"null"}}}"##, &["null"], &["1"]),
        (
            r##"{"$ref":"#/definitions/x/anyOf/1/items","definitions":{"x":{"anyOf":[{},{"items":{"type":"null"}}]}}}"##,
            &["null"],
            &["1"],
        ),
        (
            r##"{"$id":"https://example.com/s.json","$ref":"https://example.com/s.json#/$defs/a","$defs":{"a":{"type":"null"}}}"##,
            &["null"],
            &["1"],
        ),
        (
            r##"{"properties":{"$ref":{"type":"string"},"$id":{"type":"string"}},"$defs":{"":{"const":1}},"items":{"$ref":"#/$defs/"}}"##,
            &[r#"{"$ref":"a","$id":"b"}"#, "[1]"],
            &[r#"{"$ref":1}"#, "[2]"],
        ),
    ];
    check(&table);
    for target in [
        "#/$defs/b",
        "#/$defs",
        "#/enum/0",
        "#/default",
        "#a",
        "other.json",
        "http://elsewhere/x#",
        "#/$defs/a%2",
        "#/$defs/a%zz",
        "#/$defs/a~2",
        "#/$defs/a~",
        "#/$defs/%ff",
        "#/anyOf/01",
        "#/anyOf/-1",
        "#$defs/a",
        "#/$defs/a/",
    ] {
        let schema = format!(
            r#"{{"$ref":"{target}","$defs":{{"a":true}},"anyOf":[true,true],"enum":[{{}}],"default":{{}}}}"#
        );
        let error = Schema::parse(&schema).expect_err(target);
        assert!(
            matches!(&error, SchemaError::Reference { target: found, .. } if found == target),
            "{target}: {error}"
        );
    }
}

#[test]
fn drafts_and_identifiers_are_obeyed_or_refused_by_name() {
    let table: [(&str, &[&str], &[&str]); 5] = [
        (
            r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","prefixItems":[{"type":"null"}],"items":false}"#,
            &["[null]"],
            &["[1]", "[null,1]"],
        ),
        (
            r#"{"$schema":"http://json-schema.org/draft-07/schema#","items":[{"type":"null"}],"additionalItems":false}"#,
            &["[null]", "[]"],
            &["[1]", "[null,1]"],
        ),
        (
            r#"{"$schema":"http://json-schema.org/draft-07/schema","items":{"type":"null"},"additionalItems":false}"#,
            &["[null,null]"],
            &["[1]"],
        ),
        (
            r#"{"$schema":"https://json-schema.org/draft/2019-09/schema","items":[{"type":"null"}],"dependentRequired":{"a":["b"]}}"#,
            &["[null,1]"],
            &["[1]", r#"{"a":1}"#],
        ),
        (
            r##"{"$schema":"http://json-schema.org/draft-07/schema#","$ref":"#/definitions/A","definitions":{"A":{"type":"null"}},"description":"x"}"##,
            &["null"],
            &["1"],
        ),
    ];
    check(&table);
    for (schema, words) in [
        (r#"{"$schema":"http://json-schema.org/draft-04/schema#"}"#, "draft-04"),
        (r#"{"$schema":"https://json-schema.org/draft/next/schema"}"#, "draft/next"),
        (r#"{"$schema":"https://example.com/own"}"#, "2020-12, 2019-09 and 7"),
        (r#"{"$schema":7}"#, "/$schema must be a text"),
        (
            r#"{"items":{"$schema":"https://json-schema.org/draft/2020-12/schema"}}"#,
            "/items has $schema, but only the root",
        ),
        (r#"{"$defs":{"a":{"$id":"a.json"}}}"#, "/$defs/a has $id, but only the root"),
        (r##"{"$id":"#anchor"}"##, "/$id must be an address without a fragment"),
        (r#"{"$anchor":"a"}"#, "$anchor"),
        (r##"{"$dynamicRef":"#a"}"##, "$dynamicRef"),
        (r#"{"$vocabulary":{}}"#, "$vocabulary"),
        (
            r##"{"$schema":"http://json-schema.org/draft-07/schema#","properties":{"a":{"$ref":"#","minimum":1}}}"##,
            "/properties/a has minimum, but draft 7 ignores",
        ),
        (r#"{"$schema":"http://json-schema.org/draft-07/schema#","prefixItems":[true]}"#, "prefixItems"),
        (
            r#"{"$schema":"http://json-schema.org/draft-07/schema#","dependentRequired":{}}"#,
            "dependentRequired",
        ),
        (r#"{"additionalItems":false}"#, "additionalItems"),
        (r#"{"items":[true]}"#, "/items must be a schema"),
        (r#"{"unevaluatedProperties":false}"#, "unevaluatedProperties"),
    ] {
        let error = refusal(schema);
        assert!(error.contains(words), "{schema}: {error}");
    }
}

#[test]
fn annotations_demand_nothing() {
    let schema = r#"{"title":1,"description":"d","default":0,"examples":[1],"deprecated":true,"readOnly":true,
        "writeOnly":false,"$comment":"c","$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://x/y"}"#;
    check(&[(schema, &["1", "null", "{}", "[]", "\"\""], &[])]);
    assert!(refusal(r#"{"discriminator":{"propertyName":"kind"}}"#).contains("without oneOf or anyOf"));
}

/// A model of Pydantic 2, as `model_json_schema` writes it.
const PYDANTIC: &str = r##"{"$defs":{"Cat":{"properties":{"kind":{"const":"cat","title":"Kind","type":"string"},
    "lives":{"default":9,"maximum":9,"minimum":0,"title":"Lives","type":"integer"}},"required":["kind"],"title":"Cat","type":"object"},
    "Dog":{"additionalProperties":false,"properties":{"kind":{"const":"dog","title":"Kind","type":"string"},
    "weight":{"exclusiveMinimum":0,"multipleOf":0.1,"title":"Weight","type":"number"}},"required":["kind","weight"],"title":"Dog","type":"object"},
    "Size":{"enum":["small","large"],"title":"Size","type":"string"}},
    "properties":{"id":{"format":"uuid","title":"Id","type":"string"},"born":{"format":"date-time","title":"Born","type":"string"},
    "name":{"maxLength":20,"minLength":1,"pattern":"^[A-Z][a-z]+$","title":"Name","type":"string"},
    "pet":{"discriminator":{"mapping":{"cat":"#/$defs/Cat","dog":"#/$defs/Dog"},"propertyName":"kind"},"oneOf":[{"$ref":"#/$defs/Cat"},{"$ref":"#/$defs/Dog"}],"title":"Pet"},
    "size":{"$ref":"#/$defs/Size","default":"small","description":"how large"},
    "notes":{"anyOf":[{"items":{"type":"string"},"type":"array","uniqueItems":true},{"type":"null"}],"default":null,"title":"Notes"},
    "at":{"maxItems":2,"minItems":2,"prefixItems":[{"type":"number"},{"type":"number"}],"title":"At","type":"array"},
    "scores":{"additionalProperties":{"type":"number"},"propertyNames":{"pattern":"^[a-z]+$"},"title":"Scores","type":"object"}},
    "required":["id","name","pet"],"title":"Owner","type":"object"}"##;

/// A schema of zod-to-json-schema, which names draft 7.
const ZOD: &str = r##"{"$ref":"#/definitions/User","definitions":{"User":{"type":"object","properties":{
    "email":{"type":"string","format":"email"},"site":{"type":"string","format":"uri"},
    "age":{"type":"integer","exclusiveMinimum":0,"maximum":150},"role":{"type":"string","enum":["admin","user"]},
    "point":{"type":"array","minItems":2,"maxItems":2,"items":[{"type":"number"},{"type":"number"}]},
    "tags":{"type":"array","items":{"type":"string"}},"nick":{"type":["string","null"]},
    "meta":{"type":"object","additionalProperties":{"type":"string"}},
    "parent":{"$ref":"#/definitions/User"},"never":{"not":{}}},
    "required":["email","age"],"additionalProperties":false}},"$schema":"http://json-schema.org/draft-07/schema#"}"##;

/// A schema of the strict mode of OpenAI.
const STRICT: &str = r##"{"type":"object","properties":{"steps":{"type":"array","items":{"$ref":"#/$defs/step"}},
    "final_answer":{"type":"string"},"confidence":{"type":["number","null"],"minimum":0,"maximum":1}},
    "$defs":{"step":{"type":"object","properties":{"explanation":{"type":"string"},"output":{"type":"string"}},
    "required":["explanation","output"],"additionalProperties":false}},
    "required":["steps","final_answer","confidence"],"additionalProperties":false}"##;

#[test]
fn schemas_of_real_programs_are_understood() {
    let owner = |pet: &str, more: &str| {
        format!(r#"{{"id":"123e4567-e89b-12d3-a456-426614174000","name":"Ada","pet":{pet}{more}}}"#)
    };
    let dog = r#"{"kind":"dog","weight":12.3}"#;
    for (pet, more) in [
        (dog, ""),
        (r#"{"kind":"cat"}"#, r#","size":"large","notes":["a","b"],"at":[1,2.5],"scores":{"a":0.1}"#),
        (dog, r#","notes":null,"born":"2024-02-29T00:00:00Z""#),
    ] {
        assert!(admits(PYDANTIC, &owner(pet, more)), "{pet} {more}");
    }
    for (pet, more) in [
        (r#"{"kind":"dog","weight":12.34}"#, ""),
        (r#"{"kind":"cow"}"#, ""),
        (dog, r#","size":"huge""#),
        (dog, r#","notes":["a","a"]"#),
        (dog, r#","at":[1]"#),
        (dog, r#","scores":{"A":1}"#),
        (dog, r#","born":"2023-02-29T00:00:00Z""#),
    ] {
        assert!(!admits(PYDANTIC, &owner(pet, more)), "{pet} {more}");
    }
    check(&[
        (
            ZOD,
            &[
                r#"{"email":"a@b.c","age":3}"#,
                r#"{"email":"a@b.c","age":3,"point":[1,2],"nick":null,"parent":{"email":"d@e.f","age":4}}"#,
            ],
            &[
                r#"{"email":"a","age":3}"#,
                r#"{"email":"a@b.c","age":0}"#,
                r#"{"email":"a@b.c","age":3,"never":1}"#,
                r#"{"email":"a@b.c","age":3,"point":[1,"2"]}"#,
                r#"{"email":"a@b.c","age":3,"parent":{}}"#,
                r#"{"email":"a@b.c","age":3,"x":1}"#,
            ],
        ),
        (
            STRICT,
            &[
                r#"{"steps":[{"explanation":"a","output":"b"}],"final_answer":"c","confidence":0.9}"#,
                r#"{"steps":[],"final_answer":"c","confidence":null}"#,
            ],
            &[
                r#"{"steps":[{"explanation":"a"}],"final_answer":"c","confidence":0.9}"#,
                r#"{"steps":[],"final_answer":"c","confidence":1.01}"#,
                r#"{"steps":[],"final_answer":"c"}"#,
            ],
        ),
    ]);
}

#[test]
fn what_real_programs_write_beyond_the_dialect_is_named() {
    for (schema, name) in [
        (r#"{"type":"string","contentEncoding":"base64"}"#, "contentEncoding"),
        (r#"{"type":"string","nullable":true}"#, "nullable"),
        (r#"{"allOf":[{},{}],"unevaluatedProperties":false}"#, "unevaluatedProperties"),
        (r#"{"name":"x","strict":true,"schema":{"type":"object"}}"#, "name"),
        (r#"{"type":"string","format":"duration"}"#, "duration"),
        (r#"{"type":"number","exclusiveMinimum":true,"minimum":0}"#, "/exclusiveMinimum must be a number"),
        (r#"{"type":"object","errorMessage":{}}"#, "errorMessage"),
        (r#"{"type":"string","pattern":"^(?!\\.)[a-z]+$"}"#, "lookahead"),
        (r#"{"type":"object","x-order":1}"#, "x-order"),
        (r#"{"type":"any"}"#, "/type must be"),
    ] {
        let error = refusal(schema);
        assert!(error.contains(name), "{schema}: {error}");
    }
}
