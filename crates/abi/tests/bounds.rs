//! The chain of bounds: the largest thing that one bound allows fits into the next one.

use abi::bounds::{
    DIGEST_ITEM_BYTES, ENTRY_FRAME_BYTES, MAX_BLOB_BYTES, MAX_CHILDREN, MAX_DEPENDENCIES, MAX_ENTRY_BYTES,
    MAX_INPUTS, MAX_NAME_BYTES, MAX_NAMES_BYTES, MAX_PROMPT_BYTES, MAX_RECORD_BYTES, MAX_RECORD_DEPTH,
    MAX_RECORDED_TOKENS, MAX_RESULT_BLOBS, MAX_RESULT_BYTES, MAX_RESULT_DEPTH, MAX_RIGHTS, MAX_RUN_BYTES,
    MAX_STATED_INPUTS, MAX_TEXT_BYTES, NUMBER_ITEM_BYTES, REPAIR_SUFFIX_BYTES, check_entry, cut,
};
use abi::{Canonical, Digest, Entry, EntryKind, JobId, MAX_DEPTH, Origin, TaskId, Value, encode};

fn entry(inputs: usize, body: Value) -> Entry {
    let task = TaskId { job: JobId(u64::MAX), number: u32::MAX };
    let inputs = vec![Digest::hash("nmk.test.v1", b"input"); inputs];
    Entry { kind: EntryKind::Abstained, task, inputs, body }
}

/// The bytes of the longest text in an entry beside its inputs.
fn room(inputs: usize) -> usize {
    let mut text = MAX_ENTRY_BYTES;
    while check_entry(&entry(inputs, Value::map([("t", Value::text("x".repeat(text)))]))).is_err() {
        text -= 1024;
    }
    text
}

#[test]
fn every_bound_fits_into_the_next_one() {
    let names = |count: usize| count * (5 + MAX_NAME_BYTES + REPAIR_SUFFIX_BYTES);
    assert_eq!(".repair".len() + u32::MAX.to_string().len(), REPAIR_SUFFIX_BYTES);
    assert_eq!(encode(&Digest::hash("nmk.test.v1", b"").to_value()).len(), DIGEST_ITEM_BYTES);
    assert_eq!(encode(&Value::Int(i64::MAX)).len(), NUMBER_ITEM_BYTES);
    // A job's opening: capabilities, budget, contract.
    assert!(names(MAX_RIGHTS) + ENTRY_FRAME_BYTES <= MAX_NAMES_BYTES + ENTRY_FRAME_BYTES);
    // An admission: the numbers of its dependencies, its name, its operation.
    let admitted = MAX_DEPENDENCIES * NUMBER_ITEM_BYTES + names(2) + ENTRY_FRAME_BYTES;
    // A proposal: inputs, blobs, the name of the model, and the account of the run.
    let inputs = MAX_INPUTS * DIGEST_ITEM_BYTES;
    let blobs = (MAX_RESULT_BLOBS + 2) * DIGEST_ITEM_BYTES;
    let proposed = inputs + blobs + names(1) + MAX_RECORD_BYTES + ENTRY_FRAME_BYTES;
    let tokens = MAX_RECORDED_TOKENS * (NUMBER_ITEM_BYTES + DIGEST_ITEM_BYTES);
    assert!(MAX_RECORDED_TOKENS > 8_192 && tokens + names(8) <= MAX_RECORD_BYTES);
    // A judgement: the inputs once more, the finding, two names of validators.
    let judged = inputs + MAX_TEXT_BYTES + names(2) + ENTRY_FRAME_BYTES;
    // A parking: the numbers of the children. A failure or an abstention: one text.
    let parked = MAX_CHILDREN * NUMBER_ITEM_BYTES + ENTRY_FRAME_BYTES;
    let failed = MAX_TEXT_BYTES + ENTRY_FRAME_BYTES;
    for bytes in [admitted, proposed, judged, parked, failed] {
        assert!(bytes <= MAX_ENTRY_BYTES, "{bytes}");
    }
    assert_eq!(MAX_INPUTS, MAX_DEPENDENCIES + MAX_CHILDREN + MAX_STATED_INPUTS + 2);
    let chain = [
        (MAX_RECORD_DEPTH + 2, MAX_DEPTH),
        (MAX_RESULT_DEPTH, MAX_DEPTH),
        (MAX_RESULT_BYTES, MAX_BLOB_BYTES),
        (MAX_PROMPT_BYTES, MAX_BLOB_BYTES),
        (MAX_BLOB_BYTES, MAX_RUN_BYTES),
    ];
    for (part, whole) in chain {
        assert!(part <= whole, "{part} {whole}");
    }
}

