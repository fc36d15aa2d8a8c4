//! Values: the answer that a text states as a whole.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use abi::Value;

use super::clause;
use super::list;
use super::number_word::{number_word, number_words};
use super::parts::{Part, parts};
use super::place::is_fence;
use super::topic::Asked;
use super::{Answer, Question, integer, number};
use crate::Form;

/// Marks that stand around a value and say nothing about it.
const AROUND: [(&str, &str); 11] = [
    ("\\boxed{", "}"),
    ("\\fbox{", "}"),
    ("\\text{", "}"),
    ("\\(", "\\)"),
    ("\\[", "\\]"),
    ("(", ")"),
    ("[", "]"),
    ("\"", "\""),
    ("'", "'"),
    ("\u{201c}", "\u{201d}"),
    ("\u{2018}", "\u{2019}"),
];
/// The names of the one member of a JSON object that is an answer.
const MEMBERS: [&str; 3] = ["answer", "final_answer", "result"];
/// The most bytes of a clause or an object that states a value. Longer ones explain.
const MAX_BYTES: usize = 400;

/// Returns the answer that a whole reply without a label states.
pub(super) fn whole(reply: &str, question: &Question<'_>) -> Option<Answer> {
    let form = question.form;
    let reply = without_opening(reply);
    let mut lines = reply.lines().filter(|line| !line.trim().is_empty() && !is_fence(line));
    let (first, second) = (lines.next()?, lines.next());
    match second {
        None => plain(first, form).or_else(|| member(first, form)).or_else(|| clause(first, question)),
        Some(second) if first.trim_start().starts_with('{') => {
            let lines: Vec<&str> = [first, second].into_iter().chain(lines).collect();
            member(&lines.join("\n"), form)
        }
        Some(_) => None,
    }
}

/// Words that open a reply and say nothing, if a mark or the statement follows.
const OPENINGS: [&str; 10] = [
    "sure",
    "certainly",
    "of course",
    "okay",
    "ok",
    "great question",
    "good question",
    "so",
    "therefore",
    "thus",
];
/// Openings that need no mark behind them.
const CONNECTING: [&str; 3] = ["so", "therefore", "thus"];

/// Returns a reply without the words that open it and say nothing: `Sure!`, `So`.
fn without_opening(reply: &str) -> &str {
    let reply = reply.trim_start();
    let rest = OPENINGS.iter().find_map(|opening| {
        let head = reply.get(..opening.len())?;
        let rest = &reply[opening.len()..];
        let is_set_off = rest.starts_with([',', '!', '.', ':'])
            || (CONNECTING.contains(opening) && rest.starts_with(char::is_whitespace));
        (head.eq_ignore_ascii_case(opening) && is_set_off).then_some(rest)
    });
    match rest.map(|rest| rest.strip_prefix([',', '!', '.', ':']).unwrap_or(rest)) {
        // Nothing behind it: the opening is the whole reply.
        Some(rest) if rest.starts_with(char::is_whitespace) && !rest.trim().is_empty() => rest,
        _ => reply,
    }
}

/// Returns the answer that the text behind a label states: a value, or a clause that states one.
pub(super) fn labelled(text: &str, question: &Question<'_>) -> Option<Answer> {
    plain(text, question.form).or_else(|| clause(text, question))
}

/// Returns true for marks of emphasis.
pub(super) fn is_mark(c: char) -> bool {
    matches!(c, '*' | '`' | '$')
}

/// Returns the answer that is a text, beside the marks around it.
fn plain(text: &str, form: Form) -> Option<Answer> {
    if form == Form::Integers {
        return list::integers(text);
    }
    let text = bare(text);
    if form == Form::Word {
        return list::word(text);
    }
    if form == Form::YesNo {
        return yes_no(text.strip_suffix('!').map_or(text, bare));
    }
    let minus = text.strip_prefix('\u{2212}').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let minus = minus.map(|rest| alloc::format!("-{rest}"));
    let text = minus.as_deref().unwrap_or(text);
    let unsigned = text.strip_prefix('+').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let text = unsigned.unwrap_or(text);
    match form {
        Form::Integer => integer(text).or_else(|| in_words(text)).map(Answer::Integer),
        Form::Number => {
            integer(text).or_else(|| in_words(text)).map(Answer::Integer).or_else(|| number(text))
        }
        _ => None,
    }
}

