//! Words and letters of a whole text, as the primitives count them.

use prims::{CallError, Value, find};

fn count(name: &str, operands: &[&str]) -> Result<i64, CallError> {
    let operands: Vec<Value> = operands.iter().map(|text| Value::text(*text)).collect();
    find(name).expect("a primitive").call(&operands).map(|value| match value {
        Value::Int(int) => int,
        other => panic!("{name} returned {other:?}"),
    })
}

#[test]
fn words_are_counted_whole_and_without_case() {
    for (text, word, expected) in [
        ("the cat and the hat", "the", 2),
        ("The theme: THE end.", "the", 2),
        ("", "the", 0),
        ("it's its 'it's' it''s", "it's", 2),
        ("it''s", "it", 1),
        ("well-known, well - known; -well-", "well", 2),
        ("well-known", "WELL-KNOWN", 1),
        ("a1a a_a", "a", 4),
        ("Größe größe GRÖSSE", "größe", 2),
        ("日本 日", "日", 1),
    ] {
        assert_eq!(count("word_count", &[text, word]), Ok(expected), "{word:?} in {text:?}");
    }
}

#[test]
fn anything_but_one_plain_word_is_outside_the_domain() {
    for (word, expected) in [
        ("", "a single word"),
        ("-", "a single word"),
        ("a b", "a single word"),
        ("a--b", "a single word"),
        ("'a", "a word without marks around it"),
        ("a.", "a word without marks around it"),
    ] {
        let demand = match count("word_count", &["a", word]) {
            Err(CallError::OutOfDomain { primitive: "word_count", demand }) => demand,
            other => panic!("{word:?} gave {other:?}"),
        };
        assert_eq!(demand, expected, "{word:?}");
    }
}

#[test]
fn the_length_of_a_text_is_that_of_its_letters() {
    for (text, expected) in
        [("", 0), ("strawberry", 10), ("it's 2 o'clock!", 9), ("e\u{301} é", 2), ("日本", 2)]
    {
        assert_eq!(count("text_length", &[text]), Ok(expected), "{text:?}");
    }
}
