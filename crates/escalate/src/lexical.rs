//! The lexical look-up: the functions of a catalogue whose words are nearest to those of a wanted one.
//!
//! The caller passes the catalogue, and nothing of it is kept between two calls or shared by two callers. The scores are
//! those of words: a function that is found is a proposal, which its cases or the gate must confirm.
//!
//! # Tokens
//!
//! A token is a run of letters and digits of any script, in lower case, of two characters at least. A run is split before a
//! capital behind a letter or digit that is none, and before the last of several capitals if a small letter follows: `toHTMLText`
//! has the tokens `to`, `html` and `text`.
//!
//! # Scores
//!
//! ```text
//! score = min(1, 0.4 * similarity + 0.6 * overlap + (0.2 if a token of the query is one of the name))
//! ```
//!
//! - The query has the tokens of the wanted name and of the wanted description.
//! - `overlap` is the number of tokens that the query shares with an entry's name, description and signature, divided by the
//!   number of tokens of the smaller side; 0 if a side has none. Each token counts once.
//! - `similarity` compares the wanted name with the entry's. Each becomes its tokens, each once, in ascending order, with a
//!   space between them, of which the first [`LONGEST_NAME`] characters count. The result is `2 * M / T`: T is the number of
//!   characters of both, and M the number of those that match. The longest common substring matches; of equally long ones the
//!   one that begins first in the wanted name, then first in the entry's. The parts to its left match in the same way, and so
//!   do the parts to its right. This is `difflib.SequenceMatcher.ratio` of Python. A name without tokens has 0.
//!
//! Entries with the same score stand in ascending order of their names, so the order of the catalogue has no effect.

mod governed;
mod similarity;
mod tokens;

use std::cmp::Reverse;
use std::collections::BTreeSet;

use abi::Value;
use det::equal;
use kpolicy::Unit;

pub use governed::{Action, Audit, GovernedProposal, LookUpSpending, Spent};
pub use similarity::LONGEST_NAME;

use similarity::{Name, similarity};
use tokens::tokens;

/// The least score of an entry that [`Catalogue::best_match`] returns.
pub const ROUTE_THRESHOLD: f64 = 0.55;

/// The weight of the similarity of two names.
const NAME_WEIGHT: f64 = 0.4;
/// The weight of the share of tokens that an entry has in common with a query.
const OVERLAP_WEIGHT: f64 = 0.6;
/// The addition for a token of the query that is one of the name.
const NAMED_BONUS: f64 = 0.2;

/// The kind of evidence that there is for what an entry of a catalogue computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// A pure primitive of the kernel, or a function that the gate admitted.
    Proven,
    /// A tool, whose results are checked one by one.
    Checked,
}

impl Tier {
    /// Returns the word that stands for the tier in reports, for example `proven`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Checked => "checked",
        }
    }
}

/// A function that can be found, in the words of whoever offers it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CatalogueEntry {
    /// The name of the function, for example `count_byte`.
    pub name: String,
    /// The description of the result, as a sentence for people.
    pub description: String,
    /// The arguments and the result, for example `count_byte(text, byte) -> int`.
    pub signature: String,
    /// The kind of evidence for the function.
    pub tier: Tier,
}

/// The functions that a look-up can find, with their tokens.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// In ascending order, so that equal scores stay in the order of their names.
    entries: Vec<Indexed>,
}

/// An entry with what is computed of it once.
#[derive(Clone, Debug)]
struct Indexed {
    entry: CatalogueEntry,
    name: Name,
    name_tokens: BTreeSet<String>,
    tokens: BTreeSet<String>,
}

/// An entry of a catalogue with its score for a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// The entry that was found.
    pub entry: &'a CatalogueEntry,
    /// The score, above 0.
    pub score: Unit,
}

impl Catalogue {
    /// Returns a catalogue of these entries. Two entries may have the same name.
    #[must_use]
    pub fn new(entries: impl IntoIterator<Item = CatalogueEntry>) -> Self {
        let mut entries: Vec<CatalogueEntry> = entries.into_iter().collect();
        entries.sort();
        Self { entries: entries.into_iter().map(Indexed::new).collect() }
    }

    /// Returns the entries in ascending order of their names.
    pub fn entries(&self) -> impl Iterator<Item = &CatalogueEntry> {
        self.entries.iter().map(|indexed| &indexed.entry)
    }

