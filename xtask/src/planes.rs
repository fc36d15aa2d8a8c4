//! `cargo xtask planes`: the boundary between privileges, checked as edges between crates.
//!
//! The command reads what the manifests declare and what that resolves to. It does not use the network beyond
//! what resolving needs. A forbidden edge is a failure that names the offending path. The rules are in
//! `check`; the permitted edges and every exception are in `table`.

mod check;
mod circle;
mod closure;
mod graph;
mod negative;
mod source;
mod table;

use std::path::{Path, PathBuf};

use lexopt::prelude::*;

use crate::Outcome;
use crate::error::Error;
use crate::planes::graph::Workspace;
use crate::planes::table::Plane;
use crate::process;
use crate::programs::Programs;

pub(crate) use crate::planes::table::TRUSTED;

pub(crate) const ABOUT: &str = "hold the crate graph to the table of planes [--self-test]";

pub(crate) fn run(mut arguments: lexopt::Parser, _: Programs) -> Result<Outcome, Error> {
    let mut root = process::workspace_root();
    let mut self_test = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("root") => root = PathBuf::from(arguments.value()?),
            Long("self-test") => self_test = true,
            other => return Err(other.unexpected().into()),
        }
    }
    if self_test { negative::run(&root) } else { report(&root) }
}

/// Returns each crate of the workspace as its name in the table and its package, in the order of the planes.
pub(crate) fn members(root: &Path) -> Result<Vec<(String, String)>, Error> {
    let workspace = Workspace::load(root)?;
    let of_table = table::TABLE.iter().filter_map(|row| workspace.member(row.name));
    Ok(of_table.map(|member| (member.name.clone(), member.package.clone())).collect())
}

/// The privilege of a crate, as `docs/manifest.md` tells it.
pub(crate) struct Standing {
    /// The place of the crate in the order of the planes.
    pub(crate) order: usize,
    pub(crate) plane: String,
    pub(crate) trust: &'static str,
}

/// Returns the privilege of the crate with this name in the table. `None` if the table does not have it.
pub(crate) fn standing(name: &str) -> Option<Standing> {
    let order = table::TABLE.iter().position(|row| row.name == name)?;
    let row = &table::TABLE[order];
    let trust = if matches!(row.plane, Plane::Boundary | Plane::Deterministic) {
        "trusted"
    } else if table::is_untrusted(row) {
        "untrusted"
    } else if row.name == table::DEFAULT_MEMBER {
        "holds the root"
    } else {
        "judges nothing"
    };
    Some(Standing { order, plane: row.plane.to_string(), trust })
}

/// A library of the workspace that others may depend on.
pub(crate) struct Library {
    pub(crate) name: String,
    pub(crate) package: String,
    pub(crate) folder: String,
}

/// Returns the libraries outside the workshop, in the order of the planes.
pub(crate) fn libraries(root: &Path) -> Result<Vec<Library>, Error> {
    let workspace = Workspace::load(root)?;
    let rows = table::TABLE.iter().filter(|row| row.plane != Plane::Workshop);
    let members = rows.filter_map(|row| workspace.member(row.name));
    Ok(members
        .filter(|member| member.library.is_some())
        .map(|member| Library {
            name: member.name.clone(),
            package: member.package.clone(),
            folder: member.folder.clone(),
        })
        .collect())
}

fn report(root: &Path) -> Result<Outcome, Error> {
    let workspace = Workspace::load(root)?;
    let trusted: Vec<&str> = table::TRUSTED
        .iter()
        .filter_map(|name| workspace.member(name))
        .map(|member| member.package.as_str())
        .collect();
    let closure = closure::load(root, &trusted)?;
    let findings = check::check(&workspace, &closure);
    print_graph(&workspace);
    print_closure(&closure);
    findings.print("planes");
    if !findings.broken.is_empty() {
        println!("planes: {} violations", findings.broken.len());
        return Ok(Outcome::Refused);
    }
    let edges: usize = workspace.listed.values().map(|to| to.len()).sum();
    println!("planes: ok ({} crates, {edges} edges)", workspace.members.len());
    Ok(Outcome::Done)
}

fn print_graph(workspace: &Workspace) {
    let mut plane = None;
    for row in table::TABLE {
        let Some(member) = workspace.member(row.name) else { continue };
        if plane != Some(row.plane) {
            println!("{}", row.plane);
            plane = Some(row.plane);
        }
        let mut edges: Vec<&str> = member.declared.iter().map(|edge| edge.to.as_str()).collect();
        edges.sort_unstable();
        edges.dedup();
        let edges = if edges.is_empty() { "(none of ours)".to_owned() } else { edges.join(", ") };
        println!("  {:<13} -> {edges}", member.name);
    }
}

fn print_closure(closure: &[closure::Linked]) {
    println!("third-party packages of {}", table::TRUSTED.join(", "));
    for linked in closure.iter().filter(|linked| !linked.ours) {
        let allowed = table::ALLOWED.iter().find(|allowed| allowed.package == linked.package());
        let reason = allowed.map_or("not allowed", |allowed| allowed.reason);
        println!("  {:<16} {reason}", linked.package());
    }
}
