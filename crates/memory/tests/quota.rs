//! The folder never has more bytes than the quota, a refused write changes nothing, and the store goes on at its quota.

mod common;

use abi::Value;
use common::{Random, Sampler, key, note, open, scratch, small, words};
use memory::{Draft, MIN_QUOTA, MemoryError, Options, Quota, Steward, Store};

/// Every entry with its value, as an export states it.
fn content(store: &Store) -> Vec<String> {
    let mut lines = Vec::new();
    store
        .export(|entry| {
            lines.push(memory::export_line(&entry));
            Ok::<(), MemoryError>(())
        })
        .expect("the store is sound");
    lines
}

#[test]
fn a_folder_stays_below_the_quota_while_entries_come_and_go() {
    let scratch = scratch("quota");
    let store = open(&scratch);
    let sampler = Sampler::start(&scratch.join("memory"));
    let mut random = Random::new(7);
    let (mut evicted, mut stored) = (0, 0);
    for number in 0..1500_i64 {
        let bytes = match random.below(20) {
            0 => random.below(20_000),
            1..=4 => random.below(3_000),
            _ => random.below(300),
        };
        let draft = note(format!("key {}", random.below(3_000)), words(&mut random, bytes));
        match store.put(&draft, number) {
            Ok(done) => {
                stored += 1;
                evicted += done.evicted.len();
            }
            Err(error) => panic!("entry {number} of about {bytes} bytes: {error}"),
        }
        if random.below(10) == 0 {
            store.delete(&format!("key {}", random.below(3_000))).expect("a removal never lacks room");
        }
    }
    let most = sampler.most();
    let stats = store.stats().expect("stats");
    println!("{stored} stored, {evicted} removed, at most {most} bytes; {stats:?}");
    assert!(most <= MIN_QUOTA, "{most}");
    assert!(evicted > 100, "the store was at its quota");
    // Texts of random words have the largest index. Half of the quota is the journal's.
    assert!(stats.bytes * 16 > MIN_QUOTA, "a sixteenth of the quota is content: {stats:?}");
    store.check().expect("sound");
}

#[test]
fn a_small_quota_is_refused_by_name() {
    let error = Quota::new(MIN_QUOTA - 1).expect_err("too small");
    assert_eq!(
        error.to_string(),
        "a quota of 1048575 bytes is too small for the memory's own tables and rules; state at least 1048576"
    );
}

#[test]
fn an_entry_that_is_too_large_changes_nothing() {
    let scratch = scratch("large");
    let store = open(&scratch);
    for number in 0..60 {
        store.put(&note(format!("k{number}"), "x".repeat(4_000)), number).expect("stored");
    }
    let before = content(&store);
    let most = small().quota.entry_bytes();
    let error = store.put(&note("large", "x".repeat(most as usize)), 99).expect_err("too large");
    assert!(matches!(error, MemoryError::EntryTooLarge { .. }), "{error}");
    let fits = most - "large".len() as u64 - "note".len() as u64 - 5;
    assert_eq!(content(&store), before);
    store.put(&note("large", "x".repeat(fits as usize)), 99).expect("the largest entry fits");
}

#[test]
fn a_write_that_is_refused_after_removals_brings_them_back() {
    let scratch = scratch("refused");
    let store = open(&scratch);
    for number in 0..400 {
        store
            .put(&note(format!("k{number}"), format!("{number} {}", "word ".repeat(300))), number)
            .expect("stored");
    }
    // Each pinned entry needs more room than is free, and the last one is refused after its room was made.
    let large = |number: i64| note(format!("pin {number}"), format!("{number} {}", "word ".repeat(4_500)));
    let mut number = 0;
    let refused = loop {
        let before = content(&store);
        match store.put(&Draft { pin: true, ..large(number) }, 1_000 + number) {
            Ok(stored) => assert!(!stored.evicted.is_empty()),
            Err(error) => {
                assert_eq!(content(&store), before, "nothing was changed");
                break error;
            }
        }
        number += 1;
    };
    assert!(matches!(refused, MemoryError::PinQuota { .. }), "{refused}");
    assert!(number > 1);
    let unpinned = store.put(&large(number), 2_000).expect("stored without a pin");
    assert!(!unpinned.evicted.is_empty(), "the refused write had to make room too");
}

#[test]
fn pins_leave_room_whatever_their_size() {
    let scratch = scratch("pins");
    let store = open(&scratch);
    let steward = Steward::for_owner();
    let mut random = Random::new(3);
    let mut number = 0;
    loop {
        let draft = Draft { pin: true, ..note(format!("pin {number}"), words(&mut random, 200)) };
        match store.put_as(&steward, &draft, number) {
            Ok(_) => number += 1,
            Err(MemoryError::PinQuota { .. }) => break,
            Err(error) => panic!("{error}"),
        }
    }
    let most = small().quota.entry_bytes() as usize - 64;
    for size in [10, 1_000, most] {
        let text = words(&mut random, size);
        store.put(&note("free", &text[..size]), 9_000).expect("there is room for the largest entry");
    }
    for pin in 0..number {
        assert!(store.get(&format!("pin {pin}"), 0).expect("read").expect("pinned entries stay").pinned);
    }
}

#[test]
fn a_lower_quota_than_the_file_needs_is_refused() {
    let scratch = scratch("lower");
    let folder = scratch.join("memory");
    let large = Options { quota: Quota::new(4 << 20).expect("large enough"), ..small() };
    let store = Store::open(&folder, &large, 0).expect("opens");
    for number in 0..80 {
        store.put(&note(format!("k{number}"), "x".repeat(9_000)), number).expect("stored");
    }
    drop(store);
    let error = Store::open(&folder, &small(), 0).expect_err("the file is longer");
    assert!(matches!(error, MemoryError::FileAboveQuota { .. }), "{error}");
    Store::open(&folder, &large, 0).expect("nothing was changed").check().expect("sound");
}

#[test]
fn deep_values_are_refused() {
    let scratch = scratch("deep");
    let store = open(&scratch);
    let deep = (0..100).fold(Value::Null, |inner, _| Value::List(vec![inner]));
    let error = store.put(&Draft::note(key("deep"), deep), 0).expect_err("too deep");
    assert!(matches!(error, MemoryError::TooDeep { depth: 100, .. }), "{error}");
    let least = (0..64).fold(Value::Null, |inner, _| Value::List(vec![inner]));
    match store.put(&Draft::note(key("deep"), least), 0) {
        Ok(_) => drop(store.get("deep", 0).expect("what was accepted is read back").expect("there")),
        Err(error) => panic!("{error}"),
    }
}
