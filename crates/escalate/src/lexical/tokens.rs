//! The tokens of a text: its words in lower case, with names in camel case split.

use std::collections::BTreeSet;

/// The least number of characters of a token.
const LEAST_CHARACTERS: usize = 2;

/// Returns the tokens of `text`, each once, in ascending order.
pub(super) fn tokens(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut token = String::new();
    let mut before: Option<char> = None;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if !character.is_alphanumeric() {
            keep(&mut token, &mut found);
            before = None;
            continue;
        }
        let ends_capitals = characters.peek().is_some_and(|next| next.is_lowercase());
        let begins =
            character.is_uppercase() && before.is_some_and(|before| !before.is_uppercase() || ends_capitals);
        if begins {
            keep(&mut token, &mut found);
        }
        token.extend(character.to_lowercase());
        before = Some(character);
    }
    keep(&mut token, &mut found);
    found
}

/// Ends a token. A token that is too short is dropped.
fn keep(token: &mut String, found: &mut BTreeSet<String>) {
    let token = std::mem::take(token);
    if token.chars().nth(LEAST_CHARACTERS - 1).is_some() {
        found.insert(token);
    }
}

#[cfg(test)]
mod tests {
    use super::tokens;

    #[test]
    fn names_are_split_where_a_word_begins() {
        let table = [
            ("", ""),
            ("a b c -", ""),
            ("gcd(a, b)", "gcd"),
            ("toSnakeCase", "case snake to"),
            ("toHTMLText", "html text to"),
            ("HTMLParser2", "html parser2"),
            ("base64Encode", "base64 encode"),
            ("count_byte COUNT", "byte count"),
            ("getX xs", "get xs"),
            ("Größe ÄÖ 日本", "größe äö 日本"),
            ("x2 2x", "2x x2"),
        ];
        for (text, expected) in table {
            let found: Vec<String> = tokens(text).into_iter().collect();
            assert_eq!(found.join(" "), expected, "{text}");
        }
    }
}
