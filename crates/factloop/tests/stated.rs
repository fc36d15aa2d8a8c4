//! The committed answer is the checked value alone, whatever the reply says around it.

mod common;

use abi::{Entry, EntryKind, GenerationRecord, JobId, Origin, Value};
use common::{EXAMPLE, Memory, Script, settings};
use det::Level;
use factloop::{JobReport, Settings, ask};

struct Run {
    report: JobReport,
    entries: Vec<Entry>,
}

fn run(prompt: &str, replies: &[&'static str], settings: &Settings) -> Run {
    let mut memory = Memory::default();
    let report = ask(&mut Script::new(replies), &mut memory, JobId(1), prompt, settings, &mut |_| ());
    Run { report: report.expect("a report"), entries: memory.entries }
}

/// The digest under which the ledger names the value of the entry of this kind.
fn digest_in(run: &Run, kind: EntryKind, key: &str) -> Option<abi::Digest> {
    run.entries.iter().find(|entry| entry.kind == kind)?.body.get(key)?.as_digest()
}

#[test]
fn the_reply_around_an_answer_is_not_committed() {
    let replies = [
        "Let me count the letters.\nAnswer: 7",
        "3 + 4 = 7\n**Answer:** `7`.",
        "Final answer: 7",
        "7",
        "The answer is 007.",
    ];
    for reply in replies {
        let run = run(EXAMPLE, &[reply], &settings());
        assert_eq!(run.report.answer().as_deref(), Some("7"), "{reply}");
        assert!(det::equal(run.report.value.as_ref().unwrap(), &Value::Int(7)), "{reply}");
        assert_eq!((run.report.level, run.report.reply.as_deref()), (Level::Oracle, Some(reply)));
        assert!(run.report.reading.is_some(), "the reading is shown after a first draft too");
        // In the ledger the value is what is judged and committed; the reply is a blob of the generation.
        let value = det::subject_digest(&Value::Int(7));
        assert_eq!(digest_in(&run, EntryKind::Proposed, "subject"), Some(value), "{reply}");
        assert_eq!(digest_in(&run, EntryKind::Committed, "result"), Some(value), "{reply}");
        let proposed = run.entries.iter().find(|entry| entry.kind == EntryKind::Proposed).unwrap();
        let record = GenerationRecord::from_value(proposed.body.get("record").unwrap()).unwrap();
        assert_eq!(record.blobs.reply, Some(abi::Digest::hash_blob(reply.as_bytes())), "{reply}");
    }
}

#[test]
fn a_reply_with_a_second_statement_is_not_committed() {
    for reply in ["It is 5, not 7.\nAnswer: 7", "- Answer: 5\nAnswer: 7", "\u{410}nswer: 5\nAnswer: 7"] {
        let run = run(EXAMPLE, &[reply, reply], &settings());
        assert_eq!((run.report.answer(), run.report.generations), (None, 2), "{reply}");
        assert!(run.report.abstained.unwrap().reason.contains("no single integer"), "{reply}");
        assert_eq!(run.report.unproven.as_ref().and_then(Value::as_text), Some(reply));
    }
}

#[test]
fn a_models_text_is_never_called_computed() {
    let told = run(EXAMPLE, &["Answer: 7"], &settings());
    assert!(told.entries.iter().all(|entry| entry.kind != EntryKind::Computed));
    let direct = run("Is 97 prime?", &[], &Settings { direct: true, ..settings() });
    assert_eq!(direct.report.answer().as_deref(), Some("yes"));
    let computed = direct.entries.iter().filter(|entry| entry.kind == EntryKind::Computed);
    for entry in computed {
        let origin = Origin::from_value(entry.body.get("origin").unwrap()).unwrap();
        let is_prime = prims::find("is_prime").expect("a primitive").digest();
        assert_eq!(
            origin,
            Origin::Primitive { digest: is_prime },
            "the answer keeps the origin of the value"
        );
    }
}
