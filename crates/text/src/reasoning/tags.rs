//! Pairs of tags around thoughts, and the search for them in a reply.

use std::ops::Range;

use super::quotes::Quotes;

/// A pair of tags around thoughts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    /// True if no ordinary text or document has these tags, so that they are recognised for every model.
    pub(super) is_distinct: bool,
}

const fn tag(open: &'static str, close: &'static str) -> Tag {
    Tag { open, close, is_distinct: true }
}

/// A pair of tags that could be elements of an XML document. A model must name them to use them.
const fn element(open: &'static str, close: &'static str) -> Tag {
    Tag { open, close, is_distinct: false }
}

/// The tags of all families: Qwen, DeepSeek and others, Mistral, Cohere, Gemma, Seed, Kimi, Apertus.
pub(super) const TAGS: [Tag; 10] = [
    tag("<think>", "</think>"),
    tag("[THINK]", "[/THINK]"),
    tag("<|START_THINKING|>", "<|END_THINKING|>"),
    tag("<|channel>", "<channel|>"),
    tag("<seed:think>", "</seed:think>"),
    tag("◁think▷", "◁/think▷"),
    tag("<|inner_prefix|>", "<|inner_suffix|>"),
    element("<thinking>", "</thinking>"),
    element("<thought>", "</thought>"),
    element("<reasoning>", "</reasoning>"),
];

/// Tokens around the answer itself, which are no part of it.
pub(super) const WRAPPERS: [&str; 4] =
    ["<|START_RESPONSE|>", "<|END_RESPONSE|>", "<|START_TEXT|>", "<|END_TEXT|>"];

/// Tokens that begin and end the call of a tool.
pub(super) const CALLS: [&str; 4] = ["<|START_ACTION|>", "<|END_ACTION|>", "<|tool_call>", "<tool_call|>"];

/// The name that one family writes at the start of its thoughts.
const LABEL: &str = "thought\n";

/// The parts of a reply, in order.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    pub(super) answer: Vec<&'a str>,
    pub(super) thoughts: Vec<&'a str>,
    pub(super) calls_tool: bool,
}

/// An occurrence of a tag in a reply.
#[derive(Clone)]
struct Found {
    range: Range<usize>,
    /// The index of the pair among the tags that are looked for.
    pair: usize,
    opens: bool,
}

/// Takes a reply apart at `tags`. Returns None if it has no tag that is used and not quoted.
pub(super) fn parts<'a>(reply: &'a str, tags: &[&Tag]) -> Option<Parts<'a>> {
    let quotes = Quotes::new(reply);
    let found = occurrences(reply, tags);
    let mut parts = Parts::default();
    let (mut rest, mut at) = (found.as_slice(), 0);
    let mut is_marked = false;
    // A closing tag without an opening one ends thoughts that began with the reply.
    if let Some(close) = unopened(rest, &quotes) {
        parts.thoughts.push(&reply[..close.range.start]);
        (at, is_marked) = (close.range.end, true);
    }
    loop {
        rest = &rest[rest.partition_point(|found| found.range.start < at)..];
        let Some(open) = rest.iter().find(|found| found.opens && !quotes.cover(&found.range, true)) else {
            break;
        };
        is_marked = true;
        parts.answer.push(&reply[at..open.range.start]);
        let inside = &rest[rest.partition_point(|found| found.range.start < open.range.end)..];
        let inside: Vec<&Found> = inside.iter().filter(|found| found.pair == open.pair).collect();
        let close = closing(reply, &inside, &quotes);
        let end = close.as_ref().map_or(reply.len(), |close| close.start);
        parts.thoughts.push(without_label(&reply[open.range.end..end]));
        at = close.map_or(reply.len(), |close| close.end);
        // What a nested tag left open may be closed behind it.
        if let Some(close) = unopened(&rest[rest.partition_point(|found| found.range.start < at)..], &quotes)
        {
            parts.thoughts.push(&reply[at..close.range.start]);
            at = close.range.end;
        }
    }
    parts.answer.push(&reply[at..]);
    let is_wrapped = take_calls(&mut parts) | unwrap(&mut parts, is_marked);
    (is_marked || is_wrapped).then_some(parts)
}

fn without_label(thought: &str) -> &str {
    thought.strip_prefix(LABEL).unwrap_or(thought)
}

