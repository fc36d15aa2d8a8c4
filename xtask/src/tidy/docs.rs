//! The doc comments of a file, each with the kind of item that it documents.

use crate::tidy::mask::{is_word, spans};
use crate::tidy::tree::File;

/// A doc comment, which is a block of consecutive `///` or `//!` lines.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Doc {
    /// The number of the first line of the block, from 1.
    pub(crate) line: usize,
    /// The lines of the block without the comment marks, joined by line breaks.
    pub(crate) text: String,
    pub(crate) subject: Subject,
}

/// The item that a doc comment belongs to, as far as the counts of words need it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Subject {
    /// The enclosing module or crate of a `//!` block.
    Enclosing,
    /// A `pub` item, a member of a public trait, or an exported macro.
    Public,
    /// Private items, fields and variants.
    Other,
}

/// The keywords that can begin an item, after its visibility.
const ITEMS: &[&str] = &[
    "fn", "struct", "enum", "union", "trait", "type", "const", "static", "mod", "unsafe", "async", "extern",
];

/// Returns all doc comments of a file whose source is `text`, in order.
pub(crate) fn find(file: &File, text: &str) -> Vec<Doc> {
    let mut blocks: Vec<Block> = Vec::new();
    for span in spans(text) {
        let Some((inner, line)) = doc_line(&text[span.clone()]) else { continue };
        match blocks.last_mut() {
            // Ordinary comments between two doc lines are blank in the masked code.
            Some(block) if block.inner == inner && file.code[block.end..span.start].trim().is_empty() => {
                block.end = span.end;
                block.lines.push(line);
            }
            _ => blocks.push(Block { inner, start: span.start, end: span.end, lines: vec![line] }),
        }
    }
    let traits = file.public_traits();
    let in_public_trait = |at: usize| traits.iter().any(|body| body.contains(&at));
    let subject = |block: &Block| match block.inner {
        true => Subject::Enclosing,
        false => subject(&file.code[block.end..], in_public_trait(block.end)),
    };
    blocks
        .iter()
        .map(|block| Doc {
            line: file.line_of(block.start),
            text: block.lines.join("\n"),
            subject: subject(block),
        })
        .collect()
}

struct Block<'a> {
    inner: bool,
    start: usize,
    end: usize,
    lines: Vec<&'a str>,
}

/// Returns the text of a doc line, and true if it is an inner one (`//!`); `None` for other comments.
fn doc_line(comment: &str) -> Option<(bool, &str)> {
    if let Some(line) = comment.strip_prefix("//!") {
        return Some((true, line.trim()));
    }
    // Four slashes are an ordinary comment, for example a ruler.
    let line = comment.strip_prefix("///").filter(|rest| !rest.starts_with('/'))?;
    Some((false, line.trim()))
}

/// Returns the kind of item that an outer doc comment documents, given the code after it.
fn subject(code: &str, in_public_trait: bool) -> Subject {
    let mut rest = code.trim_start();
    let mut exported = false;
    while let Some(attribute) = rest.strip_prefix("#[") {
        let end = attribute_length(attribute);
        exported |= attribute[..end].contains("macro_export");
        rest = attribute[end..].trim_start();
    }
    let (public, rest) = match word(rest) {
        // `pub(crate)` and the like are not public.
        "pub" => (!rest["pub".len()..].trim_start().starts_with('('), rest["pub".len()..].trim_start()),
        _ => (false, rest),
    };
    let item = ITEMS.contains(&word(rest));
    let macro_item = rest.starts_with("macro_rules!") && exported;
    match item && (public || in_public_trait) || macro_item {
        true => Subject::Public,
        false => Subject::Other,
    }
}

/// Returns the length of an attribute after its `#[`, with the closing bracket.
fn attribute_length(text: &str) -> usize {
    let mut depth = 1_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' => depth += 1,
            b']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    text.len()
}

/// Returns the identifier or keyword that `text` begins with.
fn word(text: &str) -> &str {
    let end = text.bytes().position(|byte| !is_word(byte)).unwrap_or(text.len());
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::Subject::{self, Enclosing, Other, Public};
    use crate::tidy::tree::File;

    fn found(text: &str) -> Vec<(usize, String, Subject)> {
        let docs = File::new("crates/a/src/b.rs", text).docs;
        docs.into_iter().map(|doc| (doc.line, doc.text, doc.subject)).collect()
    }

    #[test]
    fn a_block_is_all_its_lines() {
        let text = "//! A file.\n//!\n//! More.\n\n/// One.\n// why\n/// Two.\n#[must_use]\npub fn f() {}\n";
        let expected = [(1, "A file.\n\nMore.".to_owned(), Enclosing), (5, "One.\nTwo.".to_owned(), Public)];
        assert_eq!(found(text), expected);
        assert_eq!(found("//// ruler\nlet a = \"/// text\";\n// plain\n"), []);
    }

    #[test]
    fn subjects() {
        let cases = [
            ("/// D.\npub struct A;", Public),
            ("/// D.\n#[derive(Clone)]\n#[repr(C)]\npub enum A {}", Public),
            ("/// D.\npub(crate) struct A;", Other),
            ("/// D.\nstruct A;", Other),
            ("/// D.\npub const fn a() {}", Public),
            ("/// D.\npub unsafe trait A {}", Public),
            ("/// D.\npub name: String,", Other),
            ("/// D.\nVariant { a: u8 },", Other),
            ("/// D.\n#[macro_export]\nmacro_rules! a { () => {} }", Public),
            ("/// D.\nmacro_rules! a { () => {} }", Other),
            ("pub trait A {\n/// D.\nfn a();\n}", Public),
            ("trait A {\n/// D.\nfn a();\n}", Other),
            ("pub(crate) trait A {\n/// D.\nfn a();\n}", Other),
        ];
        for (text, expected) in cases {
            let subjects: Vec<Subject> = found(text).into_iter().map(|(_, _, subject)| subject).collect();
            assert_eq!(subjects, [expected], "{text}");
        }
    }
}
