//! `cargo xtask manifest`: the list of crates in `docs/manifest.md`, with their plane, trust, size and dependencies.
//!
//! Without `--write` the page is compared with the workspace. Sizes are told to two digits and change with every commit, so
//! a row is stale if its size is off by more than a tenth; everything else is compared exactly.

use lexopt::prelude::*;
use serde_json::Value as Json;

use crate::Outcome;
use crate::error::Error;
use crate::findings::Findings;
use crate::map::replaced;
use crate::planes::{self, Standing};
use crate::process;
use crate::programs::Programs;
use crate::scratch;
use crate::tidy::tree::{self, File};

pub(crate) const ABOUT: &str = "hold the list of crates in docs/manifest.md to the workspace [--write]";

const PAGE: &str = "docs/manifest.md";
const MARKS: [&str; 2] =
    ["<!-- The list begins; cargo xtask manifest --write makes it. -->", "<!-- The list ends. -->"];
const HEAD: &str = "| crate | plane | trust | lines | of tests | why it exists | packages of others |\n\
                    |---|---|---|---:|---:|---|---|\n";
/// The share of a size by which a row may be off.
const MOST_OFF: f64 = 0.1;

/// A row of the list.
struct Row {
    name: String,
    standing: Standing,
    /// Lines of Rust that are no tests, and those of tests.
    lines: [usize; 2],
    about: String,
    packages: Vec<String>,
}

impl Row {
    /// Returns the row with these sizes in place of its own.
    fn line(&self, lines: [usize; 2]) -> String {
        let Row { name, standing: Standing { plane, trust, .. }, about, packages, .. } = self;
        let packages = if packages.is_empty() { "none".to_owned() } else { packages.join(", ") };
        let [code, tests] = lines;
        format!("| `{name}` | {plane} | {trust} | {code} | {tests} | {about} | {packages} |\n")
    }

    /// Returns the sizes that `page` gives the row, if they are near those of now, and else those of now.
    fn told(&self, page: &str) -> [usize; 2] {
        let begin = format!("| `{}` | ", self.name);
        let told = page.lines().find_map(|line| line.strip_prefix(&begin)).and_then(|rest| {
            let mut cells = rest.split(" | ").skip(2).map(|cell| cell.parse().ok());
            Some([cells.next()??, cells.next()??])
        });
        let is_near = |told: [usize; 2]| (0..2).all(|at| near(told[at], self.lines[at]));
        told.filter(|told| is_near(*told)).unwrap_or(self.lines.map(rounded))
    }
}

/// Returns a size with two digits that are not zero.
fn rounded(lines: usize) -> usize {
    let unit = 10_usize.pow(lines.max(1).ilog10().saturating_sub(1));
    (lines + unit / 2) / unit * unit
}

#[allow(clippy::cast_precision_loss, reason = "lines of code are far below 2^53")]
fn near(told: usize, lines: usize) -> bool {
    told.abs_diff(lines) as f64 <= MOST_OFF * lines as f64
}

pub(crate) fn run(mut arguments: lexopt::Parser, _: Programs) -> Result<Outcome, Error> {
    let mut write = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("write") => write = true,
            other => return Err(other.unexpected().into()),
        }
    }
    let root = process::workspace_root();
    let metadata = ["metadata", "--no-deps", "--format-version", "1"];
    let metadata = process::json(&mut process::cargo_in(&root, &metadata))?;
    let rows = rows(&metadata, &tree::load(&root)?)?;
    let path = root.join(PAGE);
    let page = scratch::read(&path)?;
    let list = |lines: &dyn Fn(&Row) -> [usize; 2]| -> String {
        HEAD.to_owned() + &rows.iter().map(|row| row.line(lines(row))).collect::<String>() + "\n"
    };
    let with =
        |list: String| replaced(&page, MARKS, &list).ok_or(Error::Shape { command: PAGE, field: MARKS[0] });
    if write {
        scratch::write(&path, &with(list(&|row| row.lines.map(rounded)))?)?;
        return Ok(Outcome::Done);
    }
    let fresh = with(list(&|row| row.told(&page)))?;
    let mut findings = Findings::new();
    for line in fresh.lines() {
        findings.check(page.contains(line), || {
            format!("{PAGE} lacks `{line}`; run cargo xtask manifest --write")
        });
    }
    findings.check(page.lines().count() == fresh.lines().count(), || {
        format!("{PAGE} has other rows; run cargo xtask manifest --write")
    });
    findings.print("manifest");
    Ok(if findings.broken.is_empty() { Outcome::Done } else { Outcome::Refused })
}

