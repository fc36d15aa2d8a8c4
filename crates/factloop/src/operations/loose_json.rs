//! Documents in a looser notation than JSON: `{a: 4}`, `{'a': 4,}`, `<a>4</a>`, `a = 4`.
//!
//! A reply may state its document as JSON and another one beside it in the notation of a programming language. Nothing is
//! judged in such a notation. This module only tells if it says something else than the document.

use abi::Value;
use det::{equal, parse_json};

/// The deepest nesting that is read. A deeper document differs from every other one.
const MAX_DEPTH: u32 = 64;
/// The longest name of a member that is looked for in lines and tags, in bytes.
const MAX_NAME: usize = 200;

/// Returns the value of a text in a loose notation, with what a programming language may say around it: `const x =`,
/// `return`, a semicolon. Returns None if the text is no object or list.
pub(super) fn loose(text: &str) -> Option<Value> {
    let mut text = text.trim().trim_end_matches(';').trim_end();
    if let Some((head, rest)) = text.split_once(['{', '[']) {
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | ' ' | ':' | '=');
        let is_assigned =
            head.trim_end().ends_with('=') || matches!(head.trim(), "return" | "export default");
        if !head.is_empty() && head.len() <= MAX_NAME && is_assigned && head.chars().all(is_word) {
            text = &text[text.len() - rest.len() - 1..];
        }
    }
    let mut reader = Reader { rest: text };
    let value = reader.container(MAX_DEPTH)?;
    reader.blank();
    reader.rest.is_empty().then_some(value)
}

/// Returns true if a text begins like an object with a named member, whatever stands behind: `{a: …`, `{"a": …`.
pub(super) fn begins_an_object(text: &str) -> bool {
    let mut reader = Reader { rest: text };
    reader.eat(&["{"]) && reader.key().is_some() && reader.eat(&[":", "=>", "="])
}

/// Returns true if a line or an element of the text names a member of `stated` and gives it another value:
/// `a: 4`, `<a>4</a>`. A line whose value is no number, word of JSON or text in quotes only describes the member.
pub(super) fn differs_in_a_member(text: &str, stated: &Value) -> bool {
    let Value::Map(map) = stated else { return false };
    let differs = |name: &str, value: &Value| map.get(name).is_some_and(|own| !equal(own, value));
    let in_a_line = text.lines().any(|line| member(line).is_some_and(|(name, value)| differs(&name, &value)));
    in_a_line
        || elements(text).any(|(name, content)| {
            let content = content.trim();
            let Some(own) = map.get(name) else { return false };
            let is_own_text = matches!(own, Value::Text(text) if text == content);
            !is_own_text && !scalar(content).is_some_and(|value| equal(own, &value))
        })
}

/// Returns the member that a whole line states, behind the marks of a list or of emphasis.
fn member(line: &str) -> Option<(String, Value)> {
    let is_around = |c: char| c.is_whitespace() || matches!(c, '*' | '-' | '>' | '`' | '+' | '\u{2022}');
    let line = line.trim_start_matches(is_around).trim_end();
    if line.len() > 4 * MAX_NAME {
        return None;
    }
    let mut reader = Reader { rest: line };
    let name = reader.key()?;
    reader.rest = reader.rest.trim_start_matches(['*', '`', ' ']);
    if !reader.eat(&[":=", ":", "=>", "==", "="]) {
        return None;
    }
    let value = reader
        .rest
        .trim_matches(|c: char| is_around(c) && c != '-')
        .trim_end_matches(['.', ',', ';', '*', '`']);
    Some((name, scalar(value)?))
}

/// Returns the elements of a text whose tags have no attributes and whose content has no tag, each with its name.
fn elements(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let from = &rest[rest.find('<')? + 1..];
            let length = from.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.')))?;
            rest = &from[length..];
            let Some(content) = rest.strip_prefix('>').filter(|_| (1..=MAX_NAME).contains(&length)) else {
                continue;
            };
            let end = content.find('<')?;
            rest = &content[end..];
            let name = &from[..length];
            if rest.strip_prefix("</").is_some_and(|close| close.starts_with(name)) {
                return Some((name, &content[..end]));
            }
        }
    })
}

/// Returns the value of a number, a word for one of JSON's words, or a text in quotes of any kind.
fn scalar(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text };
    let value = reader.scalar()?;
    reader.blank();
    reader.rest.is_empty().then_some(value)
}

