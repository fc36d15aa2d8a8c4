//! Threads and processes share a store: nothing that was acknowledged is lost, and waiting has an end.

mod common;

use std::time::Duration;

use common::{Sampler, note, open, scratch, small};
use memory::{GOVERNANCE_KEY, MIN_QUOTA, MemoryError, Options, Store};
use rusqlite::Connection;

#[test]
fn eight_threads_work_at_the_quota() {
    let scratch = scratch("threads");
    let shared = open(&scratch);
    let sampler = Sampler::start(&scratch.join("memory"));
    std::thread::scope(|scope| {
        for thread in 0..8_i64 {
            let (scratch, shared) = (&scratch, &shared);
            scope.spawn(move || {
                // Every second thread opens the store anew, as another process would.
                let own = (thread % 2 == 1).then(|| open(scratch));
                let store = own.as_ref().unwrap_or(shared);
                for number in 0..100_i64 {
                    let key = format!("{thread} {number}");
                    let text = format!("{key} {}", "text ".repeat(200));
                    store.put(&note(&key, &text), number).expect("stored");
                    // Another thread may have removed it already to make room, and nothing else can have happened.
                    if let Some(entry) = store.get(&key, number).expect("read") {
                        assert_eq!(entry.value.as_text(), Some(text.as_str()));
                    }
                    store.consult(&key, 2_000, number).expect("consulted");
                }
            });
        }
    });
    assert!(sampler.most() <= MIN_QUOTA);
    assert!(shared.get(GOVERNANCE_KEY, 0).expect("read").is_some());
    shared.check().expect("sound");
}

#[test]
fn many_may_create_it_at_once() {
    for round in 0..5 {
        let scratch = scratch(&format!("create-{round}"));
        std::thread::scope(|scope| {
            for thread in 0..6 {
                let scratch = &scratch;
                scope.spawn(move || open(scratch).put(&note(format!("k{thread}"), "x"), 0).expect("stored"));
            }
        });
        assert_eq!(open(&scratch).stats().expect("stats").entries, 7);
    }
}

#[test]
fn waiting_has_an_end() {
    let scratch = scratch("busy");
    let store = open(&scratch);
    store.put(&note("a", "one"), 0).expect("stored");
    let other = Connection::open(store.path()).expect("opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("locked");
    let short = Options { busy: Duration::from_millis(50), ..small() };
    let impatient = Store::open(&scratch.join("memory"), &short, 0).expect("a reader waits for nobody");
    assert!(impatient.get("a", 0).expect("read").is_some());
    let error = impatient.put(&note("b", "two"), 1).expect_err("busy");
    assert!(matches!(error, MemoryError::Busy { .. }), "{error}");
    other.execute_batch("ROLLBACK; BEGIN EXCLUSIVE").expect("locked");
    let error = impatient.get("a", 0).expect_err("busy");
    assert!(matches!(error, MemoryError::Busy { .. }), "{error}");
    other.execute_batch("ROLLBACK").expect("released");
    impatient.put(&note("b", "two"), 1).expect("stored");
}
