//! Schemas that are made to be slow, large or endless: each becomes an automaton, loses a keyword with a note, or is
//! refused by name, in bounded time and memory.

mod common;

use std::sync::Arc;
use std::time::{Duration, Instant};

use common::{END, SHAPE, bytes};
use constrain::{CompiledSchema, ConstrainError, DeadEnd, SchemaConstraint, Vocabulary};
use neural::Commit;
use serde_json::{Value, json};
use synthetic::Random;
use text::TokenBytes;

/// The longest time for one schema: its automaton, and the masks of [`TOKENS`] tokens. The slowest takes a tenth of it
/// on one processor of a small machine.
const MOST_TIME: Duration = Duration::from_secs(60);
/// The most tokens that are drawn under a schema.
const TOKENS: usize = 200;
/// The most memory that the process of this test may ever have had, in KiB.
const MOST_KIB: u64 = 2 << 20;

/// The outcome that a schema must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// Everything is constrained.
    Whole,
    /// A keyword is left to the judge, and a note names it.
    Noted,
    /// No automaton is made, and the error says why.
    Refused,
}

fn nested(depth: usize, around: impl Fn(Value) -> Value) -> Value {
    (0..depth).fold(json!(true), |inner, _| around(inner))
}

fn pattern(pattern: &str) -> Value {
    json!({"type": "string", "pattern": pattern})
}

