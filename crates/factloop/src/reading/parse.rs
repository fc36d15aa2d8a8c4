//! The parser, which derives a whole prompt from a production, in order.
//!
//! The parser follows every choice of a production, so that a prompt with two readings is seen to have two.

mod numbers;
mod spelled;

use std::collections::HashMap;
use std::rc::Rc;

use super::cardinal::cardinal;
use super::dates;
use super::pattern::Node;
use super::rules::Grammar;
use super::token::{Placed, Token};
use super::words;

/// The largest number of parts of productions that are tried for one prompt. A prompt that needs more has no
/// reading.
const FUEL: u32 = 200_000;

/// The value of an operand of a production, as the prompt states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    /// A letter, in the case that the prompt uses.
    Letter {
        /// The letter.
        letter: char,
        /// True if no word of the prompt calls it a letter, so that only its place says that it is one.
        bare: bool,
        /// True if the letter stands in a plural without an apostrophe: `rs`.
        unmarked: bool,
    },
    /// A text in which something is counted, or a word that is counted.
    Text {
        /// The text.
        text: String,
        /// The sign by which it is known to be a text.
        standing: Standing,
    },
    /// A whole number.
    Int(i64),
    /// A list of two numbers or more.
    Ints(Vec<i64>),
}

/// The sign by which a word or a phrase is known to be a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The prompt calls it a word, a phrase or another text.
    Named,
    /// Quotation marks stand around it, as around titles too.
    Quoted,
    /// Nothing but the place says so, such as the place behind "in".
    Bare,
}

