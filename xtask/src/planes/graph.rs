//! The workspace as `cargo metadata` describes it, reduced to what the rules of the planes need.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use serde_json::Value;

use crate::error::Error;
use crate::planes::source::Source;
use crate::process;

/// An edge as a manifest declares it: the kind of dependency, and its conditions.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Declared {
    pub(crate) to: String,
    /// The kind of the dependency: `normal`, `dev` or `build`.
    pub(crate) kind: String,
    pub(crate) optional: bool,
    pub(crate) target: Option<String>,
}

impl fmt::Display for Declared {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} dependency", self.kind)?;
        if self.optional {
            out.write_str(", optional")?;
        }
        match &self.target {
            Some(target) => write!(out, ", for {target}"),
            None => Ok(()),
        }
    }
}

/// A crate of the workspace. Its `name` is the one in the table of planes: the folder below `crates/`, or the
/// folder itself for other crates.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) folder: String,
    pub(crate) package: String,
    pub(crate) library: Option<String>,
    pub(crate) published: bool,
    pub(crate) declared: Vec<Declared>,
    /// The path dependencies on packages that are not in the workspace.
    pub(crate) strangers: Vec<String>,
    pub(crate) features: Vec<String>,
    pub(crate) build_script: bool,
    pub(crate) proc_macro: bool,
    pub(crate) source: Source,
}

#[derive(Clone, Debug)]
pub(crate) struct Workspace {
    pub(crate) members: Vec<Member>,
    /// The edges that the workspace manifest lists, in `[workspace.metadata.planes.edges]`.
    pub(crate) listed: BTreeMap<String, BTreeSet<String>>,
    pub(crate) default_members: Vec<String>,
    /// Every edge of the resolved graph, for all kinds, targets and features together. Crates of the
    /// workspace have their name in the table, all others `name version`.
    pub(crate) resolved: BTreeMap<String, BTreeSet<String>>,
}

impl Workspace {
    /// Asks cargo twice: for what the manifests declare, and for what that resolves to.
    pub(crate) fn load(root: &Path) -> Result<Workspace, Error> {
        let arguments = ["metadata", "--format-version", "1"];
        let declared = process::json(process::cargo_in(root, &arguments).arg("--no-deps"))?;
        let resolved = process::json(process::cargo_in(root, &arguments).arg("--all-features"))?;
        let mut workspace = Workspace::parse(&declared, &resolved)?;
        for member in &mut workspace.members {
            member.source = Source::read(&root.join(&member.folder))?;
        }
        Ok(workspace)
    }

    /// Reads the two outputs of `cargo metadata`, without a look at the sources.
    pub(crate) fn parse(declared: &Value, resolved: &Value) -> Result<Workspace, Error> {
        let root = text(declared, "workspace_root")?;
        let packages = list(declared, "packages")?;
        let mut names = BTreeMap::new();
        for package in packages {
            let folder = folder_of(package, root)?;
            names.insert(text(package, "name")?, word_of(&folder));
        }
        let members = packages
            .iter()
            .map(|package| parse_member(package, root, &names))
            .collect::<Result<Vec<_>, _>>()?;
        let default_members = list(declared, "workspace_default_members")?
            .iter()
            .filter_map(Value::as_str)
            .map(|id| {
                let of_id = packages.iter().find(|package| package["id"] == id);
                let name = of_id.and_then(|package| package["name"].as_str()).unwrap_or(id);
                names.get(name).cloned().unwrap_or_else(|| name.to_owned())
            })
            .collect();
        Ok(Workspace {
            members,
            listed: parse_listed(&declared["metadata"]["planes"]["edges"])?,
            default_members,
            resolved: parse_resolved(resolved, &names)?,
        })
    }

    pub(crate) fn member(&self, name: &str) -> Option<&Member> {
        self.members.iter().find(|member| member.name == name)
    }

    /// Returns the shortest path between two crates of the resolved graph, both included; `None` if there is
    /// none.
    pub(crate) fn path(&self, from: &str, to: &str) -> Option<Vec<String>> {
        self.path_around(from, "", |label| label == to)
    }

