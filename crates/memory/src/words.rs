//! Text for the index, queries for it, and the estimate of tokens.

use std::collections::BTreeSet;

use abi::Value;

/// The most bytes of an entry's text that are indexed. What comes after them is stored and not found by its words.
pub const MAX_INDEXED_BYTES: usize = 64 << 10;
/// The most words of a request that are looked for.
const MAX_WORDS: usize = 32;
/// The longest word of a request in bytes; the rest of it is left out.
const MAX_WORD_BYTES: usize = 64;

/// Returns the text of a value as far as it is indexed: its texts, keys and numbers, separated by spaces.
pub(crate) fn indexed(value: &Value) -> String {
    let mut text = String::new();
    let mut open = vec![value];
    while let Some(value) = open.pop() {
        if text.len() >= MAX_INDEXED_BYTES {
            break;
        }
        match value {
            Value::Text(part) => push(&mut text, part),
            Value::Int(number) => push(&mut text, &number.to_string()),
            Value::Decimal(number) => push(&mut text, &number.to_string()),
            Value::Float(number) => push(&mut text, &number.get().to_string()),
            // The next one is the last one that was added, so they are added from the end.
            Value::List(items) => open.extend(items.iter().rev()),
            Value::Map(map) => {
                for key in map.keys() {
                    push(&mut text, key);
                }
                open.extend(map.values().rev());
            }
            Value::Null | Value::Bool(_) | Value::Bytes(_) => {}
        }
    }
    text
}

fn push(text: &mut String, part: &str) {
    let room = MAX_INDEXED_BYTES.saturating_sub(text.len());
    text.push_str(&part[..part.floor_char_boundary(room)]);
    text.push(' ');
}

/// Returns the query for entries that contain any word of a request, or None if the request has no word.
///
/// Each word is quoted, so that nothing in a request is an operator of the index.
pub(crate) fn query(request: &str) -> Option<String> {
    let words = request.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut seen = BTreeSet::new();
    for word in words {
        let word = word[..word.floor_char_boundary(MAX_WORD_BYTES)].to_lowercase();
        seen.insert(word);
        if seen.len() == MAX_WORDS {
            break;
        }
    }
    let quoted: Vec<String> = seen.iter().map(|word| format!("\"{word}\"")).collect();
    (!quoted.is_empty()).then(|| quoted.join(" OR "))
}

/// Returns an estimate of the tokens of a text: one for each three bytes, and one more.
///
/// Tokenizers of public models need fewer for prose in English, about one for each four bytes. For scripts whose letters
/// have three bytes they need about one for each letter, which is the estimate. Text without any structure can need
/// up to one token for each byte, and exceeds the estimate then.
#[must_use]
pub fn estimate_tokens(text: &str) -> u64 {
    text.len().div_ceil(3) as u64 + 1
}

#[cfg(test)]
mod tests {
    use abi::Value;

    use super::{MAX_INDEXED_BYTES, indexed, query};

    #[test]
    fn a_query_has_words_and_nothing_else() {
        let cases = [
            ("What is NEAR(2)?", Some("\"2\" OR \"is\" OR \"near\" OR \"what\"")),
            ("a\"b OR *", Some("\"a\" OR \"b\" OR \"or\"")),
            ("?! \u{0} -", None),
            ("", None),
            ("zoë Zoë", Some("\"zoë\"")),
        ];
        for (request, wanted) in cases {
            assert_eq!(query(request).as_deref(), wanted, "{request:?}");
        }
        let many: String = (0..1000).map(|number| format!("w{number} ")).collect();
        assert_eq!(query(&many).map(|query| query.matches(" OR ").count()), Some(31));
    }

    #[test]
    fn texts_keys_and_numbers_are_indexed() {
        let value = Value::map([
            ("name", Value::text("apple")),
            ("list", Value::List(vec![Value::Int(7), Value::Null, Value::text("pear")])),
        ]);
        assert_eq!(indexed(&value), "list name 7 pear apple ");
        let long = indexed(&Value::text("ä".repeat(MAX_INDEXED_BYTES)));
        assert!((MAX_INDEXED_BYTES - 1..=MAX_INDEXED_BYTES + 1).contains(&long.len()), "{}", long.len());
    }
}
