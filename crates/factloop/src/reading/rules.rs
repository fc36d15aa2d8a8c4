//! The grammar as data: rules that all questions share, and the productions of each specification.
//!
//! To add a specification, write a file beside the others and name it in [`ALL`]; the parser stays as it is.

mod calendar;
mod courtesy;
mod divisors;
mod letters;
mod lists;
mod multiples;
mod numbers;
mod numerals;
mod prime_rows;
mod primes;
mod spelling;
mod steps;
mod texts;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::pattern::{Node, compile};
use crate::Specification;

/// One form in which a question can be asked, with its meaning.
pub(super) struct Production {
    /// The form, in the notation of module `pattern`.
    pub(super) pattern: &'static str,
    /// The call that answers the question: primitives over operands that the pattern states, and literal
    /// numbers.
    pub(super) answer: &'static str,
    /// The reading in words; `{name}` stands for an operand.
    pub(super) shown: &'static str,
}

/// Everything that belongs to one kind of question.
pub(super) struct Rules {
    /// The kind of question.
    pub(super) specification: Specification,
    /// The call that computes the fact. None if the answer itself is the fact.
    pub(super) fact: Option<&'static str>,
    /// The forms in which the question can be asked.
    pub(super) productions: &'static [Production],
    /// Prompts that ask this question, each with the call that answers it.
    pub(super) examples: &'static [(&'static str, &'static str)],
    /// Prompts that look like this question and must have no reading at all.
    pub(super) counter_examples: &'static [&'static str],
}

/// A named rule, with its alternatives in the notation of module `pattern`.
type Shared = (&'static str, &'static [&'static str]);

/// The rules of every kind of question.
pub(super) const ALL: &[&Rules] = &[
    &letters::LETTER_COUNT,
    &steps::COUNT_THEN_ADD,
    &steps::COUNT_THEN_SUBTRACT,
    &steps::COUNT_THEN_MULTIPLY,
    &divisors::GCD,
    &primes::IS_PRIME,
    &numbers::SUM,
    &numbers::DIFFERENCE,
    &numbers::PRODUCT,
    &texts::TEXT_LENGTH,
    &texts::WORD_COUNT,
    &multiples::LCM,
    &multiples::FACTORIAL,
    &multiples::BINOMIAL,
    &multiples::POWER_MODULO,
    &multiples::REMAINDER,
    &prime_rows::PRIME_FACTORS,
    &prime_rows::NTH_PRIME,
    &prime_rows::NEXT_PRIME,
    &prime_rows::PRIME_COUNT,
    &prime_rows::DIVISOR_COUNT,
    &numerals::DIGIT_SUM,
    &numerals::POPCOUNT,
    &numerals::BINARY,
    &numerals::ROMAN,
    &spelling::REVERSE,
    &spelling::PALINDROME,
    &spelling::LEVENSHTEIN,
    &calendar::WEEKDAY,
    &calendar::LEAP_YEAR,
    &calendar::DAYS_APART,
    &calendar::DATE_LATER,
    &lists::MEDIAN,
    &lists::LARGEST,
    &lists::SMALLEST,
    &lists::SORT,
];

const SHARED: [&[Shared]; 6] =
    [courtesy::SHARED, letters::SHARED, steps::SHARED, divisors::SHARED, primes::SHARED, texts::SHARED];

/// The compiled grammar.
pub(super) struct Grammar {
    rules: HashMap<&'static str, Vec<Node>>,
    /// Each production, compiled, with the kind of question and the form that it belongs to.
    pub(super) whole: Vec<(&'static Rules, &'static Production, Node)>,
}

/// The grammar, compiled once.
pub(super) static GRAMMAR: LazyLock<Grammar> = LazyLock::new(|| {
    let compiled = |source| compile(source).unwrap_or_else(|error| panic!("{source}: {error:?}"));
    let shared = SHARED.iter().flat_map(|shared| shared.iter());
    let rules = shared.map(|(name, forms)| (*name, forms.iter().map(|form| compiled(form)).collect()));
    let around = |node| Node::Sequence(vec![Node::Rule("before"), node, Node::Rule("after")]);
    let productions = ALL.iter().flat_map(|rules| rules.productions.iter().map(|form| (*rules, form)));
    Grammar {
        rules: rules.collect(),
        whole: productions.map(|(rules, form)| (rules, form, around(compiled(form.pattern)))).collect(),
    }
});

impl Grammar {
    /// Returns the alternatives of a rule. A production that names an unknown rule is a bug that a test
    /// finds.
    pub(super) fn rule(&self, name: &str) -> &[Node] {
        &self.rules[name]
    }
}