/// Returns the schemas by name.
fn schemas() -> Vec<(&'static str, Value)> {
    let names = |count: usize| (0..count).map(|number| format!("value-{number}")).collect::<Vec<_>>();
    let properties = |count: usize| -> Value {
        names(count)
            .into_iter()
            .map(|name| (name, json!({"type": "integer"})))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    let either = json!({"anyOf": [{"type": "integer"}, {"type": "string"}]});
    vec![
        ("a huge enum", json!({"enum": names(40_000)})),
        ("an enum beyond the size", json!({"enum": names(100_000)})),
        ("one huge text", json!({"const": "x".repeat(900_000)})),
        ("many properties", json!({"type": "object", "properties": properties(1_900)})),
        ("too many properties", json!({"type": "object", "properties": properties(20_000)})),
        ("many required names", json!({"type": "object", "required": names(1_900)})),
        ("too many required names", json!({"type": "object", "required": names(20_000)})),
        (
            "too many places of a list",
            json!({"type": "array", "prefixItems": vec![json!({"type": "integer"}); 20_000]}),
        ),
        ("nesting at the bound", nested(30, |inner| json!({"properties": {"a": inner}}))),
        ("nesting beyond the bound", nested(40, |inner| json!({"properties": {"a": inner}}))),
        ("nesting beyond any reader", json!("[".repeat(3))),
        ("nested repetitions", pattern("^(a+)+$")),
        ("alternatives that overlap", pattern("^(a|a|aa)*b$")),
        ("counted repetitions", pattern("^((x{1,1000}){1,1000}){1,1000}$")),
        ("a repetition of a million", pattern("^a{1000000}$")),
        ("twenty wild cards", pattern(&".*a".repeat(20))),
        ("a distance that a set must remember", pattern("^[ab]*a[ab]{40}$")),
        ("a look-ahead", pattern("^(?=a)b")),
        ("an open bracket", pattern("(")),
        (
            "many patterns",
            json!({"patternProperties": names(300).into_iter()
            .map(|name| (format!("^{name}.*x$"), json!({"type": "integer"}))).collect::<serde_json::Map<_, _>>()}),
        ),
        ("a reference to itself", json!({"$ref": "#"})),
        (
            "two references in a circle",
            json!({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}),
        ),
        ("a circle through allOf", json!({"allOf": [{"$ref": "#"}]})),
        ("a circle through anyOf", json!({"anyOf": [{"$ref": "#"}, {"type": "null"}]})),
        ("a tree", json!({"type": "object", "properties": {"left": {"$ref": "#"}, "right": {"$ref": "#"}}})),
        ("a list that must contain itself", json!({"type": "array", "minItems": 1, "items": {"$ref": "#"}})),
        ("a reference to the network", json!({"$ref": "http://schemas.example/a.json"})),
        ("a reference to nothing", json!({"$ref": "#/$defs/none"})),
        ("alternatives that multiply", json!({"allOf": vec![either.clone(); 20]})),
        (
            "alternatives that multiply inside",
            nested(12, |inner| json!({"allOf": [either, {"anyOf": [inner, true]}]})),
        ),
        ("a list of a billion", json!({"type": "array", "minItems": 1_000_000_000})),
        ("a text of a billion", json!({"type": "string", "minLength": 1_000_000_000})),
        ("a map of a billion", json!({"type": "object", "minProperties": 1_000_000_000})),
        ("a tiny divisor", json!({"type": "number", "multipleOf": 1e-300})),
        ("a range without a number", json!({"type": "integer", "minimum": 2, "maximum": 1})),
        ("far bounds", json!({"type": "number", "minimum": -1e308, "maximum": 1e308})),
        ("nothing", json!(false)),
    ]
}

/// Draws tokens under a constraint until it ends, comes to a dead end, or has [`TOKENS`] tokens.
fn draw(compiled: &Arc<CompiledSchema>, seed: u64) {
    let (mut constraint, mut random) = (SchemaConstraint::new(compiled), Random::new(seed));
    for position in 0..TOKENS {
        let mask = constraint.mask();
        let allowed: Vec<u32> = (0..SHAPE.vocab as u32).filter(|id| mask.allows(*id)).collect();
        if allowed.is_empty() {
            assert!(constraint.dead_end().is_some(), "nothing is allowed, and no reason is named");
            return;
        }
        let token = random.choose(&allowed);
        if token == END {
            return;
        }
        if constraint.commit(position, token) == Commit::Halt {
            let end = constraint.dead_end().expect("an allowed token is taken, or the bound is named");
            assert!(matches!(end, DeadEnd::Automaton { .. }), "{end}");
            return;
        }
    }
}

/// Compiles a schema and draws answers under it. Returns its fate, and the words for it.
fn fate(schema: &str, vocabulary: &Arc<Vocabulary>) -> (Fate, String) {
    match CompiledSchema::compile(schema, vocabulary) {
        Err(error) => (Fate::Refused, error.to_string()),
        Ok(compiled) => {
            (1..=3).for_each(|seed| draw(&compiled, seed));
            let notes = compiled.notes().join("; ");
            (if notes.is_empty() { Fate::Whole } else { Fate::Noted }, notes)
        }
    }
}

/// Returns the most memory that this process has had, in KiB. None if the machine does not tell.
fn peak_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[test]
fn every_hostile_schema_ends_in_bounded_time_and_memory() {
    let vocabulary = Vocabulary::new(&TokenBytes::new(bytes()), &[END], SHAPE.vocab).expect("a vocabulary");
    let mut counts = [0, 0, 0];
    for (name, schema) in schemas() {
        let start = Instant::now();
        let (fate, words) = fate(&schema.to_string(), &vocabulary);
        let took = start.elapsed();
        println!(
            "{fate:?}, {:.2} s, {name}: {}",
            took.as_secs_f64(),
            words.chars().take(160).collect::<String>()
        );
        assert!(took < MOST_TIME, "{name} took {took:?}");
        assert!(words.len() < 600, "{name}: {} bytes of words", words.len());
        assert!(fate == Fate::Whole || !words.is_empty(), "{name} says nothing");
        counts[fate as usize] += 1;
    }
    let peak = peak_kib();
    println!("{counts:?} whole, noted, refused; at most {peak:?} KiB");
    assert!(peak.is_none_or(|peak| peak < MOST_KIB), "{peak:?} KiB");
    assert!(counts.iter().all(|count| *count > 0) && counts.iter().sum::<i32>() == schemas().len() as i32);
}

#[test]
fn what_is_refused_is_named() {
    let vocabulary = Vocabulary::new(&TokenBytes::new(bytes()), &[END], SHAPE.vocab).expect("a vocabulary");
    let refusal = |schema: &str| CompiledSchema::compile(schema, &vocabulary).err();
    let deep = |depth: usize| nested(depth, |inner| json!({"properties": {"a": inner}})).to_string();
    assert!(matches!(refusal(&deep(40)), Some(ConstrainError::TooDeep { .. })));
    assert_eq!(refusal(&deep(30)), None);
    assert!(matches!(refusal(&"[".repeat(100_000)), Some(ConstrainError::NotJson(_))));
    assert!(matches!(
        refusal(&format!("{{\"enum\": [\"{}\"]}}", "x".repeat(1 << 20))),
        Some(ConstrainError::TooLong { .. })
    ));
    let either = json!({"anyOf": [{"type": "integer"}, {"type": "string"}]});
    let many = json!({"properties": {"a": {"allOf": vec![either; 20]}}, "required": ["a"]}).to_string();
    // Without the alternatives the rest is constrained, and a note says so.
    let compiled = CompiledSchema::compile(&many, &vocabulary).expect("without allOf");
    assert!(compiled.notes()[0].contains("allOf"), "{:?}", compiled.notes());
    assert!(matches!(refusal("false"), Some(ConstrainError::Unsatisfiable(_))));
}
