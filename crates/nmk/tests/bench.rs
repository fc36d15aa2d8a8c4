//! `nmk bench`: every benchmark of a model runs and says what it found, and refuses what it cannot measure.

mod common;

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::checkpoint;
use common::home::Home;
use serde_json::Value;

/// Runs a benchmark in its quick form and returns its report. Each of `groups` names a list in it, and the
/// settings and figures that each row of the list must have.
fn check(name: &str, words: &[&str], groups: &[(&str, &[&str], &[&str])]) -> Value {
    // Several tests run one benchmark at the same time, each in a home of its own.
    static CHECKS: AtomicUsize = AtomicUsize::new(0);
    let home = Home::new(&format!("bench-{name}-{}", CHECKS.fetch_add(1, Ordering::Relaxed)));
    let ended = home.run([&["bench", name, "--quick"][..], words].concat());
    assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{ended:?}");
    assert!(ended.out.starts_with("model "), "{ended:?}");
    let ended = home.run([&["bench", name, "--quick", "--json"][..], words].concat());
    assert_eq!((ended.code, ended.err.as_str()), (0, ""), "{ended:?}");
    let object = ended.json();
    for key in ["model", "digest", "weight_bytes", "isa", "state"] {
        assert!(!object[key].is_null(), "{key}: {object}");
    }
    for (group, settings, figures) in groups {
        let rows = object[group].as_array().unwrap_or_else(|| panic!("{group}: {object}"));
        assert!(!rows.is_empty(), "{group}");
        for row in rows {
            settings.iter().for_each(|setting| assert!(!row[setting].is_null(), "{group} {setting}: {row}"));
            figures.iter().for_each(|figure| positive(&row[figure], figure));
        }
    }
    object
}

/// Checks that the median of a figure lies between its bounds, and that all are greater than zero.
fn positive(figure: &Value, name: &str) {
    let part = |key: &str| figure[key].as_f64().unwrap_or_else(|| panic!("{name}: {figure}"));
    let (low, high) = if figure.get("low").is_some() { ("low", "high") } else { ("least", "most") };
    assert!(
        0.0 < part(low) && part(low) <= part("median") && part("median") <= part(high),
        "{name}: {figure}"
    );
}

#[test]
fn prefill_is_measured_by_chunk_and_threads() {
    let found = check("prefill", &[], &[("prefill", &["threads", "chunk"], &["tokens_per_second"])]);
    let settings = |row: &Value| (row["threads"].as_u64(), row["chunk"].as_u64());
    let rows: Vec<_> = found["prefill"].as_array().expect("rows").iter().map(settings).collect();
    let expected: Vec<_> =
        [1, 2].into_iter().flat_map(|threads| [1, 7, 64].map(|chunk| (Some(threads), Some(chunk)))).collect();
    assert_eq!(rows, expected);
    let one = check("prefill", &["--threads", "3", "--isa", "portable"], &[]);
    assert!(one["prefill"].as_array().expect("rows").iter().all(|row| row["threads"] == 3), "{one}");
    assert_eq!(one["isa"], "portable");
}

#[test]
fn decoding_is_measured_by_context_batch_and_drafts() {
    let found = check(
        "decode",
        &[],
        &[
            (
                "decode",
                &["context"],
                &["tokens_per_second", "tokens_per_processor_second", "token_processor_us"],
            ),
            ("growth", &["from", "to", "processor_ns_per_position", "longest_to_shortest"], &[]),
            ("batch", &["sequences"], &["tokens_per_second"]),
            (
                "speculation",
                &["phrase", "drafted_ahead", "tokens", "passes", "drafted", "accepted"],
                &["tokens_per_second"],
            ),
        ],
    );
    let column = |group: &str, key: &str| -> Vec<u64> {
        let rows = found[group].as_array().expect("rows");
        rows.iter().map(|row| row[key].as_f64().expect("a number") as u64).collect()
    };
    assert_eq!(column("decode", "context"), [16, 64]);
    assert_eq!(column("batch", "sequences"), [1, 2, 5]);
    // Without drafts each token takes a pass; with them there is nothing kept that was not drafted.
    assert_eq!((column("speculation", "passes")[0], column("speculation", "drafted")[0]), (32, 0));
    let (drafted, accepted) = (column("speculation", "drafted"), column("speculation", "accepted"));
    assert!(drafted.iter().zip(&accepted).all(|(drafted, accepted)| accepted <= drafted), "{found}");
    assert!(drafted[4] > 0, "a prompt that repeats itself is drafted from: {found}");
}

