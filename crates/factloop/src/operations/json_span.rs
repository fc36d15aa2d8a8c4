//! The JSON document inside a reply.

use abi::Value;
use det::{equal, parse_json};

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
/// in braces or brackets. Documents that are equal count as one.
///
/// If nothing in the reply is JSON, the place that looks most like a document is returned, and the judgement says
/// what is wrong with it.
pub(super) fn document(reply: &str) -> Document<'_> {
    let whole = reply.trim();
    if parse_json(whole).is_ok() {
        return Document::Stated(whole);
    }
    let blocks = fenced_blocks(reply);
    let fenced: Vec<(&str, Value)> = blocks.iter().filter_map(|block| parsed(block.text)).collect();
    let Some((last, stated)) = fenced.last() else { return only_span(reply, &blocks) };
    let outside = outside(reply, &blocks);
    let spans = outside.flat_map(spans).filter_map(|span| parsed(span.text));
    // A list in brackets, as sources are often cited, does not compete with an object in a block.
    let competes = |other: &Value| other.type_name() == stated.type_name() && !equal(other, stated);
    if fenced.iter().any(|(_, other)| !equal(other, stated))
        || spans.into_iter().any(|(_, span)| competes(&span))
    {
        return Document::Several;
    }
    Document::Stated(last)
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
    let begins_another = spans.last().is_some_and(|span| !span.is_whole && looks_like_an_object(span.text));
    if begins_another || !others.iter().all(|(_, other)| equal(value, other)) {
        return Document::Several;
    }
    Document::Stated(first)
}

fn parsed(text: &str) -> Option<(&str, Value)> {
    Some((text, parse_json(text).ok()?))
}

fn looks_like_an_object(text: &str) -> bool {
    text.strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with('"'))
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
}

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
        blocks.push(Block { text: reply[from..to].trim(), place: start..end });
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
fn outside<'a>(reply: &'a str, blocks: &[Block<'a>]) -> impl Iterator<Item = &'a str> {
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
mod tests {
    use super::{Document, document};

    #[test]
    fn a_document_is_found_where_replies_put_it() {
        let table = [
            (" {\"a\": 1}\n", "{\"a\": 1}"),
            ("Here it is:\n```json\n{\"a\": [1]}\n```\nDone.", "{\"a\": [1]}"),
            ("Here it is: ```json\n{\"a\": [1]}\n```", "{\"a\": [1]}"),
            ("```json {\"a\": [1]}```", "{\"a\": [1]}"),
            ("~~~\n{\"a\": \"```\"}\n~~~", "{\"a\": \"```\"}"),
            ("````json\n{\"a\": \"```\"}\n````", "{\"a\": \"```\"}"),
            ("```json\n{\"a\": 1}", "{\"a\": 1}"),
            ("```python\nprint({\"b\": 2})\n```\nprints\n```json\n{\"a\": 1}\n```", "{\"a\": 1}"),
            ("As [1] says:\n```json\n{\"a\": 1}\n```", "{\"a\": 1}"),
            ("```json\n{\"a\": 1}\n```\nor, in one line, {\"a\":1}", "{\"a\": 1}"),
            ("```\n5\n```", "5"),
            ("Sure: {\"a\": \"}\"} and so on.", "{\"a\": \"}\"}"),
            ("{\"a\": 1}, that is {\"a\":1.0}", "{\"a\": 1}"),
            ("{a} means {\"a\": 1}", "{\"a\": 1}"),
            ("\"a [b] c\"", "\"a [b] c\""),
            (" 5\n", "5"),
            ("the list [1, 2] it is", "[1, 2]"),
            // These are no JSON, and the judgement says so.
            ("```json\n{\"a\": }\n```", "{\"a\": }"),
            ("so {a} it is", "{a}"),
        ];
        for (reply, stated) in table {
            assert_eq!(document(reply), Document::Stated(stated), "{reply:?}");
        }
    }

    /// Each piece, repeated, once took quadratic time: hours at the largest size of a reply. The length changes nothing
    /// about what is stated. No time is asserted; with the old search the test would not end.
    #[test]
    fn a_long_reply_of_one_piece_states_what_a_short_one_does() {
        let pieces = [
            "```\n```\n",
            "~~~\n~~~\n",
            "```a```",
            "``` ",
            "{} ",
            "{ ",
            "[1] ",
            "} ",
            "\"{",
            "`",
            "````\n```\n",
            "```\nx\n```\n",
        ];
        let block = "\n```json\n{\"a\": 1}\n```";
        let mut stated = 0;
        for piece in pieces {
            // Both numbers are odd, because fences and quotation marks come in pairs.
            let (short, long) =
                (piece.repeat(3) + block, piece.repeat(((1 << 20) / piece.len()) | 1) + block);
            match (document(&short), document(&long)) {
                (Document::Stated(short), Document::Stated(long)) if short == "{\"a\": 1}" => {
                    assert_eq!(long, short, "{piece:?}");
                    stated += 1;
                }
                (Document::Stated(_), Document::Stated(_)) => {}
                (short, long) => assert_eq!(short, long, "{piece:?}"),
            }
        }
        assert!(stated > 3, "{stated}");
    }

    #[test]
    fn documents_that_differ_state_none() {
        for reply in [
            "{\"a\": 1} {\"b\": 2}",
            "It is not {\"a\": 1}. It is {\"a\": 2}.",
            "{\"a\": 1}\n```\n{\"a\": 2}\n```",
            "```\n{\"a\": 2}\n```\nno, {\"a\": 1}",
            "```\n{}\n```\n```\n[]\n```",
            "```json\n{\"a\": 1}\n```\nBetter:\n```json\n{\"a\": 2}\n```",
            "{\"a\": 1} or {\"a\": ",
            "[1] says {\"a\": 1}",
        ] {
            assert_eq!(document(reply), Document::Several, "{reply:?}");
        }
        for reply in ["{\"a\": {\"b\": 1}", "none", "", "```"] {
            assert_eq!(document(reply), Document::Absent, "{reply:?}");
        }
    }
}
