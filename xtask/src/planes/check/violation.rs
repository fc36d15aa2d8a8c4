//! The findings of `planes`, and the words in which they are printed.

use std::fmt;

use crate::planes::table::{self, May};

/// A rule of the planes that is broken, with the path or the names that show it.
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
    Circle(String),
    Network(Vec<String>),
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
                let instead = permitted_instead(from, to);
                write!(out, "{from} -> {to} ({how}) is not a permitted edge{instead}")
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
            Violation::Circle(path) => {
                write!(out, "{path} is a circle; what tests both lives in a workshop crate")
            }
            Violation::Network(path) => write!(
                out,
                "{}: only {} links a network client; every other crate goes through it",
                path.join(" -> "),
                table::REMOTE
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

/// Returns the end of the message about a forbidden edge: the edges that are permitted instead.
fn permitted_instead(from: &str, to: &str) -> String {
    match table::find(from).map(|row| row.may) {
        Some(May::Only([])) => format!("; {from} may depend on none of ours"),
        Some(May::Only(names)) => format!("; {from} may depend on {}", names.join(", ")),
        Some(May::LibrariesBut(names) | May::AnyBut(names)) if names.contains(&to) => {
            format!("; {from} may depend on any but {}", names.join(", "))
        }
        Some(May::LibrariesBut(_)) => format!("; {from} ships, and {to} does not"),
        Some(May::AnyBut(_)) | None => String::new(),
    }
}
