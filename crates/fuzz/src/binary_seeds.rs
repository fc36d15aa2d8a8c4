//! The seed inputs that are not text, built by code; the files under `seeds/` are written from them.
//!
//! A test compares the files with these values, because a seed that its target refuses tests nothing.

use std::sync::Arc;

use abi::{
    Conversation, Decoding, Digest, Draft, Entry, EntryKind, EntryRecord, Float, ForbiddenRecord,
    GenerationBlobs, GenerationRecord, Identity, JobId, Origin, Proposal, Stop, TaskId, Thinking, TrapRecord,
    Usage, Value, encode,
};
use det::{Call, Contract, Form, Level, Operand, Validators, judge, subject_digest};
use neural::{EntryClass, EntryHead, EntryParts, Session, Snapshot, StateDtype, Want};
use safetensors::tensor::{Dtype, TensorView};
use sched::{
    BlobDigests, Budget, Cause, Consulted, Priority, Record, Rights, Spent, TaskOrigin, TaskSpec, TaskState,
};

use crate::sealed::{self, Chain};
use crate::targets::{BLOBS, MODEL_CONFIG, SEAL, entry_value, mode, snapshot_mode, snapshot_model};

/// Returns all seed inputs that code builds, each as its path below `seeds/` and its bytes.
#[must_use]
pub fn binary_seeds() -> Vec<(String, Vec<u8>)> {
    let history = Value::List(history().iter().map(entry_value).collect());
    let mut all = vec![
        ("value/every_type".to_owned(), encode(&every_type())),
        ("value/numbers".to_owned(), encode(&numbers())),
        ("value/deep".to_owned(), encode(&deep())),
        ("value/generation".to_owned(), encode(&generation(Decoding::Greedy))),
        ("value/generation_sampled".to_owned(), encode(&generation(SAMPLED))),
        ("call/sum_of_letters".to_owned(), encode(&sum_of_letters())),
        ("call/gcd".to_owned(), encode(&call("gcd", [Value::Int(12), Value::Int(18)]))),
        ("call/is_prime".to_owned(), encode(&call("is_prime", [Value::Int(97)]))),
        ("history/job".to_owned(), encode(&history)),
        ("history/every_kind".to_owned(), encode(&every_kind())),
        ("weights/model".to_owned(), weights()),
        ("model_config/tiny".to_owned(), MODEL_CONFIG.into()),
        ("entry/head".to_owned(), entry_head()),
        ("primitive/kept".to_owned(), kept()),
    ];
    all.extend(ledgers());
    all.extend(snapshots());
    all.push(("ledger/written".to_owned(), [&[mode::WRITTEN], &encode(&history)[..]].concat()));
    all.push(("ledger/every_kind".to_owned(), [&[mode::WRITTEN], &encode(&every_kind())[..]].concat()));
    all
}

/// Returns a value in which every type occurs.
fn every_type() -> Value {
    Value::map([
        ("null", Value::Null),
        ("bools", Value::List(vec![Value::Bool(false), Value::Bool(true)])),
        ("int", Value::Int(-7)),
        ("float", float(0.5)),
        ("decimal", decimal("-0.1")),
        ("text", Value::text("ä\n")),
        ("bytes", Value::Bytes(vec![0, 255])),
        ("map", Value::map([("a", Value::List(Vec::new())), ("b", Value::map::<&str>([]))])),
    ])
}

/// Returns numbers on which a comparator can go wrong.
fn numbers() -> Value {
    Value::List(vec![
        Value::Int(1),
        float(1.0),
        float(-0.0),
        Value::Int(0),
        Value::Int(i64::MAX),
        float(9_223_372_036_854_775_808.0),
        float(f64::INFINITY),
        decimal("0.1"),
        decimal("12345678901234567890"),
        decimal("1e400"),
    ])
}

/// Returns a value of the greatest depth that is allowed.
fn deep() -> Value {
    (0..abi::MAX_DEPTH).fold(Value::Null, |value, level| match level % 2 {
        0 => Value::List(vec![value]),
        _ => Value::map([("k", value)]),
    })
}

const SAMPLED: Decoding = Decoding::Sampled { temperature_ppm: 800_000, seed: u64::MAX };

