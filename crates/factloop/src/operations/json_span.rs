//! The JSON document inside a reply.

use abi::Value;
use det::{equal, parse_json};

use super::examples::without_examples;
use super::loose_json::{begins_an_object, differs_in_a_member, loose};
use super::retraction::{is_retracted, states_another};

/// The JSON document that a reply states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Document<'a> {
    /// The reply states this document, or has this one place that looks like a document and is none.
    Stated(&'a str),
    /// The reply has documents that differ, so it states none, as a reply with two answers does.
    Several,
    /// The reply has no place that looks like a document.
    Absent,
}

/// Returns the document that a reply states: the whole reply, or else the last fenced block, or else the only span
/// in braces or brackets. Documents that are equal count as one. A reply that takes its document back behind it, or
/// states another value in plain text, has several. A document that the reply calls an example, with another one behind
/// it, is left out.
///
/// If nothing in the reply is JSON, the place that looks most like a document is returned, and the judgement says
/// what is wrong with it.
pub(super) fn document(reply: &str) -> Document<'_> {
    let Some(rest) = without_examples(reply) else { return stated_document(reply) };
    match stated_document(&rest) {
        Document::Stated(text) => {
            let found = reply.rfind(text).map(|at| &reply[at..at + text.len()]);
            found.map_or(Document::Several, Document::Stated)
        }
        Document::Several => Document::Several,
        Document::Absent => Document::Absent,
    }
}

/// Returns the places of all JSON documents of a reply with the fences around them, in order.
pub(super) fn places(reply: &str) -> Vec<std::ops::Range<usize>> {
    let blocks = fenced_blocks(reply);
    let start = |part: &str| part.as_ptr().addr() - reply.as_ptr().addr();
    let fenced =
        blocks.iter().filter(|block| parse_json(block.text).is_ok()).map(|block| block.place.clone());
    let outside = outside(reply, &blocks).flat_map(spans).filter(|span| parse_json(span.text).is_ok());
    let outside = outside.map(|span| start(span.text)..start(span.text) + span.text.len());
    let mut places: Vec<std::ops::Range<usize>> = fenced.chain(outside).collect();
    places.sort_by_key(|place| place.start);
    places
}

/// Returns the document that a reply without examples states.
fn stated_document(reply: &str) -> Document<'_> {
    let whole = reply.trim();
    if parse_json(whole).is_ok() {
        return Document::Stated(whole);
    }
    let blocks = fenced_blocks(reply);
    let fenced: Vec<(&str, Value)> = blocks.iter().filter_map(|block| parsed(block.text)).collect();
    let Some((last, stated)) = fenced.last() else { return only_span(reply, &blocks) };
    let outside = outside(reply, &blocks);
    let spans = outside.clone().flat_map(spans).filter_map(|span| parsed(span.text));
    // A list in brackets, as sources are often cited, does not compete with an object in a block.
    let competes = |other: &Value| other.type_name() == stated.type_name() && !equal(other, stated);
    if fenced.iter().any(|(_, other)| !equal(other, stated))
        || spans.into_iter().any(|(_, span)| competes(&span))
    {
        return Document::Several;
    }
    let around: Vec<&str> = outside.collect();
    let is_last = |block: &&Block<'_>| std::ptr::eq(block.text, *last);
    let place = blocks.iter().find(is_last).map_or(reply.len(), |block| block.place.end);
    if blocks.iter().any(|block| says_otherwise(block, place, stated))
        || around.iter().any(|text| differs_loosely(text, stated))
        || is_retracted(&around_from(reply, &blocks, place))
        || states_another(&around, stated)
    {
        return Document::Several;
    }
    Document::Stated(last)
}

