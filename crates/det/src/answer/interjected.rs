//! A yes or no that is set off from the rest of its sentence, and sentences that only agree or disagree.

use alloc::borrow::Cow;

use super::prime::Said;
use super::statements::Line;
use super::tokens::Token;
use crate::Form;

/// Sentences that deny what is asked. The words of one are separated by spaces.
const DENIALS: [&str; 80] = [
    "i believe not",
    "i fear not",
    "i guess not",
    "i suppose not",
    "afraid not",
    "i'm afraid not",
    "sadly not",
    "unfortunately not",
    "alas not",
    "not one",
    "not this one",
    "no chance",
    "not a chance",
    "no sir",
    "hell no",
    "heck no",
    "nuh-uh",
    "it fails",
    "it does not qualify",
    "it doesn't qualify",
    "the opposite is true",
    "the opposite holds",
    "the contrary holds",
    "the contrary is true",
    "the reverse is true",
    "the reverse is the case",
    "the opposite is the case",
    "its negation is true",
    "nonsense",
    "rubbish",
    "bogus",
    "baloney",
    "lies",
    "lie",
    "a lie",
    "all lies",
    "a myth",
    "a hoax",
    "what a lie",
    "not so fast",
    "don't believe it",
    "do not believe it",
    "don't believe this",
    "do not believe this",
    "don't believe that",
    "i don't believe it",
    "i do not believe it",
    "don't buy it",
    "fake",
    "never",
    "wrong",
    "hardly",
    "disagreed",
    "i disagree",
    "i must disagree",
    "i have to disagree",
    "i beg to differ",
    "i do not agree",
    "i don't agree",
    "i do not think so",
    "i don't think so",
    "i think not",
    "i doubt it",
    "i doubt that",
    "not at all",
    "not so",
    "not really",
    "not true",
    "not correct",
    "not right",
    "not the case",
    "of course not",
    "certainly not",
    "absolutely not",
    "definitely not",
    "surely not",
    "by no means",
    "no way",
    "on the contrary",
    "far from it",
];
/// Sentences that confirm what is asked.
const CONFIRMATIONS: [&str; 8] = [
    "agreed",
    "i agree",
    "i think so",
    "i do think so",
    "indeed it is",
    "exactly so",
    "that's right",
    "so it is",
];
/// Sentences that leave open what is asked.
const UNDECIDED: [&str; 31] = [
    "maybe",
    "perhaps",
    "possibly",
    "maybe not",
    "maybe so",
    "perhaps not",
    "possibly not",
    "probably not",
    "sort of",
    "kind of",
    "somewhat",
    "partly",
    "in part",
    "in a way",
    "not quite",
    "not exactly",
    "not necessarily",
    "not always",
    "not sure",
    "i am not sure",
    "i'm not sure",
    "i don't know",
    "i do not know",
    "i cannot say",
    "it depends",
    "that depends",
    "who knows",
    "hard to say",
    "unclear",
    "undecided",
    "unknown",
];
/// Words that are set off before a yes or no.
const HEDGING: [&str; 20] = [
    "actually",
    "sadly",
    "unfortunately",
    "alas",
    "well",
    "um",
    "uh",
    "er",
    "hmm",
    "oh",
    "honestly",
    "frankly",
    "hence",
    "therefore",
    "thus",
    "so",
    "fortunately",
    "luckily",
    "clearly",
    "obviously",
];
/// Words before a short answer: `I'd say it isn't.`
const SAYING: [&str; 12] =
    ["i", "i'd", "we", "we'd", "you", "say", "think", "believe", "guess", "claim", "would", "reckon"];
/// Words that point at what is asked, before a verb alone.
const POINTERS: [&str; 6] = ["it", "this", "that", "it's", "this's", "that's"];
/// Verbs that a short answer repeats from its question.
const VERBS: [&str; 16] = [
    "is", "was", "does", "did", "has", "can", "could", "will", "would", "must", "should", "may", "might",
    "be", "cannot", "do",
];
/// Words behind a verb that add nothing to a short answer.
const ADDED: [&str; 14] = [
    "so", "true", "correct", "right", "the", "case", "at", "all", "indeed", "one", "a", "simply", "just",
    "clearly",
];
/// Words behind a verb that deny what is asked.
const REJECTING: [&str; 14] = [
    "wrong",
    "false",
    "incorrect",
    "untrue",
    "lie",
    "myth",
    "hoax",
    "joke",
    "nonsense",
    "rubbish",
    "bogus",
    "fiction",
    "falsehood",
    "fake",
];
/// The most tokens of a sentence that agrees or disagrees.
const MAX_TOKENS: usize = 8;