    /// Returns at most `top_k` entries with a score above 0 for a function named `entry` that `text` describes, the best first.
    ///
    /// The time grows with the length of the text and with that of the catalogue, and not with their product.
    ///
    /// ```
    /// use escalate::{Catalogue, CatalogueEntry, Tier};
    ///
    /// let gcd = CatalogueEntry {
    ///     name: "gcd".to_owned(),
    ///     description: "The greatest common divisor of two integers.".to_owned(),
    ///     signature: "gcd(a, b) -> int".to_owned(),
    ///     tier: Tier::Proven,
    /// };
    /// let catalogue = Catalogue::new([gcd]);
    /// let found = catalogue.propose("common_divisor", "Return the greatest common divisor.", 5);
    /// assert_eq!(found[0].entry.name, "gcd");
    /// assert!(catalogue.propose("reverse", "Turn a text around.", 5).is_empty());
    /// ```
    #[must_use]
    pub fn propose(&self, entry: &str, text: &str, top_k: usize) -> Vec<Candidate<'_>> {
        let name_tokens = tokens(entry);
        let name = Name::new(&name_tokens);
        let mut query = name_tokens;
        query.extend(tokens(text));
        let scored = self.entries.iter().map(|indexed| indexed.scored(&name, &query));
        let mut found: Vec<Candidate<'_>> = scored.filter(|candidate| candidate.score > Unit::ZERO).collect();
        // The sort keeps the order of the catalogue between equal scores.
        found.sort_by_key(|candidate| Reverse(candidate.score));
        found.truncate(top_k);
        found
    }

    /// Returns the first entry that [`propose`](Self::propose) finds, if its score is [`ROUTE_THRESHOLD`] at least.
    #[must_use]
    pub fn best_match(&self, entry: &str, text: &str) -> Option<Candidate<'_>> {
        let best = self.propose(entry, text, 1).into_iter().next();
        best.filter(|candidate| candidate.score.get() >= ROUTE_THRESHOLD)
    }

    /// Returns true if `name` is an entry of the tier [`Tier::Proven`] and `call` returns the stated result for the
    /// arguments of every case. Without cases nothing is shown, so the answer is false.
    ///
    /// `call` runs the function in this process; None says that it has no result for the arguments. Results are compared by
    /// [`det::equal`].
    pub fn validate_proven(
        &self,
        name: &str,
        cases: &[(Vec<Value>, Value)],
        mut call: impl FnMut(&str, &[Value]) -> Option<Value>,
    ) -> bool {
        let is_proven = self.entries().any(|entry| entry.name == name && entry.tier == Tier::Proven);
        let mut holds = |(arguments, returns): &(Vec<Value>, Value)| {
            call(name, arguments).is_some_and(|got| equal(returns, &got))
        };
        is_proven && !cases.is_empty() && cases.iter().all(&mut holds)
    }
}

impl Indexed {
    fn new(entry: CatalogueEntry) -> Self {
        let name_tokens = tokens(&entry.name);
        let mut all = name_tokens.clone();
        all.extend(tokens(&entry.description));
        all.extend(tokens(&entry.signature));
        Self { name: Name::new(&name_tokens), name_tokens, tokens: all, entry }
    }

    fn scored(&self, name: &Name, query: &BTreeSet<String>) -> Candidate<'_> {
        let named = if shared(query, &self.name_tokens) > 0 { NAMED_BONUS } else { 0.0 };
        let score = NAME_WEIGHT * similarity(name, &self.name)
            + OVERLAP_WEIGHT * overlap(query, &self.tokens)
            + named;
        Candidate { entry: &self.entry, score: Unit::clamped(score).unwrap_or(Unit::ZERO) }
    }
}

/// Returns the number of tokens that both sets have. Only the tokens of the smaller set are looked up.
fn shared(one: &BTreeSet<String>, other: &BTreeSet<String>) -> usize {
    let (few, many) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    few.iter().filter(|token| many.contains(*token)).count()
}

/// Returns the overlap coefficient of two sets: the size of their intersection, divided by that of the smaller one.
fn overlap(one: &BTreeSet<String>, other: &BTreeSet<String>) -> f64 {
    match one.len().min(other.len()) {
        0 => 0.0,
        smaller => shared(one, other) as f64 / smaller as f64,
    }
}