/// Returns true if a block that is no JSON says something else than the document `stated`, which ends at `place`.
///
/// A block of a program states a document only if it is one as a whole. Behind the document also one that does not end is
/// another statement, and so is any data.
fn says_otherwise(block: &Block<'_>, place: usize, stated: &Value) -> bool {
    let is_behind = block.place.start >= place;
    if parse_json(block.text).is_ok() {
        return false;
    }
    (is_behind && (block.is_data || begins_an_object(block.text)))
        || loose(block.text).is_some_and(|other| differs_from(&other, stated))
        || ((block.is_data || block.is_plain) && differs_in_a_member(block.text, stated))
}

/// Returns true for a value of the same type as the document that is another one.
fn differs_from(other: &Value, stated: &Value) -> bool {
    other.type_name() == stated.type_name() && !equal(other, stated)
}

/// Returns true if a text outside of blocks states another document in a looser notation.
fn differs_loosely(text: &str, stated: &Value) -> bool {
    spans(text).any(|span| is_another(&span, stated)) || differs_in_a_member(text, stated)
}

/// Returns true if a span that is no JSON is another document in a looser notation, or begins one.
fn is_another(span: &Span<'_>, stated: &Value) -> bool {
    if span.is_whole {
        parse_json(span.text).is_err() && loose(span.text).is_some_and(|other| differs_from(&other, stated))
    } else {
        begins_an_object(span.text)
    }
}

/// Returns the text of a reply from `at` on, without its blocks.
fn around_from(reply: &str, blocks: &[Block<'_>], start: usize) -> String {
    let (mut out, mut at) = (String::new(), start);
    for block in blocks.iter().filter(|block| block.place.start >= start) {
        out.push_str(&reply[at..block.place.start]);
        out.push('\n');
        at = block.place.end;
    }
    out + &reply[at..]
}

/// Returns the document of a reply without a fenced document.
fn only_span<'a>(reply: &'a str, blocks: &[Block<'a>]) -> Document<'a> {
    let spans: Vec<Span<'_>> = spans(reply).collect();
    let documents: Vec<(&str, Value)> = spans.iter().filter_map(|span| parsed(span.text)).collect();
    let Some(((first, value), others)) = documents.split_first() else {
        let block = blocks.last().map(|block| block.text).filter(|text| !text.is_empty());
        let span = spans.iter().find(|span| span.is_whole).map(|span| span.text);
        return block.or(span).map_or(Document::Absent, Document::Stated);
    };
    if !others.iter().all(|(_, other)| equal(value, other)) {
        return Document::Several;
    }
    let around = around_spans(reply, &spans);
    let last = around.last().copied().unwrap_or_default();
    if is_retracted(last)
        || states_another(&around, value)
        || around.iter().any(|text| differs_in_a_member(text, value))
        || spans.iter().any(|span| is_another(span, value))
    {
        return Document::Several;
    }
    Document::Stated(first)
}

/// Returns the parts of a reply around its spans.
fn around_spans<'a>(reply: &'a str, spans: &[Span<'a>]) -> Vec<&'a str> {
    let mut rest = reply;
    let mut out = Vec::new();
    for span in spans {
        // A span is a part of the rest, so the addresses tell where it stands.
        let start = span.text.as_ptr().addr() - rest.as_ptr().addr();
        out.push(&rest[..start]);
        rest = &rest[start + span.text.len()..];
    }
    out.push(rest);
    out
}

fn parsed(text: &str) -> Option<(&str, Value)> {
    Some((text, parse_json(text).ok()?))
}

/// A span in braces or brackets.
struct Span<'a> {
    text: &'a str,
    /// False if the text ends before the span does.
    is_whole: bool,
}

/// Returns the spans in braces or brackets, one after the other and none inside another. A span that does not end
/// is the last one, because what is inside of it is a part of a document.
fn spans(text: &str) -> impl Iterator<Item = Span<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.find(['{', '['])?;
        let from = &rest[start..];
        let (text, after) = from.split_at(balanced(from).unwrap_or(from.len()));
        rest = after;
        Some(Span { text, is_whole: balanced(from).is_some() })
    })
}