/// The operands by name, in the order in which they were found.
pub(super) type Bindings = Vec<(&'static str, Bound)>;

/// A part of the prompt that was derived: the position after it, and the operands that it states.
#[derive(Clone, Debug, PartialEq)]
struct Derived {
    end: usize,
    bound: Bindings,
}

/// A parser over the tokens of one prompt.
pub(super) struct Parser<'a> {
    grammar: &'a Grammar,
    tokens: &'a [Placed],
    fuel: u32,
    /// The derivations of each rule at each token. Productions share rules, so each of these is computed only
    /// once.
    known: HashMap<(&'static str, usize), Rc<[Derived]>>,
}

impl Bound {
    fn text(text: String, standing: Standing) -> Self {
        Self::Text { text, standing }
    }
}

/// Words behind a number word that leave it a word: "does seven have".
const NO_STEPS: [&str; 5] = ["have", "has", "contain", "contains", "appear"];

/// Words that go on with the sentence behind a bare text. Any other word there may be a part of the text: "pretty
/// please", "right now", "big thank you".
const GOES_ON: &[&str] = &[
    "have",
    "has",
    "contain",
    "contains",
    "appear",
    "plus",
    "minus",
    "times",
    "multiplied",
    "from",
    "and",
    "to",
    "by",
    "add",
    "subtract",
    "multiply",
    "is",
    "how",
    "away",
];
/// Words with which a step begins behind "and", with or without "then" between them.
const STEPS: &[&str] = &[
    "add", "subtract", "take", "multiply", "double", "triple", "increase", "decrease", "raise", "lower",
    "reduce", "plus", "minus", "times", "what", "give", "tell",
];

impl<'a> Parser<'a> {
    pub(super) fn new(grammar: &'a Grammar, tokens: &'a [Placed]) -> Self {
        Self { grammar, tokens, fuel: FUEL, known: HashMap::new() }
    }

    /// Returns every way in which `node` derives all tokens. Returns None if the steps ran out before that
    /// was known.
    pub(super) fn derive(&mut self, node: &Node) -> Option<Vec<Bindings>> {
        let derived = self.walk(node, 0)?;
        let whole = derived.into_iter().filter(|derived| derived.end == self.tokens.len());
        Some(whole.map(|derived| derived.bound).collect())
    }

    /// Returns everything that `node` derives from the token `at` on. Returns None if the steps ran out.
    fn walk(&mut self, node: &Node, at: usize) -> Option<Vec<Derived>> {
        self.fuel = self.fuel.checked_sub(1)?;
        match node {
            Node::Word(word) => {
                let fits = matches!(self.token(at), Some(Token::Word { lower, .. }) if lower == word);
                Some(fits.then(|| Derived::plain(at + 1)).into_iter().collect())
            }
            Node::Mark(mark) => {
                let fits = self.token(at) == Some(&Token::Mark(*mark)) && (*mark != '-' || self.is_minus(at));
                Some(fits.then(|| Derived::plain(at + 1)).into_iter().collect())
            }
            Node::Sequence(parts) => self.sequence(parts, at),
            Node::Choice(choices) => {
                let mut all = Vec::new();
                for choice in choices {
                    join(&mut all, self.walk(choice, at)?);
                }
                Some(all)
            }
            Node::Optional(inner) => {
                let mut all = vec![Derived::plain(at)];
                join(&mut all, self.walk(inner, at)?);
                Some(all)
            }
            Node::Rule(name) => Some(self.rule(name, at)?.to_vec()),
            Node::Operand(name) => {
                let bind = |(bound, end)| Derived { end, bound: vec![(bound_name(name), bound)] };
                Some(self.operand(name, at).into_iter().map(bind).collect())
            }
        }
    }

    fn sequence(&mut self, parts: &[Node], at: usize) -> Option<Vec<Derived>> {
        let mut all = vec![Derived::plain(at)];
        for part in parts {
            let mut longer = Vec::new();
            for derived in &all {
                for more in self.walk(part, derived.end)? {
                    join(&mut longer, derived.followed_by(more).into_iter().collect());
                }
            }
            all = longer;
        }
        Some(all)
    }

    fn rule(&mut self, name: &'static str, at: usize) -> Option<Rc<[Derived]>> {
        if let Some(known) = self.known.get(&(name, at)) {
            return Some(Rc::clone(known));
        }
        let grammar = self.grammar;
        let mut all = Vec::new();
        for production in grammar.rule(name) {
            join(&mut all, self.walk(production, at)?);
        }
        let all: Rc<[Derived]> = all.into();
        self.known.insert((name, at), Rc::clone(&all));
        Some(all)
    }

    /// Returns true if the hyphen at `at` is a minus between two numbers: with a space on both sides, and not inside a
    /// number in words. "9-11" may be a date and "20-30" a range.
    fn is_minus(&self, at: usize) -> bool {
        let apart = |at: usize| self.tokens.get(at).is_some_and(|placed| placed.apart);
        let word = |at: Option<usize>| match at.and_then(|at| self.token(at)) {
            Some(Token::Word { lower, .. }) => cardinal(&[lower.as_str()]).map(|(number, _)| number),
            _ => None,
        };
        let (left, right) = (word(at.checked_sub(1)), word(Some(at + 1)));
        let joins =
            left.is_some_and(|left| left >= 20 && left % 10 == 0) && right.is_some_and(|right| right < 10);
        apart(at) && apart(at + 1) && !joins
    }

    fn token(&self, at: usize) -> Option<&'a Token> {
        self.tokens.get(at).map(|placed| &placed.token)
    }

    /// Returns the values that the operand `name` can have from the token `at` on, each with the position
    /// after it.
    fn operand(&self, name: &str, at: usize) -> Vec<(Bound, usize)> {
        let one = |bound: Option<Bound>| bound.map(|bound| (bound, at + 1)).into_iter().collect();
        match name {
            "letter" => {
                one(self.letter(at).map(|letter| Bound::Letter { letter, bare: false, unmarked: false }))
            }
            "bare_letter" => {
                one(self.letter(at).map(|letter| Bound::Letter { letter, bare: true, unmarked: false }))
            }
            "letters" => self.plural(at).into_iter().collect(),
            "word" | "wanted" => {
                let word = self.named(at).or_else(|| self.quoted_word(at));
                one(word.map(|word| Bound::text(word, Standing::Named)))
            }
            "bare" => one(self.bare(at).map(|word| Bound::text(word, Standing::Bare))),
            "plain" => one(self.plain(at).map(|word| Bound::text(word, Standing::Bare))),
            "quoted" => one(self.quoted(at).map(|text| Bound::text(text, Standing::Named))),
            "unnamed" => one(self.quoted(at).map(|text| Bound::text(text, Standing::Quoted))),
            "lower" => {
                let lower = self.quoted(at).filter(|text| text.starts_with(char::is_lowercase));
                one(lower.map(|text| Bound::text(text, Standing::Named)))
            }
            "numbers" => self.numbers(at),
            // Every number divides zeros, so zeros alone have no largest divisor.
            "divisible" => {
                let mut lists = self.numbers(at);
                lists.retain(|(bound, _)| matches!(bound, Bound::Ints(list) if list.iter().any(|n| *n != 0)));
                lists
            }
            "multiples" => {
                let mut lists = self.numbers(at);
                lists.retain(|(bound, _)| matches!(bound, Bound::Ints(list) if list.iter().all(|n| *n > 0)));
                lists
            }
            "a" => self.number_from(at, 0),
            "b" | "c" => self.number_from(at, 1),
            // "Eleven" in words is another palindrome than 11.
            "digits" => match self.token(at) {
                Some(Token::Number(_)) => self.number_from(at, 0),
                _ => Vec::new(),
            },
            // "10110" may be in binary already.
            "decimal" => {
                let mut numbers = self.number_from(at, 0);
                numbers.retain(|(bound, _)| !matches!(bound, Bound::Int(number) if looks_binary(*number)));
                numbers
            }
            "ordinal" => one(self.ordinal(at).map(Bound::Int)),
            "spelled" => one(self.spelled(at).map(|word| Bound::text(word, Standing::Named))),
            "one" | "other" => {
                let word = self.whole_quotation(at).filter(|word| spelled::is_small(word));
                one(word.map(|word| Bound::text(word, Standing::Named)))
            }
            "date" | "from" | "to" => {
                let date = dates::date(&self.tokens[at.min(self.tokens.len())..]);
                date.map(|(date, length)| (Bound::text(date, Standing::Named), at + length))
                    .into_iter()
                    .collect()
            }
            _ => self.number(at).map(|(number, next)| (Bound::Int(number), next)).into_iter().collect(),
        }
    }

    fn word(&self, at: usize) -> Option<String> {
        match self.token(at)? {
            Token::Word { raw, .. } => Some(raw.clone()),
            _ => None,
        }
    }

    /// Returns a word that stands after "the word", unless the two are one compound or it may say something about the
    /// word: "the word above", "does the word actually have". "The Word file" is a file.
    fn named(&self, at: usize) -> Option<String> {
        let is_a_name = at.checked_sub(1).and_then(|at| self.word(at)).is_some_and(|before| before == "Word");
        let word = self.word(at).filter(|_| !is_a_name)?;
        let lower = word.to_lowercase();
        (!words::is_compound(&lower) && !words::is_modifier(&lower)).then_some(word)
    }

    /// Returns true if what stands at `at` cannot be a part of the bare text before it.
    fn ends_a_text(&self, at: usize) -> bool {
        let Some(Token::Word { lower, .. }) = self.token(at) else { return true };
        if lower != "and" {
            return GOES_ON.contains(&lower.as_str());
        }
        // "Now and then" is a text, "cheese and then add 2" is one and a step.
        let is_one_of = |at: usize, words: &[&str]| matches!(self.token(at), Some(Token::Word { lower, .. }) if words.contains(&lower.as_str()));
        let then =
            usize::from(is_one_of(at + 1, &["then", "now", "next", "finally", "afterwards", "please"]));
        let signs = ["plus", "minus", "times"];
        (is_one_of(at + 1 + then, STEPS) && !(then == 1 && is_one_of(at + 2, &signs)))
            || matches!(self.token(at + 1), Some(Token::Mark(',')))
    }

    /// Returns true if the words from `at` on do arithmetic: anything but a question and a courtesy.
    fn begins_a_step(&self, at: usize) -> bool {
        let begins = |word: &str| matches!(self.token(at), Some(Token::Word { lower, .. }) if lower == word);
        self.token(at).is_some() && !["how", "please", "thanks", "thank"].into_iter().any(begins)
    }

    /// Returns a word that can only be a text, and that no capital letter makes a name.
    fn plain(&self, at: usize) -> Option<String> {
        self.bare(at).filter(|word| word.starts_with(char::is_lowercase))
    }

    /// Returns a word that can only be a text. In "thirty - seven" the word is the beginning of a difference.
    fn bare(&self, at: usize) -> Option<String> {
        let word = self.word(at).filter(|word| !words::is_function_word(word))?;
        if !self.ends_a_text(at + 1) {
            return None;
        }
        // "Apollo - 13" and "windows + 11" may be titles, and "sunday times 2" the second copy of a newspaper.
        let is_title = match self.token(at + 1) {
            Some(Token::Mark('-' | '+' | '*')) => true,
            Some(Token::Word { lower, .. }) => lower == "times" && words::names_times(&word.to_lowercase()),
            _ => false,
        };
        if is_title {
            return None;
        }
        let operator = match self.token(at + 1) {
            Some(Token::Mark(mark)) => matches!(mark, ';' | ':'),
            // "Seven take away 4" and "seven, plus 4" are numbers as well.
            Some(Token::Word { lower, .. }) => !NO_STEPS.contains(&lower.as_str()),
            _ => false,
        } || (self.token(at + 1) == Some(&Token::Mark(',')) && self.begins_a_step(at + 2));
        let lower = word.to_lowercase();
        let number = |part: &str| {
            cardinal(&[part]).is_some() || words::SCALES.contains(&part) || words::is_amount(part)
        };
        (!(operator && (number(&lower) || lower.split('-').any(number)))).then_some(word)
    }

    fn quoted(&self, at: usize) -> Option<String> {
        match self.token(at)? {
            Token::Quoted(text) => Some(text.clone()),
            _ => None,
        }
    }

    fn quoted_word(&self, at: usize) -> Option<String> {
        self.quoted(at).filter(|text| !text.contains(char::is_whitespace))
    }

    fn letter(&self, at: usize) -> Option<char> {
        single(&self.word(at).or_else(|| self.quoted(at))?)
    }

    /// Returns the letter of a plural such as `r's`, `rs` or `"r"s`.
    fn plural(&self, at: usize) -> Option<(Bound, usize)> {
        let bound = |letter, next| (Bound::Letter { letter, bare: false, unmarked: false }, next);
        if let Some(quoted) = self.quoted(at) {
            let touches = self.tokens.get(at + 1).is_some_and(|placed| !placed.apart);
            let ends = self.word(at + 1).is_some_and(|word| word == "s" || word == "'s");
            // "How many "a"s" may ask for the word, as "does "a" appear" may.
            let bound = |letter| (Bound::Letter { letter, bare: true, unmarked: false }, at + 2);
            return (touches && ends).then(|| single(&quoted).map(bound))?;
        }
        let word = self.word(at)?;
        if let Some(stem) = word.strip_suffix("'s").or_else(|| word.strip_suffix("'S")) {
            return single(stem).map(|letter| bound(letter, at + 1));
        }
        // "LS" are two letters, and no plural.
        let letter = single(word.strip_suffix('s')?)?;
        Some((Bound::Letter { letter, bare: false, unmarked: true }, at + 1))
    }
}