/// Returns the record of a generation, with every key that such a record can have.
fn generation(decoding: Decoding) -> Value {
    let digest = |name: &str| Digest::hash_blob(name.as_bytes());
    let draft = Draft {
        text: "Answer: 7".to_owned(),
        thoughts: "3 and 4".to_owned(),
        conversation: Conversation::default(),
        thinking: Thinking::On,
        decoding,
        tokens: vec![7, 8],
        logit_digests: vec![digest("a"), digest("b")],
        stop: Stop::End,
        usage: Usage::Counted,
        prompt_tokens: Some(31),
        traps: TrapRecord {
            forbidden: ForbiddenRecord {
                words: vec!["salt".to_owned()],
                patterns: vec!["[0-9]".to_owned()],
                ..ForbiddenRecord::default()
            },
            entry: Some(EntryRecord {
                capability: "fact:gcd".to_owned(),
                confidence_ppm: 910_000,
                threshold_ppm: 500_000,
            }),
            schema: Some(digest("schema")),
        },
    };
    let model =
        Identity { name: "embedded".to_owned(), model_digest: Some(digest("model")), reproducible: true };
    let (facts, reply) = (Some(digest("facts")), Some(digest("reply")));
    let thoughts = Some(digest("thoughts"));
    let blobs = GenerationBlobs {
        prompt: digest("prompt"),
        facts,
        reply,
        thoughts,
        conversation: Some(digest("conversation")),
    };
    GenerationRecord::from_draft(&draft, model, 16, blobs).to_value()
}

fn decimal(text: &str) -> Value {
    Value::from_number(text).expect("a number")
}

fn float(number: f64) -> Value {
    Float::new(number).map_or(Value::Null, Value::Float)
}

fn call<const N: usize>(name: &str, operands: [Value; N]) -> Value {
    Value::map([("name", Value::text(name)), ("operands", Value::List(operands.into()))])
}

fn sum_of_letters() -> Value {
    let letters = call("letter_count", [Value::text("strawberry"), Value::text("r")]);
    call("add", [letters, Value::Int(4)])
}

/// Returns the entries of a job in which one task is refuted, and its repair passes and is committed. The
/// last entry is about a job that was never opened.
fn history() -> Vec<Entry> {
    let gcd = Call::new("gcd", vec![Operand::Literal(Value::Int(12)), Operand::Literal(Value::Int(18))]);
    let contract = Contract::computed(Form::Integer, gcd.expect("two integers")).expect("an integer");
    let digest = contract.digest();
    let job = JobId(1);
    let spec = Arc::new(TaskSpec::new("answer", "draft", contract.clone()).answering());
    let admitted = |number, asker| Record::Admitted {
        task: TaskId { job, number },
        spec: Arc::clone(&spec),
        contract: digest,
        after: Vec::new(),
        asker,
        ceiling: Level::Proven,
    };
    let mut records = vec![
        Record::Opened {
            job,
            contract: digest,
            required: Level::Oracle,
            rights: Arc::new(Rights::new()),
            budget: Budget::REFERENCE,
            priority: Priority::Normal,
            deadline: None,
            at: None,
            consulted: Arc::new(Consulted::no_memory("a seed")),
        },
        admitted(0, TaskOrigin::Owner),
    ];
    records.extend(attempt(&contract, TaskId { job, number: 0 }, Value::Int(7)));
    records.push(admitted(1, TaskOrigin::Repair(0)));
    records.extend(attempt(&contract, TaskId { job, number: 1 }, Value::Int(6)));
    records.push(Record::Committed {
        task: TaskId { job, number: 1 },
        subject: subject_digest(&Value::Int(6)),
        contract: digest,
        level: Level::Oracle,
    });
    let task = TaskId { job: JobId(2), number: 1 };
    records.push(Record::Failed { task, state: TaskState::Cancelled, cause: Cause::JobEnded, spent: None });
    let read = |record: Record| {
        record.into_entry(&BlobDigests::default()).with_value_body().expect("a record is shallow")
    };
    records.into_iter().map(read).collect()
}

/// Returns one entry of each kind, so that mutations have every word of the format. Few of the entries are
/// legal together.
fn every_kind() -> Value {
    let task = TaskId { job: JobId(1), number: 0 };
    let digest = Digest::hash("nmk.fuzz.v1", b"").to_value();
    let body = Value::map([("digest", digest), ("reason", Value::text(""))]);
    let entry = |kind| entry_value(&Entry { kind, task, inputs: Vec::new(), body: body.clone() });
    Value::List(EntryKind::ALL.into_iter().map(entry).collect())
}

