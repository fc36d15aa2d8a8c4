//! Counts of the doc comments that a stranger would have to decode.
//!
//! Two things are counted: doc blocks whose first word is a pronoun or a question word, because such a
//! sentence names no subject; and doc blocks of under ten words on public items. Fields and variants may be
//! shorter. Nothing here fails; the house style says what to write instead.

use std::collections::BTreeMap;
use std::path::Path;

use crate::tidy::docs::{Doc, Subject};
use crate::tidy::tree::File;

/// First words of a doc block that name no subject.
const PRONOUNS: &[&str] = &[
    "it", "its", "that", "this", "these", "those", "they", "their", "what", "whatever", "whether", "where",
    "wherever", "which", "who", "whose", "how", "why", "when",
];

/// The least number of words in the doc block of a public item.
const WORDS: usize = 10;

/// The crates that a wrong answer would have to pass, whose documentation matters most.
const TRUSTED: &[&str] = &["abi", "prims", "det", "sched", "ledger"];

/// The counts of the doc blocks of one crate.
#[derive(Default)]
pub(crate) struct Count {
    /// The folder of the crate below `crates/`, or `xtask`.
    pub(crate) name: String,
    blocks: usize,
    pronoun_first: Vec<String>,
    short: Vec<String>,
}

impl Count {
    /// Returns each counted block as `file:line: text`, with those that begin with a pronoun first.
    pub(crate) fn places(&self) -> impl Iterator<Item = String> + '_ {
        let pronouns = self.pronoun_first.iter().map(|place| format!("{place} [pronoun-first]"));
        pronouns.chain(self.short.iter().map(|place| format!("{place} [under {WORDS} words]")))
    }
}

/// Counts the doc blocks of all files, by crate in alphabetical order.
pub(crate) fn count(files: &[File]) -> Vec<Count> {
    let mut counts: BTreeMap<&str, Count> = BTreeMap::new();
    for file in files {
        let name = file.home().strip_prefix("crates/").unwrap_or(file.home());
        let count = counts.entry(name).or_default();
        count.name = name.to_owned();
        count.blocks += file.docs.len();
        for doc in &file.docs {
            let place = || format!("{}:{}: {}", file.path, doc.line, doc.text.replace('\n', " "));
            if begins_with_pronoun(&doc.text) {
                count.pronoun_first.push(place());
            }
            if is_public(file, doc, files) && words(&doc.text) < WORDS {
                count.short.push(place());
            }
        }
    }
    counts.into_values().filter(|count| count.blocks > 0).collect()
}

/// Returns the counts as lines of a table. A trusted crate has a star, and the sums are at the end.
pub(crate) fn table(counts: &[Count]) -> Vec<String> {
    let line = |name: &str, blocks: usize, pronouns: usize, short: usize| {
        let share = 100.0 * pronouns as f64 / blocks.max(1) as f64;
        format!("{name:<15} {blocks:>6} {pronouns:>14} {share:>6.1} % {short:>16}")
    };
    let mut lines = vec![format!(
        "{:<15} {:>6} {:>14} {:>8} {:>16}",
        "doc blocks", "all", "pronoun-first", "", "short, public"
    )];
    let mut sum = (0, 0, 0);
    for count in counts {
        let mark = if TRUSTED.contains(&count.name.as_str()) { " *" } else { "" };
        let (pronouns, short) = (count.pronoun_first.len(), count.short.len());
        lines.push(line(&format!("{}{mark}", count.name), count.blocks, pronouns, short));
        sum = (sum.0 + count.blocks, sum.1 + pronouns, sum.2 + short);
    }
    lines.push(line("all", sum.0, sum.1, sum.2));
    lines.push("(* trusted; cargo xtask tidy --words [CRATE] lists the places)".to_owned());
    lines
}

/// Returns true if a doc block belongs to a public item. The block at the head of a file does if another
/// crate can name the module.
fn is_public(file: &File, doc: &Doc, files: &[File]) -> bool {
    match doc.subject {
        Subject::Public => true,
        Subject::Other => false,
        Subject::Enclosing => doc.line == 1 && is_public_module(&file.path, files),
    }
}

