//! The items of our crates that a document names, for example `neural::Session`.
//!
//! The first name behind the crate must be declared in the crate's sources, or stand in its `lib.rs`, where items
//! of other crates are exported again. Every further name must occur in the sources. Comments and literals do
//! not count.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::error::Error;
use crate::scratch;
use crate::tidy::mask;

/// The keywords that declare the name behind them.
const DECLARES: &[&str] = &["struct", "enum", "union", "trait", "type", "fn", "const", "static", "mod"];

/// The names in the sources of each crate, by the name that a Rust path has for the crate.
#[derive(Default)]
pub(crate) struct Items(BTreeMap<String, Names>);

#[derive(Default)]
struct Names {
    /// Names that are declared anywhere, and every name in `lib.rs`.
    declared: BTreeSet<String>,
    all: BTreeSet<String>,
}

impl Items {
    /// Reads the sources of the crates, which are given as folder and package.
    pub(crate) fn read(root: &Path, crates: &[(String, String)]) -> Result<Items, Error> {
        let mut items = Items::default();
        for (folder, _) in crates {
            let sources = root.join("crates").join(folder).join("src");
            if !sources.is_dir() {
                continue;
            }
            for file in scratch::files(&sources, &|path| path.extension().is_some_and(|end| end == "rs"))? {
                items.add(folder, file == sources.join("lib.rs"), &scratch::read(&file)?);
            }
        }
        Ok(items)
    }

    fn add(&mut self, folder: &str, is_root: bool, source: &str) {
        let names = self.0.entry(folder.replace('-', "_")).or_default();
        let mut before = "";
        let code = mask::mask(source);
        for word in code.split(|c: char| !is_of_name(c)).filter(|word| !word.is_empty()) {
            if is_root || DECLARES.contains(&before) {
                names.declared.insert(word.to_owned());
            }
            names.all.insert(word.to_owned());
            before = word;
        }
    }

    /// Returns the number of spans that name an item of a crate of ours, and those whose item is not there. Spans
    /// are text between backticks, each with its line.
    pub(crate) fn missing(&self, spans: &[(usize, String)]) -> (usize, Vec<(usize, String)>) {
        let found = spans.iter().filter_map(|(line, span)| Some((*line, span, self.is_there(span)?)));
        let mut checked = 0;
        let missing = found.inspect(|_| checked += 1).filter(|(_, _, is_there)| !is_there);
        let missing = missing.map(|(line, span, _)| (line, span.clone())).collect();
        (checked, missing)
    }

    /// Returns true if the item that `span` names is there; `None` if `span` is no path into a crate of ours.
    fn is_there(&self, span: &str) -> Option<bool> {
        let path = span.split('(').next().unwrap_or(span);
        let (name, path) = path.split_once("::")?;
        let names = self.0.get(name)?;
        let mut path = path.split("::");
        let first = path.next()?;
        Some(names.declared.contains(first) && path.all(|further| names.all.contains(further)))
    }
}

fn is_of_name(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::Items;

    #[test]
    fn items_of_a_document() {
        let mut items = Items::default();
        items.add("backend-cpu", true, "//! `Gone` was here.\nmod threads;\npub use neural::Session;\n");
        items.add("backend-cpu", false, "pub enum Isa { Avx2 }\nconst fn widest() { \"Told\"; named() }\n");
        let cases = [
            ("backend_cpu::Isa", true),
            ("backend_cpu::Isa::Avx2", true),
            ("backend_cpu::widest(1)", true),
            ("backend_cpu::threads", true),
            ("backend_cpu::Session", true),
            ("backend_cpu::Gone", false),
            ("backend_cpu::Told", false),
            ("backend_cpu::named", false),
            ("backend_cpu::Isa::Avx3", false),
        ];
        let spans = |is: bool| {
            let chosen = cases.iter().enumerate().filter(move |(_, case)| case.1 == is);
            chosen.map(|(line, (span, _))| (line, (*span).to_owned())).collect::<Vec<_>>()
        };
        assert_eq!(items.missing(&spans(true)), (5, vec![]));
        assert_eq!(items.missing(&spans(false)), (4, spans(false)));
        let others = ["std::fmt", "Isa::Avx3", "nmk ask", "backend_cpu"].map(|span| (1, span.to_owned()));
        assert_eq!(items.missing(&others), (0, vec![]));
    }
}
