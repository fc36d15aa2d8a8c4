//! Credentials in a text, recognised by their usual forms.

use alloc::string::String;
use alloc::vec::Vec;

/// The prefix of an access token, the least number of characters after it, and the kind of those characters.
type Token = (&'static str, usize, fn(char) -> bool);

/// The forms of access tokens that well-known services hand out.
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

/// Names to which people assign a credential.
const NAMES: [&str; 8] =
    ["password", "passwd", "secret", "api_key", "apikey", "access_token", "auth_token", "private_key"];

/// Returns a description of the first kind of secret that a text seems to contain, or None if it has none.
pub(super) fn secret(text: &str) -> Option<&'static str> {
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

/// Returns the length in characters of the longest start of `text` whose characters all satisfy `of`.
fn run(text: &str, of: impl Fn(char) -> bool) -> usize {
    text.chars().take_while(|c| of(*c)).count()
}

fn has_token(text: &str) -> bool {
    TOKENS.iter().any(|(prefix, least, of)| {
        text.match_indices(prefix).any(|(at, _)| {
            // A prefix inside a word is part of that word, whose characters are read once then.
            if text[..at].ends_with(is_token) {
                return false;
            }
            let body = &text[at + prefix.len()..];
            let length = run(body, of);
            length >= *least && !is_placeholder(&body[..length])
        })
    })
}

/// Returns true if the text has a signed token: three parts of base64url, the first of them a JSON object.
///
/// The object may begin inside a word, so only the last three parts of a word can be such a token.
fn has_jwt(text: &str) -> bool {
    text.split(|c| !is_token(c) && c != '.').any(|word| {
        let mut parts = word.rsplit('.');
        let (last, middle, first) = (parts.next(), parts.next(), parts.next());
        let is_long = |part: Option<&str>| part.is_some_and(|part| part.len() >= 10);
        let is_object = |part: &str| part.find("eyJ").is_some_and(|at| part.len() - at >= 10);
        is_long(last) && is_long(middle) && first.is_some_and(is_object)
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

/// Returns true if the text has an address with a password, `scheme://user:password@host`.
fn has_credentials_in_url(text: &str) -> bool {
    text.match_indices("://").any(|(at, mark)| {
        let rest = &text[at + mark.len()..];
        let authority = &rest[..rest.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(rest.len())];
        let Some((user, _)) = authority.rsplit_once('@') else { return false };
        user.split_once(':').is_some_and(|(_, password)| password.len() >= 3 && !is_placeholder(password))
    })
}

/// Returns true if the text assigns a credential, such as `password = "…"` or `"api_key": "…"`: a name, a
/// separator, and a quoted value of eight characters at least.
fn has_assigned_secret(text: &str) -> bool {
    let lower = text.to_lowercase();
    // Lower case may change lengths, so every position is one of the text in lower case.
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

/// Returns true if a value visibly stands in for a secret: it is one character repeated, or consists of words
/// such as `your` and `token` only. A secret that merely contains such a word is no placeholder.
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
