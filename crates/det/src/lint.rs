//! Lints: cheap checks for known faults in the text of a proposal.
//!
//! A lint compares words and does not understand meaning. A text that passes only shows that a known fault
//! was not found, so a lint never reaches a level above `Schema`.

mod secrets;

use alloc::vec::Vec;
use core::fmt;

use secrets::secret;

/// A lint: a check of a text for one known kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lint {
    /// Passes a text that cites evidence, or that says it has none. Evidence is, for example, a command line,
    /// the name of a file, a block of code, or a count such as `12/12 passed`.
    EvidenceCited,
    /// Passes a text without marks of reasoning, such as `<think`, and without anything that looks like a
    /// credential.
    NoSecretOrReasoning,
}

/// The fault that a [`Lint`] found in a text, in words that the author of the text can act on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LintFinding {
    /// The fault, for example `it has a URL with credentials`.
    pub what: &'static str,
}

impl fmt::Display for LintFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }
}

impl Lint {
    /// Every lint that a contract can demand, in a fixed order.
    pub const ALL: [Self; 2] = [Self::EvidenceCited, Self::NoSecretOrReasoning];

    /// The steps for one byte of a text. A lint reads a text about twenty times.
    pub(crate) const BYTE_STEPS: u64 = 5;

    /// Returns the word that stands for the lint in contracts and findings.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::EvidenceCited => "evidence_cited",
            Self::NoSecretOrReasoning => "no_secret_or_reasoning",
        }
    }

    /// Returns the lint that `word` stands for, the inverse of [`word`](Self::word), or None if there is
    /// none.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lint| lint.word() == word)
    }

    /// Checks a text for the fault that this lint knows. The result depends on the text alone.
    ///
    /// # Errors
    /// The text has the fault; the finding describes it.
    pub fn check(self, text: &str) -> Result<(), LintFinding> {
        let what = match self {
            Self::EvidenceCited if cites_evidence(text) => return Ok(()),
            Self::EvidenceCited => "it cites no evidence and does not say that it has none",
            Self::NoSecretOrReasoning => match reasoning(text).or_else(|| secret(text)) {
                None => return Ok(()),
                Some(what) => what,
            },
        };
        Err(LintFinding { what })
    }
}

/// Phrases by which a text admits that something was not checked.
const ADMISSIONS: [&str; 7] = [
    "not verified",
    "unverified",
    "could not verify",
    "cannot verify",
    "not tested",
    "no evidence",
    "have not checked",
];

/// Words after a number that make it a count of test results.
const RESULTS: [&str; 6] = ["passed", "passes", "passing", "failed", "failures", "ok"];

/// Endings of the names of files that a text can cite.
const ENDINGS: [&str; 14] =
    [".rs", ".py", ".toml", ".json", ".md", ".txt", ".log", ".csv", ".c", ".h", ".js", ".ts", ".sh", ".yaml"];

fn cites_evidence(text: &str) -> bool {
    let lower = text.to_lowercase();
    ADMISSIONS.iter().any(|phrase| lower.contains(phrase))
        || has_fence(text)
        || text.lines().any(|line| line.trim_start().starts_with("$ "))
        || has_code_span(text)
        || has_count_of_results(&lower)
        || words(text).any(is_file_name)
}

/// Returns true if the text has a fenced block that is not empty.
fn has_fence(text: &str) -> bool {
    let mut inside = false;
    let mut filled = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            if inside && filled {
                return true;
            }
            (inside, filled) = (!inside, false);
        } else if inside && !line.trim().is_empty() {
            filled = true;
        }
    }
    false
}

/// Returns true if the text has an inline code span of more than one word, because one word between back
/// ticks is only emphasis.
fn has_code_span(text: &str) -> bool {
    let spans = text.split('`').skip(1).step_by(2);
    spans.into_iter().any(|span| span.split_whitespace().count() > 1 && !span.contains('\n'))
}

/// Returns true if the text has a count of results, such as `12/12 passed` or `3 failed`. A ratio or a date
/// by itself is none.
fn has_count_of_results(lower: &str) -> bool {
    let words: Vec<&str> = words(lower).collect();
    words.windows(2).any(|pair| {
        let counted =
            pair[0].split('/').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
        let parts = pair[0].split('/').count();
        counted && parts <= 2 && RESULTS.contains(&pair[1])
    })
}

fn is_file_name(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or(word);
    ENDINGS.iter().any(|ending| {
        name.strip_suffix(ending).is_some_and(|stem| {
            !stem.is_empty() && stem.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
        })
    })
}

/// Returns the words of a text without the punctuation around them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().map(|word| {
        word.trim_matches(|c: char| matches!(c, ',' | ';' | ':' | '!' | '?' | '(' | ')' | '"' | '\'' | '`'))
            .trim_end_matches('.')
    })
}

/// Marks of a model's reasoning channel, which should not be in its reply.
const REASONING: [&str; 6] =
    ["<think", "</think", "<|channel|>analysis", "<|start_of_thinking|>", "<reasoning>", "<scratchpad>"];

fn reasoning(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    REASONING.iter().any(|mark| lower.contains(mark)).then_some("it has marks of raw reasoning")
}
