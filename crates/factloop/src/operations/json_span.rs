//! The JSON document inside a reply.

/// Returns the JSON document in a reply: the whole reply, or else its one fenced block, or else the first
/// balanced span in braces or brackets. Returns None if the reply has none of these. Whether the span is JSON
/// is left to the judgement.
pub(super) fn json_span(reply: &str) -> Option<&str> {
    let whole = reply.trim();
    if starts_document(whole) && balanced(whole) == Some(whole.len()) {
        return Some(whole);
    }
    fenced(reply).or_else(|| {
        let start = whole.find(['{', '['])?;
        let span = &whole[start..];
        balanced(span).map(|end| &span[..end])
    })
}

fn starts_document(text: &str) -> bool {
    text.starts_with(['{', '['])
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
            ("Sure: {\"a\": \"}\"} and so on {}", Some("{\"a\": \"}\"}")),
            ("{\"a\": 1} {\"b\": 2}", Some("{\"a\": 1}")),
            ("the list [1, 2] it is", Some("[1, 2]")),
            ("{\"a\": 1", None),
            ("none", None),
            ("```\n{}\n```\n```\n[]\n```", Some("{}")),
        ];
        for (reply, span) in table {
            assert_eq!(json_span(reply), span, "{reply:?}");
        }
    }
}
