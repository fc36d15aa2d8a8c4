//! The record of a generation reads back as it was written, and nothing else reads as one.

use abi::{
    Decoding, Digest, EntryRecord, FieldError, ForbiddenRecord, GenerationBlobs, GenerationRecord,
    GenerationRecordError, Identity, Origin, Stop, Thinking, TrapRecord, Usage, Value, encode,
};
use proptest::prelude::*;

fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest::from_bytes)
}

fn traps() -> impl Strategy<Value = TrapRecord> {
    let texts = || prop::collection::vec(".{0,4}", 0..3);
    let forbidden =
        (texts(), texts(), texts(), any::<bool>()).prop_map(|(words, patterns, whole_words, rewords)| {
            let forbidden = ForbiddenRecord { words, patterns, whole_words, rewords: false };
            // What forbids nothing is not written.
            ForbiddenRecord { rewords: rewords && !forbidden.is_empty(), ..forbidden }
        });
    let entry =
        (".{0,8}", any::<i64>(), any::<i64>()).prop_map(|(capability, confidence_ppm, threshold_ppm)| {
            EntryRecord { capability, confidence_ppm, threshold_ppm }
        });
    (forbidden, prop::option::of(entry), prop::option::of(digest()))
        .prop_map(|(forbidden, entry, schema)| TrapRecord { forbidden, entry, schema })
}

fn record() -> impl Strategy<Value = GenerationRecord> {
    let model = (".{0,8}", prop::option::of(digest()), any::<bool>())
        .prop_map(|(name, model_digest, reproducible)| Identity { name, model_digest, reproducible });
    let maybe = || prop::option::of(digest());
    let blobs = (digest(), maybe(), maybe(), maybe(), maybe()).prop_map(
        |(prompt, facts, reply, thoughts, conversation)| GenerationBlobs {
            prompt,
            facts,
            reply,
            thoughts,
            conversation,
        },
    );
    let stops = [Stop::End, Stop::Length, Stop::ContentFilter, Stop::Refusal, Stop::ToolCall];
    let stop = (prop::sample::select(stops.to_vec()), prop::option::of(0..=i64::MAX.unsigned_abs()));
    let thinking = prop::sample::select(vec![Thinking::Auto, Thinking::On, Thinking::Off]);
    let count = || 0..=i64::MAX.unsigned_abs();
    let usage = prop_oneof![
        Just(Usage::Counted),
        count().prop_map(Usage::Stated),
        count().prop_map(Usage::Estimated),
    ];
    let chosen = (prop::collection::vec(any::<u32>(), 0..5), prop::collection::vec(digest(), 0..5));
    let sampled = (1..=Decoding::MAX_TEMPERATURE_PPM, any::<u64>())
        .prop_map(|(temperature_ppm, seed)| Decoding::Sampled { temperature_ppm, seed });
    let decoding = prop_oneof![Just(Decoding::Greedy), sampled];
    (model, (any::<u32>(), thinking, decoding), stop, chosen, usage, traps(), blobs).prop_map(
        |(
            model,
            (max_new, thinking, decoding),
            (stop, prompt_tokens),
            (tokens, logits),
            usage,
            traps,
            blobs,
        )| {
            GenerationRecord {
                model,
                decoding,
                max_new,
                thinking,
                stop,
                tokens,
                logits,
                usage,
                prompt_tokens,
                traps,
                blobs,
            }
        },
    )
}