/// Returns true if the file is the root of a library, or a module that its parent declares `pub`.
fn is_public_module(path: &str, files: &[File]) -> bool {
    if path.ends_with("/src/lib.rs") {
        return true;
    }
    let path = Path::new(path);
    let (Some(folder), Some(stem)) = (path.parent(), path.file_stem()) else { return false };
    let declaration = format!("pub mod {};", stem.to_string_lossy());
    let parents = [folder.join("lib.rs"), folder.with_extension("rs")];
    let is_parent = |file: &&File| parents.iter().any(|parent| Path::new(&file.path) == parent);
    files.iter().filter(is_parent).any(|parent| !parent.find(&declaration).is_empty())
}

fn begins_with_pronoun(text: &str) -> bool {
    // A word in backticks is a name, whatever it is.
    let text = text.trim_start_matches(['*', '_', '"', '\'', '(', '“']);
    let end = text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len());
    PRONOUNS.contains(&text[..end].to_lowercase().as_str())
}

/// Returns the number of words of prose; text in a fenced block is code and does not count.
fn words(text: &str) -> usize {
    let mut in_code = false;
    let mut words = 0;
    for line in text.lines() {
        if line.starts_with("```") {
            in_code = !in_code;
        } else if !in_code {
            words += line.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count();
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::{begins_with_pronoun, count, table, words};
    use crate::tidy::tree::File;

    #[test]
    fn first_words() {
        let cases = [
            ("It is one.", true),
            ("What is kept", true),
            ("“Whether it is", true),
            ("It's one.", true),
            ("When full, refuses.", true),
            ("`it` is a name", false),
            ("Item of a list", false),
            ("Whoever", false),
            ("[`Whose`] value", false),
            ("", false),
        ];
        for (text, expected) in cases {
            assert_eq!(begins_with_pronoun(text), expected, "{text}");
        }
    }

    #[test]
    fn words_of_prose() {
        assert_eq!(words("One two\nthree - `four()`."), 4);
        assert_eq!(words("One.\n```\nlet a = b;\n```\ntwo"), 2);
    }

    #[test]
    fn counts_of_two_crates() {
        let root = "//! A crate that is there for its neighbours and is described in enough words.\npub mod b;\nmod c;\n";
        let b = "//! Short.\n\n/// What it is.\npub struct B {\n    /// Its field.\n    pub f: u8,\n}\n";
        let c = "//! Short too.\n\n/// A function that returns nothing and never fails, whatever you do.\npub fn c() {}\n";
        let files = [
            File::new("crates/a/src/b.rs", b),
            File::new("crates/a/src/c.rs", c),
            File::new("crates/a/src/lib.rs", root),
            File::new("crates/det/tests/d.rs", "//! Where a test lies.\nfn d() {}\n"),
        ];
        let counts = count(&files);
        let places: Vec<String> = counts.iter().flat_map(|count| count.places()).collect();
        assert_eq!(
            places,
            [
                "crates/a/src/b.rs:3: What it is. [pronoun-first]",
                "crates/a/src/b.rs:5: Its field. [pronoun-first]",
                "crates/a/src/b.rs:1: Short. [under 10 words]",
                "crates/a/src/b.rs:3: What it is. [under 10 words]",
                "crates/det/tests/d.rs:1: Where a test lies. [pronoun-first]",
            ]
        );
        let table = table(&counts);
        assert_eq!(table[1].split_whitespace().collect::<Vec<_>>(), ["a", "6", "2", "33.3", "%", "2"]);
        assert_eq!(
            table[2].split_whitespace().collect::<Vec<_>>(),
            ["det", "*", "1", "1", "100.0", "%", "0"]
        );
        assert_eq!(table[3].split_whitespace().collect::<Vec<_>>(), ["all", "7", "3", "42.9", "%", "2"]);
    }
}
