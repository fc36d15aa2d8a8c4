//! The JSON document inside a reply.

use abi::Value;
use det::{equal, parse_json};

/// Returns the JSON document that a reply states: the whole reply, or else the one document in it, in a fenced
/// block or in braces or brackets. Returns None if the reply has no such place, or documents that differ: it states
/// none then, as a reply with two answers does.
///
/// If nothing in the reply is JSON, the first place that looks like a document is returned, and the judgement says
/// what is wrong with it.
pub(super) fn json_span(reply: &str) -> Option<&str> {
    let whole = reply.trim();
    if parse_json(whole).is_ok() {
        return Some(whole);
    }
    let places: Vec<&str> = fenced(reply).into_iter().chain(balanced_spans(whole)).collect();
    let documents: Vec<(&str, Value)> =
        places.iter().filter_map(|place| Some((*place, parse_json(place).ok()?))).collect();
    match documents.split_first() {
        None => places.first().copied(),
        Some(((first, value), others)) => {
            others.iter().all(|(_, other)| equal(value, other)).then_some(first)
        }
    }
}

/// Returns the spans in braces or brackets, one after the other and none inside another. After a span that does not
/// end there are none.
fn balanced_spans(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.find(['{', '['])?;
        let (span, after) = rest[start..].split_at(balanced(&rest[start..])?);
        rest = after;
        Some(span)
    })
}

/// Returns the content of the one fenced block, or None if the reply has no fenced block, or several.
fn fenced(reply: &str) -> Option<&str> {
    let mut parts = reply.split("```");
    let (_, block, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    // The rest of the line of the opening fence names the language.
    let (_, block) = block.split_once('\n')?;
    Some(block.trim())
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
    use super::json_span;

    #[test]
    fn a_document_is_found_where_replies_put_it() {
        let table = [
            (" {\"a\": 1}\n", Some("{\"a\": 1}")),
            ("Here it is:\n```json\n{\"a\": [1]}\n```\nDone.", Some("{\"a\": [1]}")),
            ("Sure: {\"a\": \"}\"} and so on.", Some("{\"a\": \"}\"}")),
            ("{\"a\": 1} {\"b\": 2}", None),
            ("{\"a\": 1}, that is {\"a\":1.0}", Some("{\"a\": 1}")),
            ("It is not {\"a\": 1}. It is {\"a\": 2}.", None),
            ("{\"a\": 1}\n```\n{\"a\": 2}\n```", None),
            ("{a} means {\"a\": 1}", Some("{\"a\": 1}")),
            ("\"a [b] c\"", Some("\"a [b] c\"")),
            (" 5\n", Some("5")),
            ("the list [1, 2] it is", Some("[1, 2]")),
            ("{\"a\": 1", None),
            ("none", None),
            ("```\n{}\n```\n```\n[]\n```", None),
        ];
        for (reply, span) in table {
            assert_eq!(json_span(reply), span, "{reply:?}");
        }
    }
}
