//! The operations of ordinary callers, and those that need the privilege.

mod common;

use abi::Value;
use common::{key, note, open, scratch};
use memory::{Draft, GOVERNANCE, GOVERNANCE_KEY, Key, KeyFault, Kind, MemoryError, Steward, Worth};

#[test]
fn what_was_stored_is_returned_and_survives_a_reopening() {
    let scratch = scratch("round");
    let value = Value::map([("n", Value::Int(7)), ("b", Value::Bytes(vec![0, 255]))]);
    let kind = Kind::new("fact").expect("a kind");
    let worth = Worth::new(3).expect("a worth");
    let draft = Draft { key: key("apple"), kind, value: value.clone(), worth, pin: false };
    let stored = open(&scratch).put(&draft, 5).expect("stored");
    assert_eq!((stored.replaced, stored.evicted.len()), (false, 0));
    let store = open(&scratch);
    let entry = store.get("apple", 9).expect("read").expect("there");
    assert!(det::equal(&entry.value, &value));
    assert_eq!((entry.kind.as_str(), entry.worth, entry.pinned), ("fact", 3, false));
    assert_eq!((entry.created_ms, entry.updated_ms, entry.accessed_ms, entry.uses), (5, 5, 5, 0));
    assert!(store.get("pear", 9).expect("read").is_none());
    let stored = store.put(&note("apple", "new"), 10).expect("replaced");
    assert!(stored.replaced);
    let entry = store.get("apple", 11).expect("read").expect("there");
    assert_eq!(entry.value.as_text(), Some("new"));
    assert_eq!((entry.created_ms, entry.updated_ms, entry.uses), (5, 10, 1), "the use was written along");
    assert!(store.delete("apple").expect("removed"));
    assert!(!store.delete("apple").expect("nothing to remove"));
}

#[test]
fn keys_are_checked() {
    let cases = [
        ("", KeyFault::Empty),
        ("__governance__", KeyFault::Reserved),
        ("__x", KeyFault::Reserved),
        ("a\nb", KeyFault::Control),
    ];
    for (text, wanted) in cases {
        assert_eq!(Key::new(text).expect_err("refused"), wanted, "{text:?}");
    }
    assert!(Key::new("x".repeat(512)).is_ok());
    assert_eq!(Key::new("x".repeat(513)).expect_err("refused"), KeyFault::TooLong { bytes: 513, most: 512 });
    assert_eq!(Kind::new("x".repeat(65)).expect_err("refused"), KeyFault::TooLong { bytes: 65, most: 64 });
}

#[test]
fn the_governance_entry_is_always_there() {
    let scratch = scratch("governance");
    let store = open(&scratch);
    let text =
        || store.get(GOVERNANCE_KEY, 0).expect("read").expect("there").value.as_text().map(str::to_owned);
    assert_eq!(text().as_deref(), Some(GOVERNANCE));
    let steward = Steward::for_owner();
    for refused in [
        store.delete(GOVERNANCE_KEY).map(drop),
        store.delete_as(&steward, GOVERNANCE_KEY).map(drop),
        store.pin_as(&steward, GOVERNANCE_KEY, false),
    ] {
        assert!(matches!(refused, Err(MemoryError::Governance { .. })), "{refused:?}");
    }
    assert_eq!(store.list(10).expect("listed")[0].key, GOVERNANCE_KEY);
    store.govern_as(&steward, "Be brief.", 1).expect("changed");
    assert_eq!(text().as_deref(), Some("Be brief."));
    assert_eq!(open(&scratch).consult("", 1_000, 0).expect("consulted").governance, "Be brief.");
}

#[test]
fn pins_are_kept_and_can_be_undone_with_privilege() {
    let scratch = scratch("unpin");
    let store = open(&scratch);
    let steward = Steward::for_owner();
    store.put(&Draft { pin: true, ..note("a", "one") }, 0).expect("pinned");
    assert!(matches!(store.delete("a"), Err(MemoryError::Pinned { .. })));
    store.put(&note("a", "two"), 1).expect("replaced");
    let entry = store.get("a", 1).expect("read").expect("there");
    assert_eq!((entry.pinned, entry.value.as_text()), (true, Some("two")), "a pin stays");
    store.pin_as(&steward, "a", false).expect("unpinned");
    assert!(store.delete("a").expect("removed"));
    assert!(matches!(store.pin_as(&steward, "a", true), Err(MemoryError::NoEntry { .. })));
    store.put(&note("b", "three"), 2).expect("stored");
    store.pin_as(&steward, "b", true).expect("pinned");
    assert!(store.delete_as(&steward, "b").expect("removed with privilege"));
}

#[test]
fn reads_write_nothing() {
    let scratch = scratch("reads");
    let store = open(&scratch);
    store.put(&note("a", "one"), 0).expect("stored");
    let before = std::fs::read(store.path()).expect("the file");
    for now in 0..100 {
        store.get("a", now).expect("read");
        store.consult("one", 1_000, now).expect("consulted");
        store.list(10).expect("listed");
    }
    assert_eq!(std::fs::read(store.path()).expect("the file"), before);
    assert_eq!(store.get("a", 0).expect("read").expect("there").uses, 0);
    store.put(&note("b", "two"), 200).expect("stored");
    let entry = store.get("a", 0).expect("read").expect("there");
    assert_eq!((entry.uses, entry.accessed_ms), (201, 99), "the next write brings them along");
}