/// Returns a record with every optional part, so that each key of the format is in its value.
fn full() -> GenerationRecord {
    let digest = |name: &str| Digest::hash_blob(name.as_bytes());
    GenerationRecord {
        model: Identity {
            name: "embedded".to_owned(),
            model_digest: Some(digest("model")),
            reproducible: true,
        },
        decoding: Decoding::Sampled { temperature_ppm: 800_000, seed: 7 },
        max_new: 16,
        thinking: Thinking::Off,
        stop: Stop::Length,
        tokens: vec![7, u32::MAX],
        logits: vec![digest("a"), digest("b")],
        usage: Usage::Counted,
        prompt_tokens: Some(31),
        traps: TrapRecord {
            forbidden: ForbiddenRecord {
                words: vec!["salt".to_owned()],
                patterns: vec!["[0-9]".to_owned()],
                whole_words: vec!["oil".to_owned()],
                rewords: true,
            },
            entry: Some(EntryRecord {
                capability: "fact:gcd".to_owned(),
                confidence_ppm: 910_000,
                threshold_ppm: 500_000,
            }),
            schema: Some(digest("schema")),
        },
        blobs: GenerationBlobs {
            prompt: digest("prompt"),
            facts: Some(digest("facts")),
            reply: Some(digest("reply")),
            thoughts: Some(digest("thoughts")),
            conversation: Some(digest("conversation")),
        },
    }
}

/// Collects the paths of all keys of nested maps in `out`, each key after those inside its value.
fn paths(value: &Value, path: &str, out: &mut Vec<String>) {
    for (key, inner) in value.as_map().into_iter().flatten() {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        paths(inner, &path, out);
        out.push(path);
    }
}

/// Returns the map in which `path` ends, and the key at its end.
fn place<'a, 'p>(value: &'a mut Value, path: &'p str) -> (&'a mut Value, &'p str) {
    match path.split_once('.') {
        None => (value, path),
        Some((key, rest)) => {
            let Value::Map(map) = value else { panic!("{path} is not in a map") };
            place(map.get_mut(key).expect("a key of the path"), rest)
        }
    }
}

/// Puts `value` under the key at the end of `path`, or removes the key.
fn put(record: &mut Value, path: &str, value: Option<Value>) {
    let (Value::Map(map), key) = place(record, path) else { panic!("{path} is not in a map") };
    match value {
        Some(value) => drop(map.insert(key.to_owned(), value)),
        None => drop(map.remove(key).expect("the key")),
    }
}

fn refusal(value: &Value) -> FieldError {
    match GenerationRecord::from_value(value) {
        Err(GenerationRecordError::Field(error)) => error,
        other => panic!("{other:?}"),
    }
}

proptest! {
    #[test]
    fn a_record_reads_back_as_it_was_written(record in record()) {
        let value = record.to_value();
        let read = GenerationRecord::from_value(&value);
        prop_assert_eq!(read.as_ref(), Ok(&record));
        prop_assert_eq!(encode(&read.unwrap().to_value()), encode(&value));
    }
}

#[test]
fn every_missing_key_is_an_error_that_names_it() {
    let mut all = Vec::new();
    paths(&full().to_value(), "", &mut all);
    assert_eq!(all.len(), 30, "{all:?}");
    for path in all {
        let mut value = full().to_value();
        put(&mut value, &path, None);
        match path.as_str() {
            "version" => {
                let found = GenerationRecord::from_value(&value);
                assert_eq!(found, Err(GenerationRecordError::Version { found: 1 }));
            }
            // A generation without these has no key for them, as older records have none.
            "traps.forbidden"
            | "traps.entry"
            | "traps.schema"
            | "thinking"
            | "prompt_tokens"
            | "blobs.thoughts"
            | "blobs.conversation"
            | "traps.forbidden.whole_words"
            | "traps.forbidden.rewords" => {
                assert!(GenerationRecord::from_value(&value).is_ok())
            }
            _ => assert_eq!(refusal(&value), FieldError::Missing { key: path }),
        }
    }
}

