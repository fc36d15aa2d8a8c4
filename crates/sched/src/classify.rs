//! The classification of requests into kinds of jobs, by rules over whole words.

use std::collections::HashSet;
use std::fmt;

/// A rule that recognises one kind of job by words of the request. Only whole words count: `soc` does not
/// match `society`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The kind of job.
    pub kind: String,
    /// Sets of words. The rule matches if all words of at least one set are in the request, in any order.
    pub any: Vec<Vec<String>>,
}

impl Rule {
    /// Returns a rule that matches if all words of one of the sets `any` occur. The words are not checked
    /// here: [`Classifier::new`] checks them.
    #[must_use]
    pub fn new(kind: impl Into<String>, any: &[&[&str]]) -> Self {
        let words = |set: &&[&str]| set.iter().map(|word| (*word).to_owned()).collect();
        Self { kind: kind.into(), any: any.iter().map(words).collect() }
    }
}

/// The reason why rules are refused, or why a declared kind is. The text says what to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClassifyError {
    /// The declared kind has no rule. No other kind is chosen in its place.
    UnknownKind {
        /// The declared kind.
        declared: String,
        /// The kinds that have a rule.
        known: Vec<String>,
    },
    /// A rule has an empty set of words, and would match every request.
    EmptySet {
        /// The kind of the rule.
        kind: String,
    },
    /// A rule looks for a text that is not a single word in lower case, and would never match.
    NotAWord {
        /// The kind of the rule.
        kind: String,
        /// The text that it looks for.
        word: String,
    },
}

impl fmt::Display for ClassifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownKind { declared, known } => {
                write!(f, "no rule is for jobs of kind {declared:?}; declare one of: {}", known.join(", "))
            }
            Self::EmptySet { kind } => {
                write!(f, "a set of words of the rule for {kind} is empty; give it a word or remove it")
            }
            Self::NotAWord { kind, word } => {
                write!(f, "the rule for {kind} looks for {word:?}; write single words in lower case")
            }
        }
    }
}

impl std::error::Error for ClassifyError {}

/// Checked rules in order. The first rule that matches a request decides its kind.
///
/// ```
/// use sched::{Classifier, Rule};
///
/// let rules = Classifier::new(vec![Rule::new("code_gen", &[&["def"], &["function", "return"]])])?;
/// assert_eq!(rules.classify(None, "Write a function; it must return 3.")?, Some("code_gen"));
/// assert_eq!(rules.classify(None, "We definitely default")?, None);
/// # Ok::<(), sched::ClassifyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Classifier {
    rules: Vec<Rule>, // Invariant: every set has a word, and every word can occur in a request.
}

impl Classifier {
    /// Returns a classifier with these rules, after checking every set of words.
    ///
    /// # Errors
    /// Fails if a rule would match every request, or if one of its words could never occur in one.
    pub fn new(rules: Vec<Rule>) -> Result<Self, ClassifyError> {
        for Rule { kind, any } in &rules {
            for set in any {
                if set.is_empty() {
                    return Err(ClassifyError::EmptySet { kind: kind.clone() });
                }
                if let Some(word) = set.iter().find(|word| !is_word(word)) {
                    return Err(ClassifyError::NotAWord { kind: kind.clone(), word: word.clone() });
                }
            }
        }
        Ok(Self { rules })
    }

    /// Returns the kind of a request: the declared kind, or that of the first rule that matches. None if no
    /// kind is declared and no rule matches.
    ///
    /// # Errors
    /// Fails if a kind is declared that has no rule.
    pub fn classify(&self, declared: Option<&str>, request: &str) -> Result<Option<&str>, ClassifyError> {
        let kinds = || self.rules.iter().map(|rule| rule.kind.as_str());
        if let Some(declared) = declared {
            return match kinds().find(|kind| *kind == declared) {
                Some(kind) => Ok(Some(kind)),
                None => Err(ClassifyError::UnknownKind {
                    declared: declared.to_owned(),
                    known: kinds().map(str::to_owned).collect(),
                }),
            };
        }
        let lower = request.to_lowercase();
        let present: HashSet<&str> = words(&lower).collect();
        let fires = |set: &Vec<String>| set.iter().all(|word| present.contains(word.as_str()));
        Ok(self.rules.iter().find(|rule| rule.any.iter().any(fires)).map(|rule| rule.kind.as_str()))
    }
}

/// The runs of letters, digits and underscores in `text`.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !(character.is_alphanumeric() || character == '_'))
        .filter(|word| !word.is_empty())
}

/// Returns true if `word` is one word in lower case.
fn is_word(word: &str) -> bool {
    words(word).eq([word]) && word.to_lowercase() == word
}
