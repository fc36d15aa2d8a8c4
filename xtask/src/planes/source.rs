//! Facts about the sources of a crate that the rules of the planes need.

use std::path::Path;

use crate::error::Error;
use crate::scratch;

/// Facts about a crate that no manifest tells.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Source {
    /// True if the crate root says `#![no_std]` without a condition.
    pub(crate) no_std: bool,
    /// True if some file says `extern crate std` outside a test.
    pub(crate) links_std: bool,
    /// True if the crate holds nothing but comments, attributes and an empty `main`.
    pub(crate) placeholder: bool,
}

impl Source {
    pub(crate) fn read(folder: &Path) -> Result<Source, Error> {
        let source = folder.join("src");
        let root = source.join("lib.rs");
        let root = if root.is_file() { scratch::read(&root)? } else { String::new() };
        let mut facts = Source { placeholder: true, ..Source::from_text(&root) };
        for path in scratch::files(&source, &|path| path.extension().is_some_and(|e| e == "rs"))? {
            let of_file = Source::from_text(&scratch::read(&path)?);
            facts.links_std |= of_file.links_std;
            facts.placeholder &= of_file.placeholder;
        }
        Ok(facts)
    }

    /// Returns the facts of one file, read as the crate root.
    pub(crate) fn from_text(text: &str) -> Source {
        let mut facts = Source { placeholder: true, ..Source::default() };
        let mut in_test = false;
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            facts.no_std |= line == "#![no_std]";
            facts.links_std |= line.starts_with("extern crate std") && !in_test;
            facts.placeholder &= line.starts_with("//") || line.starts_with("#") || line == "fn main() {}";
            in_test = line == "#[cfg(test)]";
        }
        facts
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn facts_of_a_file() {
        let cases = [
            ("//! Doc.\n#![no_std]\nextern crate alloc;\n", (true, false, false)),
            ("//! Doc.\n#![no_std]\n#[cfg(test)]\nextern crate std;\n", (true, false, false)),
            ("#![no_std]\nextern crate std;\n", (true, true, false)),
            ("#![cfg_attr(not(test), no_std)]\nmod a;\n", (false, false, false)),
            ("//! Placeholder.\n\nfn main() {}\n", (false, false, true)),
        ];
        for (text, expected) in cases {
            let facts = Source::from_text(text);
            assert_eq!((facts.no_std, facts.links_std, facts.placeholder), expected, "{text}");
        }
    }
}
