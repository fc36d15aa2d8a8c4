//! Which kind of job a request is, by rules over whole words.

use std::collections::HashSet;
use std::fmt;

/// When a request is of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The kind.
    pub kind: String,
    /// Sets of words. The rule fires where all words of one set are in the request, in any order.
    pub any: Vec<Vec<String>>,
}

impl Rule {
    /// A rule that fires on any of these sets of words.
    #[must_use]
    pub fn new(kind: impl Into<String>, any: &[&[&str]]) -> Self {
        let words = |set: &&[&str]| set.iter().map(|word| (*word).to_owned()).collect();
        Self { kind: kind.into(), any: any.iter().map(words).collect() }
    }
}

/// Why a request has no kind, or rules are none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClassifyError {
    /// The declared kind has no rule. It is not replaced by another.
    UnknownKind {
        /// The declared kind.
        declared: String,
        /// The kinds that there are.
        known: Vec<String>,
    },
    /// A rule's set is empty and would fire on everything.
    EmptySet {
        /// The rule's kind.
        kind: String,
    },
    /// A rule looks for something that is no single word in lower case, and would never fire.
    NotAWord {
        /// The rule's kind.
        kind: String,
        /// What it looks for.
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

/// Rules in order; the first that fires decides.
#[derive(Clone, Debug)]
pub struct Classifier {
    rules: Vec<Rule>, // Invariant: every set has a word, and every word can be one of a request's.
}

impl Classifier {
    /// A classifier with these rules.
    ///
    /// # Errors
    /// A rule would fire always, or one of its words never.
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

    /// The kind of a request: the declared one, or that of the first rule that fires, or none.
    ///
    /// # Errors
    /// The declared kind has no rule.
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

/// Runs of letters, digits and underscores.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character: char| !(character.is_alphanumeric() || character == '_'))
        .filter(|word| !word.is_empty())
}

fn is_word(word: &str) -> bool {
    words(word).eq([word]) && word.to_lowercase() == word
}
