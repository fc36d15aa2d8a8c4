//! `nmk ask --schema` with schemas that are made to be slow, large or endless: an answer, an abstention or a refusal,
//! each soon and in words, and the judge has the last one.

mod common;

use std::time::{Duration, Instant};

use common::home::Home;
use serde_json::{Value, json};

/// The longest time for one question, with the start of the program. The slowest takes a tenth of it.
const MOST_TIME: Duration = Duration::from_secs(60);

fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("value-{number}")).collect()
}

fn nested(depth: usize, around: impl Fn(Value) -> Value) -> Value {
    (0..depth).fold(json!(true), |inner, _| around(inner))
}

/// Returns the schemas, each with words that the reader must see: of the note, the refusal or the finding.
fn schemas() -> Vec<(&'static str, Value, &'static str)> {
    let either = json!({"anyOf": [{"type": "integer"}, {"type": "string"}]});
    let deep = |depth| nested(depth, |inner| json!({"properties": {"a": inner}}));
    let look_ahead = json!({"type": "string", "maxLength": 4, "pattern": "^(?=a)b"});
    vec![
        ("a huge enum", json!({"enum": names(30_000)}), ""),
        ("many required names", json!({"type": "object", "required": names(20_000)}), "members"),
        ("a deep schema", deep(30), ""),
        ("a schema beyond the depth", deep(40), "deep"),
        ("an exponential pattern", json!({"type": "string", "pattern": "^(a+)+$", "maxLength": 6}), ""),
        ("a look-ahead", look_ahead, "pattern"),
        ("a circle", json!({"$ref": "#"}), ""),
        ("a circle through allOf", json!({"allOf": [{"$ref": "#"}]}), ""),
        ("another file", json!({"$ref": "http://schemas.example/a.json"}), "ref"),
        ("alternatives that multiply", json!({"allOf": vec![either; 20]}), "allOf"),
        ("a list of a billion", json!({"type": "array", "minItems": 1_000_000_000}), ""),
        ("an empty range", json!({"type": "integer", "minimum": 2, "maximum": 1}), ""),
        ("nothing", json!(false), ""),
    ]
}

#[test]
fn no_schema_hangs_or_kills_the_program_and_none_is_committed_unjudged() {
    let home = Home::new("hostile-schemas");
    let mut codes = [0; 3];
    for (number, (name, schema, words)) in schemas().into_iter().enumerate() {
        let file = home.write(&format!("work/{number}.json"), schema.to_string()).display().to_string();
        let start = Instant::now();
        let ended = home.run(["ask", "Describe a cat.", "--schema", &file, "--max-new", "24", "--json"]);
        let took = start.elapsed();
        let said: String = ended.err.chars().take(200).collect();
        println!("code {}, {:.1} s, {name}: {said}", ended.code, took.as_secs_f64());
        assert!(took < MOST_TIME, "{name} took {took:?}");
        assert!((0..=2).contains(&ended.code) && !ended.err.contains("panicked"), "{name}: {ended:?}");
        codes[ended.code as usize] += 1;
        assert!(ended.err.len() < 4_000, "{name}: {} bytes", ended.err.len());
        assert!(format!("{}{}", ended.out, ended.err).contains(words), "{name}: {ended:?}");
        if ended.code == 0 {
            // What is committed satisfies the schema by the judge alone, which knows no automaton.
            let answer = ended.json()["answer"].as_str().expect("an answer").to_owned();
            let judge = det::Schema::parse(&schema.to_string()).expect("it was taken");
            let value = det::parse_json(&answer).expect("a document");
            assert!(judge.check(&value).is_ok(), "{name}: {answer}");
        }
    }
    println!("{codes:?} answered, abstained, refused");
    assert!(codes[1] + codes[2] >= 4, "{codes:?}");
}
