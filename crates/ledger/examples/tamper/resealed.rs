//! Histories that the holder of the key signed, in every way that the format forbids.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use abi::{Value, encode};

use crate::Failure;
use crate::sealed::{Chain, head};
use crate::structure::OnDisk;

/// A value that nests lists to this depth.
fn nested(depth: usize) -> Value {
    (0..depth).fold(Value::Null, |inner, _| Value::List(vec![inner]))
}

/// The fields of a sound entry.
fn fields() -> BTreeMap<String, Value> {
    let pairs = [
        ("version", Value::Int(1)),
        ("index", Value::Int(0)),
        ("kind", Value::text("decided")),
        ("job", Value::Int(-7)),
        ("task", Value::Int(3)),
        ("inputs", Value::List(vec![Value::Bytes(vec![1; 32])])),
        ("body", Value::Null),
        ("prev", Value::Null),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value)).into()
}

/// Returns the cases, each a ledger below `root`.
pub(crate) fn cases(root: &Path) -> Result<Vec<OnDisk>, Failure> {
    let mut found = Vec::new();
    for (name, value, passes) in of_entries() {
        let mut chain = Chain::empty();
        chain.push_fitting(Value::Map(fields()));
        chain.push_fitting(value);
        add(&mut found, root, name, passes, &chain, |head| head)?;
    }
    for (name, entries, passes) in of_jobs() {
        let mut chain = Chain::empty();
        entries.into_iter().for_each(|entry| chain.push_fitting(entry));
        add(&mut found, root, name, passes, &chain, |head| head)?;
    }
    for (name, payload) in of_payloads() {
        let mut chain = Chain::empty();
        chain.push(&payload);
        let passes = name.starts_with("sound");
        add(&mut found, root, name, passes, &chain, |head| head)?;
    }
    let mut chain = Chain::empty();
    chain.push_fitting(Value::Map(fields()));
    for (name, pairs) in of_heads(&chain) {
        add(&mut found, root, name, false, &chain, |_| pairs)?;
    }
    add(&mut found, root, "sound head".to_owned(), true, &chain, |head| head)?;
    add(
        &mut found,
        root,
        "a signature with its scalar beyond the group's order".to_owned(),
        false,
        &chain,
        malleated,
    )?;
    Ok(found)
}

fn add(
    found: &mut Vec<OnDisk>,
    root: &Path,
    name: String,
    passes: bool,
    chain: &Chain,
    change: impl FnOnce(Vec<u8>) -> Vec<u8>,
) -> Result<(), Failure> {
    let folder = root.join(format!("case-{}", found.len()));
    fs::create_dir_all(folder.join("blobs"))?;
    let length = i64::try_from(chain.entries.len())?;
    fs::write(folder.join("entries"), &chain.entries)?;
    fs::write(folder.join("head"), change(head(chain.count, chain.chain, length)))?;
    for (path, mode) in [
        (folder.clone(), 0o700),
        (folder.join("blobs"), 0o700),
        (folder.join("entries"), 0o600),
        (folder.join("head"), 0o600),
    ] {
        fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
    }
    found.push(OnDisk { name, folder, head: None, key: None, passes });
    Ok(())
}

/// Entries with one field changed.
fn of_entries() -> Vec<(String, Value, bool)> {
    let mut cases = Vec::new();
    let mut with = |name: &str, field: &str, value: Value, passes: bool| {
        let mut fields = fields();
        fields.insert(field.to_owned(), value);
        cases.push((name.to_owned(), Value::Map(fields), passes));
    };
    for version in [0, 2, -1, i64::MAX] {
        with(&format!("version {version}"), "version", Value::Int(version), false);
    }
    with("a version that is true", "version", Value::Bool(true), false);
    with("a version in text", "version", Value::text("1"), false);
    for kind in ["Decided", "decided ", "", "proven", "opened\0"] {
        with(&format!("kind {kind:?}"), "kind", Value::text(kind), false);
    }
    with("a kind that is no text", "kind", Value::Int(5), false);
    for (task, passes) in [(0, true), ((1 << 32) - 1, true), (1 << 32, false), (-1, false)] {
        with(&format!("task {task}"), "task", Value::Int(task), passes);
    }
    for (job, passes) in [(Value::Int(i64::MIN), true), (Value::text("1"), false), (Value::Null, false)] {
        with(&format!("job {job:?}"), "job", job, passes);
    }
    let digest = |length| Value::Bytes(vec![2; length]);
    for (inputs, passes) in [
        (Value::List(Vec::new()), true),
        (Value::List(vec![digest(32); 300]), true),
        (Value::List(vec![digest(31)]), false),
        (Value::List(vec![digest(32), Value::text("x")]), false),
        (digest(32), false),
        (Value::Null, false),
    ] {
        with(&format!("inputs {:.40}", format!("{inputs:?}")), "inputs", inputs, passes);
    }
    let blobs = |value| Value::map([("blobs", value)]);
    with("a body without blobs", "body", blobs(Value::List(Vec::new())), true);
    for value in
        [Value::Null, Value::Bool(false), Value::List(vec![digest(33)]), Value::map([("a", digest(32))])]
    {
        with(&format!("blobs {:.40}", format!("{value:?}")), "body", blobs(value), false);
    }
    with("a blob that never was", "body", blobs(Value::List(vec![digest(32)])), false);
    with("the key blobs further in", "body", Value::map([("a", blobs(Value::Null))]), true);
    with("a body of -0.0", "body", Value::Float(abi::Float::new(-0.0).expect("a number")), true);
    with("an infinite body", "body", Value::Float(abi::Float::new(f64::INFINITY).expect("no NaN")), true);
    with("a body nested 63 deep", "body", nested(63), true);
    with("a body nested 64 deep", "body", nested(64), false);
    with("one field more", "more", Value::Null, false);
    forgetting(&mut cases);
    for field in fields().into_keys() {
        let mut fields = fields();
        fields.remove(&field);
        // The place in the chain is filled in again.
        let passes = field == "index" || field == "prev";
        cases.push((format!("without {field}"), Value::Map(fields), passes));
    }
    for (name, value) in
        [("a list", Value::List(Vec::new())), ("null", Value::Null), ("an empty map", Value::map::<&str>([]))]
    {
        cases.push((format!("{name} and no entry"), value, false));
    }
    cases
}

