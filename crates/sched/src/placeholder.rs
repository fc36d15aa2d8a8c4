//! Placeholders in a template: the pieces of a text that stand for results.

/// One piece of a template, in the order of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Text that stays as it is.
    Text(&'t str),
    /// A placeholder for the result of this name.
    Result(&'t str),
    /// A placeholder of a name that is not known. Admission refuses a template that has one.
    Unknown(&'t str),
}

/// Returns the pieces of `template`. A placeholder is a name between braces: a name that `is_known`, or any word of
/// letters, digits, `_`, `-` and `.`. The same between doubled braces is the text with single ones. Every other
/// brace is text.
///
/// The template is read once from its start to its end, and a result is never read as a template.
///
/// ```
/// use sched::Piece::{Result, Text, Unknown};
///
/// let found: Vec<_> = sched::pieces("{a} and {b}, {{a}} {\"x\": 1}", |name| name == "a").collect();
/// let names = [Result("a"), Text(" and "), Unknown("b")];
/// assert_eq!(found, [&names[..], &[Text(", "), Text("{a}"), Text(" {\"x\": 1}")]].concat());
/// ```
pub fn pieces<'t>(template: &'t str, is_known: impl Fn(&str) -> bool) -> impl Iterator<Item = Piece<'t>> {
    let mut rest = template;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (piece, length) = match braced(rest, &is_known) {
            Some(found) => found,
            // The first character is text, a brace or not; the text goes on to the next place that is special.
            None => {
                let starts = rest.char_indices().skip(1).filter(|(_, letter)| *letter == '{');
                let end = starts.map(|(at, _)| at).find(|at| braced(&rest[*at..], &is_known).is_some());
                let end = end.unwrap_or(rest.len());
                (Piece::Text(&rest[..end]), end)
            }
        };
        rest = &rest[length..];
        Some(piece)
    })
}

/// The placeholder or the doubled braces at the start of `text`, and their length.
fn braced<'t>(text: &'t str, is_known: &impl Fn(&str) -> bool) -> Option<(Piece<'t>, usize)> {
    let inner = text.strip_prefix('{')?;
    if let Some(doubled) = inner.strip_prefix('{') {
        let name = name(doubled, is_known)?;
        let closed = doubled[name.len()..].starts_with("}}");
        return closed.then(|| (Piece::Text(&text[1..name.len() + 3]), name.len() + 4));
    }
    let name = name(inner, is_known)?;
    let piece = if is_known(name) { Piece::Result(name) } else { Piece::Unknown(name) };
    Some((piece, name.len() + 2))
}

/// The name at the start of `text`, which ends before the next brace. None if it is no name.
fn name<'t>(text: &'t str, is_known: &impl Fn(&str) -> bool) -> Option<&'t str> {
    // No name is longer, so the search for its end is bounded.
    let window = &text.as_bytes()[..text.len().min(abi::bounds::MAX_NAME_BYTES + 1)];
    let end = window.iter().position(|byte| matches!(byte, b'{' | b'}'))?;
    let name = &text[..end];
    let is_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.');
    let named = text.as_bytes()[end] == b'}' && !name.is_empty();
    (named && (is_known(name) || name.chars().all(is_word))).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::Piece::{Result, Text, Unknown};
    use super::{Piece, pieces};

    #[test]
    fn the_pieces_of_templates() {
        let table: [(&str, &[Piece<'_>]); 12] = [
            ("", &[]),
            ("plain", &[Text("plain")]),
            ("{a}", &[Result("a")]),
            ("{a}{a}x", &[Result("a"), Result("a"), Text("x")]),
            ("{two words} {three words}", &[Result("two words"), Text(" {three words}")]),
            ("{c} {é.1_-}", &[Unknown("c"), Text(" "), Unknown("é.1_-")]),
            ("{{a}} {{c}}", &[Text("{a}"), Text(" "), Text("{c}")]),
            ("{\"k\": {\"l\": {a}}}", &[Text("{\"k\": {\"l\": "), Result("a"), Text("}}")]),
            ("{} { a } {", &[Text("{} { a } {")]),
            ("{{{a}}}", &[Text("{"), Text("{a}"), Text("}")]),
            ("a}{a", &[Text("a}{a")]),
            ("{{a}", &[Text("{"), Result("a")]),
        ];
        for (template, expected) in table {
            let found: Vec<_> = pieces(template, |name| ["a", "two words"].contains(&name)).collect();
            assert_eq!(found, expected, "{template:?}");
        }
    }

    #[test]
    fn a_long_template_is_read_in_linear_time_and_loses_nothing() {
        let template = format!("{}{{{}}}", "{{".repeat(100_000), "n".repeat(3_000));
        let text: String = pieces(&template, |_| false)
            .map(|piece| match piece {
                Text(text) => text.to_owned(),
                Result(name) | Unknown(name) => panic!("{name}"),
            })
            .collect();
        assert_eq!(text, template);
    }
}
