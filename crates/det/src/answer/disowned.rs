//! Lines that disown the answer below them: `Wrong answers include:`, `Off by one:`, `This is a lie.`

use alloc::string::String;
use alloc::vec::Vec;

use super::value::is_mark;

/// The lines before a label, as far as they disown what it labels.
#[derive(Default)]
pub(super) struct Before<'t> {
    line: Option<&'t str>,
    disowned: bool,
    /// True if the line before stands behind a label, or is the first one.
    is_fresh: bool,
    was_label: bool,
}

impl<'t> Before<'t> {
    /// Takes the next line, which `is_label` says is a label itself. `judges` says if a sentence such as "That is wrong"
    /// is about the answer, and not a part of it.
    pub(super) fn take(&mut self, line: &'t str, is_label: bool, judges: bool) {
        self.is_fresh = self.line.is_none() || self.was_label;
        self.disowned |= takes_back(line) || (judges && confesses(line, self.is_fresh));
        (self.line, self.was_label) = (Some(line), is_label);
    }

    /// Returns true if a label below these lines labels no answer.
    pub(super) fn disowns(&self) -> bool {
        self.disowned || self.line.is_some_and(|line| announces_none(line) || announces_another(line))
    }
}

/// The longest line that is looked at for words that disown an answer, in bytes.
const MOST_BYTES: usize = 400;

/// Words that begin a line which disowns the answer below it, if it announces one.
const DISOWNING: [&str; 18] = [
    "not",
    "never",
    "wrong",
    "incorrect",
    "false",
    "avoid",
    "don't",
    "do not",
    "must not",
    "unlike",
    "suppose",
    "supposing",
    "assume",
    "assuming",
    "imagine",
    "pretend",
    "if",
    "nobody",
];
/// Words before a word for an answer, or for those who give it, that disown what they announce.
const FAULTY: [&str; 9] =
    ["wrong", "incorrect", "false", "mistaken", "bad", "silly", "stupid", "invalid", "fake"];

/// Returns true if a line says of the answer below it that it is none: `Wrong answers include:`, `Not`.
fn announces_none(line: &str) -> bool {
    let line =
        line.trim_matches(|c: char| is_mark(c) || c.is_whitespace() || matches!(c, '>' | '#' | '-' | '_'));
    let ends = line.ends_with(|c: char| matches!(c, ':' | ',') || c.is_alphanumeric() || c == '\u{2026}');
    if !ends || line.len() > MOST_BYTES {
        return false;
    }
    let is_faulty = |word: &str| FAULTY.iter().any(|faulty| faulty.eq_ignore_ascii_case(word));
    let announces = line.ends_with(':') || line.split_whitespace().nth(1).is_none();
    announces
        && (DISOWNING.iter().any(|word| begins_with_word(line, word))
            || line.split(|c: char| !c.is_alphanumeric()).any(is_faulty))
}

/// Words of a line that announces something else than the answer.
const ALIEN: [&str; 44] = [
    "typo",
    "trap",
    "trick",
    "lie",
    "lies",
    "joke",
    "placeholder",
    "dummy",
    "outdated",
    "obsolete",
    "opposite",
    "reverse",
    "inverse",
    "converse",
    "negation",
    "negated",
    "unverified",
    "decoy",
    "bait",
    "nonsense",
    "misleading",
    "hypothetical",
    "hypothetically",
    "sarcastically",
    "ironically",
    "wrongly",
    "incorrectly",
    "falsely",
    "untrue",
    "erroneously",
    "mistakenly",
    "someone",
    "somebody",
    "people",
    "others",
    "friend",
    "troll",
    "fool",
    "liar",
    "example",
    "myth",
    "hoax",
    "superseded",
    "retracted",
];
/// Phrases of such a line.
const ALIEN_PHRASES: [&str; 18] = [
    "off by",
    "but no",
    "but wrong",
    "too few",
    "too many",
    "too low",
    "too high",
    "too small",
    "too large",
    "one too",
    "one more than",
    "one less than",
    "one fewer than",
    "almost right",
    "nearly right",
    "almost correct",
    "nearly correct",
    "close but",
];
/// Lines that announce something else as a whole.
const ALIEN_LINES: [&str; 18] = [
    "plus one",
    "minus one",
    "plus 1",
    "minus 1",
    "nearly",
    "almost",
    "close",
    "slightly off",
    "a bit off",
    "way off",
    "one off",
    "draft",
    "maybe",
    "perhaps",
    "possibly",
    "approximately",
    "roughly",
    "not this",
];
/// Words before a word for an answer that say that it is another one: `Old answer:`
const OTHER: [&str; 14] = [
    "old",
    "previous",
    "former",
    "earlier",
    "other",
    "another",
    "alternative",
    "someone's",
    "somebody's",
    "else's",
    "his",
    "her",
    "their",
    "nobody's",
];
/// Words for an answer.
const GIVEN: [&str; 9] =
    ["answer", "reply", "guess", "result", "attempt", "count", "value", "version", "solution"];
/// The longest line that announces something else, in bytes. A longer one explains.
const MOST_ANNOUNCING: usize = 60;

