//! Occurrences of a letter in a text, as the primitive counts them.

use prims::{CallError, Digest, Value, find};

fn count(text: &str, letter: &str) -> Result<i64, CallError> {
    let primitive = find("letter_count").expect("a primitive");
    primitive.call(&[Value::text(text), Value::text(letter)]).map(|value| match value {
        Value::Int(int) => int,
        other => panic!("letter_count returned {other:?}"),
    })
}

fn check(text: &str, letter: &str, expected: i64) {
    assert_eq!(count(text, letter), Ok(expected), "{letter:?} in {text:?}");
}

#[test]
fn letters_are_counted_as_documented() {
    check("strawberry", "r", 3);
    check("strawberry", "R", 3);
    check("STRAWberRy", "r", 3);
    check("", "r", 0);
    check("strawberry", "z", 0);
    check("a b\u{a0}c\0a", "a", 2);
    check("Ünüü", "ü", 3);
    check("Straße, STRAẞE", "ß", 2);
    check("STRASSE", "ß", 0);
    check("Straße", "s", 1);
    check("e\u{301}\u{e9}e", "e", 2);
    check("e\u{301}\u{e9}\u{c9}", "\u{e9}", 2);
    check("İi\u{131}I", "i", 2);
    check("İi\u{307}", "İ", 1);
    check("ΣΑΣ, σας", "σ", 3);
    check("ΣΑΣ, σας", "ς", 1);
    check("\u{212a}kK", "k", 3);
    check("ﬁ", "f", 0);
    check("日本語の日", "日", 2);
    check("Ǆǅǆ", "ǆ", 3);
}

#[test]
fn anything_but_a_single_letter_is_outside_the_domain() {
    let demand = |letter: &str| match count("strawberry", letter) {
        Err(CallError::OutOfDomain { primitive: "letter_count", demand }) => demand,
        other => panic!("{letter:?} gave {other:?}"),
    };
    for letter in ["", "rr", "r ", " r", "e\u{301}", "i\u{307}", "👨\u{200d}👩", "ch"] {
        assert_eq!(demand(letter), "a single letter", "{letter:?}");
    }
    for letter in ["1", " ", "-", "\u{301}", "\0", "👍", "\u{200d}", "\u{feff}", "²"] {
        assert_eq!(demand(letter), "a letter of an alphabet", "{letter:?}");
    }
}

#[test]
fn long_texts_are_counted_whole() {
    check(&"rİ".repeat(1_000_000), "r", 1_000_000);
}

/// The standard library's tables are part of the primitive. If a new toolchain changes this digest, the
/// primitive gets a new version.
#[test]
fn the_tables_of_letters_are_frozen() {
    let mut table = String::new();
    for letter in (0..=u32::from(char::MAX)).filter_map(char::from_u32).filter(|c| c.is_alphabetic()) {
        table.push(letter);
        table.extend(letter.to_lowercase());
        table.push('\n');
    }
    let digest = Digest::hash("nmk.letters.v1", table.as_bytes());
    assert_eq!(digest.to_string(), include_str!("golden/letters.txt").trim_end());
}
