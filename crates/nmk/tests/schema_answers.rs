//! Random schemas and random weights, at temperature 1: every answer that ends satisfies its schema.
//!
//! The judge and the automaton share no code, so one is the test of the other.

use std::sync::Arc;

use constrain::{CompiledSchema, SchemaConstraint, Vocabulary};
use neural::abi::Stop;
use neural::{
    Decoding, Ended, GenerateSpec, Model, NoTraps, PlainBackend, Sampler, SamplingSpec, Session, Traps,
    generate_in,
};
use serde_json::{Value, json};
use synthetic::{Random, SMALL, Shape};
use text::TokenBytes;

const SHAPE: Shape = Shape { positions: 1 << 12, vocab: 320, ..SMALL };
const END: u32 = 256;
/// Tokens that cross the borders of the tokens of JSON, as those of trained tokenizers do.
const LONG: [&str; 20] = [
    "{\"", "\":", "\",\"", "\": \"", "\"}", "\"]", "},{", "true", "false", "null", "00", "12", "1.5", "e1",
    "ab", "é", "\",", "[{", "}]", "\\n",
];

fn bytes() -> Vec<Vec<u8>> {
    let single = (0..=255).map(|byte| vec![byte]).chain([Vec::new()]);
    single.chain(LONG.map(|text| text.as_bytes().to_vec())).collect()
}

fn schema(random: &mut Random, depth: usize) -> Value {
    let kinds = if depth == 0 { 9 } else { 14 };
    match random.below(kinds) {
        0 => json!({"type": "null"}),
        1 => json!({"type": "boolean"}),
        2 => {
            let least = random.below(400) as i64 - 200;
            json!({"type": "integer", "minimum": least, "maximum": least + random.below(300) as i64})
        }
        3 => json!({"type": "number", "exclusiveMinimum": -1.5, "maximum": random.below(50)}),
        4 => {
            let least = random.below(4);
            json!({"type": "string", "minLength": least, "maxLength": least + random.below(6)})
        }
        5 => {
            json!({"type": "string", "pattern": random.choose(&["^[a-c]{2,4}$", "^x\\d+$", "b", "^(é|ab)*$"])})
        }
        6 => json!({"enum": ["a", "\"q\"", 3, null, [1, {"k": true}]]}),
        7 => json!({"const": {"a": [1.5, "é\n"]}}),
        8 => {
            json!({"type": "string", "format": random.choose(&["date", "time", "date-time", "ipv4", "uuid", "email", "hostname", "uri", "ipv6"])})
        }
        9 => {
            let least = random.below(3);
            json!({"type": "array", "items": schema(random, depth - 1), "minItems": least, "maxItems": least + 2})
        }
        10 => json!({"anyOf": [schema(random, depth - 1), schema(random, depth - 1)]}),
        11 => json!({"type": ["array", "null"], "prefixItems": [schema(random, depth - 1)], "items": false}),
        12 => {
            json!({"type": "object", "additionalProperties": schema(random, depth - 1), "maxProperties": 3})
        }
        _ => {
            let names = ["id", "name", "é", "a b", ""];
            let count = 1 + random.below(4);
            let properties: serde_json::Map<String, Value> =
                names[..count].iter().map(|name| ((*name).to_owned(), schema(random, depth - 1))).collect();
            let required: Vec<&str> =
                names[..count].iter().copied().filter(|_| random.below(2) == 0).collect();
            json!({"type": "object", "properties": properties, "required": required,
                "additionalProperties": random.below(3) == 0})
        }
    }
}

struct Bench {
    model: Arc<Model<PlainBackend>>,
    vocabulary: Arc<Vocabulary>,
}

impl Bench {
    fn new(seed: u64) -> Self {
        let files = SHAPE.checkpoint(seed);
        let model = Model::load(&files.config, &files.shards[0], PlainBackend).expect("a sound checkpoint");
        let vocabulary =
            Vocabulary::new(&TokenBytes::new(bytes()), &[END], SHAPE.vocab).expect("a vocabulary");
        Self { model: Arc::new(model), vocabulary }
    }

    /// Draws an answer at temperature 1. Returns its text, or None if it was cut.
    fn draw<T: Traps<PlainBackend>>(&self, seed: u64, traps: &mut T) -> Option<String> {
        let spec = SamplingSpec { temperature: 1.0, top_k: None, top_p: None, min_p: None, seed, stream: 0 };
        let mut decoding = Decoding::with(Sampler::new(spec).expect("within the ranges"));
        let spec = GenerateSpec { prompt: &[3, 1, 4], max_new: 2_000, end_tokens: &[END] };
        let mut session = Session::open(&self.model);
        let (generation, _) =
            generate_in(&mut session, &spec, &mut decoding, traps, &mut |_| {}).expect("no dead end");
        let bytes = bytes();
        let text: Vec<u8> = generation
            .tokens
            .iter()
            .filter_map(|token| bytes.get(token.id as usize))
            .flatten()
            .copied()
            .collect();
        let text = String::from_utf8_lossy(&text).into_owned();
        (generation.ended == Ended::Stop(Stop::End)).then_some(text)
    }
}

/// Returns the reason why the judge refuses `answer`, if it does.
fn refused(schema: &Value, answer: &str) -> Option<String> {
    let judge = det::Schema::parse(&schema.to_string()).expect("inside the judge's subset");
    match det::parse_json(answer) {
        Err(error) => Some(error.to_string()),
        Ok(value) => judge.check(&value).err().map(|error| format!("{error:?}")),
    }
}

#[test]
fn no_answer_of_a_thousand_random_schemas_fails_the_judge() {
    const CASES: u64 = 1_000;
    let benches = [Bench::new(1), Bench::new(2)];
    let (mut whole, mut cut, mut bytes, mut failed) = (0, 0, 0, Vec::new());
    for case in 0..CASES {
        let mut random = Random::new(case);
        let schema = schema(&mut random, 3);
        let bench = &benches[case as usize % 2];
        let compiled = match CompiledSchema::compile(&schema.to_string(), &bench.vocabulary) {
            Ok(compiled) => compiled,
            Err(error) => {
                failed.push(format!("{case}: {schema} is not compiled: {error}"));
                continue;
            }
        };
        if !compiled.notes().is_empty() {
            failed.push(format!("{case}: {schema} leaves {:?}", compiled.notes()));
        }
        match bench.draw(case, &mut SchemaConstraint::new(&compiled)) {
            None => cut += 1,
            Some(answer) => {
                (whole, bytes) = (whole + 1, bytes + answer.len());
                failed
                    .extend(refused(&schema, &answer).map(|why| format!("{case}: {schema} {answer}: {why}")));
            }
        }
    }
    println!(
        "{whole} whole answers of {} bytes on average, {cut} cut, {} failed",
        bytes / whole.max(1),
        failed.len()
    );
    assert!(failed.is_empty(), "{}: {:#?}", failed.len(), &failed[..failed.len().min(12)]);
    assert!(whole > 900, "{whole} whole answers of {CASES}");
}

#[test]
fn without_the_constraint_the_same_draws_fail() {
    let bench = Bench::new(1);
    let passed = (0..50).filter(|case| {
        let schema = schema(&mut Random::new(*case), 3);
        bench.draw(*case, &mut NoTraps).is_some_and(|answer| refused(&schema, &answer).is_none())
    });
    assert_eq!(passed.count(), 0);
}
