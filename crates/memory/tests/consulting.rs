//! Consultation: ranked, within a budget, and the same for the same content.

mod common;

use abi::Value;
use common::{key, note, open, scratch};
use memory::{Draft, GOVERNANCE, MemoryError, estimate_tokens};

#[test]
fn entries_are_ranked_for_the_request() {
    let scratch = scratch("ranked");
    let store = open(&scratch);
    for number in 0..50 {
        store
            .put(&note(format!("note {number}"), format!("something else, number {number}")), 0)
            .expect("stored");
    }
    store.put(&note("capital of France", "Paris"), 1).expect("stored");
    store.put(&note("trip", "in France we saw a lake and something else"), 2).expect("stored");
    let list = Value::map([("city", Value::text("Lyon")), ("country", Value::text("France"))]);
    store.put(&Draft::note(key("silk"), list), 3).expect("stored");
    let found = store.consult("What is the capital of France?", 2_000, 9).expect("consulted");
    let keys: Vec<&str> = found.recalled.iter().map(|one| one.entry.key.as_str()).collect();
    assert_eq!(keys, ["capital of France", "silk", "trip"]);
    assert_eq!(found.recalled[0].text, "Paris");
    assert_eq!(found.recalled[1].text, r#"{"city":"Lyon","country":"France"}"#);
    assert!(found.recalled.windows(2).all(|pair| pair[0].score >= pair[1].score));
    assert_eq!(found.governance, GOVERNANCE);
    let again = store.consult("FRANCE capital", 2_000, 9).expect("consulted");
    assert_eq!(again.digest, found.digest, "the same entries in the same order");
    store.delete("silk").expect("removed");
    let fewer = store.consult("capital France", 2_000, 9).expect("consulted");
    assert_eq!(fewer.recalled.len(), 2);
    assert_ne!(fewer.digest, found.digest);
}

#[test]
fn a_budget_is_kept() {
    let scratch = scratch("budget");
    let store = open(&scratch);
    for number in 0..40 {
        let text = format!("apple {}", "pie ".repeat(number * 10));
        store.put(&note(format!("k{number}"), text), 0).expect("stored");
    }
    let least = estimate_tokens(GOVERNANCE);
    for budget in [least, least + 20, least + 100, least + 1_000, 100_000] {
        let found = store.consult("apple", budget, 0).expect("consulted");
        assert!(found.tokens <= budget, "{} of {budget}", found.tokens);
        assert_eq!(found.recalled.len() + found.passed_over, 40);
        let sum: u64 = found.recalled.iter().map(|one| one.tokens).sum();
        assert_eq!(sum + least, found.tokens);
    }
    let error = store.consult("apple", least - 1, 0).expect_err("too small");
    assert!(matches!(error, MemoryError::BudgetTooSmall { .. }), "{error}");
}

#[test]
fn nothing_in_a_request_is_an_operator() {
    let scratch = scratch("operators");
    let store = open(&scratch);
    store.put(&note("a", "one two three"), 0).expect("stored");
    for request in
        ["", "\"", "NEAR(one two)", "key:one", "one*", "^one", "one AND NOT two", "(", "-one", "\0one"]
    {
        store.consult(request, 1_000, 0).expect(request);
    }
    assert!(store.consult("four", 1_000, 0).expect("consulted").is_empty());
    assert!(store.consult("!?", 1_000, 0).expect("consulted").is_empty());
}
