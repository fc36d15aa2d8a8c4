//! Replies in the harmony format, in which every part has a channel.
//!
//! A part is `<|channel|>NAME<|message|>TEXT`, and ends at `<|end|>`, `<|return|>` or `<|call|>`. Only the
//! channel `final` is the answer.

use super::quotes::Quotes;
use super::{ReasonedReply, push_part};

const START: &str = "<|start|>";
pub(super) const CHANNEL: &str = "<|channel|>";
const MESSAGE: &str = "<|message|>";
const END: &str = "<|end|>";
const RETURN: &str = "<|return|>";
const CALL: &str = "<|call|>";
const CONSTRAIN: &str = "<|constrain|>";

/// The tokens of the format.
pub(super) const MARKS: [&str; 7] = [START, CHANNEL, MESSAGE, END, RETURN, CALL, CONSTRAIN];

/// The channel of the answer.
const FINAL: &str = "final";
/// The channel of the thoughts.
const ANALYSIS: &str = "analysis";
/// The names of the channels.
pub(super) const NAMES: [&str; 3] = [ANALYSIS, "commentary", FINAL];
/// The words between thoughts and answer in a reply whose special tokens a server has dropped.
pub(super) const DROPPED: &str = "assistantfinal";

/// Returns the beginning of a part that `prompt_end` leaves unfinished, or None if it has none of this format.
pub(super) fn unfinished(prompt_end: &str) -> Option<&str> {
    let start = prompt_end.rfind(START)?;
    let part = &prompt_end[start..];
    [END, RETURN, CALL].iter().all(|end| !part.contains(end)).then_some(part)
}

/// Returns true if a reply to a prompt that ends in `prefix` has no channel, so that it is an answer as it is.
pub(super) fn lacks_channels(prefix: &str, reply: &str) -> bool {
    prefix.starts_with(START) && !prefix.contains(MESSAGE) && next_mark(reply).is_none()
}

/// Takes a reply of the harmony format apart. Returns None if the reply is not of this format.
pub(super) fn split(reply: &str) -> Option<ReasonedReply> {
    let text = reply.trim_start();
    let Some(begins) = beginning(text) else { return split_without_marks(text) };
    let mut split = ReasonedReply::default();
    let (mut header, mut body) = (String::new(), String::new());
    let mut in_body = begins == Beginning::Answer;
    if begins == Beginning::Name {
        header.push_str(CHANNEL);
    }
    let mut rest = text;
    loop {
        let next = next_mark(rest);
        let piece = &rest[..next.map_or(rest.len(), |(at, _)| at)];
        if in_body {
            body.push_str(piece)
        } else {
            header.push_str(piece)
        }
        let Some((at, mark)) = next else { break };
        match mark {
            MESSAGE if !in_body => in_body = true,
            // Outside a header these two are text.
            MESSAGE | CONSTRAIN if in_body => body.push_str(mark),
            CHANNEL if !in_body => header.push_str(CHANNEL),
            CONSTRAIN => header.push(' '),
            mark => {
                finish(&mut split, &header, &body);
                header.clear();
                body.clear();
                in_body = false;
                if mark == CHANNEL {
                    header.push_str(CHANNEL);
                }
            }
        }
        rest = &rest[at + mark.len()..];
    }
    // A header that was cut off has no body, and is no answer.
    finish(&mut split, if in_body { &header } else { CHANNEL }, &body);
    Some(split)
}

/// The place in the format where a reply begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beginning {
    /// The reply begins with the mark of a part.
    Mark,
    /// The reply begins with the name of a channel, because a server has dropped the mark before it.
    Name,
    /// The reply begins with words before the first part. They belong to no channel, so they are answer.
    Answer,
}

/// Returns the place where `text` begins. None if it has no part of the format.
fn beginning(text: &str) -> Option<Beginning> {
    if text.starts_with(CHANNEL) || text.starts_with(START) {
        return Some(Beginning::Mark);
    }
    let (at, mark) = next_mark(text)?;
    let is_name = text[..at].trim().chars().all(char::is_alphanumeric) && !text[..at].trim().is_empty();
    if mark == MESSAGE && is_name {
        return Some(Beginning::Name);
    }
    let quotes = Quotes::new(text);
    let mut marks = text.match_indices(CHANNEL);
    let begins_a_part = marks.any(|(at, _)| {
        let end = at + CHANNEL.len();
        !quotes.cover(&(at..end), true) && matches!(next_mark(&text[end..]), Some((_, MESSAGE | CONSTRAIN)))
    });
    begins_a_part.then_some(Beginning::Answer)
}

/// Adds a part to the answer or to the thoughts.
fn finish(split: &mut ReasonedReply, header: &str, body: &str) {
    let channel = header.split_once(CHANNEL).map_or(FINAL, |(_, channel)| channel.trim_start());
    let name = channel.split(|char: char| !char.is_alphanumeric()).next().unwrap_or_default();
    if header.contains("to=") {
        split.calls_tool = true;
    } else if name == FINAL {
        return push_part(&mut split.answer, body, "\n");
    }
    push_part(&mut split.thoughts, body, "\n");
}

fn next_mark(text: &str) -> Option<(usize, &'static str)> {
    let mut from = 0;
    while let Some(at) = text[from..].find("<|").map(|at| from + at) {
        if let Some(mark) = MARKS.into_iter().find(|mark| text[at..].starts_with(mark)) {
            return Some((at, mark));
        }
        from = at + 2;
    }
    None
}

/// Takes apart a reply whose special tokens were dropped: the names of the channels are left, directly beside the
/// words.
fn split_without_marks(text: &str) -> Option<ReasonedReply> {
    let thoughts = text.strip_prefix(ANALYSIS)?;
    let split = |thoughts: &str, answer: &str| ReasonedReply {
        thoughts: thoughts.trim().to_owned(),
        answer: answer.trim().to_owned(),
        calls_tool: false,
    };
    if let Some((thoughts, answer)) = thoughts.split_once(DROPPED) {
        return Some(split(thoughts, answer));
    }
    // No language writes a capital directly behind this word.
    let is_joined = thoughts.chars().next().is_some_and(|char| char.is_uppercase());
    is_joined.then(|| split(thoughts, ""))
}
