//! The files that a document names.
//!
//! A place is a link to a file of the repository, or text between backticks that begins with one of its
//! folders. If a path has a placeholder in it, only the folder above the placeholder is checked.

use std::path::{Path, PathBuf};

/// The folders at the root that documents name.
const ROOTS: &[&str] = &["crates", "docs", "fixtures", "xtask"];

/// Words in a path that stand for any name.
const PLACEHOLDERS: &[&str] = &["NAME", "FAMILY"];

/// Returns the number of places that a document names, and those that do not exist, each with its line. Links
/// are relative to `folder`, the folder of the document; spans are given with their lines.
pub(crate) fn missing(
    root: &Path,
    folder: &Path,
    text: &str,
    spans: &[(usize, String)],
) -> (usize, Vec<(usize, String)>) {
    let links =
        text.lines().enumerate().flat_map(|(index, line)| links(line).map(move |link| (index + 1, link)));
    let links = links.map(|(line, link)| (line, link.to_owned(), folder.join(link)));
    let spans = spans.iter().filter(|(_, span)| is_place(span));
    let spans = spans.map(|(line, span)| (*line, span.clone(), root.join(certain(span))));
    let mut checked = 0;
    let mut missing = Vec::new();
    for (line, shown, path) in links.chain(spans) {
        checked += 1;
        if !path.exists() {
            missing.push((line, shown));
        }
    }
    (checked, missing)
}

/// Returns the targets of links to files, without the part after `#`.
fn links(line: &str) -> impl Iterator<Item = &str> {
    let targets = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let local = |target: &&str| !target.is_empty() && !target.starts_with('#') && !target.contains("://");
    targets.filter(local).map(|target| target.split('#').next().unwrap_or(target))
}

fn is_place(span: &str) -> bool {
    span.split_once('/').is_some_and(|(first, _)| ROOTS.contains(&first)) && !span.contains(' ')
}

/// Returns the part of a path before its first placeholder.
fn certain(span: &str) -> PathBuf {
    let stands = |part: &&str| {
        part.contains(['*', '…']) || part.split(['.', '-']).any(|word| PLACEHOLDERS.contains(&word))
    };
    let parts = span.split('/').take_while(|part| !stands(part));
    parts.collect()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::missing;

    #[test]
    fn places_of_a_document() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let text = "[a](../README.md#b) [c](https://d.e) [f](gone.md)";
        let spans = [
            "xtask/src/main.rs",
            "crates/neural/src/config/FAMILY.rs",
            "crates/backend-NAME",
            "xtask/gone.rs",
            "nmk/a b",
        ];
        let spans: Vec<(usize, String)> = spans.iter().map(|span| (7, (*span).to_owned())).collect();
        let found = missing(root, &root.join("docs"), text, &spans);
        assert_eq!(found, (6, vec![(1, "gone.md".to_owned()), (7, "xtask/gone.rs".to_owned())]));
    }
}