    /// Returns the shortest path of the resolved graph from a crate to the first one that is `wanted`, both
    /// included, without passing through the crate `avoided`. Returns `None` if there is none.
    pub(crate) fn path_around(
        &self,
        from: &str,
        avoided: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Option<Vec<String>> {
        let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
        let mut frontier = vec![from];
        while !frontier.is_empty() {
            let mut next = Vec::new();
            for at in frontier {
                for neighbour in self.resolved.get(at).into_iter().flatten() {
                    let known = neighbour == from || came_from.contains_key(neighbour.as_str());
                    if !known && neighbour != avoided {
                        came_from.insert(neighbour, at);
                        next.push(neighbour.as_str());
                    }
                }
            }
            if let Some(found) = next.iter().find(|label| wanted(label)) {
                return Some(path_to(found, &came_from));
            }
            frontier = next;
        }
        None
    }
}

/// Returns the path that a search took to `end`, from its start on.
fn path_to(end: &str, came_from: &BTreeMap<&str, &str>) -> Vec<String> {
    let mut path = vec![end.to_owned()];
    let mut at = end;
    while let Some(before) = came_from.get(at) {
        path.push((*before).to_owned());
        at = before;
    }
    path.reverse();
    path
}

fn parse_member(package: &Value, root: &str, names: &BTreeMap<&str, String>) -> Result<Member, Error> {
    let folder = folder_of(package, root)?;
    let targets = list(package, "targets")?;
    let has_kind = |target: &Value, kind: &str| {
        target["kind"].as_array().is_some_and(|kinds| kinds.iter().any(|each| each == kind))
    };
    let mut declared = Vec::new();
    let mut strangers = Vec::new();
    for dependency in list(package, "dependencies")? {
        let name = text(dependency, "name")?;
        match names.get(name) {
            Some(word) => declared.push(Declared {
                to: word.clone(),
                kind: dependency["kind"].as_str().unwrap_or("normal").to_owned(),
                optional: dependency["optional"] == true,
                target: dependency["target"].as_str().map(str::to_owned),
            }),
            None if dependency["path"].is_string() => strangers.push(name.to_owned()),
            None => {}
        }
    }
    Ok(Member {
        name: word_of(&folder),
        package: text(package, "name")?.to_owned(),
        library: targets
            .iter()
            .find(|target| has_kind(target, "lib"))
            .and_then(|target| target["name"].as_str())
            .map(str::to_owned),
        published: package["publish"].as_array().is_none_or(|registries| !registries.is_empty()),
        declared,
        strangers,
        features: package["features"]
            .as_object()
            .map(|features| features.keys().cloned().collect())
            .unwrap_or_default(),
        build_script: targets.iter().any(|target| has_kind(target, "custom-build")),
        proc_macro: targets.iter().any(|target| has_kind(target, "proc-macro")),
        source: Source::default(),
        folder,
    })
}

fn parse_listed(edges: &Value) -> Result<BTreeMap<String, BTreeSet<String>>, Error> {
    let edges =
        edges.as_object().ok_or(Error::Shape { command: METADATA, field: "metadata.planes.edges" })?;
    let words = |value: &Value| {
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    Ok(edges.iter().map(|(from, to)| (from.clone(), words(to))).collect())
}

fn parse_resolved(
    resolved: &Value,
    names: &BTreeMap<&str, String>,
) -> Result<BTreeMap<String, BTreeSet<String>>, Error> {
    let mut labels = BTreeMap::new();
    for package in list(resolved, "packages")? {
        let name = text(package, "name")?;
        let label = match names.get(name) {
            Some(word) if package["source"].is_null() => word.clone(),
            _ => format!("{name} {}", text(package, "version")?),
        };
        labels.insert(text(package, "id")?, label);
    }
    let label = |id: &str| labels.get(id).cloned().unwrap_or_else(|| id.to_owned());
    let mut graph = BTreeMap::new();
    for node in list(&resolved["resolve"], "nodes")? {
        let edges: &mut BTreeSet<String> = graph.entry(label(text(node, "id")?)).or_default();
        for edge in list(node, "deps")? {
            edges.insert(label(text(edge, "pkg")?));
        }
    }
    Ok(graph)
}

const METADATA: &str = "cargo metadata";

fn text<'a>(value: &'a Value, field: &'static str) -> Result<&'a str, Error> {
    value[field].as_str().ok_or(Error::Shape { command: METADATA, field })
}

fn list<'a>(value: &'a Value, field: &'static str) -> Result<&'a Vec<Value>, Error> {
    value[field].as_array().ok_or(Error::Shape { command: METADATA, field })
}

/// Returns the folder of a package, relative to the workspace.
fn folder_of(package: &Value, root: &str) -> Result<String, Error> {
    let manifest = Path::new(text(package, "manifest_path")?);
    let folder = manifest.parent().unwrap_or(manifest);
    Ok(folder.strip_prefix(root).unwrap_or(folder).to_string_lossy().replace('\\', "/"))
}

fn word_of(folder: &str) -> String {
    folder.strip_prefix("crates/").unwrap_or(folder).to_owned()
}
