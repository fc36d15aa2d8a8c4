//! The rules of the planes, as one function over the parsed workspace.

mod violation;

use std::collections::BTreeSet;

use crate::findings::Findings;
use crate::planes::circle;
use crate::planes::closure::Linked;
use crate::planes::graph::{Member, Workspace};
use crate::planes::table::{self, May};

pub(crate) use crate::planes::check::violation::Violation;

/// Checks every rule on the workspace, and on the packages that its trusted crates link.
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
    for row in table::TABLE.iter().filter(|row| table::is_untrusted(row)) {
        if workspace.member(row.name).is_some() {
            let path = workspace.path(row.name, table::JUDGE);
            findings.check(path.is_none(), || Violation::Reaches(path.unwrap_or_default()));
        }
    }
    for member in &workspace.members {
        check_network(workspace, member, &mut findings);
        let circle = circle::through(&workspace.members, member);
        findings.check(circle.is_none(), || Violation::Circle(circle.unwrap_or_default()));
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
        let for_tests = edge.kind == "dev" && table::DEV_OF_ANY.contains(&to.as_str());
        findings.check(may.depend_on(to) || for_tests, || Violation::NotPermitted {
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

/// Checks that only the crate for remote endpoints links a client of the network.
fn check_network(workspace: &Workspace, member: &Member, findings: &mut Findings<Violation>) {
    if member.name != table::REMOTE {
        let path = workspace.path_around(&member.name, table::REMOTE, |label| {
            table::CLIENTS.contains(&label.split(' ').next().unwrap_or(label))
        });
        findings.check(path.is_none(), || Violation::Network(path.unwrap_or_default()));
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