/// Entries that forget, and name what they forget.
fn forgetting(cases: &mut Vec<(String, Value, bool)>) {
    let never = Value::Bytes(vec![2; 32]);
    let named = || ("blobs", Value::List(vec![never.clone()]));
    for (name, body, passes) in [
        ("forgotten without a digest", Value::Null, false),
        ("forgotten with a short digest", Value::map([("digest", Value::Bytes(vec![2; 31]))]), false),
        ("forgotten with a text", Value::map([("digest", Value::text("x"))]), false),
        ("forgotten and never named", Value::map([("digest", never.clone())]), true),
        ("forgotten by the entry that names it", Value::map([("digest", never.clone()), named()]), true),
        (
            "forgotten by an entry that names another",
            Value::map([("digest", Value::Bytes(vec![3; 32])), named()]),
            false,
        ),
    ] {
        let mut fields = fields();
        fields.insert("kind".to_owned(), Value::text("forgotten"));
        fields.insert("body".to_owned(), body);
        cases.push((name.to_owned(), Value::Map(fields), passes));
    }
}

/// Histories of a job that ended, with the kinds of their entries and the jobs that these are about.
fn of_jobs() -> Vec<(String, Vec<Value>, bool)> {
    let runs: [(&[(&str, i64)], bool); 12] = [
        (&[("opened", 1), ("committed", 1)], true),
        (&[("opened", 1), ("abstained", 1)], true),
        (&[("abstained", 1)], true),
        (&[("opened", 1), ("opened", 2), ("abstained", 2), ("judged", 1), ("committed", 1)], true),
        (&[("opened", 1), ("committed", 1), ("forgotten", 1)], true),
        (&[("opened", 1), ("abstained", 1), ("committed", 1)], false),
        (&[("opened", 1), ("committed", 1), ("abstained", 1)], false),
        (&[("opened", 1), ("committed", 1), ("opened", 2), ("committed", 1)], false),
        (&[("abstained", -1), ("abstained", -1)], false),
        (&[("opened", 1), ("abstained", 1), ("judged", 1)], false),
        (&[("opened", 1), ("abstained", 1), ("opened", 1)], false),
        (&[("opened", 1), ("abstained", 1), ("forgotten", 1), ("decided", 1)], false),
    ];
    let entry = |(kind, job): &(&str, i64)| {
        let mut fields = fields();
        fields.insert("kind".to_owned(), Value::text(*kind));
        fields.insert("job".to_owned(), Value::Int(*job));
        fields.insert("body".to_owned(), Value::map([("digest", Value::Bytes(vec![2; 32]))]));
        Value::Map(fields)
    };
    let case = |(run, passes): &(&[(&str, i64)], bool)| {
        (format!("the history {run:?}"), run.iter().map(entry).collect(), *passes)
    };
    runs.iter().map(case).collect()
}

