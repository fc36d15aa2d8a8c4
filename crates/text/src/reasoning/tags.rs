//! Pairs of tags around thoughts, and the search for them in a reply.

use std::ops::Range;

use super::quotes::Quotes;

/// The replies in which a pair of tags marks thoughts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// Every reply: no ordinary text or document has these tags.
    Always,
    /// Replies that begin with the tag, and those of models whose files name it. A document could have it as an element.
    Leading,
    /// Replies of models whose files name the tag. Elements of this name are asked for too often.
    Named,
}

/// A pair of tags around thoughts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) open: &'static str,
    pub(super) close: &'static str,
    pub(super) used: Use,
}

impl Tag {
    /// Returns true if `text` begins with the opening tag, after white space.
    pub(super) fn begins(&self, text: &str) -> bool {
        begins_with(text.trim_start(), self.open)
    }
}

const fn always(open: &'static str, close: &'static str) -> Tag {
    Tag { open, close, used: Use::Always }
}

const fn leading(open: &'static str, close: &'static str) -> Tag {
    Tag { open, close, used: Use::Leading }
}

const fn named(open: &'static str, close: &'static str) -> Tag {
    Tag { open, close, used: Use::Named }
}

/// The tags of all families: Qwen, DeepSeek and others, Mistral, Cohere, Gemma, Seed, Kimi, Apertus, LongCat, Sky-T1 and
/// OpenThinker, Reka, Marco, Reflection, Hermes, Granite, Solar.
pub(super) const TAGS: [Tag; 21] = [
    always("<think>", "</think>"),
    always("[THINK]", "[/THINK]"),
    always("<|START_THINKING|>", "<|END_THINKING|>"),
    always("<|channel>", "<channel|>"),
    always("<seed:think>", "</seed:think>"),
    always("<longcat_think>", "</longcat_think>"),
    always("◁think▷", "◁/think▷"),
    always("<|inner_prefix|>", "<|inner_suffix|>"),
    always("<|begin_of_thought|>", "<|end_of_thought|>"),
    always("<|think|>", "<|content|>"),
    leading("<thinking>", "</thinking>"),
    leading("<thought>", "</thought>"),
    leading("<reasoning>", "</reasoning>"),
    leading("<reflection>", "</reflection>"),
    leading("<inner_monologue>", "</inner_monologue>"),
    leading("<scratchpad>", "</scratchpad>"),
    leading("<scratch_pad>", "</scratch_pad>"),
    leading("Here is my thought process:", "Here is my response:"),
    leading("Here's my thought process:", "Here's my response:"),
    named("<analysis>", "</analysis>"),
    named("<plan>", "</plan>"),
];

/// Tokens around the answer itself, which are no part of it.
pub(super) const WRAPPERS: [&str; 8] = [
    "<|START_RESPONSE|>",
    "<|END_RESPONSE|>",
    "<|START_TEXT|>",
    "<|END_TEXT|>",
    "<|begin_of_solution|>",
    "<|end_of_solution|>",
    "<|begin_of_box|>",
    "<|end_of_box|>",
];

/// Pairs of tags around the answer itself, which are no part of it if thoughts stand before them.
pub(super) const ANSWERS: [[&str; 2]; 4] = [
    ["<answer>", "</answer>"],
    ["<response>", "</response>"],
    ["<output>", "</output>"],
    ["<solution>", "</solution>"],
];

/// Tokens that begin and end the call of a tool.
pub(super) const CALLS: [&str; 5] =
    ["<|START_ACTION|>", "<|END_ACTION|>", "<|tool_call>", "<tool_call|>", "<|tool_calls|>"];

/// The name that one family writes at the start of its thoughts.
pub(super) const LABEL: &str = "thought\n";

/// The parts of a reply, in order.
#[derive(Debug, Default)]
pub(super) struct Parts<'a> {
    pub(super) answer: Vec<&'a str>,
    pub(super) thoughts: Vec<&'a str>,
    pub(super) calls_tool: bool,
}