/// Returns true if a line announces something else than the answer: `Off by one:`, `Old answer:`, `Add one to this:`
fn announces_another(line: &str) -> bool {
    let line =
        line.trim_matches(|c: char| is_mark(c) || c.is_whitespace() || matches!(c, '>' | '#' | '-' | '_'));
    let Some(line) = line.strip_suffix(':').filter(|line| line.len() <= MOST_ANNOUNCING) else {
        return false;
    };
    let line: String = line.to_ascii_lowercase().replace('\u{2019}', "'").replace(',', "");
    let words: Vec<&str> = line.split_whitespace().collect();
    let Some((last, before)) = words.split_last() else { return false };
    let is_one_of = |words: &[&str], word: &str| words.contains(&word);
    let is_other = is_one_of(&GIVEN, last) && before.last().is_some_and(|word| is_one_of(&OTHER, word));
    let is_changed = before.iter().any(|word| is_one_of(&CHANGING, word))
        && matches!(*last, "this" | "it" | "that" | "following" | "below" | "next");
    let is_off = *last == "off"
        && before.last().is_some_and(|word| matches!(*word, "was" | "is" | "slightly" | "bit"));
    is_other
        || is_changed
        || is_off
        || ALIEN_LINES.contains(&words.join(" ").as_str())
        || words.iter().any(|word| is_one_of(&ALIEN, word))
        || ALIEN_PHRASES.iter().any(|phrase| line.contains(phrase))
}

/// Lines that say of what follows that it is not so.
const CONFESSIONS: [&str; 30] = [
    "it's a lie",
    "it is a lie",
    "this is a lie",
    "that's a lie",
    "that is a lie",
    "lies",
    "all lies",
    "a lie",
    "it's a joke",
    "it is a joke",
    "this is a joke",
    "that's a joke",
    "it's a trick",
    "this is a trick",
    "it's a trap",
    "this is a trap",
    "it's a hoax",
    "this is a hoax",
    "don't trust me",
    "do not trust me",
    "don't believe me",
    "do not believe me",
    "don't believe this",
    "do not believe this",
    "don't believe it",
    "do not believe it",
    "don't trust this",
    "do not trust this",
    "i made this up",
    "i made it up",
];
/// Lines that reject what is said before them, and what follows if nothing is.
const REJECTIONS: [&str; 22] = [
    "this is wrong",
    "this is false",
    "this is incorrect",
    "this is untrue",
    "this is nonsense",
    "this is not true",
    "this is not so",
    "it's wrong",
    "it is wrong",
    "it's false",
    "it is false",
    "it is not true",
    "it is not so",
    "that's wrong",
    "that is wrong",
    "that's false",
    "that is false",
    "that's not true",
    "not so",
    "not true",
    "nonsense",
    "wrong again",
];

/// Returns true if a line says that what follows is not so. `is_fresh` says that it cannot mean what stands before.
fn confesses(line: &str, is_fresh: bool) -> bool {
    if line.len() > MOST_ANNOUNCING {
        return false;
    }
    let bare =
        line.trim_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase().replace('\u{2019}', "'");
    CONFESSIONS.contains(&bare.as_str()) || (is_fresh && REJECTIONS.contains(&bare.as_str()))
}

/// Words with which a line points at the answer below it.
const POINTING: [&str; 12] = [
    "below",
    "next line",
    "last line",
    "final line",
    "line that follows",
    "what follows",
    "following answer",
    "following line",
    "my answer",
    "this answer",
    "my reply",
    "this reply",
];
/// Words that take back, or change, what a line points at.
const CHANGING: [&str; 15] = [
    "ignore",
    "disregard",
    "discard",
    "opposite",
    "joke",
    "lie",
    "lies",
    "nonsense",
    "untrue",
    "add",
    "subtract",
    "double",
    "reverse",
    "negate",
    "made-up",
];
/// Lines with which somebody takes back all that is said.
const JOKING: [&str; 9] = [
    "i lied",
    "i am lying",
    "i'm lying",
    "told to lie",
    "just kidding",
    "i am joking",
    "i'm joking",
    "opposite day",
    "jk",
];
/// A word of each line in [`JOKING`].
const JOKES: [&str; 7] = ["lied", "lying", "lie", "kidding", "joking", "day", "jk"];
/// The most bytes of a line that takes back what it points at. A longer one explains.
const MOST_POINTING: usize = 80;

/// Returns true if a line says of the answer that follows it that it is none, or is another one: `Ignore the next line.`
fn takes_back(line: &str) -> bool {
    if line.len() > MOST_POINTING {
        return false;
    }
    let is_one_of = |words: &[&str], word: &str| words.iter().any(|known| known.eq_ignore_ascii_case(word));
    let (mut changes, mut jokes) = (false, false);
    for word in line.split(|c: char| !(c.is_alphanumeric() || c == '-')) {
        changes |= is_one_of(&CHANGING, word) || is_one_of(&FAULTY, word);
        jokes |= is_one_of(&JOKES, word);
    }
    // Most lines have none of these words, and a long reply has many lines.
    if !changes && !jokes {
        return false;
    }
    let line = line.to_ascii_lowercase().replace('\u{2019}', "'");
    let has = |phrase: &&str| {
        line.match_indices(*phrase).any(|(at, _)| {
            let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            !is_letter(line[..at].chars().next_back()) && !is_letter(line[at + phrase.len()..].chars().next())
        })
    };
    (jokes && JOKING.iter().any(has)) || (changes && POINTING.iter().any(has))
}

/// Returns true if `text` begins with `word`, in any case of its letters, and no letter or digit follows.
pub(super) fn begins_with_word(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
        && !text[word.len()..]
            .starts_with(|c: char| c.is_alphanumeric() || matches!(c, '\'' | '_' | '\u{2019}'))
}
