//! The packages that the trusted crates link, resolved without the rest of the workspace.
//!
//! `cargo metadata` unifies features over the whole workspace, so a `std` feature that the binary asks for
//! would show up in `det` too. `cargo tree -p` resolves only the named packages, and with `--target all` it
//! lists what they would link on any platform.

use std::path::Path;

use crate::error::Error;
use crate::process;

/// A package that a trusted crate links, with the way to it and its features.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Linked {
    /// The packages from the trusted crate to this one, both included.
    pub(crate) path: Vec<String>,
    pub(crate) features: Vec<String>,
    pub(crate) ours: bool,
}

impl Linked {
    pub(crate) fn package(&self) -> &str {
        self.path.last().map_or("", String::as_str)
    }
}

pub(crate) fn load(root: &Path, packages: &[&str]) -> Result<Vec<Linked>, Error> {
    if packages.is_empty() {
        return Ok(Vec::new());
    }
    let mut command = process::cargo_in(root, &["tree", "--edges", "normal", "--target", "all"]);
    command.args(["--prefix", "depth", "--no-dedupe", "--format", "|{p}|{f}"]);
    for package in packages {
        command.args(["--package", package]);
    }
    Ok(parse(&process::stdout(&mut command)?))
}

/// Parses lines of the form `depth|name version (path)|feature,feature`. Each package is returned once, with
/// the first path to it.
pub(crate) fn parse(tree: &str) -> Vec<Linked> {
    let mut stack: Vec<String> = Vec::new();
    let mut found: Vec<Linked> = Vec::new();
    for line in tree.lines() {
        let mut fields = line.split('|');
        let (Some(depth), Some(package), Some(features)) = (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        let Ok(depth) = depth.parse::<usize>() else { continue };
        let name = package.split(' ').next().unwrap_or(package);
        stack.truncate(depth);
        stack.push(name.to_owned());
        if found.iter().all(|linked| linked.package() != name) {
            let features = features.split(',').filter(|feature| !feature.is_empty());
            found.push(Linked {
                path: stack.clone(),
                features: features.map(str::to_owned).collect(),
                ours: package.contains(" ("),
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn paths_and_features() {
        let tree = "0|nmk-abi v0.1.0 (/w/crates/abi)|\n1|blake3 v1.8.7|pure,std\n\
                    2|arrayvec v0.7.8|\n2|libc v0.2.1|\n\n0|nmk-det v0.1.0 (/w/crates/det)|\n\
                    1|nmk-abi v0.1.0 (/w/crates/abi)|\n";
        let found = parse(tree);
        let paths: Vec<String> = found.iter().map(|linked| linked.path.join(" -> ")).collect();
        assert_eq!(
            paths,
            [
                "nmk-abi",
                "nmk-abi -> blake3",
                "nmk-abi -> blake3 -> arrayvec",
                "nmk-abi -> blake3 -> libc",
                "nmk-det",
            ]
        );
        assert_eq!(found[1].features, ["pure", "std"]);
        assert!(found[0].ours && !found[1].ours);
    }
}
