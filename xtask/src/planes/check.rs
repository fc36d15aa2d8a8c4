//! The rules, as one function over the parsed workspace.

use std::collections::BTreeSet;
use std::fmt;

use crate::findings::Findings;
use crate::planes::closure::Linked;
use crate::planes::graph::{Member, Workspace};
use crate::planes::table::{self, May};

/// One broken rule, with the path or the names that show it.
#[derive(PartialEq, Eq, Debug)]
pub(crate) enum Violation {
    Missing(String),
    NotInTable { folder: String },
    Name { folder: String, what: &'static str, found: String, expected: String },
    Published(String),
    Placeholder(String),
    DefaultMembers(Vec<String>),
    NotPermitted { from: String, to: String, how: String },
    NotListed { from: String, to: String, how: String },
    NotDeclared { from: String, to: String },
    ListedStranger(String),
    Stranger { from: String, to: String },
    Reaches(Vec<String>),
    Std(String),
    Trusted { name: String, has: String },
    NotAllowed(Vec<String>),
    Features { path: Vec<String>, features: Vec<String> },
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        const LIST: &str = "[workspace.metadata.planes.edges]";
        match self {
            Violation::Missing(name) => write!(
                out,
                "there is no crate `{name}`, which rules are keyed by; after a rename, change \
                 xtask/src/planes/table.rs too"
            ),
            Violation::NotInTable { folder } => write!(
                out,
                "{folder} is not in the table of planes; a crate needs a plane and its edges in \
                 xtask/src/planes/table.rs"
            ),
            Violation::Name { folder, what, found, expected } => {
                write!(out, "{folder}: the {what} is `{found}`, not `{expected}`")
            }
            Violation::Published(name) => write!(out, "{name}: needs publish = false"),
            Violation::Placeholder(name) => {
                write!(out, "{name} is a placeholder; a crate appears when it does something")
            }
            Violation::DefaultMembers(found) => {
                write!(out, "default-members is [{}], not [{}]", found.join(", "), table::DEFAULT_MEMBER)
            }
            Violation::NotPermitted { from, to, how } => {
                write!(out, "{from} -> {to} ({how}) is not a permitted edge")?;
                match table::find(from).map(|row| row.may) {
                    Some(May::Only(names)) if !names.is_empty() => {
                        write!(out, "; {from} may depend on {}", names.join(", "))
                    }
                    Some(May::Only(_)) => write!(out, "; {from} may depend on none of ours"),
                    _ => Ok(()),
                }
            }
            Violation::NotListed { from, to, how } => {
                write!(out, "{from} -> {to} ({how}) is declared but not listed in {LIST}")
            }
            Violation::NotDeclared { from, to } => {
                write!(out, "{from} -> {to} is listed in {LIST} but not declared")
            }
            Violation::ListedStranger(name) => {
                write!(out, "`{name}` is listed in {LIST} but is no member")
            }
            Violation::Stranger { from, to } => {
                write!(out, "{from} -> {to} is a path dependency on a package outside the workspace")
            }
            Violation::Reaches(path) => write!(
                out,
                "{} reaches {}: {}",
                path.first().map_or("", String::as_str),
                table::JUDGE,
                path.join(" -> ")
            ),
            Violation::Std(name) => write!(out, "{name}: the crate root must say #![no_std]"),
            Violation::Trusted { name, has } => {
                write!(out, "{name} is in the trusted closure and has {has}")
            }
            Violation::NotAllowed(path) => {
                write!(out, "{}: not among the packages that the trusted closure may link", path.join(" -> "))
            }
            Violation::Features { path, features } => write!(
                out,
                "{}: feature {} is not among those that the trusted closure may enable",
                path.join(" -> "),
                features.join(", ")
            ),
        }
    }
}

