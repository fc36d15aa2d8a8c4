//! Hints behind what is wrong with a command line, in place of the words of the parser.

use std::ffi::OsString;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::excerpt;
use crate::near::near;

/// The words of the parser for numbers, each with words for people.
const NUMBERS: [(&str, &str); 9] = [
    ("invalid digit found in string", "it is no whole number"),
    ("cannot parse integer from empty string", "it is empty"),
    ("number too large to fit in target type", "the number is too large"),
    ("number too small to fit in target type", "the number is too small"),
    ("number would be zero for non-zero type", "it must be 1 at least"),
    ("invalid float literal", "it is no number"),
    ("cannot parse float from empty string", "it is empty"),
    ("..=", " to "),
    ("is not in ", "is not in the range "),
];

/// Returns what is wrong in words for people: the first paragraph of the parser's message.
pub(super) fn what(text: &str) -> String {
    let first = text.split("\n\n").next().unwrap_or(text).trim_start_matches("error: ").to_owned();
    match first.starts_with("invalid value") {
        true => NUMBERS.iter().fold(first, |what, (from, to)| what.replace(from, to)),
        false => first,
    }
}

/// Returns the hints that fit the error. The command is the one that `arguments` name.
pub(super) fn hints(
    error: &clap::Error,
    arguments: &[OsString],
    command: &Command,
    text: &str,
) -> Vec<String> {
    let words: Vec<&str> = arguments.iter().skip(1).filter_map(|word| word.to_str()).collect();
    let invalid = invalid_word(error);
    let hint = match error.kind() {
        ErrorKind::ArgumentConflict => Some("leave one of them out".to_owned()),
        ErrorKind::InvalidSubcommand => as_command(error, &words, command),
        ErrorKind::UnknownArgument => invalid.and_then(|word| as_argument(word, &words, command)),
        ErrorKind::MissingRequiredArgument => {
            let has = |flag: &str| command.get_arguments().any(|argument| argument.get_long() == Some(flag));
            let either = |flag: &str, missing: &str| has(flag) && text.contains(missing);
            match (either("prompt", "--tokens"), either("request", "<GRAPH>")) {
                (true, _) => Some("or pass --prompt TEXT instead".to_owned()),
                (_, true) => Some("or pass a request in words with --request TEXT".to_owned()),
                _ => None,
            }
        }
        _ => None,
    };
    if let Some(hint) = hint {
        return vec![hint];
    }
    let tips = text.lines().filter_map(|line| line.trim_start().strip_prefix("tip: "));
    // A value behind two dashes would be taken for the next argument, which is not what was meant.
    tips.filter(|tip| !tip.starts_with("to pass ")).map(str::to_owned).collect()
}

/// Returns the argument that the error is about.
fn invalid_word(error: &clap::Error) -> Option<&str> {
    match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(word)) => Some(word),
        _ => None,
    }
}

/// Returns the hint for a word that is no command: a question, or the list of the commands.
fn as_command(error: &clap::Error, words: &[&str], command: &Command) -> Option<String> {
    let is_top = command.get_name() == "nmk";
    let question =
        words.iter().take_while(|word| !word.starts_with("--")).copied().collect::<Vec<_>>().join(" ");
    let known: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
    let list = format!("the commands are {}", known.join(", "));
    // A word with spaces is a question in quotes, and no command that was spelled wrong.
    let first = words.first().filter(|word| is_top && !word.contains(char::is_whitespace));
    if let Some([meant]) = first.map(|word| near(word, known.iter().copied())).as_deref() {
        return Some(format!("did you mean nmk {meant}?"));
    }
    if is_top && question.contains(char::is_whitespace) {
        return Some(format!("to ask a question, write: nmk ask \"{}\"; {list}", quoted(&question)));
    }
    error.get(ContextKind::SuggestedSubcommand).is_none().then_some(list)
}

/// Returns the hint for an argument that the command does not take.
fn as_argument(invalid: &str, words: &[&str], command: &Command) -> Option<String> {
    // The parser names only the beginning of a word behind one dash.
    let is_it = |word: &&str| {
        word.split('=').next() == Some(invalid) || (invalid.len() == 2 && word.starts_with(invalid))
    };
    let at = words.iter().position(is_it)?;
    let takes = |word: &str| command.get_arguments().find(|argument| is_named(argument, word));
    let flag_before = at.checked_sub(1).and_then(|before| Some((words[before], takes(words[before])?)));
    if let Some((flag, _)) = flag_before.filter(|(_, known)| known.get_action().takes_values())
        && invalid.starts_with('-')
    {
        return Some(format!(
            "where it is the value of {flag}, write: {flag}={}",
            excerpt::from_text(invalid)
        ));
    }
    if command.get_name() != "ask" {
        let is_text = !invalid.starts_with('-');
        return is_text.then(|| "a text of several words stands in quotes".to_owned());
    }
    let is_dashed = is_dashed_question(words[at]);
    if invalid.starts_with('-') && !is_dashed {
        return None;
    }
    let first = if is_dashed { at } else { beginning(at, words, &takes) };
    let rest = words[first + 1..].iter().take_while(|word| !word.starts_with("--"));
    let question = std::iter::once(&words[first]).chain(rest).copied().collect::<Vec<_>>().join(" ");
    let question = quoted(&question);
    Some(match is_dashed {
        true => format!("where it is the question, write: nmk ask -- \"{question}\""),
        false => format!("write the question in quotes: nmk ask \"{question}\""),
    })
}

/// Returns the index of the first word of the question that the word at `at` belongs to.
fn beginning<'c>(at: usize, words: &[&str], takes: &dyn Fn(&str) -> Option<&'c clap::Arg>) -> usize {
    let mut first = at;
    while first > 1 && !words[first - 1].starts_with('-') {
        let is_value =
            first >= 2 && takes(words[first - 2]).is_some_and(|flag| flag.get_action().takes_values());
        if is_value {
            break;
        }
        first -= 1;
    }
    first
}

/// Returns true if `word` is the name of the flag with its dashes.
fn is_named(argument: &clap::Arg, word: &str) -> bool {
    argument.get_long().is_some_and(|long| word.strip_prefix("--") == Some(long))
}

/// Returns true for the question of `nmk ask` that was taken for a flag because it begins with a dash. No flag has a
/// space or begins with a digit.
fn is_dashed_question(word: &str) -> bool {
    let rest = word.trim_start_matches('-');
    rest.len() < word.len()
        && (rest.contains(char::is_whitespace) || rest.starts_with(|c: char| !c.is_ascii_alphabetic()))
}

/// Returns a question as it stands between quotation marks.
fn quoted(question: &str) -> String {
    excerpt::from_text(&question.replace('"', "\\\""))
}
