//! JSON inside a reply.

/// The JSON document in a reply: the whole of it, else its one fenced block, else the first balanced span
/// in braces or brackets. None where there is no such place. Whether it is JSON is judged later.
pub(crate) fn json_span(reply: &str) -> Option<&str> {
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

/// The content of the only fenced block.
fn fenced(reply: &str) -> Option<&str> {
    let mut parts = reply.split("```");
    let (_, block, _) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    // What stands beside the opening fence names the language.
    let (_, block) = block.split_once('\n')?;
    Some(block.trim())
}

/// Where the container at the start of `text` ends; none if it does not.
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
