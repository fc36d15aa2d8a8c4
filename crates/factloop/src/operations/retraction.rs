//! Text around a JSON document that takes the document back, or states another value.

use abi::Value;
use det::{Form, equal, extract, parse_json};

/// Words at the start of a sentence that take back what stands before.
const TAKING_BACK: [&str; 31] = [
    "correction",
    "corrected",
    "actually",
    "wait",
    "oops",
    "sorry",
    "apologies",
    "instead",
    "rather",
    "scratch that",
    "strike that",
    "never mind",
    "nevermind",
    "i mean",
    "i meant",
    "i was wrong",
    "i made a mistake",
    "on second thought",
    "on second thoughts",
    "my mistake",
    "my bad",
    "edit",
    "erratum",
    "hold on",
    "hmm",
    "that is wrong",
    "that's wrong",
    "this is wrong",
    "it should be",
    "that should be",
    "this should be",
];
/// Words that take back only if a mark follows: `No, it is 4`, but not `No other member is wanted`.
const BEFORE_A_MARK: [&str; 3] = ["no", "nope", "better"];

/// Returns true if a sentence of `text`, which stands behind a document, takes the document back.
pub(super) fn is_retracted(text: &str) -> bool {
    text.split(['.', '!', '?', ';', '\n', '(']).any(|sentence| {
        let sentence = sentence.trim_start_matches(|c: char| !c.is_alphanumeric());
        let behind = |words: &str| {
            let head = sentence.get(..words.len())?;
            let rest = &sentence[words.len()..];
            let ends = !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
            (head.eq_ignore_ascii_case(words) && ends).then_some(rest)
        };
        let is_set_off = |rest: &str| {
            let rest = rest.trim_start_matches(['*', '_', '`', ' ']);
            rest.is_empty() || rest.starts_with([',', ':', '-', '=', '\u{2013}', '\u{2014}'])
        };
        TAKING_BACK.iter().any(|words| behind(words).is_some())
            || BEFORE_A_MARK.iter().any(|words| behind(words).is_some_and(is_set_off))
    })
}

/// Returns true if the text around a document states another value than `stated`: a line that is a JSON scalar by
/// itself, or, beside a document that is a number or a truth value, any statement that would be a second answer.
pub(super) fn states_another(around: &[&str], stated: &Value) -> bool {
    let differs = |line: &str| parse_json(line.trim()).is_ok_and(|other| !equal(&other, stated));
    let scalar =
        around.iter().flat_map(|text| text.lines()).any(|line| is_scalar(line.trim()) && differs(line));
    scalar || contradicts(around, stated)
}

/// Returns true for the text of a number, a string, or one of the words of JSON.
fn is_scalar(line: &str) -> bool {
    let is_string = line.len() > 1 && line.starts_with('"') && line.ends_with('"');
    let is_number = line.starts_with(|c: char| c.is_ascii_digit() || c == '-');
    is_string || is_number || matches!(line, "true" | "false" | "null")
}

fn contradicts(around: &[&str], stated: &Value) -> bool {
    let (form, answer) = match stated {
        Value::Int(int) => (Form::Number, int.to_string()),
        Value::Decimal(decimal) => (Form::Number, decimal.to_string()),
        Value::Float(float) => (Form::Number, float.get().to_string()),
        Value::Bool(yes) => (Form::YesNo, if *yes { "yes" } else { "no" }.to_owned()),
        _ => return false,
    };
    let reply = format!("{}\nAnswer: {answer}", around.join("\n"));
    // Where the answer cannot be read alone, nothing can be said about the text around it.
    extract(&format!("Answer: {answer}"), form).is_some() && extract(&reply, form).is_none()
}
