//! Statements: the places of a reply that say what its answer is, in whatever form.
//!
//! The answer itself is read from one strict place (see [`extract`](super::extract)). This module finds the
//! other places that a person would read as an answer, so that a reply which says two different things states
//! none. Look-alike letters are folded first, and the marks of lists, quotes and emphasis do not count.
//!
//! | place | example |
//! |---|---|
//! | a word for "answer" or "result" before a value | `- Answer: 5`, `my answer would be 5`, `Antwort: 5` |
//! | a label in another script before a value that ends the line | `答え：5` |
//! | "it", "this", "that" or "there" with a form of "be", before a value that ends its clause | `It is 5, not 3.` |
//! | a value that is contrasted with another one | `not 3`, `isn't 3` |
//! | a line or a cell of a table with a value alone | `- 5`, `a) 5`, `| 5 |`, `<b>5</b>` |
//! | a value in a box, or with a tick | `\boxed{5}`, `☒ no ☐ yes` |
//! | a sentence that agrees or disagrees, if the answer is yes or no | `It isn't.`, `I disagree.` |
//! | a clause that is a statement as a whole (module `clauses`) | `There are four r's.`, `97 is composite.` |
//! | a clause that compares, rejects or leaves open (module `relation`) | `It is more than 42.`, `42 is too low.`, `42 or 43.` |
//! | an equation or an inequality (module `equations`) | `17 + 25 = 42 = 43`, `17 + 25 ≠ 42` |
//! | any of these with broken words (module `broken`) | `A n s w e r : 5`, `An swer: 5` |
//!
//! Other numbers of a reply (steps, positions, parts of a sum) are no statements.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::broken::rejoined;
use super::clauses::{Clauses, Stated};
use super::fold::folded;
use super::marked::is_cross;
use super::named::without_struck;
use super::number_word::number_word;
use super::printed::is_return;
use super::tokens::{Token, tokens};
use super::topic::Asked;
use crate::Form;

/// Words of English that label an answer, whose words between label and value are known.
pub(super) const LABELS: [&str; 20] = [
    "summary",
    "final",
    "outcome",
    "response",
    "reply",
    "tldr",
    "tl-dr",
    "dr",
    "estimate",
    "answers",
    "results",
    "output",
    "answer",
    "ans",
    "result",
    "solution",
    "conclusion",
    "verdict",
    "guess",
    "truth",
];
/// Words that label an answer in other languages with Latin letters, as a folded reply has them: without accents. A label in
/// another script needs no word.
const FOREIGN_LABELS: [&str; 21] = [
    "svaret",
    "valasz",
    "losning",
    "antwort",
    "ergebnis",
    "losung",
    "reponse",
    "resultat",
    "respuesta",
    "resultado",
    "solucion",
    "risposta",
    "risultato",
    "resposta",
    "svar",
    "vastaus",
    "odpowiedz",
    "odpoved",
    "cevap",
    "antwoord",
    "jawaban",
];
/// Words for a whole that only a complete clause makes a statement, because parts have totals too.
const TOTALS: [&str; 13] = [
    "hcf",
    "gcf",
    "count",
    "total",
    "sum",
    "product",
    "difference",
    "number",
    "value",
    "length",
    "gcd",
    "divisor",
    "remainder",
];
const BEING: [&str; 9] = ["is", "are", "was", "were", "be", "equals", "being", "becomes", "reads"];
const MODALS: [&str; 8] = ["must", "should", "would", "will", "may", "might", "could", "can"];
const POINTERS: [&str; 11] =
    ["thus", "therefore", "hence", "so", "it", "this", "that", "there", "it's", "that's", "there's"];
/// Verbs with which somebody gives an answer.
const SAYING: [&str; 9] =
    ["say", "answer", "reply", "respond", "believe", "write", "trust", "think", "claim"];
const HEDGES: [&str; 19] = [
    "key",
    "actually",
    "surely",
    "certainly",
    "obviously",
    "truly",
    "indeed",
    "really",
    "in",
    "fact",
    "exactly",
    "only",
    "just",
    "clearly",
    "definitely",
    "probably",
    "also",
    "therefore",
    "the",
];