impl Line<'_, '_> {
    /// Returns what the whole line says of a number that is prime or composite.
    pub(super) fn said(&self) -> Said {
        self.tokens.iter().fold(Said::NOTHING, |said, token| self.reader.after_token(said, token))
    }

    /// Returns the yes or no for which a letter alone stands: `N`.
    pub(super) fn letter(&self, at: usize) -> Option<Cow<'static, str>> {
        match (self.form, self.tokens.get(at)?.word()) {
            (Form::YesNo, "y" | "t") => Some("yes".into()),
            (Form::YesNo, "n" | "f") => Some("no".into()),
            _ => None,
        }
    }

    /// Returns true if a yes or no that is set off from the rest of its sentence differs from `answer`, or a sentence
    /// that only agrees or disagrees does.
    ///
    /// "Does 3 divide it? No." answers another question, and "Is it composite? No." the opposite one. What is said
    /// before is carried along, so that the time is linear in the line's length.
    pub(super) fn interjects(&self, answer: &str) -> bool {
        if self.form != Form::YesNo {
            return false;
        }
        // "We divide it by 3. It isn't." points back at the sentence before.
        let (mut said, mut before) = (Said::NOTHING, Said::NOTHING);
        for (at, token) in self.tokens.iter().enumerate() {
            let differs = |value: &str, said| {
                let is_same = value == answer;
                self.reader.answers(said).is_some_and(|asked| asked != is_same)
            };
            if self.begins(at) {
                if self.interjected(at).is_some_and(|value| differs(&value, said)) {
                    return true;
                }
                let points_back = POINTERS.contains(&token.word()) && said.is_nothing();
                let asked = if points_back { before } else { said };
                if self.reaction(at).is_some_and(|value| differs(value, asked)) {
                    return true;
                }
                if self.hedged(at).is_some_and(|value| differs(&value, said)) {
                    return true;
                }
                if self.concluded(at).is_some_and(|value| differs(&value, asked)) {
                    return true;
                }
                if self.is_undecided(at) && self.reader.answers(asked).is_some() {
                    return true;
                }
            }
            if ends_sentence(token) {
                (before, said) = (said, Said::NOTHING);
            } else {
                said = self.reader.after_token(said, token);
            }
        }
        false
    }

    /// Returns true if a sentence at `at` rejects what the one before it says of a number: `Some say 97 is composite. That's
    /// false.`
    pub(super) fn refutes(&self, at: usize) -> bool {
        let is_end = |at: usize| at.checked_sub(1).is_some_and(|before| ends_sentence(&self.tokens[before]));
        if self.form != Form::YesNo || !is_end(at) || self.reaction(at).is_none() {
            return false;
        }
        let rest = &self.tokens[..at - 1];
        let start = rest.iter().rposition(ends_sentence).map_or(0, |end| end + 1);
        let said =
            rest[start..].iter().fold(Said::NOTHING, |said, token| self.reader.after_token(said, token));
        said.calls_composite()
    }

    /// Returns true if a sentence begins at `at`, or what answers a question in the same sentence.
    fn begins(&self, at: usize) -> bool {
        match at.checked_sub(1).map(|before| &self.tokens[before]) {
            None | Some(Token::Mark('?' | ':' | '=' | '-' | '>')) => true,
            Some(token) => ends_sentence(token),
        }
    }

    /// Returns the yes or no that begins a sentence at `at` and is set off from the rest.
    fn interjected(&self, at: usize) -> Option<Cow<'_, str>> {
        let pointed = matches!(
            self.tokens.get(at + 1).map(Token::word),
            Some("it" | "it's" | "its" | "this" | "that" | "that's")
        );
        let set_off = pointed || matches!(self.tokens.get(at + 1), None | Some(Token::Mark(_)));
        set_off.then(|| self.value(at))?
    }

    /// Returns the yes or no behind a word at `at` that is set off from it: `Sadly, no.`
    fn hedged(&self, at: usize) -> Option<Cow<'_, str>> {
        let is_hedge = HEDGING.contains(&self.tokens[at].word());
        let is_set_off = self.tokens.get(at + 1) == Some(&Token::Mark(','));
        (is_hedge && is_set_off).then(|| self.interjected(at + 2))?
    }

    /// Returns the yes or no at the end of a sentence at `at` that only leads to it: `So no.`, `I say no.`
    fn concluded(&self, at: usize) -> Option<Cow<'_, str>> {
        let sentence = self.sentence(at)?;
        let (_, lead) = sentence.split_last().filter(|(_, lead)| !lead.is_empty())?;
        let states = |token: &Token<'_>| matches!(token, Token::Word(word) if self.reader.words.states(word));
        lead.iter().all(states).then(|| self.value(at + lead.len()))?
    }

    /// Returns true if a sentence at `at` leaves open what is asked, or says both: `Maybe.`, `Yes and no.`
    fn is_undecided(&self, at: usize) -> bool {
        let is = |known: &&str, sentence: &[Token<'_>]| known.split(' ').eq(sentence.iter().map(Token::word));
        if self.sentence(at).is_some_and(|sentence| UNDECIDED.iter().any(|known| is(known, sentence))) {
            return true;
        }
        let word = |at: usize| self.tokens.get(at).map_or("", Token::word);
        let first = at + usize::from(matches!(word(at), "both" | "either" | "neither"));
        let joins = matches!(word(first + 1), "and" | "or" | "nor")
            || matches!(self.tokens.get(first + 1), Some(Token::Mark(',' | '/')));
        let ends = matches!(self.tokens.get(first + 3), None | Some(Token::Mark('.' | '!' | ';' | ',')));
        let differ = |values: (Cow<'_, str>, Cow<'_, str>)| values.0 != values.1;
        joins && ends && self.value(first).zip(self.value(first + 2)).is_some_and(differ)
    }

    /// Returns the short sentence at `at`. None if it is long or a question.
    fn sentence(&self, at: usize) -> Option<&[Token<'_>]> {
        let rest = &self.tokens[at..];
        let length = rest.iter().take(MAX_TOKENS + 1).position(|token| matches!(token, Token::Mark(_)));
        let sentence = &rest[..length.unwrap_or(rest.len())];
        let asks = rest.get(sentence.len()) == Some(&Token::Mark('?'));
        (!sentence.is_empty() && sentence.len() <= MAX_TOKENS && !asks).then_some(sentence)
    }

    /// Returns the yes or no for which a sentence at `at` stands that only agrees or disagrees.
    fn reaction(&self, at: usize) -> Option<&'static str> {
        let sentence = self.sentence(at)?;
        let is = |known: &&str| known.split(' ').eq(sentence.iter().map(Token::word));
        if DENIALS.iter().any(is) {
            return Some("no");
        }
        if CONFIRMATIONS.iter().any(is) {
            return Some("yes");
        }
        self.short_answer(sentence)
    }

    /// Returns the yes or no for which a pointer with a verb alone stands: `It isn't.`, `That is not so.`
    fn short_answer(&self, sentence: &[Token<'_>]) -> Option<&'static str> {
        let said = sentence.iter().take_while(|token| SAYING.contains(&token.word())).count();
        let (pointer, rest) = sentence.get(said..)?.split_first()?;
        // "Yes is wrong."
        let stated = match pointer.word() {
            "yes" | "true" => Some(true),
            "no" => Some(false),
            _ => None,
        };
        let is_rejected = |token: &Token<'_>| REJECTING.contains(&token.word());
        if stated.is_some() && (said > 0 || !rest.iter().any(is_rejected)) {
            return None;
        }
        let is_pointer = match pointer {
            _ if stated.is_some() => true,
            Token::Word(word) => POINTERS.contains(&&**word),
            Token::Number(number) => self.reader.topic.asks_about(number),
            Token::Mark(_) => false,
        };
        let (mut verbs, mut denials) = (usize::from(pointer.word().ends_with("'s")), 0_usize);
        for token in rest {
            match token.word() {
                "not" | "never" => denials += 1,
                word if word.ends_with("n't") => (verbs, denials) = (verbs + 1, denials + 1),
                "cannot" => (verbs, denials) = (verbs + 1, denials + 1),
                word if REJECTING.contains(&word) && verbs > 0 => denials += 1,
                word if VERBS.contains(&word) => verbs += 1,
                word if ADDED.contains(&word) && verbs > 0 => {}
                _ => return None,
            }
        }
        let is_yes = (denials % 2 == 0) == stated.unwrap_or(true);
        (is_pointer && verbs > 0).then_some(if is_yes { "yes" } else { "no" })
    }
}

/// Returns true for a mark that ends a sentence and asks nothing.
fn ends_sentence(token: &Token<'_>) -> bool {
    matches!(token, Token::Mark('.' | '!' | ';' | '\u{2022}'))
}
