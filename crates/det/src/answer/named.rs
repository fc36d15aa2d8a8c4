//! Values behind a name of one letter, and values that are struck out: `A: 4`, `n = 4`, `~~3~~ 4`.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use super::statements::Line;
use super::tokens::Token;
use super::topic::Asked;

/// Tags whose content is struck out, with their ends.
const STRIKING: [&str; 6] = ["<s>", "</s>", "<del>", "</del>", "<strike>", "</strike>"];

/// Returns the texts of a line that are struck out, and the line without them. None if there are none.
pub(super) fn without_struck(line: &str) -> Option<(Vec<String>, String)> {
    let has_tag = line.contains('<') && STRIKING.iter().any(|tag| line.contains(tag));
    if !has_tag && !line.contains("~~") {
        return None;
    }
    let marked = STRIKING.iter().fold(String::from(line), |line, tag| line.replace(tag, "~~"));
    let (mut struck, mut rest) = (Vec::new(), String::new());
    for (at, part) in marked.split("~~").enumerate() {
        if at % 2 == 0 {
            rest.push_str(part);
            rest.push(' ');
        } else {
            struck.push(String::from(part));
        }
    }
    Some((struck, rest))
}

impl Line<'_, '_> {
    /// Returns the value behind `A:`, as in a list of questions and answers. `text` is the line as it is written.
    pub(super) fn answers_a_question(&self, text: &str) -> Option<Cow<'_, str>> {
        let is_large = text.trim_start_matches(|c: char| !c.is_alphanumeric()).starts_with('A');
        self.named().filter(|(name, _)| is_large && *name == 'a').map(|(_, value)| value)
    }

    /// Returns the value of a variable: a single letter that the text of the question does not have.
    pub(super) fn variable(&self) -> Option<Cow<'_, str>> {
        let topic = self.reader.topic;
        if !matches!(topic.asked, Asked::Times | Asked::Letters | Asked::Sign(_)) {
            return None;
        }
        let is_in =
            |name: char| topic.text.iter().chain(&topic.counted).any(|token| token.word().contains(name));
        let (_, value) = self.named().filter(|(name, _)| !is_in(*name))?;
        (!topic.asks_about(&value)).then_some(value)
    }

    /// Returns the single letter and the value of which the line consists.
    fn named(&self) -> Option<(char, Cow<'_, str>)> {
        let start = self.tokens.iter().position(|token| !matches!(token, Token::Mark(_)))?;
        let mut letters = self.tokens[start].word().chars();
        let name = letters.next().filter(|_| letters.next().is_none())?;
        let is_named = matches!(self.tokens.get(start + 1), Some(Token::Mark(':' | '=')));
        let value = self.value(start + 2).filter(|_| is_named)?;
        self.tokens[start + 3..].iter().all(|token| matches!(token, Token::Mark(_))).then_some((name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::without_struck;

    #[test]
    fn what_is_struck_out_is_taken_apart() {
        let (struck, rest) = without_struck("~~3~~ 4 <del>5</del>").expect("struck texts");
        assert_eq!((struck.join(","), rest.trim()), ("3,5".into(), "4"));
        assert!(without_struck("3 ~ 4 < 5").is_none());
    }
}