#[test]
fn every_ill_typed_key_is_an_error_that_names_it() {
    let mut all = Vec::new();
    paths(&full().to_value(), "", &mut all);
    let nullable = ["model_digest", "blobs.facts", "blobs.reply"];
    let others = || {
        [Value::Null, Value::Bool(true), Value::Int(-1), Value::text("?"), Value::Bytes(vec![0; 31])]
            .into_iter()
            .chain([Value::List(vec![Value::Null]), Value::map([("?", Value::Null)])])
    };
    for path in &all {
        let mut refused = 0;
        for other in others() {
            let right =
                matches!(
                    (path.as_str(), &other),
                    ("reproducible" | "traps.forbidden.rewords", Value::Bool(_))
                ) || matches!((path.as_str(), &other), ("model" | "traps.entry.capability", Value::Text(_)))
                    || (path.starts_with("traps")
                        && path.ends_with("_ppm")
                        && matches!(other, Value::Int(_)))
                    || (path == "decoding.seed" && matches!(other, Value::Int(_)))
                    || (nullable.contains(&path.as_str()) && matches!(other, Value::Null));
            let mut value = full().to_value();
            put(&mut value, path, Some(other.clone()));
            let found = GenerationRecord::from_value(&value);
            assert_eq!(found.is_ok(), right, "{path}: {other:?}: {found:?}");
            if let Err(error) = found {
                refused += 1;
                let named = path == "version" || error.to_string().contains(path.as_str());
                assert!(named, "{path}: {error}");
            }
        }
        assert!(refused >= 6, "{path}");
    }
}

#[test]
fn keys_and_words_that_are_not_known_are_errors() {
    for path in
        ["more", "decoding.more", "traps.more", "traps.forbidden.more", "traps.entry.more", "blobs.more"]
    {
        let mut value = full().to_value();
        put(&mut value, path, Some(Value::Null));
        assert_eq!(refusal(&value), FieldError::UnknownKey { key: path.to_owned() });
    }
    for path in ["decoding", "stop", "thinking"] {
        let mut value = full().to_value();
        put(&mut value, path, Some(Value::text("sampled")));
        let (key, found) = (path.to_owned(), "sampled".to_owned());
        assert_eq!(refusal(&value), FieldError::UnknownWord { key, found });
    }
    let mut value = full().to_value();
    put(&mut value, "version", Some(Value::Int(3)));
    let error = GenerationRecord::from_value(&value).unwrap_err();
    assert_eq!(error, GenerationRecordError::Version { found: 3 });
    assert!(error.to_string().contains("version 3") && error.to_string().contains("version 2"), "{error}");
    // A record says that nothing was forbidden by leaving the key out.
    let mut value = full().to_value();
    let none = Value::List(Vec::new());
    put(&mut value, "traps.forbidden", Some(Value::map([("words", none.clone()), ("patterns", none)])));
    assert!(matches!(refusal(&value), FieldError::IllTyped { key, .. } if key == "traps.forbidden"));
}

#[test]
fn an_origin_reads_back_as_it_was_written() {
    let digest = Digest::hash_blob(b"model");
    for origin in [
        Origin::LocalModel { model: digest },
        Origin::RemoteModel { name: "small".to_owned() },
        Origin::Primitive { digest },
        Origin::Fetched { address: "https://example.com/".to_owned(), digest },
        Origin::User,
    ] {
        let value = origin.to_value();
        assert_eq!(Origin::from_value(&value), Ok(origin.clone()));
        for key in value.as_map().expect("a map").keys() {
            let mut short = value.clone();
            put(&mut short, key, None);
            assert_eq!(
                Origin::from_value(&short),
                Err(FieldError::Missing { key: key.clone() }),
                "{origin:?}"
            );
            let mut wrong = value.clone();
            put(&mut wrong, key, Some(Value::Int(0)));
            let error = Origin::from_value(&wrong).unwrap_err();
            assert!(matches!(&error, FieldError::IllTyped { key: named, .. } if named == key), "{error}");
        }
        let mut long = value.clone();
        put(&mut long, "more", Some(Value::Null));
        assert_eq!(Origin::from_value(&long), Err(FieldError::UnknownKey { key: "more".to_owned() }));
    }
    let unknown = Value::map([("origin", Value::text("oracle"))]);
    assert!(matches!(Origin::from_value(&unknown), Err(FieldError::UnknownWord { .. })));
    assert!(matches!(Origin::from_value(&Value::Null), Err(FieldError::IllTyped { .. })));
}

