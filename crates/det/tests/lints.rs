//! Lints find known faults, let ordinary text pass, and never show more than `Schema`.

mod common;

use common::*;
use det::{Contract, Form, Level, Lint, Value};

fn passes(lint: Lint, text: &str) -> bool {
    lint.check(text).is_ok()
}

#[test]
fn evidence_is_a_result_an_artefact_or_an_admission() {
    for cited in [
        "All green: 12/12 passed.",
        "3 failed after the change",
        "See crates/det/src/json.rs for it.",
        "I ran it:\n$ cargo test",
        "```\nok\n```",
        "the output of `cargo test -p det` says so",
        "This is unverified.",
        "I could not verify the claim.",
    ] {
        assert!(passes(Lint::EvidenceCited, cited), "{cited}");
    }
    for bare in [
        "It works.",
        "The proof is obvious.",
        "Done on 2024/05/01.",
        "A ratio of 3/4.",
        "`3/4`",
        "```\n```",
        "It is fast, e.g. very fast.",
        "",
    ] {
        assert!(!passes(Lint::EvidenceCited, bare), "{bare}");
    }
}

#[test]
fn secrets_and_raw_reasoning_are_seen() {
    for leaked in [
        "<think>let me see</think> 4",
        "<|channel|>analysis first",
        "key AKIAABCDEFGHIJKLMNOP",
        "sk-abcdefghijklmnopqrstuvwx123456",
        "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
        "-----BEGIN RSA PRIVATE KEY-----",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
        "Authorization: Bearer abcdef0123456789abcdef0123456789",
        "postgres://admin:hunter2!@db.internal/prod",
        "password = \"correct horse\"",
        "{\"api_key\": \"a1b2c3d4e5f6\"}",
        // A secret that merely contains a harmless word is no placeholder.
        "password = \"example-9f8e7d6c\"",
    ] {
        assert!(!passes(Lint::NoSecretOrReasoning, leaked), "{leaked}");
    }
    for clean in [
        "I think that it is 4.",
        "password = \"changeme\"",
        "api_key = \"your-api-key-here\"",
        "password = \"xxxxxxxxxxxx\"",
        "the task-list of the day",
        "Bearer of good news arrived today",
        "see https://example.com/a:b@c",
        "the word secret: it means hidden",
        "ask-me-anything-about-this-and-that-today",
    ] {
        assert!(passes(Lint::NoSecretOrReasoning, clean), "{clean}");
    }
}

#[test]
fn a_lint_shows_schema_at_most() {
    let contract = Contract::from_form(Form::Text).linted([Lint::EvidenceCited]).unwrap();
    assert_eq!((contract.ceiling(), contract.class().to_string()), (Level::Schema, "lint".to_owned()));
    assert!(judged(&contract, Value::text("12/12 passed")).unwrap().verdict().shows(Level::Schema));
    let bare = judged(&contract, Value::text("trust me")).unwrap();
    assert_eq!((bare.verdict().is_satisfied(), bare.verdict().level()), (false, Level::Syntax));
}