fn rows(metadata: &Json, files: &[File]) -> Result<Vec<Row>, Error> {
    let shape = |field| Error::Shape { command: "cargo metadata", field };
    let packages = metadata["packages"].as_array().ok_or_else(|| shape("packages"))?;
    let mut rows = packages
        .iter()
        .map(|package| {
            let name = package["name"].as_str().ok_or_else(|| shape("name"))?;
            let name = name.strip_prefix("nmk-").unwrap_or(name).to_owned();
            let about = package["description"].as_str().ok_or_else(|| shape("description"))?;
            let standing = planes::standing(&name).ok_or_else(|| Error::UnknownCrate(name.clone()))?;
            let dependencies = package["dependencies"].as_array().ok_or_else(|| shape("dependencies"))?;
            Ok(Row {
                lines: lines(&name, files),
                about: about.to_owned(),
                packages: others(dependencies),
                standing,
                name,
            })
        })
        .collect::<Result<Vec<Row>, Error>>()?;
    rows.sort_by_key(|row| row.standing.order);
    Ok(rows)
}

/// Returns the packages of others that a crate names, without those of its tests.
fn others(dependencies: &[Json]) -> Vec<String> {
    let is_other = |dependency: &&Json| dependency["path"].is_null() && dependency["kind"] != "dev";
    let mut names: Vec<String> = (dependencies.iter().filter(is_other))
        .filter_map(|dependency| {
            let name = dependency["name"].as_str()?;
            let is_optional = dependency["optional"].as_bool() == Some(true);
            Some(format!("`{name}`{}", if is_optional { " (a feature)" } else { "" }))
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

/// Returns the lines of a crate that are no tests, and those that are.
fn lines(name: &str, files: &[File]) -> [usize; 2] {
    let home = if name == "xtask" { name.to_owned() } else { format!("crates/{name}") };
    let mut lines = [0, 0];
    for file in files.iter().filter(|file| file.home() == home) {
        lines[usize::from(file.test)] += file.lines.len();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{Row, near, rounded};
    use crate::planes::Standing;

    #[test]
    fn sizes_have_two_digits() {
        let rounded_to =
            [(0, 0), (7, 7), (96, 96), (104, 100), (105, 110), (12_449, 12_000), (12_500, 13_000)];
        for (lines, to) in rounded_to {
            assert_eq!(rounded(lines), to, "{lines}");
        }
        assert!(near(100, 109) && near(0, 0));
        assert!(!near(100, 112) && !near(1, 0), "the control");
    }

    #[test]
    fn a_size_that_is_near_stays() {
        let standing = Standing { order: 0, plane: "boundary".to_owned(), trust: "trusted" };
        let about = "values".to_owned();
        let row = Row { name: "abi".to_owned(), standing, lines: [1_050, 200], about, packages: Vec::new() };
        assert_eq!(row.line([7, 8]), "| `abi` | boundary | trusted | 7 | 8 | values | none |\n");
        assert_eq!(row.told(&row.line([1_000, 210])), [1_000, 210]);
        assert_eq!(row.told(&row.line([1_000, 300])), [1_100, 200], "too far off");
        assert_eq!(row.told(""), [1_100, 200]);
    }
}
