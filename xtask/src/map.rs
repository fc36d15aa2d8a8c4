//! `cargo xtask map`: the list of the modules of each crate in `docs/architecture.md`.
//!
//! The map is made from the first sentence of each file's `//!` block. Without `--write` it is compared with
//! the page, and a page that differs is a negative result.

use lexopt::prelude::*;

use crate::Outcome;
use crate::error::Error;
use crate::findings::Findings;
use crate::planes;
use crate::process;
use crate::programs::Programs;
use crate::scratch;
use crate::tidy::docs::Subject;
use crate::tidy::tree::{self, File};

pub(crate) const ABOUT: &str = "hold the map of modules in docs/architecture.md to the sources [--write]";

const PAGE: &str = "docs/architecture.md";
const BEGIN: &str = "<!-- The map begins; cargo xtask map --write makes it. -->";
const END: &str = "<!-- The map ends. -->";

pub(crate) fn run(mut arguments: lexopt::Parser, _: Programs) -> Result<Outcome, Error> {
    let mut write = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("write") => write = true,
            other => return Err(other.unexpected().into()),
        }
    }
    let root = process::workspace_root();
    let files = tree::load(&root)?;
    let crates: Vec<String> = planes::members(&root)?.into_iter().map(|(name, _)| name).collect();
    let map = map(&crates, &files);
    let path = root.join(PAGE);
    let page = scratch::read(&path)?;
    let fresh = replaced(&page, [BEGIN, END], &map).ok_or(Error::Shape { command: PAGE, field: BEGIN })?;
    if write {
        scratch::write(&path, &fresh)?;
        return Ok(Outcome::Done);
    }
    let mut findings = Findings::new();
    for file in files.iter().filter(|file| is_module(file)) {
        findings.check(summary(file).is_some(), || format!("{} begins without a //! line", file.path));
    }
    findings.check(page == fresh, || {
        format!("{PAGE} does not show the modules as they are: {}", first_difference(&page, &fresh))
    });
    findings.print("map");
    Ok(if findings.broken.is_empty() { Outcome::Done } else { Outcome::Refused })
}

/// Returns the page with `text` between its two marks; `None` if a mark is missing.
pub(crate) fn replaced(page: &str, [begin, end]: [&str; 2], text: &str) -> Option<String> {
    let (before, rest) = page.split_once(begin)?;
    let (_, after) = rest.split_once(end)?;
    Some(format!("{before}{begin}\n\n{text}{end}{after}"))
}

/// Returns the first line that differs, and the command that corrects the page.
fn first_difference(page: &str, fresh: &str) -> String {
    let missing = fresh.lines().find(|line| !page.contains(line));
    let stale = page.lines().find(|line| !fresh.contains(line));
    let shown = match (missing, stale) {
        (Some(line), _) => format!("`{line}` is missing"),
        (None, Some(line)) => format!("`{line}` is stale"),
        (None, None) => "the order differs".to_owned(),
    };
    format!("{shown}; run cargo xtask map --write")
}

fn map(crates: &[String], files: &[File]) -> String {
    let mut text = String::new();
    for name in crates {
        let home = if name == "xtask" { name.clone() } else { format!("crates/{name}") };
        text.push_str(&format!("### {name}\n\n"));
        let of_crate = |file: &&File| file.home() == home && is_module(file);
        let mut modules: Vec<&File> = files.iter().filter(of_crate).collect();
        // The root first, and a module before those inside it.
        modules.sort_by_key(|file| (!file.is_root(), module(file).split('/').collect::<Vec<_>>()));
        for file in modules {
            let module = module(file);
            let summary = summary(file).unwrap_or_default();
            text.push_str(&format!("- `{module}`: {summary}\n"));
        }
        text.push('\n');
    }
    text
}

/// Returns true if the file belongs to a library or a program and is not a test.
fn is_module(file: &File) -> bool {
    file.path[file.home().len()..].starts_with("/src/") && !file.test
}

/// Returns the path of a module below `src`, without its ending.
fn module(file: &File) -> &str {
    let inside = &file.path[file.home().len() + "/src/".len()..];
    inside.strip_suffix(".rs").unwrap_or(inside)
}

/// Returns the first sentence of the `//!` block at the head of a file; `None` if there is no such block.
fn summary(file: &File) -> Option<String> {
    let doc = file.docs.first().filter(|doc| doc.subject == Subject::Enclosing)?;
    let paragraph = doc.text.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let end = paragraph.find(". ").map_or(paragraph.len(), |at| at + 1);
    Some(paragraph[..end].trim_start_matches("# ").to_owned()).filter(|summary| !summary.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{BEGIN, END, map, replaced};
    use crate::tidy::tree::File;

    #[test]
    fn modules_of_two_crates() {
        let files = [
            File::new("crates/a/src/b/c.rs", "//! Part of b.\n"),
            File::new(
                "crates/a/src/b.rs",
                "//! A module\n//! over two lines. And more.\n//!\n//! Details.\n",
            ),
            File::new("crates/a/src/lib.rs", "//! # A crate\n"),
            File::new("crates/a/src/b/tests.rs", "//! Tests.\n"),
            File::new("crates/a/tests/d.rs", "//! A scenario.\n"),
            File::new("xtask/src/main.rs", "//! Commands.\n"),
        ];
        let crates = ["a".to_owned(), "xtask".to_owned()];
        let expected = "### a\n\n- `lib`: A crate\n- `b`: A module over two lines.\n- `b/c`: Part of b.\n\n\
                        ### xtask\n\n- `main`: Commands.\n\n";
        assert_eq!(map(&crates, &files), expected);
    }

    #[test]
    fn the_map_stands_between_two_marks() {
        let page = format!("# A\n\n{BEGIN}\nold\n{END}\n\nend\n");
        let fresh = format!("# A\n\n{BEGIN}\n\n### a\n{END}\n\nend\n");
        assert_eq!(replaced(&page, [BEGIN, END], "### a\n"), Some(fresh));
        assert_eq!(replaced("# A\n", [BEGIN, END], "### a\n"), None);
    }
}
