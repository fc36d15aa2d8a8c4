//! What is forbidden is not said, what is said instead makes sense, and all else is as it was.

mod common;

use common::home::Home;

const RICE: &str = "How do I cook rice?";

fn answer(home: &Home, more: &[&str]) -> String {
    let ended = home.run([&["ask", RICE, "--json"], more].concat());
    assert_eq!(ended.code, 0, "{more:?} {ended:?}");
    ended.json()["answer"].as_str().expect("an answer").to_owned()
}

/// Returns the words of `text`, of ASCII letters, digits and `_`.
fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect()
}

#[test]
fn a_text_is_forbidden_anywhere_and_a_word_by_itself() {
    let home = Home::new("forbidden-flags");
    let free = answer(&home, &[]);
    assert!(words(&free).contains(&"salt") && words(&free).contains(&"oil"), "the control: {free}");
    for text in ["salt", "alt", "oil", "i", "a little"] {
        let said = answer(&home, &["--forbid", text]);
        assert!(free.contains(text) && !said.contains(text) && !said.is_empty(), "{text}: {said}");
    }
    for word in ["salt", "oil", "a"] {
        let said = answer(&home, &["--forbid-word", word]);
        assert!(!words(&said).contains(&word), "{word}: {said}");
        // A token that ends with the word whole is left out, so the word is not patched to a longer one.
        assert!(!said.contains("saltainder"), "{word}: {said}");
    }
    // Another word is said instead, and not the beginning of the forbidden one with other letters.
    for flags in [["--forbid", "salt"], ["--forbid-word", "salt"], ["--forbid", "oil"], ["--forbid", "a"]] {
        let said = answer(&home, &flags);
        for patched in words(&said) {
            assert!(is_a_word(patched), "{flags:?}: {patched} in {said}");
        }
    }
    // A part of a word is no word.
    assert_eq!(answer(&home, &["--forbid-word", "alt"]), free);
    // A mark of the syntax of patterns is itself.
    assert_eq!(answer(&home, &["--forbid", "s.lt"]), free);
    assert_eq!(answer(&home, &["--forbid", "zebra", "--forbid-word", "zebra"]), free);
    assert_eq!(home.run(["ledger", "replay"]).code, 0, "the records say what was forbidden");
    home.run(["ask", RICE, "--forbid", ""]).is_refused(&["command line", "no bytes"]);
}

/// Returns true for a word that people write: small letters behind at most one capital, and at least one vowel.
fn is_a_word(word: &str) -> bool {
    let small = word.chars().skip(1).all(|c| c.is_ascii_lowercase());
    let sounds = word.to_lowercase().contains(['a', 'e', 'i', 'o', 'u', 'y']);
    let begins_forbidden = ["sal", "saltt", "salv", "oi", "sa"].contains(&word);
    small && sounds && !begins_forbidden
}

#[test]
fn an_answer_that_was_worded_otherwise_replays_in_whatever_passes() {
    let home = Home::new("forbidden-replay");
    let said = answer(&home, &["--forbid", "salt"]);
    assert_ne!(said, answer(&home, &[]), "the control");
    for more in [["--chunk", "1"], ["--speculate", "4"], ["--threads", "2"], ["--isa", "portable"]] {
        assert_eq!(answer(&home, &[&["--forbid", "salt"], &more[..]].concat()), said, "{more:?}");
    }
    let replayed = home.run(["ledger", "replay", "--json"]).json();
    assert_eq!(replayed["generations"], 6, "{replayed}");
    let shown = home.run(["ledger", "show", "--json"]).out;
    assert!(shown.contains("\"rewords\":true"), "the record says how it was made");
}

#[test]
fn what_is_never_said_changes_no_bit() {
    let home = Home::new("forbidden-bits");
    let run = ["model", "generate", "embedded", "--prompt", "Good morning", "--max-new", "16"];
    let free = home.run(run).out;
    for more in [["--forbid", "zebra"], ["--forbid-word", "zebra"], ["--forbid-pattern", "zebra"]] {
        assert_eq!(home.run([&run[..], &more].concat()).out, free, "{more:?}");
    }
    let letter = free.chars().find(|c| "aeiou".contains(*c)).expect("a vowel").to_string();
    assert_ne!(home.run([&run[..], &["--forbid", &letter]].concat()).out, free, "the control");
}

#[test]
fn a_schema_and_a_forbidden_text_hold_together() {
    let home = Home::new("forbidden-schema");
    let cases = [
        (r#"{"enum": ["salt", "oil"]}"#, "--forbid", "salt", r#""oil""#),
        (r#"{"enum": ["salt", "oil"]}"#, "--forbid-word", "salt", r#""oil""#),
        (r#"{"enum": ["oil", "salt"]}"#, "--forbid", "oil", r#""salt""#),
        (r#"{"enum": ["a long salt", "a long salad"]}"#, "--forbid", "salt", r#""a long salad""#),
        (r#"{"enum": [111, 112]}"#, "--forbid-pattern", "2", "111"),
        (r#"{"enum": [111, 112]}"#, "--forbid", "11", ""),
        (r#"{"const": "salt"}"#, "--forbid", "al", ""),
    ];
    for (schema, flag, text, expected) in cases {
        home.write("work/s.json", schema);
        let run = ["ask", "What do I add?", "--json", "--schema", "s.json", flag, text];
        let ended = home.run(run);
        if expected.is_empty() {
            assert_eq!(ended.code, 2, "{schema} {ended:?}");
            assert!(ended.err.contains("the schema and the forbidden text leave no token"), "{ended:?}");
        } else {
            assert_eq!(ended.code, 0, "{schema} {ended:?}");
            assert_eq!(ended.json()["answer"], expected, "{schema} without {text}");
        }
    }
    assert_eq!(home.run(["ledger", "replay"]).code, 0, "the answers come out again");
}