/// Returns true if `reply` says something else than `answer`, which is the answer as [`plain`] writes it.
pub(super) fn contradicts(reply: &str, answer: &str, reader: &Clauses<'_>) -> bool {
    let mut labels: Vec<String> = Vec::new();
    let differs = folded(reply).lines().filter(|line| !is_return(line)).any(|line| {
        let struck = without_struck(line);
        let line = without_tags(line);
        let boxed = line.contains("\\boxed") || line.contains("\\fbox");
        let in_a_cell = line.contains('|') && reader.differs_in_a_cell(&line, answer);
        let mut differs = |line: &str| reader.differs_in(line, boxed, answer, &mut labels);
        let struck = struck.is_some_and(|(struck, rest)| {
            differs(&without_tags(&rest)) || struck.iter().any(|struck| reader.is_value(struck, answer))
        });
        let rejoined = rejoined(&line).is_some_and(|line| differs(&line));
        in_a_cell || struck || rejoined || differs(&line)
    });
    differs || (!counts_on(&labels) && labels.iter().any(|value| value != answer))
}

impl Clauses<'_> {
    /// Returns true if a line states something else than `answer`, and adds the values of its labels to `labels`.
    fn differs_in(&self, text: &str, boxed: bool, answer: &str, labels: &mut Vec<String>) -> bool {
        let line = Line::new(text, self.form, self);
        let stated = self.stated(&line.tokens, answer);
        labels.extend(line.variable().map(Cow::into_owned));
        labels.extend(line.glued(text).map(Cow::into_owned));
        labels.extend(stated.iter().filter(|stated| stated.is_label).map(|stated| stated.value.to_string()));
        let differs =
            |stated: &Stated<'_>| !stated.is_label && stated.relation.excludes(&stated.value, answer);
        (boxed && line.last_value().is_some_and(|value| value != answer))
            || line.contradicts(answer)
            || line.answers_a_question(text).is_some_and(|value| value != answer)
            || line.printed(text).is_some_and(|value| value != answer)
            || stated.iter().any(differs)
    }
}

impl Clauses<'_> {
    /// Returns true if a text is `answer` and nothing else.
    fn is_value(&self, text: &str, answer: &str) -> bool {
        Line::new(text, self.form, self).alone().is_some_and(|value| value == answer)
    }

    /// Returns true if a cell of a line of a table holds a value alone that differs from `answer`, unless the line is
    /// about another question.
    fn differs_in_a_cell(&self, line: &str, answer: &str) -> bool {
        let mut differs = false;
        for cell in line.split('|') {
            let cell = Line::new(cell, self.form, self);
            let alone = cell.alone();
            if alone.is_none() && self.topic.asked == Asked::Prime && self.answers(cell.said()).is_none() {
                return false;
            }
            differs |= alone.is_some_and(|value| value != answer);
        }
        differs
    }
}

/// Returns true if the values are those of somebody who counts: two or more, from 1 on.
fn counts_on(values: &[String]) -> bool {
    values.len() > 1 && values.iter().zip(1_u64..).all(|(value, number)| *value == number.to_string())
}