/// A proposal and its verdict.
fn attempt(contract: &Contract, task: TaskId, reply: Value) -> [Record; 2] {
    let origin = Origin::RemoteModel { name: "m".to_owned() };
    let subject = Proposal { value: reply, origin: origin.clone() };
    let judged = judge(&Validators::builtin(), task, contract, Vec::new(), subject).expect("a judgement");
    let spent = Spent { tokens: 3, wall_ms: 1 };
    let proposed = Record::Proposed {
        task,
        subject: judged.verdict().subject(),
        tier: sched::Tier::Model,
        origin,
        record: Value::Null,
        inputs: vec![contract.digest()],
        spent,
    };
    let met = judged.verdict().shows(Level::Oracle);
    [
        proposed,
        Record::Judged { task, contract: contract.digest(), verdict: judged.verdict().to_canonical(), met },
    ]
}

/// Returns seeds for the modes of the target `ledger` that take files or payloads.
fn ledgers() -> Vec<(String, Vec<u8>)> {
    let entries: Vec<Value> = entries().iter().map(payload).collect();
    let mut chain = Chain::empty();
    entries.iter().for_each(|entry| chain.push_fitting(entry.clone()));
    let length = i64::try_from(chain.entries.len()).expect("an i64");
    let head = sealed::head(chain.count, chain.chain, length);
    let files = [&[mode::FILES], &run(&head)[..], &chain.entries].concat();
    let beyond = [&files[..], b"more"].concat();
    let payloads = |mode: u8| {
        let runs = entries.iter().flat_map(|entry| run(&encode(entry)));
        [mode, 0, 0].into_iter().chain(runs).collect::<Vec<u8>>()
    };
    vec![
        ("ledger/files".to_owned(), files),
        ("ledger/beyond".to_owned(), beyond),
        ("ledger/payloads".to_owned(), first_only(payloads(mode::PAYLOADS))),
        ("ledger/fitting".to_owned(), payloads(mode::FITTING)),
    ]
}

/// Returns the beginning of an input up to its first payload: the mode, the overstatement of the head, and
/// that payload. Further payloads would need the digest of the one before them.
fn first_only(bytes: Vec<u8>) -> Vec<u8> {
    let length = usize::from(u16::from_le_bytes([bytes[3], bytes[4]]));
    bytes[..5 + length].to_vec()
}

/// Returns the bytes with their length before them.
fn run(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).expect("a seed is small");
    [&length.to_le_bytes(), bytes].concat()
}

fn entries() -> [Entry; 3] {
    let task = TaskId { job: JobId(1), number: 1 };
    let blob = |at: usize| Digest::hash(ledger::format::BLOB_DOMAIN, BLOBS[at]).to_value();
    let gone = Digest::hash(ledger::format::BLOB_DOMAIN, b"gone").to_value();
    let entry = |kind, body| Entry { kind, task, inputs: Vec::new(), body };
    [
        entry(EntryKind::Decided, Value::map([("blobs", Value::List(vec![blob(0), blob(1)]))])),
        entry(EntryKind::Decided, Value::map([("blobs", Value::List(vec![gone.clone()]))])),
        entry(EntryKind::Forgotten, Value::map([("digest", gone), ("reason", Value::text("why"))])),
    ]
}

/// Returns an entry as a payload of the file of entries, with the fields of the first one.
fn payload(entry: &Entry) -> Value {
    let Some(mut fields) = entry_value(entry).into_map() else { return Value::Null };
    fields.insert("version".to_owned(), Value::Int(ledger::format::VERSION));
    fields.insert("index".to_owned(), Value::Int(0));
    fields.insert("prev".to_owned(), Digest::hash(ledger::format::GENESIS_DOMAIN, b"").to_value());
    Value::Map(fields)
}

