//! Counting a letter, alone or with one step of arithmetic after it.

use abi::Value;
use det::{Call, Operand};

use super::{Routed, Specification, find, literal, stands_at};
use crate::words::{Token, cardinal, is_filler};

/// Words that only a question about letters needs around its operands.
const COUNTING: &[&str] = &[
    "many",
    "times",
    "often",
    "count",
    "counting",
    "number",
    "appear",
    "appears",
    "occur",
    "occurs",
    "found",
    "see",
    "used",
    "show",
    "shows",
    "instances",
    "occurrences",
    "occurrence",
    "letter",
    "letters",
    "character",
    "characters",
    "word",
    "contain",
    "contains",
    "use",
    "how",
    "spelling",
    "spelled",
    "inside",
    "within",
    "written",
    "total",
    "result",
    "time",
];

/// How the question says that it wants a count.
const INTENTS: &[&[&str]] =
    &[&["how", "many"], &["how", "often"], &["count"], &["number", "of"], &["counting"]];

/// Words that the text to count in follows, or that follow it.
const BEFORE_TEXT: &[&str] = &["in", "word", "is", "at", "does", "of", "inside", "within", "take", "given"];
const AFTER_TEXT: &[&str] = &["have", "contain", "contains", "has"];

/// Words after which even a common word is the text, unless it is one of [`NEVER_TEXT`].
const SURE_BEFORE_TEXT: &[&str] = &["in", "at", "take", "given"];
const NEVER_TEXT: &[&str] =
    &["it", "this", "that", "there", "the", "a", "an", "my", "your", "all", "total", "both", "word", "each"];

/// Words that go on with the sentence after "the word" instead of naming one.
const NEVER_THE_WORD: &[&str] = &["is", "contain", "contains"];

/// The longest text to count in, in characters.
const MAX_TEXT: usize = 64;

pub(super) fn read(tokens: &[Token]) -> Option<Routed> {
    INTENTS.iter().find(|intent| find(tokens, intent).is_some())?;
    let mut open = Open::new(tokens);
    let step = open.step()?;
    let letter = open.letter()?;
    let text = open.text()?;
    let operands = vec![literal(Value::text(text)), literal(Value::text(letter.to_string()))];
    let count = Call::new("letter_count", operands).ok()?;
    let (specification, primitive, number) = match step {
        None => return Routed::new(Specification::LetterCount, count.clone(), count).ok(),
        Some((Step::Add, number)) => (Specification::CountThenAdd, "add", number),
        Some((Step::Subtract, number)) => (Specification::CountThenSubtract, "subtract", number),
    };
    let operands = vec![Operand::Call(Box::new(count.clone())), literal(Value::Int(number))];
    Routed::new(specification, count, Call::new(primitive, operands).ok()?).ok()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Add,
    Subtract,
}

/// How a step is named, and what it is.
const STEPS: &[(&[&str], Step)] = &[
    (&["add"], Step::Add),
    (&["adding"], Step::Add),
    (&["plus"], Step::Add),
    (&["increase"], Step::Add),
    (&["raise"], Step::Add),
    (&["subtract"], Step::Subtract),
    (&["subtracting"], Step::Subtract),
    (&["minus"], Step::Subtract),
    (&["decrease"], Step::Subtract),
    (&["lower"], Step::Subtract),
    (&["reduce"], Step::Subtract),
    (&["take", "away"], Step::Subtract),
];

/// The tokens of a prompt of which the meaning is still open.
struct Open<'a> {
    tokens: &'a [Token],
    taken: Vec<bool>,
}

impl<'a> Open<'a> {
    fn new(tokens: &'a [Token]) -> Self {
        Self { tokens, taken: vec![false; tokens.len()] }
    }

    /// Takes the step of arithmetic: none inside where there is none, none outside where there is more
    /// than one, or a number without a step.
    fn step(&mut self) -> Option<Option<(Step, i64)>> {
        let numbers = self.tokens.iter().filter(|token| matches!(token, Token::Number(_))).count();
        // A word that is the text ("in raise") is no step.
        let steps: Vec<_> = (0..self.tokens.len())
            .filter(|&at| !self.is_sure_place(at))
            .filter_map(|at| self.step_at(at))
            .collect();
        match steps.as_slice() {
            [] => (numbers == 0).then_some(None),
            [(step, named)] => {
                let number = self.number_after(named.first()? + 1, numbers)?;
                for &at in named {
                    self.taken[at] = true;
                }
                Some(Some((*step, number)))
            }
            _ => None,
        }
    }

    /// The step that is named from `at` on, with the places of its name.
    fn step_at(&self, at: usize) -> Option<(Step, Vec<usize>)> {
        // "take 4 away": the number stands inside the name.
        if self.tokens[at].is("take") && self.tokens.get(at + 2).is_some_and(|token| token.is("away")) {
            return Some((Step::Subtract, vec![at, at + 2]));
        }
        match &self.tokens[at] {
            Token::Sign('+') => return Some((Step::Add, vec![at])),
            Token::Sign('-') => return Some((Step::Subtract, vec![at])),
            _ => {}
        }
        let (names, step) = STEPS.iter().find(|(names, _)| stands_at(self.tokens, at, names))?;
        Some((*step, (at..at + names.len()).collect()))
    }