#[test]
fn the_largest_account_of_a_run_fits_into_an_entry_with_everything_else() {
    let text = |bytes: usize| Value::text("x".repeat(bytes));
    let record = text(MAX_RECORD_BYTES - 5);
    assert_eq!(encode(&record).len(), MAX_RECORD_BYTES);
    let digests = vec![Digest::hash("nmk.test.v1", b"blob").to_value(); MAX_RESULT_BLOBS + 1];
    // The longest origin: that of a page has a digest beside its name.
    let digest = Digest::hash("nmk.test.v1", b"");
    let origin = Origin::Fetched { address: "x".repeat(MAX_NAME_BYTES), digest };
    let body = Value::map([
        ("blobs", Value::List(digests)),
        ("origin", origin.to_value()),
        ("record", record),
        ("spent", Value::map([("tokens", Value::Int(i64::MAX)), ("wall_ms", Value::Int(i64::MAX))])),
        ("subject", Digest::hash("nmk.test.v1", b"").to_value()),
        ("subject_blob", Digest::hash("nmk.test.v1", b"").to_value()),
    ]);
    assert_eq!(check_entry(&entry(MAX_INPUTS, body)), Ok(()));
}

#[test]
fn an_entry_that_no_ledger_stores_is_told() {
    assert_eq!(check_entry(&entry(0, Value::Null)), Ok(()));
    let nested = |depth: usize| (0..depth).fold(Value::Null, |inner, _| Value::List(vec![inner]));
    assert_eq!(check_entry(&entry(0, nested(MAX_DEPTH - 1))), Ok(()));
    for depth in [MAX_DEPTH, 200_000] {
        assert_eq!(check_entry(&entry(0, nested(depth))).map_err(|unstorable| unstorable.depth), Err(depth));
    }
    let long = check_entry(&entry(0, Value::text("x".repeat(2 << 20)))).expect_err("it is 2 MiB long");
    assert!(long.bytes > MAX_ENTRY_BYTES, "{long}");
    assert!(check_entry(&entry(MAX_ENTRY_BYTES / DIGEST_ITEM_BYTES, Value::Null)).is_err());
    // The estimate is never below the payload, and close to it.
    let text = room(MAX_INPUTS);
    let close = MAX_ENTRY_BYTES - MAX_INPUTS * DIGEST_ITEM_BYTES - text;
    assert!((200..2048).contains(&close), "{close}");
    let canonical = Canonical::map(|map| map.text("t", &"x".repeat(text)));
    let Entry { kind, task, inputs, .. } = entry(MAX_INPUTS, Value::Null);
    assert_eq!(check_entry(&Entry { kind, task, inputs, body: canonical }), Ok(()));
}

#[test]
fn a_cut_text_fits_and_says_so() {
    for unit in ["x", "é", "漢", "🦀"] {
        for limit in [0, 1, 20, 27, 28, 29, 30, 31, 32, 100, 4096] {
            for count in [0, 1, 10, 1_000, 100_000] {
                let text = unit.repeat(count);
                let shown = cut(&text, limit);
                if text.len() <= limit {
                    assert_eq!(shown, text);
                    continue;
                }
                let mark = format!("… [cut, {} bytes in all]", text.len());
                assert!(shown.len() <= limit.max(mark.len()), "{limit}: {shown}");
                let start = shown.strip_suffix(mark.as_str()).expect("it ends in its mark");
                assert!(text.starts_with(start), "{start}");
            }
        }
    }
}