/// Returns sessions for the target `snapshot`: an empty one, short ones, one in bf16, and one that was
/// rewound to a point at which its windowed layer holds one page less.
fn snapshots() -> Vec<(String, Vec<u8>)> {
    let model = snapshot_model(StateDtype::F32);
    let mut session = Session::open(model);
    let empty = session.snapshot();
    session.prefill(&[0, 3, 1], Want::Last).expect("tokens of the model");
    let short = session.snapshot();
    let row = model.embeddings(&[2]).expect("a token of the model");
    session.inject(&row, Want::Last).expect("a row of the model");
    let injected = session.snapshot();
    let tokens: Vec<u32> = (0..326).map(|at| at % 4).collect();
    session.prefill(&tokens, Want::Last).expect("tokens of the model");
    session.rewind(70).expect("the page that the window sees is held");
    let rewound = session.snapshot();
    let mut session = Session::open(snapshot_model(StateDtype::Bf16));
    session.prefill(&[0, 3, 1], Want::Last).expect("tokens of the model");
    let bf16 = session.snapshot();
    let whole = |snapshot: &Snapshot| [&[snapshot_mode::WHOLE], snapshot.as_bytes()].concat();
    let covered = |snapshot: &Snapshot| [&[snapshot_mode::SEALED], &snapshot.as_bytes()[SEAL..]].concat();
    vec![
        ("snapshot/whole".to_owned(), whole(&short)),
        ("snapshot/empty".to_owned(), covered(&empty)),
        ("snapshot/short".to_owned(), covered(&short)),
        ("snapshot/injected".to_owned(), covered(&injected)),
        ("snapshot/rewound".to_owned(), covered(&rewound)),
        ("snapshot/bf16".to_owned(), covered(&bf16)),
    ]
}

/// Returns an entry head with two hidden units, for the model of the target `snapshot`.
fn entry_head() -> Vec<u8> {
    let model = snapshot_model(StateDtype::F32);
    let class = |capability: &str, threshold| EntryClass { capability: capability.to_owned(), threshold };
    let parts = EntryParts {
        model: model.digest(),
        layer: 1,
        classes: vec![class("fact:gcd", 0.5), class("fact:is_prime", 0.932_353)],
        mean: vec![0.25, 0.0, -0.5, 1.0],
        scale: vec![1.0, 2.0, 0.5, 1.0],
        hidden: vec![1.0, -1.0, 0.5, 0.25, 0.0, 1.0, 1.0, -2.0],
        hidden_bias: vec![0.125, 0.0],
        output: vec![1.0, 0.0, -1.0, 1.0, 0.5, 2.0],
        output_bias: vec![0.0, 0.25, -0.25],
    };
    EntryHead::new(parts, model).expect("a head of the model").to_safetensors()
}

/// Returns weights for the configuration of the target `weights`.
pub(crate) fn weights() -> Vec<u8> {
    let (hidden, narrow) = (4, 2);
    let mut shapes = vec![
        ("model.embed_tokens.weight".to_owned(), vec![4, hidden]),
        ("model.norm.weight".to_owned(), vec![hidden]),
        ("model.layers.1.mlp.gate.weight".to_owned(), vec![2, hidden]),
    ];
    for layer in ["model.layers.0", "model.layers.1"] {
        shapes.push((format!("{layer}.input_layernorm.weight"), vec![hidden]));
        for name in ["q_proj", "k_proj", "v_proj"] {
            shapes.push((format!("{layer}.self_attn.{name}.weight"), vec![narrow, hidden]));
        }
        shapes.push((format!("{layer}.self_attn.o_proj.weight"), vec![hidden, narrow]));
    }
    for part in ["layers.0.mlp", "layers.1.mlp.experts.0", "layers.1.mlp.experts.1"] {
        shapes.push((format!("model.{part}.gate_proj.weight"), vec![narrow, hidden]));
        shapes.push((format!("model.{part}.up_proj.weight"), vec![narrow, hidden]));
        shapes.push((format!("model.{part}.down_proj.weight"), vec![hidden, narrow]));
    }
    let bytes: Vec<u8> = (0..16_u16).flat_map(|at| (0x3e80 + at * 8).to_le_bytes()).collect();
    let views = shapes.iter().map(|(name, shape)| {
        let values = &bytes[..2 * shape.iter().product::<usize>()];
        (name, TensorView::new(Dtype::BF16, shape.clone(), values).expect("sizes agree"))
    });
    safetensors::serialize(views, None).expect("a file")
}

/// Returns the file of an admitted function, whose record nobody reads here.
fn kept() -> Vec<u8> {
    let record = encode(&Value::map([("kind", Value::text("nmk.gate.record.v1"))]));
    let kept = escalate::Kept {
        entry: "f".to_owned(),
        specification: Digest::from_bytes([3; 32]),
        code: Digest::from_bytes([4; 32]),
        executor: "cpython".to_owned(),
        rung: "greedy".to_owned(),
        attempt: 1,
        model: "coder".to_owned(),
        record,
    };
    kept.to_bytes()
}