impl Derived {
    fn plain(end: usize) -> Self {
        Self { end, bound: Vec::new() }
    }

    /// Joins this part and a later one. Returns None if both state an operand of the same name with different
    /// values.
    fn followed_by(&self, more: Self) -> Option<Self> {
        let mut bound = self.bound.clone();
        for (name, value) in more.bound {
            match bound.iter().find(|(own, _)| *own == name) {
                Some((_, own)) if *own != value => return None,
                Some(_) => {}
                None => bound.push((name, value)),
            }
        }
        Some(Self { end: more.end, bound })
    }
}

fn join(all: &mut Vec<Derived>, more: Vec<Derived>) {
    for derived in more {
        if !all.contains(&derived) {
            all.push(derived);
        }
    }
}

/// Returns the name under which an operand is stored, because several ways to state a letter or a text share
/// one name.
fn bound_name(operand: &'static str) -> &'static str {
    match operand {
        "letter" | "bare_letter" | "letters" => "letter",
        "word" | "bare" | "plain" | "quoted" | "unnamed" | "lower" | "spelled" => "text",
        "divisible" | "multiples" => "numbers",
        "digits" | "decimal" => "a",
        other => other,
    }
}

/// Returns true for a number of two digits or more, all of which are 0 or 1.
fn looks_binary(number: i64) -> bool {
    number > 9 && number.to_string().bytes().all(|digit| matches!(digit, b'0' | b'1'))
}

fn single(text: &str) -> Option<char> {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(letter), None) if letter.is_alphabetic() => Some(letter),
        _ => None,
    }
}
