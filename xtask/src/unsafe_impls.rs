//! `cargo xtask unsafe-impls`: every `unsafe impl` in the packages that the program links.
//!
//! `#![forbid(unsafe_code)]` looks at the code that a person wrote in the crate, and not at the code that a macro of
//! another crate expands to. So a foreign macro could declare a trust root inside a crate that forbids `unsafe`.
//! This verb reads the sources of all packages in the resolved graph of `nmk`, macros included, and fails if one that
//! is not ours names `TrustRoot`, or if ours declare another root than the one of the program.
//!
//! A procedural macro that builds the name out of pieces is not found this way. `--list` prints every place, for a
//! person to read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use lexopt::prelude::*;
use serde_json::Value as Json;

use crate::Outcome;
use crate::error::Error;
use crate::findings::Findings;
use crate::process;
use crate::programs::Programs;
use crate::scratch;
use crate::tidy::rules::trust_root_impls;
use crate::tidy::tree::File;

pub(crate) const ABOUT: &str =
    "list every unsafe impl that the program links, and find its trust roots [--list]";

/// The package whose graph is read.
const PROGRAM: &str = "nmk";
/// The one file of the program that declares a trust root.
const ROOT: &str = "crates/nmk/src/root.rs";
/// The name that no other package may know.
const NAME: &str = "TrustRoot";

/// A package of the resolved graph.
struct Package {
    /// The name and the version.
    label: String,
    folder: PathBuf,
    /// True if the package is a member of the workspace.
    ours: bool,
}

/// The places of one package.
struct Found {
    files: usize,
    /// The heads of all `unsafe impl`, each with its file and line.
    impls: Vec<String>,
    /// The files that declare a trust root.
    roots: Vec<String>,
    names_the_trait: bool,
}

pub(crate) fn run(mut arguments: lexopt::Parser, _: Programs) -> Result<Outcome, Error> {
    let mut list = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("list") => list = true,
            other => return Err(other.unexpected().into()),
        }
    }
    let root = process::workspace_root();
    let mut findings = Findings::new();
    let (mut files, mut impls, mut with_impls, mut roots) = (0, 0, 0, Vec::new());
    let packages = packages(&root)?;
    for package in &packages {
        let found = look(&root, package)?;
        findings.check(found.files > 0, || format!("{}: no source was found", package.label));
        findings.check(package.ours || !found.names_the_trait, || {
            format!("{} names {NAME}, and is not ours: read what it does with it", package.label)
        });
        if list {
            found.impls.iter().for_each(|place| println!("{}: {place}", package.label));
        }
        files += found.files;
        impls += found.impls.len();
        with_impls += usize::from(!found.impls.is_empty());
        roots.extend(found.roots);
    }
    findings
        .check(roots == [ROOT], || format!("the trust roots of the program are {roots:?}, not [{ROOT:?}]"));
    println!(
        "{} packages, {files} files, {impls} unsafe impls in {with_impls} packages, trust roots: {}",
        packages.len(),
        roots.join(", ")
    );
    findings.print("unsafe-impls");
    Ok(if findings.broken.is_empty() { Outcome::Done } else { Outcome::Refused })
}

/// Returns the packages that the program links or whose macros it expands on this platform, by label.
fn packages(root: &Path) -> Result<Vec<Package>, Error> {
    let shape = |field| Error::Shape { command: "cargo metadata", field };
    let version = process::stdout(process::rustc(root).arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).ok_or(shape("host"))?;
    let arguments = ["metadata", "--format-version", "1", "--filter-platform", host];
    let metadata = process::json(&mut process::cargo_in(root, &arguments))?;
    let known = metadata["packages"].as_array().ok_or(shape("packages"))?;
    let nodes = metadata["resolve"]["nodes"].as_array().ok_or(shape("resolve"))?;
    let linked = linked(nodes, |id| known.iter().any(|one| one["id"] == id && one["name"] == PROGRAM));
    let mut packages = Vec::new();
    for package in known.iter().filter(|one| one["id"].as_str().is_some_and(|id| linked.contains(id))) {
        let text = |field| package[field].as_str().ok_or(shape(field));
        let manifest = Path::new(text("manifest_path")?);
        packages.push(Package {
            label: format!("{} {}", text("name")?, text("version")?),
            folder: manifest.parent().unwrap_or(root).to_path_buf(),
            ours: package["source"].is_null(),
        });
    }
    packages.sort_by(|a, b| a.label.cmp(&b.label));
    Ok(packages)
}

