//! Prompts as tokens, and the closed vocabularies of the router.

/// One token of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A bare word, in lower case, with inner apostrophes.
    Word(String),
    /// What stood between quotation marks, as it was written.
    Quoted(String),
    /// An integer.
    Number(i64),
    /// A sign that is written as one: `+`, `-`, `=`.
    Sign(char),
}

impl Token {
    pub(crate) fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own == word)
    }

    pub(crate) fn any_of(&self, words: &[&str]) -> bool {
        matches!(self, Self::Word(own) if words.contains(&own.as_str()))
    }
}

/// The tokens of `prompt`, or none where something in it cannot be read as one: such a prompt is not
/// routed.
pub(crate) fn tokens(prompt: &str) -> Option<Vec<Token>> {
    let chars: Vec<char> = prompt.chars().map(straight).collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let (token, next) = match c {
            '"' => quoted(&chars, at)?,
            '\'' if opens_quote(&chars, at) => quoted(&chars, at)?,
            c if c.is_ascii_digit() => number(&chars, at)?,
            c if c.is_alphabetic() => word(&chars, at),
            '+' | '-' | '=' => (Some(Token::Sign(c)), at + 1),
            c if c.is_whitespace() || ".,;:!?()'".contains(c) => (None, at + 1),
            _ => return None,
        };
        tokens.extend(token);
        at = next;
    }
    Some(tokens)
}

/// Typographic quotation marks and dashes as their plain forms.
fn straight(c: char) -> char {
    match c {
        '“' | '”' | '„' => '"',
        '‘' | '’' => '\'',
        '−' | '–' => '-',
        other => other,
    }
}

type Read = (Option<Token>, usize);

/// A single quote opens when it does not follow a letter and another one closes before a letter.
fn opens_quote(chars: &[char], at: usize) -> bool {
    let follows_letter = at > 0 && chars[at - 1].is_alphanumeric();
    let closes = chars[at + 1..].contains(&'\'');
    !follows_letter && closes && chars.get(at + 1).is_some_and(|c| c.is_alphanumeric())
}

fn quoted(chars: &[char], at: usize) -> Option<Read> {
    let mark = chars[at];
    let ends = |index: usize| {
        chars[index] == mark && (mark == '"' || chars.get(index + 1).is_none_or(|c| !c.is_alphabetic()))
    };
    let end = (at + 1..chars.len()).find(|&index| ends(index))?;
    let content: String = chars[at + 1..end].iter().collect();
    Some((Some(Token::Quoted(content.trim_end_matches(['.', ',', '?', '!']).to_owned())), end + 1))
}

fn number(chars: &[char], at: usize) -> Option<Read> {
    let end = run_end(chars, at, |c| c.is_ascii_digit());
    let attached = chars.get(end).is_some_and(|c| c.is_alphabetic() || *c == '/' || *c == '%');
    let decimal =
        matches!(chars.get(end), Some('.' | ',')) && chars.get(end + 1).is_some_and(char::is_ascii_digit);
    if attached || decimal {
        return None;
    }
    let digits: String = chars[at..end].iter().collect();
    Some((Some(Token::Number(digits.parse().ok()?)), end))
}

fn word(chars: &[char], at: usize) -> Read {
    let end = run_end(chars, at, |c| c.is_alphabetic() || c == '\'');
    let raw: String = chars[at..end].iter().collect();
    (Some(Token::Word(raw.trim_end_matches('\'').to_lowercase())), end)
}

fn run_end(chars: &[char], at: usize, belongs: impl Fn(char) -> bool) -> usize {
    (at..chars.len()).find(|&index| !belongs(chars[index])).unwrap_or(chars.len())
}

/// Words that may stand around the operands of any question without changing what it asks.
const FILLERS: &[&str] = &[
    "a",
    "also",
    "am",
    "and",
    "answer",
    "answering",
    "are",
    "as",
    "at",
    "be",
    "briefly",
    "can",
    "careful",
    "carefully",
    "check",
    "compute",
    "could",
    "curious",
    "decide",
    "determine",
    "do",
    "does",
    "evening",
    "exactly",
    "find",
    "for",
    "friend",
    "from",
    "game",
    "get",
    "give",
    "given",
    "good",
    "have",
    "has",
    "hello",
    "help",
    "hey",
    "hi",
    "homework",
    "hurry",
    "i",
    "if",
    "in",
    "is",
    "it",
    "its",
    "just",
    "kindly",
    "know",
    "let",
    "like",
    "look",
    "me",
    "more",
    "morning",
    "my",
    "need",
    "new",
    "next",
    "not",
    "now",
    "of",
    "ok",
    "okay",
    "on",
    "one",
    "or",
    "out",
    "please",
    "question",
    "quick",
    "quickly",
    "say",
    "so",
    "take",
    "tell",
    "thank",
    "thanks",
    "that",
    "the",
    "there",
    "thing",
    "think",
    "this",
    "to",
    "true",
    "try",
    "us",
    "want",
    "wants",
    "we",
    "what",
    "what's",
    "when",
    "whether",
    "which",
    "will",
    "with",
    "work",
    "would",
    "you",
    "your",
    "afternoon",
    "up",
    "by",
    "then",
    "after",
    "finally",
    "calculate",
    "been",
    "was",
    "were",
    "any",
    "all",
    "both",
    "show",
    "here",
    "i'm",
    "it's",
    "hand",
    "simple",
];

pub(crate) fn is_filler(token: &Token) -> bool {
    token.any_of(FILLERS)
}

/// Cardinal words, as people write small operands.
const CARDINALS: [&str; 21] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];

/// The number that a token states, in digits or as a word.
pub(crate) fn cardinal(token: &Token) -> Option<i64> {
    match token {
        Token::Number(number) => Some(*number),
        Token::Word(word) => {
            CARDINALS.iter().position(|name| name == word).and_then(|at| i64::try_from(at).ok())
        }
        _ => None,
    }
}
