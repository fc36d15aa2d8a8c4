//! The rule that the memory is always consulted: a job without a record is refused, and the record is an input of its opening.

mod common;

use abi::{Digest, Entry, EntryKind, Value};
use common::*;
use sched::{BlobDigests, Consulted, Effect, Event, Gate, History, JobSpec, Record, Refusal, Remembered};

fn three() -> Consulted {
    let (label, entry) = ("letter_count(strawberry, r)".to_owned(), Digest::hash_blob(b"entry"));
    Consulted::recalled(vec![Remembered { label, value: Value::Int(3), entry }], 1).expect("it is small")
}

/// Opens a job with this record, and returns the entry of the opening.
fn opening(consulted: Consulted) -> Entry {
    let blobs = BlobDigests { consulted: Some(Digest::hash_blob(b"blob")), ..BlobDigests::default() };
    let mut effects = step(&mut kernel(), Event::Open(job().consulting(consulted))).expect("it is sound");
    let Effect::Record(record @ Record::Opened { .. }) = effects.remove(0) else {
        panic!("an opening begins with its record")
    };
    record.into_entry(&blobs).with_value_body().expect("canonical")
}

#[test]
fn a_job_without_a_record_is_refused_and_changes_nothing() {
    let mut kernel = kernel();
    let refusal = step(&mut kernel, Event::Open(JobSpec { consulted: None, ..job() })).unwrap_err();
    assert_eq!(refusal, Refusal::NotConsulted { job: JOB });
    assert_eq!(refusal.gate(), Gate::Memory);
    let words = refusal.to_string();
    assert!(words.contains("memory gate") && words.contains("JobSpec::consulted"), "{words}");
    assert!(!kernel.is_open(JOB));
    let refused = admit(&mut kernel, vec![spec("a", "draft", &[])]).unwrap_err();
    assert_eq!(refused, Refusal::JobNotOpen { job: JOB });
    step(&mut kernel, Event::Open(job())).expect("the smallest change that the refusal names admits it");
}

#[test]
fn the_digest_of_the_record_is_an_input_of_the_opening() {
    for consulted in [Consulted::no_memory("none is kept"), three()] {
        let digest = consulted.digest();
        let entry = opening(consulted);
        assert!(entry.inputs.contains(&digest));
        let body = entry.body.get("consulted").expect("the entry tells of it");
        assert_eq!(body.get("digest").and_then(Value::as_digest), Some(digest));
    }
    let abstained = opening(Consulted::no_memory("none is kept"));
    let reason =
        abstained.body.get("consulted").and_then(|told| told.get("abstained")).and_then(Value::as_text);
    assert_eq!(reason, Some("none is kept"));
    let recalled = opening(three());
    let told = |key| recalled.body.get("consulted").and_then(|told| told.get(key)).and_then(Value::as_int);
    assert_eq!((told("recalled"), told("left_out")), (Some(1), Some(1)));
    let Some(Value::List(blobs)) = recalled.body.get("blobs") else { panic!("the entry names its blobs") };
    assert!(blobs.iter().any(|blob| blob.as_digest() == Some(Digest::hash_blob(b"blob"))));
}

#[test]
fn a_history_takes_old_openings_and_refuses_a_record_that_is_no_input() {
    let entry = opening(three());
    History::default().take(&entry).expect("as the kernel wrote it");
    let mut body = entry.body.clone().into_map().expect("a body is a map");
    body.remove("consulted");
    let old = Entry { inputs: vec![contract().digest()], body: Value::Map(body), ..entry.clone() };
    History::default().take(&old).expect("as it was written before there was a record");
    let foreign = Entry { inputs: vec![contract().digest()], ..entry };
    assert_eq!(foreign.kind, EntryKind::Opened);
    let contradiction = History::default().take(&foreign).unwrap_err();
    assert!(contradiction.what.contains("memory"), "{contradiction}");
}