#[test]
fn parking_is_measured_by_history_and_bytes() {
    let kept = [
        "memory_copy_gb_per_processor_second",
        "memory_copy_into_fresh_memory_gb_per_processor_second",
        "digest_gb_per_processor_second",
        "snapshot_gb_per_processor_second",
        "check_gb_per_processor_second",
        "restore_gb_per_processor_second",
        "file_write_gb_per_second",
        "file_read_and_check_gb_per_second",
    ];
    let found = check(
        "park",
        &[],
        &[
            ("park", &["history"], &["fork_ns", "rewind_ns"]),
            ("growth", &["fork_ns_per_position", "rewind_ns_per_position"], &[]),
            ("snapshot", &["history", "bytes"], &kept),
        ],
    );
    let bytes = |row: usize| found["snapshot"][row]["bytes"].as_u64().expect("a number");
    assert!(bytes(1) > bytes(0), "a longer history has more keys: {found}");
    let half = check("park", &["--state", "bf16"], &[]);
    let half = half["snapshot"][0]["bytes"].as_u64().expect("a number");
    assert!(half < bytes(0) * 6 / 10, "bf16 takes half the room: {half}");
}

#[test]
fn a_folder_of_the_callers_is_left_as_it_was() {
    let home = Home::new("bench-folder");
    home.write("mine/note.txt", "mine");
    let folder = home.path("mine").display().to_string();
    let ended = home.run(["bench", "park", "--quick", "--json", "--folder", &folder]);
    assert_eq!(ended.code, 0, "{ended:?}");
    let left: Vec<_> =
        std::fs::read_dir(&folder).expect("a folder").map(|item| item.expect("a file").file_name()).collect();
    assert_eq!(left, ["note.txt"]);
    home.run(["bench", "park", "--quick", "--folder", "no/such"]).is_refused(&["cannot write", "no/such"]);
}

#[test]
fn traps_are_measured_beside_the_decoder_that_has_none() {
    let found = check(
        "trap",
        &[],
        &[
            ("decode", &["traps", "rounds"], &["token_processor_us"]),
            ("prefill", &["traps", "rounds"], &["token_processor_us"]),
            ("batch", &["traps", "rounds"], &["token_processor_us"]),
            ("constrained", &["traps", "rounds"], &["token_processor_us"]),
        ],
    );
    for (group, other) in [
        ("decode", "disarmed plane"),
        ("prefill", "disarmed plane"),
        ("batch", "disarmed plane"),
        ("constrained", "schema"),
    ] {
        let rows = found[group].as_array().expect("rows");
        assert_eq!((&rows[0]["traps"], &rows[1]["traps"]), (&"none".into(), &"none again".into()));
        assert!(rows.iter().any(|row| row["traps"] == other), "{found}");
        assert!(rows[0].get("against_none").is_none(), "{found}");
        rows[1..].iter().for_each(|row| positive(&row["against_none"], "against_none"));
    }
}

#[test]
fn a_folder_can_be_measured_too() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/parity/gpt_oss");
    let folder = folder.display().to_string();
    for name in ["prefill", "decode", "park", "trap"] {
        let found = check(name, &["--model", &folder], &[]);
        assert_eq!(found["model"], folder.as_str());
    }
}

#[test]
fn what_cannot_be_measured_is_refused() {
    let home = Home::new("bench-refused");
    for name in ["prefill", "decode", "park", "trap"] {
        let refused = |words: &[&str], parts: &[&str]| {
            home.run([&["bench", name][..], words].concat()).is_refused(parts);
        };
        refused(&["--threads", "0"], &["0 threads were asked for", "1 to 256"]);
        refused(&["--threads", "many"], &["--threads", "many", &format!("nmk bench {name} --help")]);
        refused(&["--state", "f64"], &["--state", "f64"]);
        refused(&["--isa", "mmx"], &["unknown instruction set", "mmx"]);
        refused(&["--model", "no/such"], &["there is no model folder", "no/such"]);
        refused(&["--model", "embedded", "--random"], &["--model", "--random"]);
        refused(&["--loud"], &["unexpected argument '--loud'"]);
    }
    let short = checkpoint::write(&home, "short", |name, bytes| match name {
        "config.json" => String::from_utf8(bytes)
            .expect("UTF-8")
            .replace("embeddings\": 512", "embeddings\": 63")
            .into_bytes(),
        _ => bytes,
    });
    home.run(["bench", "park", "--model", &short]).is_refused(&[
        "context is too short",
        "63 positions",
        "64 at least",
    ]);
    home.run(["bench", "speed"]).is_refused(&["unrecognized subcommand 'speed'"]);
}