/// Payloads that are no canonical encoding of an entry, or are one of the largest.
fn of_payloads() -> Vec<(String, Vec<u8>)> {
    let mut chain = Chain::empty();
    chain.push_fitting(Value::Map(fields()));
    let frame = chain.entries;
    let whole = frame[4..frame.len() - 32].to_vec();
    let with_body = |body: &[u8]| {
        // The body is the first field, and null is its one byte.
        let at = whole.windows(4).position(|run| run == b"body").expect("a body") + 4;
        [&whole[..at], body, &whole[at + 1..]].concat()
    };
    let padded = |length: usize| {
        let body = length - (whole.len() - 1) - 5;
        let mut value = vec![6];
        value.extend(u32::try_from(body).expect("short").to_le_bytes());
        value.extend(vec![9; body]);
        with_body(&value)
    };
    let text = |bytes: &[u8]| [&[5, u8::try_from(bytes.len()).expect("short"), 0, 0, 0][..], bytes].concat();
    let float = |number: f64| [&[4][..], &number.to_le_bytes()].concat();
    let huge = [7, 255, 255, 255, 255];
    let doubled = [&[8, 2, 0, 0, 0][..], &[1, 0, 0, 0, b'a', 0, 1, 0, 0, 0, b'a', 0]].concat();
    let unordered = [&[8, 2, 0, 0, 0][..], &[1, 0, 0, 0, b'b', 0, 1, 0, 0, 0, b'a', 0]].concat();
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("sound payload", whole.clone()),
        ("sound, of the largest size", padded(1 << 20)),
        ("one byte larger", padded((1 << 20) + 1)),
        ("sound, with text of four bytes a letter", with_body(&text("\u{1f980}".as_bytes()))),
        ("an empty payload", Vec::new()),
        ("bytes after the value", [whole.as_slice(), &[0]].concat()),
        ("the value cut", whole[..whole.len() - 1].to_vec()),
        ("a NaN", with_body(&float(f64::NAN))),
        ("a NaN with its sign", with_body(&float(-f64::NAN))),
        ("an unknown tag", with_body(&[200])),
        ("a list of four thousand million", with_body(&huge)),
        ("a key twice", with_body(&doubled)),
        ("keys out of order", with_body(&unordered)),
        ("half of a letter", with_body(&text(&[0xc3]))),
        ("an overlong letter", with_body(&text(&[0xc0, 0x80]))),
        ("a surrogate", with_body(&text(&[0xed, 0xa0, 0x80]))),
        ("beyond the last letter", with_body(&text(&[0xf4, 0x90, 0x80, 0x80]))),
        ("another canonical value", encode(&Value::text("entry"))),
    ];
    cases.into_iter().map(|(name, payload)| (name.to_owned(), payload)).collect()
}

/// Heads that were signed, and say what a head does not say.
fn of_heads(chain: &Chain) -> Vec<(String, Vec<u8>)> {
    let length = i64::try_from(chain.entries.len()).expect("short");
    let sound = head(chain.count, chain.chain, length);
    let mut cases = vec![
        ("a count too many".to_owned(), head(chain.count + 1, chain.chain, length)),
        ("a count too few".to_owned(), head(chain.count - 1, chain.chain, length)),
        ("a negative count".to_owned(), head(-1, chain.chain, length)),
        ("a length too much".to_owned(), head(chain.count, chain.chain, length + 1)),
        ("a length too little".to_owned(), head(chain.count, chain.chain, length - 1)),
        ("a negative length".to_owned(), head(chain.count, chain.chain, -1)),
        ("the genesis".to_owned(), head(0, Chain::empty().chain, 0)),
        ("another chain".to_owned(), head(chain.count, Chain::empty().chain, length)),
        ("bytes after the head".to_owned(), [sound.as_slice(), &[0]].concat()),
        ("no bytes".to_owned(), Vec::new()),
    ];
    let Some(whole) = fields_of_head(&sound) else { return cases };
    for field in whole.keys() {
        let mut fewer = whole.clone();
        fewer.remove(field);
        cases.push((format!("a head without {field}"), encode(&Value::Map(fewer))));
        let mut other = whole.clone();
        other.insert(field.clone(), Value::Null);
        cases.push((format!("a head whose {field} is null"), encode(&Value::Map(other))));
    }
    let mut more = whole;
    more.insert("more".to_owned(), Value::Null);
    cases.push(("a head with a field more".to_owned(), encode(&Value::Map(more))));
    cases
}

/// Returns the fields of a head; None if the bytes are no map.
fn fields_of_head(head: &[u8]) -> Option<BTreeMap<String, Value>> {
    match &mut abi::decode(head).ok()? {
        Value::Map(fields) => Some(std::mem::take(fields)),
        _ => None,
    }
}

/// The order of the group of ed25519, little-endian: a scalar plus this one is the same scalar.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// The head with another signature that a careless verifier takes for the same one.
fn malleated(sound: Vec<u8>) -> Vec<u8> {
    let Some(mut fields) = fields_of_head(&sound) else { return sound };
    if let Some(Value::Bytes(signature)) = fields.get_mut("signature") {
        let mut carry = 0;
        for (byte, order) in signature[32..].iter_mut().zip(ORDER) {
            let sum = u16::from(*byte) + u16::from(order) + carry;
            *byte = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
    }
    encode(&Value::Map(fields))
}