/// A fenced block of a reply.
struct Block<'a> {
    /// The content, trimmed and without the name of a language.
    text: &'a str,
    /// The place of the whole block in the reply, with its fences.
    place: std::ops::Range<usize>,
    /// True if the block names no language.
    is_plain: bool,
    /// True if the block names a language of data, such as `yaml`, and is no JSON.
    is_data: bool,
}

/// Languages of data, as blocks name them.
const DATA: [&str; 10] = ["json", "json5", "jsonc", "jsonl", "yaml", "yml", "toml", "ini", "xml", "csv"];

/// Returns the fenced blocks of a reply. A fence is a run of at least three backticks or tildes; the block ends at a
/// run as long on a line of its own, or on the same line. A block that does not end goes to the end of the reply.
fn fenced_blocks(reply: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut at = 0;
    while let Some((start, fence)) = next_fence(reply, at) {
        let content = start + fence.len();
        let (line_end, closes) = end_of_line_or_fence(reply, content, fence);
        let (from, to, end) = if closes {
            let language = reply[content..line_end].find(['{', '[']).unwrap_or(0);
            (content + language, line_end, line_end + fence.len())
        } else {
            match closing_fence(reply, line_end, fence) {
                Some(close) => (line_end, close.start, close.end),
                None => (line_end, reply.len(), reply.len()),
            }
        };
        let text = reply[from..to].trim();
        let language = reply[content..from].trim();
        let is_data =
            DATA.iter().any(|data| language.eq_ignore_ascii_case(data)) && parse_json(text).is_err();
        blocks.push(Block { text, place: start..end, is_plain: language.is_empty(), is_data });
        at = end;
    }
    blocks
}

/// Returns the place and the text of the next run of at least three backticks or tildes from `at` on.
fn next_fence(reply: &str, mut at: usize) -> Option<(usize, &str)> {
    loop {
        at += reply[at..].find(['`', '~'])?;
        let mark = reply.as_bytes()[at];
        let length = reply.as_bytes()[at..].iter().take_while(|byte| **byte == mark).count();
        if length >= 3 {
            return Some((at, &reply[at..at + length]));
        }
        at += length;
    }
}

/// Returns the place of the next `fence` or end of a line from `at` on, and true if it is a fence.
fn end_of_line_or_fence(reply: &str, at: usize, fence: &str) -> (usize, bool) {
    // One search for both, because a reply may be one long line of blocks.
    let rest = &reply.as_bytes()[at..];
    let is_end = |from: &usize| rest[*from] == b'\n' || rest[*from..].starts_with(fence.as_bytes());
    let end = (0..rest.len()).find(is_end).unwrap_or(rest.len());
    (at + end, rest.get(end).is_some_and(|byte| *byte != b'\n'))
}

/// Returns the place of the line that closes a block: nothing but a run of at least the length of `fence`.
fn closing_fence(reply: &str, from: usize, fence: &str) -> Option<std::ops::Range<usize>> {
    let mut at = from;
    for line in reply[from..].split_inclusive('\n') {
        let trimmed = line.trim();
        if trimmed.starts_with(fence) && trimmed.bytes().all(|byte| byte == fence.as_bytes()[0]) {
            return Some(at..at + line.len());
        }
        at += line.len();
    }
    None
}

/// Returns the parts of a reply around its blocks.
fn outside<'a>(reply: &'a str, blocks: &[Block<'a>]) -> impl Iterator<Item = &'a str> + Clone {
    let starts = std::iter::once(0).chain(blocks.iter().map(|block| block.place.end));
    let ends = blocks.iter().map(|block| block.place.start).chain([reply.len()]);
    starts.zip(ends).map(|(start, end)| &reply[start..end]).collect::<Vec<_>>().into_iter()
}

/// Returns the position after the object or array at the start of `text`, or None if it does not end.
fn balanced(text: &str) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => depth += 1,
            b'}' | b']' if !in_string => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