impl<'a> Parts<'a> {
    /// Returns the first piece of the answer that is not blank. It is empty if there is none.
    pub(super) fn first_of_the_answer(&self) -> &'a str {
        self.answer.iter().find(|piece| !piece.trim().is_empty()).copied().unwrap_or_default()
    }
}

/// An occurrence of a tag in a reply.
struct Found {
    range: Range<usize>,
    /// The index of the pair among the tags that are looked for.
    pair: usize,
    opens: bool,
    /// True if the tag is quoted where it stands among thoughts.
    is_quoted: bool,
    /// True if the tag is quoted where it stands in the answer, of which fenced blocks are a part.
    is_quoted_in_answer: bool,
    /// The index of the opening tag of the same pair that comes last before this tag.
    last_open: Option<usize>,
}

impl Found {
    fn opens_thoughts(&self) -> bool {
        self.opens && !self.is_quoted_in_answer
    }
}

/// Takes a reply apart at `tags`. Returns None if it has no tag that is used and not quoted.
///
/// The time is linear in the reply, whose tags nobody has checked: no tag is looked at anew for each thought.
pub(super) fn parts<'a>(reply: &'a str, tags: &[&Tag]) -> Option<Parts<'a>> {
    let quotes = Quotes::new(reply);
    let found = occurrences(reply, tags, &quotes);
    let mut parts = Parts::default();
    let (mut next, mut at) = (0, 0);
    let mut is_marked = false;
    loop {
        let until = first_open(&found, next).unwrap_or(found.len());
        // Such a tag ends thoughts that began with the reply, or that a nested tag left open.
        if let Some(close) = unopened(&found, next..until, &quotes) {
            parts.thoughts.push(&reply[at..close.range.start]);
            (at, is_marked) = (close.range.end, true);
        }
        next += found[next..].partition_point(|found| found.range.start < at);
        let Some(open) = first_open(&found, next) else { break };
        is_marked = true;
        let begin = &found[open].range;
        parts.answer.push(&reply[at..begin.start]);
        let close = closing(reply, &found[open + 1..], &found[open]);
        let end = close.as_ref().map_or(reply.len(), |close| close.start);
        parts.thoughts.push(without_label(&reply[begin.end..end]));
        at = close.map_or(reply.len(), |close| close.end);
        next = open + found[open..].partition_point(|found| found.range.start < at);
    }
    parts.answer.push(&reply[at..]);
    let is_wrapped = take_calls(&mut parts) | unwrap(&mut parts, is_marked);
    (is_marked || is_wrapped).then_some(parts)
}

fn without_label(thought: &str) -> &str {
    thought.strip_prefix(LABEL).unwrap_or(thought)
}

/// Returns true if case does not matter in `word`: models write the names of elements in either.
fn is_folded(word: &str) -> bool {
    word.starts_with('<')
}

/// Returns true if `text` begins with `word`.
pub(super) fn begins_with(text: &str, word: &str) -> bool {
    let head = text.as_bytes().get(..word.len());
    head.is_some_and(|head| match is_folded(word) {
        true => head.eq_ignore_ascii_case(word.as_bytes()),
        false => head == word.as_bytes(),
    })
}

/// Returns true if `text` ends with the beginning `word` of a mark.
pub(super) fn ends_with(text: &str, word: &str) -> bool {
    let start = text.len().checked_sub(word.len()).filter(|start| text.is_char_boundary(*start));
    start.is_some_and(|start| begins_with(&text[start..], word))
}

/// Returns the places of `word` in `text`, of which `folded` is the text in lower case.
pub(super) fn places(text: &str, folded: &str, word: &str) -> Vec<usize> {
    if !is_folded(word) {
        return text.match_indices(word).map(|(at, _)| at).collect();
    }
    folded.match_indices(&word.to_ascii_lowercase()).map(|(at, _)| at).collect()
}