/// A reader of the looser notations.
struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn blank(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Reads one of several marks behind white space, and returns false if none stands there.
    fn eat(&mut self, marks: &[&str]) -> bool {
        self.blank();
        let found = marks.iter().find_map(|mark| self.rest.strip_prefix(mark));
        self.rest = found.unwrap_or(self.rest);
        found.is_some()
    }

    fn container(&mut self, depth: u32) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        if self.eat(&["["]) {
            let mut items = Vec::new();
            while !self.eat(&["]"]) {
                items.push(self.value(depth)?);
                if !self.eat(&[",", ";"]) {
                    return self.eat(&["]"]).then(|| Value::List(items));
                }
            }
            return Some(Value::List(items));
        }
        if !self.eat(&["{"]) {
            return None;
        }
        let mut members = Vec::new();
        while !self.eat(&["}"]) {
            let name = self.key()?;
            if !self.eat(&[":", "=>", "="]) {
                return None;
            }
            members.push((name, self.value(depth)?));
            if !self.eat(&[",", ";"]) {
                return self.eat(&["}"]).then(|| Value::map(members));
            }
        }
        Some(Value::map(members))
    }

    fn value(&mut self, depth: u32) -> Option<Value> {
        self.blank();
        if self.rest.starts_with(['{', '[']) { self.container(depth) } else { self.scalar() }
    }

    /// Reads the name of a member, in quotes or without.
    fn key(&mut self) -> Option<String> {
        self.blank();
        self.quoted().or_else(|| {
            let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '-' | '@');
            let word = self.word(is_part)?;
            Some(word)
        })
    }

    fn scalar(&mut self) -> Option<Value> {
        self.blank();
        if let Some(text) = self.quoted() {
            return Some(Value::text(text));
        }
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '+' | '-' | '.');
        let word = self.word(is_part)?;
        Some(match word.to_lowercase().as_str() {
            "true" | "yes" => Value::Bool(true),
            "false" | "no" => Value::Bool(false),
            "null" | "none" | "nil" | "undefined" => Value::Null,
            number => parse_json(number.trim_start_matches('+')).ok()?,
        })
    }

    /// Reads a text between two equal quotation marks, or two of a pair.
    fn quoted(&mut self) -> Option<String> {
        let open = self.rest.chars().next()?;
        let close = match open {
            '"' | '\'' | '`' => open,
            '\u{201c}' => '\u{201d}',
            '\u{2018}' => '\u{2019}',
            _ => return None,
        };
        let (mut out, mut escaped) = (String::new(), false);
        for (at, c) in self.rest.char_indices().skip(1) {
            match c {
                _ if escaped => {
                    out.push(c);
                    escaped = false;
                }
                '\\' => escaped = true,
                c if c == close => {
                    self.rest = &self.rest[at + c.len_utf8()..];
                    return Some(out);
                }
                c => out.push(c),
            }
        }
        None
    }

    fn word(&mut self, is_part: impl Fn(char) -> bool) -> Option<String> {
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then(|| word.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::{begins_an_object, differs_in_a_member, loose};
    use det::{equal, parse_json};

    #[test]
    fn looser_notations_have_a_value() {
        let table = [
            ("{a: 4}", "{\"a\": 4}"),
            ("{'a': 4,}", "{\"a\": 4}"),
            ("{\u{201c}a\u{201d}: 4}", "{\"a\": 4}"),
            ("{a = 4; b = \"x\"}", "{\"a\": 4, \"b\": \"x\"}"),
            ("{:a => 4}", ""),
            ("{a => 4}", "{\"a\": 4}"),
            ("const answer = {a: [1, 2,], b: {c: true}};", "{\"a\": [1, 2], \"b\": {\"c\": true}}"),
            ("return {a: 4};", "{\"a\": 4}"),
            // A program that prints an object may print a step.
            ("console.log({a: 4});", ""),
            ("x = {'a': None}", "{\"a\": null}"),
            ("[1, 2,]", "[1, 2]"),
            ("{a}", ""),
            ("{x | x > 2}", ""),
            ("{a: 4", ""),
            ("{a: }", ""),
            ("", ""),
            ("if (x) {a: 4}", ""),
        ];
        for (text, expected) in table {
            let found = loose(text);
            let is_same = match (&found, parse_json(expected)) {
                (Some(found), Ok(expected)) => equal(found, &expected),
                (found, expected) => found.is_none() && expected.is_err(),
            };
            assert!(is_same, "{text}: {found:?}");
        }
        assert!(loose(&"[".repeat(1 << 20)).is_none());
    }

    #[test]
    fn the_beginning_of_an_object_is_known() {
        for (text, begins) in [
            ("{a: 4", true),
            ("{ \"a\" : ", true),
            ("{'a': 4", true),
            ("{a", false),
            ("{}", false),
            ("{1, 2}", false),
        ] {
            assert_eq!(begins_an_object(text), begins, "{text}");
        }
    }

    #[test]
    fn a_line_or_an_element_may_give_a_member_another_value() {
        let stated = parse_json("{\"a\": 3, \"b\": \"x\", \"c\": true}").expect("JSON");
        let differs = [
            "a: 4",
            "- a: 4",
            "**a**: 4",
            "a = 4",
            "`a` = 4.",
            "\"a\": 4",
            "a: \"3\"",
            "b: \"y\"",
            "c: false",
            "c = no",
            "so\n<a>4</a>",
            "<r><a>4</a><b>x</b></r>",
            "<b>y</b>",
            "A is 3\n* a => 4,",
            "a: null",
        ];
        for text in differs {
            assert!(differs_in_a_member(text, &stated), "{text}");
        }
        for text in [
            "a: 3",
            "a: the count of r's",
            "b: another text",
            "<a>3</a>",
            "<b>x</b>",
            "d: 4",
            "<d>4</d>",
            "<a",
            "a",
            "a > 4",
            "c: true",
            "",
            "a: 1 from straw, 2 from berry",
            "<a b=\"4\">3</a>",
        ] {
            assert!(!differs_in_a_member(text, &stated), "{text}");
        }
    }
}