#[test]
fn a_reader_returns_what_has_its_type_and_nothing_else() {
    let digest = Digest::hash_blob(b"");
    let values = [
        Value::Null,
        Value::Bool(true),
        Value::Int(1),
        Value::text("1"),
        Value::Bytes(vec![1]),
        digest.to_value(),
        Value::List(vec![Value::Null]),
        Value::map([("k", Value::Null)]),
    ];
    let read = values.map(|value| {
        [
            value.as_bool() == Some(true),
            value.as_int() == Some(1),
            value.as_text() == Some("1"),
            value.as_bytes().is_some(),
            value.as_digest() == Some(digest),
            value.as_list().is_some_and(|items| items.len() == 1),
            value.as_map().is_some_and(|map| map.contains_key("k")),
        ]
    });
    let at = |reader: usize| (0..read.len()).filter(|value| read[*value][reader]).collect::<Vec<_>>();
    assert_eq!(
        (0..7).map(at).collect::<Vec<_>>(),
        [vec![1], vec![2], vec![3], vec![4, 5], vec![5], vec![6], vec![7]]
    );
}

#[test]
fn usage_is_recorded_where_somebody_else_counted() {
    let with = |usage| GenerationRecord { usage, ..full() }.to_value();
    assert!(with(Usage::Counted).get("usage").is_none());
    for (usage, word) in [(Usage::Stated(9), "endpoint"), (Usage::Estimated(9), "estimate")] {
        let value = with(usage);
        let recorded = value.get("usage").unwrap();
        assert_eq!(recorded.get("counted").and_then(Value::as_text), Some(word));
        assert_eq!(recorded.get("tokens").and_then(Value::as_int), Some(9));
    }
    let wrong = [
        (Value::Int(9), "usage"),
        (Value::map([("counted", Value::text("estimate"))]), "usage.tokens"),
        (Value::map([("counted", Value::text("me")), ("tokens", Value::Int(9))]), "usage.counted"),
        (Value::map([("counted", Value::text("estimate")), ("tokens", Value::Int(-1))]), "usage.tokens"),
    ];
    for (usage, key) in wrong {
        let mut fields = with(Usage::Counted).into_map().unwrap();
        fields.insert("usage".to_owned(), usage);
        let error = GenerationRecord::from_value(&Value::Map(fields)).unwrap_err();
        assert!(error.to_string().contains(key), "{error}");
    }
}

#[test]
fn an_estimate_is_at_most_what_was_asked_for() {
    let table = [
        ("", Stop::End, 10, 0),
        ("abcd", Stop::End, 10, 2),
        ("abcdefgh", Stop::End, 2, 2),
        ("a", Stop::Length, 10, 10),
    ];
    for (text, stop, max_new, tokens) in table {
        assert_eq!(Usage::estimate(text, stop, max_new), Usage::Estimated(tokens), "{text}");
    }
}

/// The rule of decoding has one form in a record. A greedy one is the word that records have always had.
#[test]
fn a_rule_of_decoding_is_a_word_or_a_temperature_with_a_seed() {
    let rule = |temperature_ppm, seed| {
        Value::map([("temperature_ppm", Value::Int(temperature_ppm)), ("seed", Value::Int(seed))])
    };
    let sampled = |temperature_ppm, seed| Decoding::Sampled { temperature_ppm, seed };
    let table = [
        (Value::text("greedy"), Decoding::Greedy, 0.0),
        (rule(1, 0), sampled(1, 0), 0.000_001),
        (rule(800_000, 7), sampled(800_000, 7), 0.8),
        (rule(2_000_000, -1), sampled(2_000_000, u64::MAX), 2.0),
    ];
    for (value, decoding, temperature) in table {
        assert_eq!(Decoding::from_value(&value), Ok(decoding));
        assert_eq!(encode(&decoding.to_value()), encode(&value));
        assert!(decoding.is_in_range());
        assert_eq!(decoding.temperature(), temperature);
    }
    for temperature_ppm in [-1, 0, 2_000_001, i64::MAX] {
        let error = Decoding::from_value(&rule(temperature_ppm, 7)).unwrap_err();
        assert!(
            error.to_string().starts_with("decoding.temperature_ppm must be an integer from 1"),
            "{error}"
        );
    }
    assert!(!sampled(0, 7).is_in_range() && !sampled(2_000_001, 7).is_in_range());
    assert_eq!(Decoding::default(), Decoding::Greedy);
}
