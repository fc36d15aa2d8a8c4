//! Circles among the crates of the workspace, over declared normal, build and dev edges.
//!
//! Cargo itself refuses circles of normal and build edges. A circle that a dev-dependency closes compiles.
//! But then a change to one of its crates rebuilds and retests all of them, and no crate of the circle can be
//! read, tested or published without the others.

use std::collections::BTreeMap;

use crate::planes::graph::{Declared, Member};

/// Returns the shortest circle through `member`, in words. If a crate with a smaller name is part of the
/// circle, that crate reports it, so that each circle is found once.
pub(crate) fn through(members: &[Member], member: &Member) -> Option<String> {
    let start = member.name.as_str();
    let mut came_by: BTreeMap<&str, (&str, &Declared)> = BTreeMap::new();
    let mut frontier = vec![start];
    while !frontier.is_empty() && !came_by.contains_key(start) {
        let mut next = Vec::new();
        for at in frontier {
            for edge in edges(members, at) {
                if !came_by.contains_key(edge.to.as_str()) {
                    came_by.insert(&edge.to, (at, edge));
                    next.push(edge.to.as_str());
                }
            }
        }
        frontier = next;
    }
    let mut hops = Vec::new();
    let mut at = start;
    loop {
        let (before, edge) = came_by.get(at)?;
        hops.push(edge);
        at = before;
        if at == start {
            break;
        }
    }
    hops.reverse();
    let first = hops.iter().all(|edge| start <= edge.to.as_str());
    first.then(|| hops.iter().fold(start.to_owned(), |path, edge| format!("{path} -> {} ({edge})", edge.to)))
}

fn edges<'a>(members: &'a [Member], name: &str) -> &'a [Declared] {
    members.iter().find(|member| member.name == name).map_or(&[], |member| &member.declared)
}