/// Every rule over the workspace and the closure of its trusted crates.
pub(crate) fn check(workspace: &Workspace, closure: &[Linked]) -> Findings<Violation> {
    let mut findings = Findings::new();
    for name in table::EXPECTED {
        let exists = workspace.member(name).is_some();
        findings.check(exists, || Violation::Missing((*name).to_owned()));
    }
    let defaults = &workspace.default_members;
    findings.check(defaults == &[table::DEFAULT_MEMBER], || Violation::DefaultMembers(defaults.clone()));
    for member in &workspace.members {
        check_layout(member, &mut findings);
        check_edges(workspace, member, &mut findings);
    }
    for name in workspace.listed.keys() {
        let exists = workspace.member(name).is_some();
        findings.check(exists, || Violation::ListedStranger(name.clone()));
    }
    for name in table::UNTRUSTED {
        if workspace.member(name).is_some() {
            let path = workspace.path(name, table::JUDGE);
            findings.check(path.is_none(), || Violation::Reaches(path.unwrap_or_default()));
        }
    }
    for member in &workspace.members {
        if table::TRUSTED.contains(&member.name.as_str()) {
            check_trusted(member, &mut findings);
        }
    }
    for linked in closure.iter().filter(|linked| !linked.ours) {
        check_linked(linked, &mut findings);
    }
    findings
}

fn check_layout(member: &Member, findings: &mut Findings<Violation>) {
    let Member { name, folder, package, .. } = member;
    let at_home = table::find(name).is_some() && (folder.starts_with("crates/") || name == "xtask");
    findings.check(at_home, || Violation::NotInTable { folder: folder.clone() });
    let expected = match name.as_str() {
        "nmk" | "xtask" => name.clone(),
        _ => format!("nmk-{name}"),
    };
    findings.check(*package == expected, || Violation::Name {
        folder: folder.clone(),
        what: "package",
        found: package.clone(),
        expected,
    });
    if let Some(library) = &member.library {
        let expected = name.replace('-', "_");
        findings.check(*library == expected, || Violation::Name {
            folder: folder.clone(),
            what: "library",
            found: library.clone(),
            expected,
        });
    }
    findings.check(!member.published, || Violation::Published(name.clone()));
    findings.check(!member.source.placeholder, || Violation::Placeholder(name.clone()));
}

fn check_edges(workspace: &Workspace, member: &Member, findings: &mut Findings<Violation>) {
    let from = &member.name;
    let nothing = BTreeSet::new();
    let listed = workspace.listed.get(from).unwrap_or(&nothing);
    let may = table::find(from).map_or(May::Only(&[]), |row| row.may);
    for edge in &member.declared {
        let (to, how) = (&edge.to, || edge.to_string());
        let tests_with = edge.kind == "dev" && table::ANY_MAY_TEST_WITH.contains(&to.as_str());
        findings.check(may.depend_on(to) || tests_with, || Violation::NotPermitted {
            from: from.clone(),
            to: to.clone(),
            how: how(),
        });
        findings.check(listed.contains(to), || Violation::NotListed {
            from: from.clone(),
            to: to.clone(),
            how: how(),
        });
    }
    for to in listed {
        let declared = member.declared.iter().any(|edge| edge.to == *to);
        findings.check(declared, || Violation::NotDeclared { from: from.clone(), to: to.clone() });
    }
    for to in &member.strangers {
        findings.check(false, || Violation::Stranger { from: from.clone(), to: to.clone() });
    }
}

fn check_trusted(member: &Member, findings: &mut Findings<Violation>) {
    let name = &member.name;
    findings.check(member.source.no_std, || Violation::Std(name.clone()));
    let has = |what: &str| Violation::Trusted { name: name.clone(), has: what.to_owned() };
    findings.check(!member.source.links_std, || has("an `extern crate std`"));
    findings.check(!member.build_script, || has("a build script"));
    findings.check(!member.proc_macro, || has("a procedural macro"));
    findings.check(member.features.is_empty(), || has(&format!("features: {}", member.features.join(", "))));
}

fn check_linked(linked: &Linked, findings: &mut Findings<Violation>) {
    let allowed = table::ALLOWED.iter().find(|allowed| allowed.package == linked.package());
    findings.check(allowed.is_some(), || Violation::NotAllowed(linked.path.clone()));
    if let Some(allowed) = allowed {
        let features = linked.features.iter();
        let more: Vec<String> =
            features.filter(|each| !allowed.features.contains(&each.as_str())).cloned().collect();
        findings.check(more.is_empty(), || Violation::Features { path: linked.path.clone(), features: more });
    }
}

#[cfg(test)]
mod tests;
