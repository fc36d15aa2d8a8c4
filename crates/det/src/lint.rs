//! Lints on the text of a proposal: cheap signs of trouble, never a level of trust above `Schema`.
//!
//! A lint reads words, not meaning. That it passes says that a known fault was not seen.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// A lint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lint {
    /// The text points at evidence, or says that it has none.
    EvidenceCited,
    /// The text has no reasoning marks and nothing that looks like a secret.
    NoSecretOrReasoning,
}

/// What a lint found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LintFinding {
    /// What is wrong.
    pub what: &'static str,
}

impl fmt::Display for LintFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }
}

impl Lint {
    /// Every lint.
    pub const ALL: [Self; 2] = [Self::EvidenceCited, Self::NoSecretOrReasoning];

    /// The word for it in contracts.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::EvidenceCited => "evidence_cited",
            Self::NoSecretOrReasoning => "no_secret_or_reasoning",
        }
    }

    /// The lint of that word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lint| lint.word() == word)
    }

    /// Looks at a text.
    ///
    /// # Errors
    /// What was found.
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

/// Ways of saying that something was not checked.
const ADMISSIONS: [&str; 7] = [
    "not verified",
    "unverified",
    "could not verify",
    "cannot verify",
    "not tested",
    "no evidence",
    "have not checked",
];

/// Words that follow a count of results.
const RESULTS: [&str; 6] = ["passed", "passes", "passing", "failed", "failures", "ok"];

/// Endings of names that artefacts have.
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

/// A fenced block with something in it.
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

/// An inline code span of more than one word; a lone back-ticked word or ratio is emphasis.
fn has_code_span(text: &str) -> bool {
    let spans = text.split('`').skip(1).step_by(2);
    spans.into_iter().any(|span| span.split_whitespace().count() > 1 && !span.contains('\n'))
}

/// `12/12 passed`, `3 failed`: a count anchored to a word for a result. A bare ratio or date is none.
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

/// Words without the punctuation around them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().map(|word| {
        word.trim_matches(|c: char| matches!(c, ',' | ';' | ':' | '!' | '?' | '(' | ')' | '"' | '\'' | '`'))
            .trim_end_matches('.')
    })
}

/// Marks of a reasoning channel that should not have left the model.
const REASONING: [&str; 6] =
    ["<think", "</think", "<|channel|>analysis", "<|start_of_thinking|>", "<reasoning>", "<scratchpad>"];

fn reasoning(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    REASONING.iter().any(|mark| lower.contains(mark)).then_some("it has marks of raw reasoning")
}

/// The prefix of a token, the least number of characters after it, and which.
type Token = (&'static str, usize, fn(char) -> bool);

/// Tokens that services hand out.
const TOKENS: [Token; 9] = [
    ("AKIA", 16, is_upper_or_digit),
    ("sk_live_", 16, is_token),
    ("sk-", 20, is_token),
    ("ghp_", 30, is_token),
    ("gho_", 30, is_token),
    ("github_pat_", 30, is_token),
    ("xoxb-", 20, is_token),
    ("xoxp-", 20, is_token),
    ("glpat-", 16, is_token),
];

/// Names that a credential is assigned to.
const NAMES: [&str; 8] =
    ["password", "passwd", "secret", "api_key", "apikey", "access_token", "auth_token", "private_key"];

fn secret(text: &str) -> Option<&'static str> {
    if text.contains("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
        return Some("it has a private key");
    }
    if has_token(text) {
        return Some("it has something that looks like an access token");
    }
    if has_jwt(text) {
        return Some("it has something that looks like a signed token");
    }
    if has_bearer(text) {
        return Some("it has a bearer credential");
    }
    if has_credentials_in_url(text) {
        return Some("it has a URL with credentials");
    }
    has_assigned_secret(text).then_some("it assigns a value to a name for a credential")
}

fn is_upper_or_digit(c: char) -> bool {
    c.is_ascii_uppercase() || c.is_ascii_digit()
}

fn is_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

/// How many characters of a kind `text` begins with.
fn run(text: &str, of: impl Fn(char) -> bool) -> usize {
    text.chars().take_while(|c| of(*c)).count()
}

fn has_token(text: &str) -> bool {
    TOKENS.iter().any(|(prefix, least, of)| {
        text.match_indices(prefix).any(|(at, _)| {
            // A prefix inside a word is part of that word.
            let starts = !text[..at].ends_with(is_token);
            let body = &text[at + prefix.len()..];
            let length = run(body, of);
            starts && length >= *least && !is_placeholder(&body[..length])
        })
    })
}

/// Three parts of base64url, of which the first begins as `{"` does.
fn has_jwt(text: &str) -> bool {
    text.match_indices("eyJ").any(|(at, _)| {
        let token = &text[at..at + run(&text[at..], |c| is_token(c) || c == '.')];
        let parts: Vec<&str> = token.split('.').collect();
        parts.len() == 3 && parts.iter().all(|part| part.len() >= 10)
    })
}

fn has_bearer(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(2).any(|pair| {
        let long = pair[1].trim_matches(|c: char| !is_token(c) && c != '.');
        pair[0].trim_matches(|c: char| !c.is_ascii_alphanumeric()).eq_ignore_ascii_case("bearer")
            && long.len() >= 20
            && long.bytes().any(|byte| byte.is_ascii_digit())
            && !is_placeholder(long)
    })
}

/// `scheme://user:password@host`.
fn has_credentials_in_url(text: &str) -> bool {
    text.match_indices("://").any(|(at, mark)| {
        let rest = &text[at + mark.len()..];
        let authority = &rest[..rest.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(rest.len())];
        let Some((user, _)) = authority.rsplit_once('@') else { return false };
        user.split_once(':').is_some_and(|(_, password)| password.len() >= 3 && !is_placeholder(password))
    })
}

/// `password = "…"`, `"api_key": "…"`: a name, a separator, a quoted value of eight characters at least.
fn has_assigned_secret(text: &str) -> bool {
    let lower = text.to_lowercase();
    // Lower case may change lengths, so positions are looked up in one and the same text.
    NAMES.iter().any(|name| {
        lower.match_indices(name).any(|(at, _)| {
            let rest = lower[at + name.len()..].trim_start_matches(['"', '\'']).trim_start();
            let Some(rest) = rest.strip_prefix([':', '=']) else { return false };
            let rest = rest.trim_start();
            let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else { return false };
            let value: String = rest.chars().skip(1).take_while(|c| *c != quote).collect();
            value.chars().count() >= 8 && !is_placeholder(&value)
        })
    })
}

/// Whether a value is visibly none: the same character throughout, or made only of words that say so. A
/// secret that merely has such a word in it is no placeholder.
fn is_placeholder(value: &str) -> bool {
    const WORDS: [&str; 14] = [
        "your",
        "example",
        "placeholder",
        "changeme",
        "redacted",
        "dummy",
        "xxx",
        "token",
        "key",
        "api",
        "secret",
        "password",
        "here",
        "my",
    ];
    let value = value.trim_matches(|c: char| matches!(c, '<' | '>' | '{' | '}' | '$' | '[' | ']'));
    let mut chars = value.chars();
    let same = chars.next().is_none_or(|first| chars.all(|c| c == first));
    let words = value.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    same || words.into_iter().all(|word| WORDS.iter().any(|known| word.eq_ignore_ascii_case(known)))
}
