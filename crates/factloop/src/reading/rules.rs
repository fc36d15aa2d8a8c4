//! The grammar as data: rules that all questions share, and the productions of each specification.
//!
//! To add a specification, write a file beside the others and name it in [`ALL`]; the parser stays as it is.

mod courtesy;
mod divisors;
mod letters;
mod numbers;
mod primes;
mod steps;
mod texts;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::pattern::{Node, compile};
use crate::Specification;

/// One form of a question.
pub(super) struct Production {
    /// The form, in the notation of `pattern`.
    pub(super) pattern: &'static str,
    /// The call that answers it: primitives over operands that the pattern binds, and literal numbers.
    pub(super) answer: &'static str,
    /// The reading in words; `{name}` stands for an operand.
    pub(super) shown: &'static str,
}

/// Everything that belongs to one specification.
pub(super) struct Rules {
    /// The specification.
    pub(super) specification: Specification,
    /// The call that computes the fact; none if the answer itself is the fact.
    pub(super) fact: Option<&'static str>,
    /// The forms of the question.
    pub(super) productions: &'static [Production],
    /// Prompts of it, each with the call that answers it.
    pub(super) examples: &'static [(&'static str, &'static str)],
    /// Prompts that look like it and have no reading at all.
    pub(super) counter_examples: &'static [&'static str],
}

/// A named rule: its alternatives in the notation of `pattern`.
type Shared = (&'static str, &'static [&'static str]);

/// The rules of every specification.
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
];

const SHARED: [&[Shared]; 5] =
    [courtesy::SHARED, letters::SHARED, steps::SHARED, divisors::SHARED, primes::SHARED];

/// The compiled grammar.
pub(super) struct Grammar {
    rules: HashMap<&'static str, Vec<Node>>,
    /// Each production with the place of its rules and its own place in them.
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
    /// The alternatives of a rule. A production that names no rule is a bug that a test finds.
    pub(super) fn rule(&self, name: &str) -> &[Node] {
        &self.rules[name]
    }
}