/// Returns every occurrence of every tag, in order.
fn occurrences(reply: &str, tags: &[&Tag]) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    for (pair, tag) in tags.iter().enumerate() {
        for (word, opens) in [(tag.open, true), (tag.close, false)] {
            let places = reply.match_indices(word);
            found.extend(places.map(|(at, _)| Found { range: at..at + word.len(), pair, opens }));
        }
    }
    found.sort_by_key(|found| found.range.start);
    found
}

/// Returns the last closing tag that comes before the opening tag of its pair.
///
/// Words about a tag that are not quoted end thoughts too. They cannot be told from thoughts, and a reply that loses its
/// beginning states less, while thoughts that are taken for an answer state what the model did not answer.
fn unopened<'f>(found: &'f [Found], quotes: &Quotes<'_>) -> Option<&'f Found> {
    let first_open = found.iter().find(|found| found.opens && !quotes.cover(&found.range, true));
    let before = |close: &&Found| first_open.is_none_or(|open| close.range.start < open.range.start);
    let ends = |close: &&Found| !quotes.cover(&close.range, true) || ends_a_draft(close, found, quotes);
    found.iter().rev().filter(|found| !found.opens).filter(ends).find(before)
}

/// Returns true if a closing tag stands alone on a line of a fenced block that does not open it. Such a block began as
/// a draft among the thoughts, and a fence of the answer ends it.
fn ends_a_draft(close: &Found, found: &[Found], quotes: &Quotes<'_>) -> bool {
    quotes.block_of_line(&close.range).is_some_and(|block| {
        let opens = |other: &Found| other.opens && other.pair == close.pair;
        !found.iter().any(|other| {
            opens(other) && block.start <= other.range.start && other.range.start < close.range.start
        })
    })
}

/// Returns the place of the closing tag of thoughts, among the tags of the pair that follow the opening one.
/// Tags may nest. Thoughts that mention the opening tag end at the last closing tag, because the depth never returns
/// to zero then.
fn closing(reply: &str, inside: &[&Found], quotes: &Quotes<'_>) -> Option<Range<usize>> {
    let (mut depth, mut last) = (1_usize, None);
    for found in inside.iter().filter(|found| !quotes.cover(&found.range, false)) {
        if found.opens {
            depth += 1;
            continue;
        }
        depth -= 1;
        last = Some(found.range.clone());
        if depth == 0 {
            return last;
        }
    }
    // A quotation mark that is never closed must not swallow the answer.
    let is_even = |text: &str| text.matches('"').count().is_multiple_of(2);
    last.or_else(|| {
        let closes = inside.iter().rev().filter(|found| !found.opens);
        let mut closes = closes.map(|found| found.range.clone());
        closes.find(|range| {
            let after = &reply[range.end..];
            after.trim_start().starts_with(['{', '[']) && is_even(after)
        })
    })
}

/// Takes the calls of tools out of the answer, because a call is no answer. Returns true if there was one.
fn take_calls(parts: &mut Parts<'_>) -> bool {
    let mut answer = Vec::new();
    for piece in std::mem::take(&mut parts.answer) {
        let begin = [CALLS[0], CALLS[2]].iter().filter_map(|mark| piece.find(mark)).min();
        match begin {
            Some(begin) => {
                answer.push(&piece[..begin]);
                parts.thoughts.push(&piece[begin..]);
                parts.calls_tool = true;
            }
            None => answer.push(piece),
        }
    }
    parts.answer = answer;
    parts.calls_tool
}

/// Removes the tokens around the answer. After thoughts, `<answer>` and `</answer>` count as such tokens too.
fn unwrap(parts: &mut Parts<'_>, has_thoughts: bool) -> bool {
    let Some(last) = parts.answer.last_mut() else { return false };
    let whole = *last;
    let trimmed = last.trim();
    let mut inner = trimmed;
    for mark in WRAPPERS {
        inner = inner.strip_prefix(mark).unwrap_or(inner).trim();
        inner = inner.strip_suffix(mark).unwrap_or(inner).trim();
    }
    if has_thoughts && let Some(rest) = inner.strip_prefix("<answer>") {
        inner = rest.strip_suffix("</answer>").unwrap_or(rest);
    }
    *last = if inner.len() == trimmed.len() { whole } else { inner };
    inner.len() != trimmed.len()
}