/// Returns the yes or no that a text is.
fn yes_no(text: &str) -> Option<Answer> {
    let is_one_of = |words: [&str; 2]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
    let yes = is_one_of(["yes", "true"]);
    (yes || is_one_of(["no", "false"])).then_some(Answer::YesNo(yes))
}

/// Returns a text without the marks around it and one final full stop.
fn bare(mut text: &str) -> &str {
    let mut has_stop = false;
    loop {
        let before = text.len();
        text = text.trim().trim_matches(is_mark).trim();
        if let Some(rest) = text.strip_suffix('.').filter(|_| !has_stop) {
            (text, has_stop) = (rest, true);
        }
        for (open, close) in AROUND {
            text = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)).unwrap_or(text);
        }
        if text.len() == before {
            return text;
        }
    }
}

/// Returns the number that a text writes in words of English.
fn in_words(text: &str) -> Option<i64> {
    if text.len() > MAX_BYTES || !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let lower = text.to_ascii_lowercase();
    let word = |at: usize| lower.split_ascii_whitespace().nth(at).unwrap_or_default();
    if word(1).is_empty() {
        return number_word(word(0)).map(i64::from);
    }
    number_words(word, 0).filter(|(_, end)| word(*end).is_empty()).map(|(number, _)| i64::from(number))
}

/// Returns the answer in the one member of a JSON object.
fn member(text: &str, form: Form) -> Option<Answer> {
    let text = text.trim();
    if !text.starts_with('{') || text.len() > MAX_BYTES {
        return None;
    }
    let Ok(Value::Map(map)) = &crate::parse_json(text) else { return None };
    let mut members = map.iter();
    let (Some((name, value)), None) = (members.next(), members.next()) else { return None };
    match value {
        _ if !MEMBERS.contains(&&**name) => None,
        Value::Text(text) => plain(text, form),
        Value::List(_) if form == Form::Integers => {
            let items = value.as_list()?.iter().map(Value::as_int).collect::<Option<Vec<i64>>>();
            items.map(Answer::Integers)
        }
        Value::Bool(yes) if form == Form::YesNo => Some(Answer::YesNo(*yes)),
        Value::Int(int) if matches!(form, Form::Integer | Form::Number) => Some(Answer::Integer(*int)),
        Value::Float(float) if form == Form::Number => Some(Answer::Number(float.get())),
        Value::Decimal(decimal) if form == Form::Number => Some(Answer::Decimal(decimal.clone())),
        _ => None,
    }
}

/// Returns a text without the box around a part of it, and with a plain sign of multiplication: `It is \\boxed{11}`. A
/// second box stays.
fn unboxed(text: &str) -> Cow<'_, str> {
    let text =
        if text.contains("\\times") { Cow::Owned(text.replace("\\times", "*")) } else { Cow::Borrowed(text) };
    let boxed = text.split_once("\\boxed{").and_then(|(before, rest)| {
        let (inside, behind) = rest.split_once('}')?;
        Some(alloc::format!("{before}{inside}{behind}"))
    });
    boxed.map_or(text, Cow::Owned)
}

/// Marks that touch a value and hedge or change it: `~42`, `#42`.
const TOUCHING: [char; 10] = ['~', '#', '|', '\\', '{', '}', '[', ']', '<', '>'];

/// Returns the answer of a clause all of whose words are firm: `3 r's`, `yes, 97 is prime`.
///
/// Nothing is read that a look-alike letter or digit takes part in. A word that hedges the value, such as `about` or
/// `probably`, leaves no answer, because the reply does not say that the answer is this value.
fn clause(text: &str, question: &Question<'_>) -> Option<Answer> {
    let text = &unboxed(bare(text));
    let is_plain = |c: char| (c.is_ascii() && !TOUCHING.contains(&c)) || c == '\u{2019}';
    let topic = question.topic;
    let is_read = text.len() <= MAX_BYTES && topic.asked != Asked::Anything && text.chars().all(is_plain);
    let parts: Vec<Part> = if is_read { parts(text, topic, question.vocabulary)? } else { return None };
    let parts = match parts.as_slice() {
        [Part::Word(word), rest @ ..] if word == "so" => rest,
        all => all,
    };
    if question.form == Form::YesNo {
        return clause::yes_or_no(parts, topic).map(Answer::YesNo);
    }
    if !matches!(question.form, Form::Integer | Form::Number) {
        return None;
    }
    let number = clause::number(parts, topic)?;
    i64::try_from(number).ok().map(Answer::Integer)
}