/// Returns the ids that can be reached from the nodes that `starts` is true for, without development dependencies.
fn linked(nodes: &[Json], starts: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let id = |value: &Json| value.as_str().unwrap_or_default().to_owned();
    let is_linked = |edge: &Json| {
        edge["dep_kinds"].as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"] != "dev"))
    };
    let edges: BTreeMap<String, Vec<String>> = nodes
        .iter()
        .map(|node| {
            let to = node["deps"].as_array().into_iter().flatten().filter(|edge| is_linked(edge));
            (id(&node["id"]), to.map(|edge| id(&edge["pkg"])).collect())
        })
        .collect();
    let mut waiting: Vec<String> = edges.keys().filter(|id| starts(id)).cloned().collect();
    let mut reached = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if reached.insert(id.clone()) {
            waiting.extend(edges.get(&id).into_iter().flatten().cloned());
        }
    }
    reached
}

/// Reads the sources of a package. Of ours only `src` is read, because tests are not linked.
fn look(root: &Path, package: &Package) -> Result<Found, Error> {
    let folder = if package.ours { package.folder.join("src") } else { package.folder.clone() };
    let mut found = Found { files: 0, impls: Vec::new(), roots: Vec::new(), names_the_trait: false };
    for path in scratch::files(&folder, &|path| path.extension().is_some_and(|ending| ending == "rs"))? {
        // A source that is not UTF-8 is no Rust; a package may bring such files for its tests.
        let Ok(text) = scratch::read(&path) else { continue };
        found.files += 1;
        found.names_the_trait |= text.contains(NAME);
        if !text.contains("unsafe") {
            continue;
        }
        let shown = path.strip_prefix(root).or_else(|_| path.strip_prefix(&package.folder)).unwrap_or(&path);
        let file = File::new(&shown.to_string_lossy(), &text);
        if package.ours && !trust_root_impls(&file).is_empty() {
            found.roots.push(file.path.clone());
        }
        found.impls.extend(unsafe_impls(&file));
    }
    Ok(found)
}

/// Returns the head of every `unsafe impl` in a file, with its place.
fn unsafe_impls(file: &File) -> impl Iterator<Item = String> + '_ {
    file.find("unsafe").into_iter().filter_map(|at| {
        let head = file.code[at..].split(['{', ';']).next().unwrap_or_default();
        let head = head.split_whitespace().collect::<Vec<_>>().join(" ");
        let is_impl = head["unsafe".len()..].trim_start().starts_with("impl");
        is_impl.then(|| format!("{}:{}: {head}", file.path, file.line_of(at)))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{linked, unsafe_impls};
    use crate::tidy::tree::File;

    #[test]
    fn an_unsafe_impl_is_found_in_code_and_in_macros() {
        let text = "// unsafe impl A for B {}\nunsafe\nimpl<T> Send for X<T> {}\nfn f() { unsafe { g() } }\n\
                    macro_rules! m { () => { unsafe impl $crate::TrustRoot for Y {} } }\n\"unsafe impl S for T {}\"";
        let file = File::new("a.rs", text);
        let found: Vec<String> = unsafe_impls(&file).collect();
        assert_eq!(
            found,
            ["a.rs:2: unsafe impl<T> Send for X<T>", "a.rs:5: unsafe impl $crate::TrustRoot for Y"]
        );
    }

    #[test]
    fn development_dependencies_are_not_linked() {
        let edge = |to: &str, kind: Option<&str>| json!({"pkg": to, "dep_kinds": [{"kind": kind}]});
        let nodes = [
            json!({"id": "a", "deps": [edge("b", None), edge("c", Some("dev")), edge("d", Some("build"))]}),
            json!({"id": "b", "deps": [edge("e", None)]}),
            json!({"id": "c", "deps": []}),
            json!({"id": "d", "deps": []}),
            json!({"id": "e", "deps": [edge("a", None)]}),
        ];
        let reached: Vec<String> = linked(&nodes, |id| id == "a").into_iter().collect();
        assert_eq!(reached, ["a", "b", "d", "e"]);
    }
}