/// Returns a line without its tags, such as `<b>` and `</td>`.
fn without_tags(line: &str) -> Cow<'_, str> {
    if !line.contains('<') {
        return Cow::Borrowed(line);
    }
    let mut out = String::new();
    let mut rest = line;
    while let Some(start) = rest.find('<') {
        let (before, tag) = rest.split_at(start);
        if !tag[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') {
            out.push_str(&rest[..=start]);
            rest = &rest[start + 1..];
            continue;
        }
        // Without an end here there is none behind either. Looking again at each `<` would take quadratic time.
        let Some(end) = tag.find('>') else { break };
        out.push_str(before);
        out.push(' ');
        rest = &tag[end + 1..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// A line of a folded reply, read in a form.
pub(super) struct Line<'t, 'a> {
    pub(super) tokens: Vec<Token<'t>>,
    pub(super) form: Form,
    pub(super) reader: &'a Clauses<'a>,
}

impl<'t, 'a> Line<'t, 'a> {
    fn new(line: &'t str, form: Form, reader: &'a Clauses<'a>) -> Self {
        Self { tokens: tokens(line), form, reader }
    }

    /// Returns true if a statement of the line differs from `answer`.
    fn contradicts(&self, answer: &str) -> bool {
        let differs = |value: &Cow<'_, str>| value != answer;
        self.alone().as_ref().is_some_and(differs)
            || self.foreign().as_ref().is_some_and(differs)
            || self.interjects(answer)
            || self.marks(answer)
            || (0..self.tokens.len()).any(|at| {
                self.introduced(at).as_ref().is_some_and(differs)
                    || self.denied(at).is_some_and(|value| value == answer)
            })
    }

    /// Returns the value of the token at `at`, in the spelling of [`plain`].
    pub(super) fn value(&self, at: usize) -> Option<Cow<'_, str>> {
        let token = self.tokens.get(at)?;
        match (self.form, token) {
            (Form::YesNo, Token::Word(word)) => match &**word {
                "yes" | "true" | "yep" | "yeah" | "yup" | "aye" | "affirmative" => Some("yes".into()),
                "no" | "false" | "nope" | "nah" | "nay" | "negative" | "untrue" | "incorrect" => {
                    Some("no".into())
                }
                word => self.reader.words.yes_or_no(word).map(|yes| if yes { "yes" } else { "no" }.into()),
            },
            (Form::Integer | Form::Number, Token::Number(number)) => Some(written(number)),
            (Form::Integer | Form::Number, Token::Word(word)) => {
                let number = number_word(word).or_else(|| self.reader.words.number(word));
                number.map(|number| number.to_string().into())
            }
            _ => None,
        }
    }

    /// Returns the last value of the line.
    fn last_value(&self) -> Option<Cow<'_, str>> {
        (0..self.tokens.len()).rev().find_map(|at| self.value(at))
    }

    /// Returns true if a clause ends before the token at `at`.
    fn ends(&self, at: usize) -> bool {
        match self.tokens.get(at) {
            None => true,
            Some(Token::Mark(mark)) => matches!(mark, '.' | ',' | ';' | '!' | '?' | ')' | '<' | ':' | '-'),
            Some(Token::Word(word)) => matches!(&**word, "not" | "rather" | "instead" | "and" | "but"),
            Some(Token::Number(_)) => false,
        }
    }

    /// Returns the value that stands alone in the line, behind the mark or the number of a list's item.
    fn alone(&self) -> Option<Cow<'_, str>> {
        let mut start = self.tokens.iter().position(|token| !matches!(token, Token::Mark(_)))?;
        let is_item = match &self.tokens[start] {
            Token::Number(_) => matches!(self.tokens.get(start + 1), Some(Token::Mark('.' | ')'))),
            Token::Word(word) => word.len() == 1 && self.tokens.get(start + 1) == Some(&Token::Mark(')')),
            Token::Mark(_) => false,
        };
        if is_item && self.tokens.len() > start + 2 {
            start += 2;
        }
        // A box that is ticked: `- [x] 5`.
        if self.tokens[start].word() == "x" && self.tokens.len() > start + 1 {
            start += 1;
        }
        let is_crossed = self.tokens[..start].iter().any(is_cross);
        let value = self.value(start).or_else(|| self.letter(start)).filter(|_| !is_crossed)?;
        // "4 (four)" says the same twice.
        let is_more = |at: usize| {
            !matches!(self.tokens[at], Token::Mark(_)) && self.value(at).is_none_or(|more| more != value)
        };
        (!(start + 1..self.tokens.len()).any(is_more)).then_some(value)
    }

    /// Returns the value behind a label of another script, if the value ends the line.
    fn foreign(&self) -> Option<Cow<'_, str>> {
        let sign = self.tokens.iter().position(|token| matches!(token, Token::Mark(':' | '=')))?;
        let label = &self.tokens[..sign];
        // Folding turned the letters into Latin ones that look like them, so one that is left decides.
        let foreign = label.iter().any(|token| token.word().chars().any(|c| c >= '\u{250}'));
        let value = self.value(sign + 1).filter(|_| foreign)?;
        self.tokens[sign + 2..].iter().all(|token| matches!(token, Token::Mark(_))).then_some(value)
    }

    /// Returns the value that a word at `at` introduces: a label, a total, or a pointer such as "it".
    fn introduced(&self, at: usize) -> Option<Cow<'_, str>> {
        if let Some(value) = self.value(at).filter(|_| self.ends_a_broken_label(at)) {
            return Some(value);
        }
        let word = self.tokens[at].word();
        let has_verb = word.ends_with("'s");
        let word = if POINTERS.contains(&word) { word } else { word.strip_suffix("'s").unwrap_or(word) };
        let foreign = FOREIGN_LABELS.contains(&word);
        let label = foreign || LABELS.contains(&word);
        let total = TOTALS.contains(&word);
        let pointer = POINTERS.contains(&word);
        if !(label || total || pointer) || (pointer && (self.is_denied_before(at) || self.refutes(at))) {
            return None;
        }
        // "Answer; 4": the mark is no end behind a label.
        let is_mark = |mark: char| label && self.tokens.get(at + 1) == Some(&Token::Mark(mark));
        // "Ans. 4": the label begins the line, and the value ends it.
        let is_cut =
            is_mark('.') && at == 0 && self.tokens.get(3).is_none_or(|token| matches!(token, Token::Mark(_)));
        let begins = at + 1 + usize::from(is_mark(';') || is_cut);
        let (mut place, linked) = self.after_link(begins);
        let linked = linked || has_verb;
        // A label of another language has its own word for "is" behind it.
        if foreign && self.value(place).is_none() {
            place += 1;
        }
        let value = self.value(place)?;
        let clause = self.ends(place + 1);
        (label || (linked && clause)).then_some(value)
    }

    /// Returns true if the words right before `at` say that what follows is not so: `I don't think` before `it is 4`.
    fn is_denied_before(&self, at: usize) -> bool {
        let mut before = self.tokens[..at].iter().rev().take(4).map(Token::word);
        let says = |word: &&str| SAYING.contains(word) || matches!(*word, "that" | "say");
        before
            .find(|word| !says(word))
            .is_some_and(|word| matches!(word, "not" | "never" | "cannot") || word.ends_with("n't"))
            && self.tokens.get(at.wrapping_sub(1)).is_some_and(|token| says(&token.word()))
    }

    /// Returns the first place after `at` that is no mark, form of "be", modal or hedge, and true if there was
    /// a form of "be" or a sign between.
    fn after_link(&self, mut at: usize) -> (usize, bool) {
        let mut linked = false;
        while let Some(token) = self.tokens.get(at) {
            match token {
                Token::Word(word) if BEING.contains(&&**word) => linked = true,
                Token::Word(word) if MODALS.contains(&&**word) || HEDGES.contains(&&**word) => {}
                Token::Mark('.' | '!' | '?' | ';' | ',') | Token::Number(_) | Token::Word(_) => break,
                Token::Mark(_) => linked = true,
            }
            at += 1;
        }
        (at, linked)
    }

    /// Returns the value that the word at `at` denies.
    fn denied(&self, at: usize) -> Option<Cow<'_, str>> {
        let word = self.tokens[at].word();
        (matches!(word, "not" | "never" | "cannot" | "wrong") || word.ends_with("n't")).then(|| {
            let (mut place, _) = self.after_link(at + 1);
            // "Don't say yes."
            place += usize::from(self.tokens.get(place).is_some_and(|token| SAYING.contains(&token.word())));
            self.value(place).filter(|_| self.ends(place + 1))
        })?
    }
}

/// Returns a number of a reply in the spelling of [`plain`], also if it is written with an exponent.
pub(super) fn written(number: &str) -> Cow<'_, str> {
    let has_exponent = number.contains(['e', 'E']);
    match has_exponent.then(|| super::number(number)).flatten() {
        Some(answer) => Cow::Owned(answer.plain()),
        None => plain(number),
    }
}

/// Returns a number without leading zeros, trailing zeros of a fraction, and the sign of zero.
pub(super) fn plain(number: &str) -> Cow<'_, str> {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    let whole = if whole.is_empty() { "0" } else { whole };
    let length = match (whole, fraction) {
        ("0", "") => return Cow::Borrowed("0"),
        (_, "") => sign.len() + whole.len(),
        _ => sign.len() + whole.len() + 1 + fraction.len(),
    };
    // Most numbers are written plainly, and a long reply has many of them.
    if length == number.len() {
        return Cow::Borrowed(number);
    }
    Cow::Owned(if fraction.is_empty() {
        alloc::format!("{sign}{whole}")
    } else {
        alloc::format!("{sign}{whole}.{fraction}")
    })
}
