//! Words and lists of integers, as replies state them.
//!
//! A list is `[2, 2, 3]`, `2, 2, 3` or `2, 2 and 3`. Without brackets a blank follows each comma, because `1,000` may be one
//! number. A word has letters, digits and hyphens between them, and nothing that a look-alike takes part in: it is the
//! text that is compared.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::{Answer, integer};
use crate::form::is_word;

/// The most bytes of a word or a list.
const MAX_BYTES: usize = 4_096;

/// Returns the word that a text is.
pub(super) fn word(text: &str) -> Option<Answer> {
    (text.len() <= MAX_BYTES && is_word(text)).then(|| Answer::Word(text.to_string()))
}

/// Returns the list of integers that a text is. `text` may have marks of emphasis and one full stop around it.
pub(super) fn integers(text: &str) -> Option<Answer> {
    let text = text.trim().trim_matches(super::value::is_mark).trim();
    let text = text.strip_suffix('.').unwrap_or(text).trim_matches(super::value::is_mark).trim();
    let (inner, is_bracketed) = match text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        Some("") => return Some(Answer::Integers(Vec::new())),
        Some(inner) => (inner, true),
        None => (text, false),
    };
    if inner.len() > MAX_BYTES {
        return None;
    }
    let (first, last) = match inner.rsplit_once(" and ") {
        Some((first, last)) if !is_bracketed => (first.strip_suffix(',').unwrap_or(first), Some(last)),
        _ => (inner, None),
    };
    let separator = if is_bracketed { "," } else { ", " };
    let items = first.split(separator).chain(last).map(|item| whole(item.trim()));
    items.collect::<Option<Vec<i64>>>().map(Answer::Integers)
}

/// Returns an integer as it is usually written. `007` and `+7` may be something else.
fn whole(text: &str) -> Option<i64> {
    integer(text).filter(|number| number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Form, extract};

    #[test]
    fn lists_are_read_as_they_are_written() {
        let list = |text| match integers(text) {
            Some(Answer::Integers(items)) => Some(items),
            _ => None,
        };
        assert_eq!(list("[2, 2, 3]"), Some([2, 2, 3].into()));
        assert_eq!(list("[2,2,3]"), Some([2, 2, 3].into()));
        assert_eq!(list("2, 2 and 3."), Some([2, 2, 3].into()));
        assert_eq!(list("2, 2, and 3"), Some([2, 2, 3].into()));
        assert_eq!(list("**-7**"), Some([-7].into()));
        assert_eq!(list("[]"), Some(Vec::new()));
        for text in [
            "", "2,2", "1,000", "2 or 3", "2 2 3", "2, x", "[2, 3", "2, 3]", "02, 3", "2; 3", "2.5, 3",
            "2, , 3",
        ] {
            assert_eq!(list(text), None, "{text}");
        }
    }

    #[test]
    fn a_reply_states_a_word_or_a_list_and_nothing_beside_it() {
        let word = |reply| extract(reply, Form::Word);
        assert_eq!(word("Answer: Thursday"), Some(Answer::Word("Thursday".into())));
        assert_eq!(word("**2024-03-01**"), Some(Answer::Word("2024-03-01".into())));
        assert_eq!(word("Answer: \"XIV\"."), Some(Answer::Word("XIV".into())));
        assert_eq!(word("{\"answer\": \"XIV\"}"), Some(Answer::Word("XIV".into())));
        assert_eq!(word("Answer: Thursday\nAnswer: Friday"), None);
        for reply in [
            "Answer: Thursday or Friday",
            "It is Friday.\nAnswer: Thursday",
            "Answer: not Thursday",
            "Answer: Thursday?",
            "Answer: ~Thursday",
            "",
            "Answer: --",
        ] {
            assert_eq!(word(reply), None, "{reply}");
        }
        let list = |reply| extract(reply, Form::Integers);
        assert_eq!(list("Answer: [2, 2, 3]"), Some(Answer::Integers([2, 2, 3].into())));
        assert_eq!(list("{\"answer\": [2, 2, 3]}"), Some(Answer::Integers([2, 2, 3].into())));
        assert_eq!(list("2 * 2 = 4\nAnswer: 2, 2, 3"), None);
        assert_eq!(list("Answer: 2, 2 and maybe 3"), None);
    }
}
