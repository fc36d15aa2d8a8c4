//! The classification of requests into kinds of jobs, by rules over whole words.

use std::collections::HashSet;
use std::fmt;

/// A rule that recognises one kind of job by words of the request. Only whole words count: `soc` does not
/// match `society`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The kind of job that the rule recognises, for example `code_gen`.
    pub kind: String,
    /// Sets of words. The rule matches a request that contains all words of at least one set, in any order.
    pub any: Vec<Vec<String>>,
}

impl Rule {
    /// Returns a rule that matches a request with all words of one of the sets `any`. The words are not
    /// checked here: [`Classifier::new`] checks them.
    #[must_use]
    pub fn new(kind: impl Into<String>, any: &[&[&str]]) -> Self {
        let words = |set: &&[&str]| set.iter().map(|word| (*word).to_owned()).collect();
        Self { kind: kind.into(), any: any.iter().map(words).collect() }
    }
}

/// The reason why a list of rules, or a kind of job that a caller declared, is refused. The text says what to
/// change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClassifyError {
    /// The caller declared a kind of job for which there is no rule. No other kind is chosen in its place.
    UnknownKind {
        /// The kind of job that the caller declared.
        declared: String,
        /// The kinds of job for which there is a rule.
        known: Vec<String>,
    },
    /// A rule has an empty set of words, so it would match every request.
    EmptySet {
        /// The kind of job that the rule is for.
        kind: String,
    },
    /// A rule looks for a text that is not a single word in lower case, so it would never match.
    NotAWord {
        /// The kind of job that the rule is for.
        kind: String,
        /// The text that the rule looks for.
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

/// An ordered list of checked rules that finds the kind of a request: the first rule that matches decides.
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
    /// [`ClassifyError::EmptySet`] for a rule that would match every request, and [`ClassifyError::NotAWord`]
    /// for a word that could never occur in one.
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

    /// Returns the kind of a request: the declared kind, or the kind of the first rule that matches. Returns
    /// None if no kind is declared and no rule matches.
    ///
    /// # Errors
    /// [`ClassifyError::UnknownKind`] if the declared kind has no rule.
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

/// Returns the words of `text`: the longest runs of letters, digits and underscores.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !(character.is_alphanumeric() || character == '_'))
        .filter(|word| !word.is_empty())
}

/// Returns true if `word` is a single word, and in lower case.
fn is_word(word: &str) -> bool {
    words(word).eq([word]) && word.to_lowercase() == word
}