/// Returns every occurrence of every tag, in order.
fn occurrences(reply: &str, tags: &[&Tag], quotes: &Quotes<'_>) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let folded = reply.to_ascii_lowercase();
    for (pair, tag) in tags.iter().enumerate() {
        for (word, opens) in [(tag.open, true), (tag.close, false)] {
            found.extend(places(reply, &folded, word).into_iter().map(|at| {
                let range = at..at + word.len();
                let (is_quoted, is_quoted_in_answer) =
                    (quotes.cover(&range, false), quotes.cover(&range, true));
                Found { range, pair, opens, is_quoted, is_quoted_in_answer, last_open: None }
            }));
        }
    }
    found.sort_by_key(|found| found.range.start);
    let mut last_open = vec![None; tags.len()];
    for (index, found) in found.iter_mut().enumerate() {
        found.last_open = last_open[found.pair];
        if found.opens {
            last_open[found.pair] = Some(index);
        }
    }
    found
}

/// Returns the index of the first tag from `next` on that opens thoughts.
fn first_open(found: &[Found], next: usize) -> Option<usize> {
    found[next..].iter().position(Found::opens_thoughts).map(|index| next + index)
}

/// Returns the last closing tag among `among`, which no tag before it opens.
///
/// Words about a tag that are not quoted end thoughts too. They cannot be told from thoughts, and a reply that loses its
/// beginning states less, while thoughts that are taken for an answer state what the model did not answer.
fn unopened<'f>(found: &'f [Found], among: Range<usize>, quotes: &Quotes<'_>) -> Option<&'f Found> {
    let begin = among.start;
    let ends = |close: &&Found| !close.is_quoted_in_answer || ends_a_draft(close, found, begin, quotes);
    found[among].iter().rev().filter(|found| !found.opens).find(ends)
}

/// Returns true if a closing tag stands alone on a line of a fenced block in which no tag from the index `begin` on
/// opens its pair. Such a block began as a draft among the thoughts, and a fence of the answer ends it.
fn ends_a_draft(close: &Found, found: &[Found], begin: usize, quotes: &Quotes<'_>) -> bool {
    quotes.block_of_line(&close.range).is_some_and(|block| {
        let last_open = close.last_open.filter(|index| *index >= begin);
        last_open.is_none_or(|index| found[index].range.start < block.start)
    })
}

/// Returns the place of the tag that closes the thoughts of `open`, among the tags that follow it.
/// Tags may nest. Thoughts that mention the opening tag end at the last closing tag, because the depth never returns
/// to zero then.
fn closing(reply: &str, following: &[Found], open: &Found) -> Option<Range<usize>> {
    let inside = || following.iter().filter(|found| found.pair == open.pair);
    let (mut depth, mut last) = (1_usize, None);
    for found in inside().filter(|found| !found.is_quoted) {
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
    last.or_else(|| {
        let (mut is_even, mut counted) = (true, reply.len());
        let mut closes = inside().rev().filter(|found| !found.opens).map(|found| found.range.clone());
        closes.find(|range| {
            is_even ^= reply[range.end..counted].matches('"').count() % 2 == 1;
            counted = range.end;
            is_even && reply[range.end..].trim_start().starts_with(['{', '['])
        })
    })
}

/// Takes the calls of tools out of the answer, because a call is no answer. Returns true if there was one.
fn take_calls(parts: &mut Parts<'_>) -> bool {
    let mut answer = Vec::new();
    for piece in std::mem::take(&mut parts.answer) {
        let begin = [CALLS[0], CALLS[2], CALLS[4]].iter().filter_map(|mark| piece.find(mark)).min();
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
    if has_thoughts && let Some([open, close]) = ANSWERS.iter().find(|pair| begins_with(inner, pair[0])) {
        let rest = &inner[open.len()..];
        let end = rest.len().saturating_sub(close.len());
        inner =
            if rest.get(end..).is_some_and(|tail| begins_with(tail, close)) { &rest[..end] } else { rest };
    }
    *last = if inner.len() == trimmed.len() { whole } else { inner };
    inner.len() != trimmed.len()
}
