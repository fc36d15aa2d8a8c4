//! The operator `%` behind a text of a chat template.
//!
//! The template library knows `%` for numbers only. So `'%s is %d' % (a, 3)` is written as a filter before the template
//! is read. A text in a variable, such as `pattern % 3`, is refused when the template runs.

use super::python::PERCENT;

/// The deepest nesting of operators that is rewritten. The library refuses those that are deeper.
const DEPTH: usize = 16;

/// Returns a template with the filter in place of each `%` behind a text that is written out.
pub(super) fn with_percent_filter(template: &str) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        let (before, tag) = rest.split_at(start);
        out.push_str(before);
        let end = match tag.as_bytes().get(1) {
            Some(b'{' | b'%') => end_of_tag(tag),
            Some(b'#') => tag.find("#}").map_or(tag.len(), |at| at + 2),
            _ => 1,
        };
        let (tag, mut behind) = tag.split_at(end);
        if tag.starts_with("{#") {
            out.push_str(tag);
        } else {
            rewrite(tag, &mut out, DEPTH);
        }
        // Raw text is no expression.
        if tag.trim_matches(['{', '%', '}', '-', '+']).trim() == "raw" {
            let (raw, after) = behind.split_at(behind.find("endraw").unwrap_or(behind.len()));
            out.push_str(raw);
            behind = after;
        }
        rest = behind;
    }
    out.push_str(rest);
    out
}

/// Returns the length of a text in quotation marks at the start of `text`, with its marks.
fn quoted(text: &str) -> usize {
    let mark = text.as_bytes()[0];
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        if !is_escaped && byte == mark {
            return at + 1;
        }
        is_escaped = byte == b'\\' && !is_escaped;
    }
    text.len()
}

/// Returns the length of the tag or expression at the start of `tag`.
fn end_of_tag(tag: &str) -> usize {
    let close = if tag.starts_with("{{") { "}}" } else { "%}" };
    let mut at = 2;
    while at < tag.len() {
        match tag.as_bytes()[at] {
            b'\'' | b'"' => at += quoted(&tag[at..]),
            _ if tag.as_bytes()[at..].starts_with(close.as_bytes()) => return at + 2,
            _ => at += 1,
        }
    }
    tag.len()
}

/// Appends a tag with the filter in place of the operator, down to `depth` operators inside one another.
fn rewrite(tag: &str, out: &mut String, depth: usize) {
    let (mut copied, mut at) = (0, 0);
    while at < tag.len() {
        if !matches!(tag.as_bytes()[at], b'\'' | b'"') {
            at += 1;
            continue;
        }
        at += quoted(&tag[at..]);
        let behind = tag[at..].trim_start();
        let Some(operand) =
            behind.strip_prefix('%').filter(|rest| !rest.starts_with('}')).map(str::trim_start)
        else {
            continue;
        };
        let Some(length) = operand_length(operand).filter(|_| depth > 0) else { continue };
        let start = tag.len() - operand.len();
        out.push_str(&tag[copied..at]);
        out.push('|');
        out.push_str(PERCENT);
        out.push('(');
        rewrite(&operand[..length], out, depth - 1);
        out.push(')');
        (copied, at) = (start + length, start + length);
    }
    out.push_str(&tag[copied..]);
}

/// Returns the length of the operand at the start of `text`: a value with what belongs to it, such as `x.y[0]|trim`.
fn operand_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let word = |from: usize| {
        bytes[from..].iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count()
    };
    let mut at = match bytes.first()? {
        b'(' | b'[' | b'{' => group(text)?,
        b'\'' | b'"' => quoted(text),
        _ => Some(word(0)).filter(|length| *length > 0)?,
    };
    while let Some(byte) = bytes.get(at) {
        at += match byte {
            b'(' | b'[' => group(&text[at..])?,
            b'.' | b'|' => 1 + Some(word(at + 1)).filter(|length| *length > 0)?,
            _ => break,
        };
    }
    Some(at)
}

/// Returns the length of the group in brackets at the start of `text`, or None if it does not end.
fn group(text: &str) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        match text.as_bytes()[at] {
            b'\'' | b'"' => {
                at += quoted(&text[at..]);
                continue;
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::with_percent_filter;

    #[test]
    fn an_operator_behind_a_text_becomes_a_filter() {
        let table = [
            ("{{ '%s' % x }}", "{{ '%s'|percent_of_text(x) }}"),
            ("{{ \"%s\" % (a, 'b)') ~ c }}", "{{ \"%s\"|percent_of_text((a, 'b)')) ~ c }}"),
            ("{% set y = 'é%d' % x.y[0]|int + 1 %}", "{% set y = 'é%d'|percent_of_text(x.y[0]|int) + 1 %}"),
            ("{{ '%s' % ('%s' % x) }}", "{{ '%s'|percent_of_text(('%s'|percent_of_text(x))) }}"),
            ("{{ 7 % 3 }}{% if 'a' %}'a' % b{% endif %}", "{{ 7 % 3 }}{% if 'a' %}'a' % b{% endif %}"),
            (
                "{# '%s' % x #}{% raw %}{{ '%s' % x }}{% endraw %}",
                "{# '%s' % x #}{% raw %}{{ '%s' % x }}{% endraw %}",
            ),
            ("{{ '%s' % (x", "{{ '%s' % (x"),
            ("{{ 'it\\'s %s' % x", "{{ 'it\\'s %s'|percent_of_text(x)"),
            ("{ {a} {{", "{ {a} {{"),
        ];
        for (template, written) in table {
            assert_eq!(with_percent_filter(template), written);
        }
        let deep = format!("{{{{ {}x{} }}}}", "'%s' % (".repeat(20_000), ")".repeat(20_000));
        assert!(with_percent_filter(&deep).len() > deep.len());
    }
}