    /// Takes the number of a step: the only one in digits, or a cardinal word close behind.
    fn number_after(&mut self, from: usize, numbers: usize) -> Option<i64> {
        let rest = from..self.tokens.len();
        let at = match numbers {
            0 => rest.take(4).find(|&at| cardinal(&self.tokens[at]).is_some())?,
            1 => rest.into_iter().find(|&at| matches!(self.tokens[at], Token::Number(_)))?,
            _ => return None,
        };
        self.taken[at] = true;
        cardinal(&self.tokens[at])
    }

    /// Takes the letter, from the places where a question names one. All must name the same.
    fn letter(&mut self) -> Option<char> {
        let mut found = None;
        for at in 0..self.tokens.len() {
            let Some(letter) = self.letter_at(at) else { continue };
            if found.is_some_and(|earlier| earlier != letter) {
                return None;
            }
            self.taken[at] = true;
            found = Some(letter);
        }
        found
    }

    fn letter_at(&self, at: usize) -> Option<char> {
        let before = |words: &[&str]| at > 0 && self.tokens[at - 1].any_of(words);
        let after = |words: &[&str]| self.tokens.get(at + 1).is_some_and(|token| token.any_of(words));
        match &self.tokens[at] {
            Token::Quoted(text) => single(text),
            Token::Word(word) => {
                let named = before(&["letter", "letters", "character"])
                    || after(&["appear", "appears", "occur", "occurs", "letters"]);
                let letter = if named { single(word) } else { None };
                let plural = before(&["many", "of", "the"]) && self.asks_before(at);
                // "rs" may be a word of its own ("as", "is"), so what follows has to show that it is not.
                let marked = word.ends_with("'s") || after(&["are", "in", "does", "do", "there", "can"]);
                letter.or_else(|| if plural && marked { plural_letter(word) } else { None })
            }
            _ => None,
        }
    }

    /// Whether a plural at `at` is what is to be counted: "how many rs", "the number of rs".
    fn asks_before(&self, at: usize) -> bool {
        let ends_here = |words: &[&str]| at >= words.len() && stands_at(self.tokens, at - words.len(), words);
        ends_here(&["how", "many"])
            || ends_here(&["number", "of"])
            || ends_here(&["count", "the"])
            || ends_here(&["number", "of", "the"])
            || ends_here(&["count", "of", "the"])
            || ends_here(&["count", "of"])
    }

    /// The text to count in: the one thing left that no question about letters explains.
    fn text(&self) -> Option<String> {
        let mut found: Option<String> = None;
        for at in (0..self.tokens.len()).filter(|&at| !self.taken[at]) {
            let Some(text) = self.text_at(at)? else { continue };
            if found.as_ref().is_some_and(|earlier| *earlier != text) {
                return None;
            }
            found = Some(text);
        }
        found.or_else(|| self.text_of_common_word())
    }

    /// The text at `at`: none inside for a word that needs no explanation, none outside for one that
    /// has none.
    fn text_at(&self, at: usize) -> Option<Option<String>> {
        match &self.tokens[at] {
            Token::Quoted(text) => countable(text).map(Some),
            token if is_filler(token) || token.any_of(COUNTING) => Some(None),
            Token::Word(word) if self.is_place_of_text(at) => countable(word).map(Some),
            _ => None,
        }
    }

    fn is_place_of_text(&self, at: usize) -> bool {
        let before = at > 0 && self.tokens[at - 1].any_of(BEFORE_TEXT);
        let after = self.tokens.get(at + 1).is_some_and(|token| token.any_of(AFTER_TEXT));
        before || after
    }

    /// A text that is itself a common word, where its place leaves no doubt: "in the word letter".
    fn text_of_common_word(&self) -> Option<String> {
        let mut found: Option<&String> = None;
        for at in (1..self.tokens.len()).filter(|&at| !self.taken[at] && self.is_sure_place(at)) {
            let Token::Word(word) = &self.tokens[at] else { continue };
            if found.is_some_and(|earlier| earlier != word) {
                return None;
            }
            found = Some(word);
        }
        countable(found?)
    }

    fn is_sure_place(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1).map(|before| &self.tokens[before]) else { return false };
        let defined = at > 1 && stands_at(self.tokens, at - 2, &["word", "is"]);
        let named = before.is("word") && !self.tokens[at].any_of(NEVER_THE_WORD);
        let placed = before.any_of(SURE_BEFORE_TEXT) && !self.tokens[at].any_of(NEVER_TEXT);
        defined || named || placed
    }
}

fn single(text: &str) -> Option<char> {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(letter), None) if letter.is_alphabetic() => letter.to_lowercase().next(),
        _ => None,
    }
}

/// The letter of `rs` or `r's`.
fn plural_letter(word: &str) -> Option<char> {
    single(word.strip_suffix("'s").or_else(|| word.strip_suffix('s'))?)
}

fn countable(text: &str) -> Option<String> {
    let length = text.chars().count();
    let clean = text.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '-' | '\''));
    (clean && (1..=MAX_TEXT).contains(&length)).then(|| text.to_owned())
}
