//! One synthetic workspace that is right, and what each change to it must be refused for.

use serde_json::json;

use super::{Violation, check};
use crate::planes::closure::Linked;
use crate::planes::graph::{Declared, Member, Workspace};
use crate::planes::source::Source;

type Change = fn(&mut Member);

fn normal(to: &str) -> Declared {
    Declared { to: to.to_owned(), kind: "normal".to_owned(), optional: false, target: None }
}

fn member(name: &str, edges: &[&str]) -> Member {
    let trusted = ["abi", "prims", "det"].contains(&name);
    let alone = ["nmk", "xtask"].contains(&name);
    Member {
        name: name.to_owned(),
        folder: if name == "xtask" { "xtask".to_owned() } else { format!("crates/{name}") },
        package: if alone { name.to_owned() } else { format!("nmk-{name}") },
        library: (name != "xtask").then(|| name.replace('-', "_")),
        published: false,
        declared: edges.iter().map(|to| normal(to)).collect(),
        strangers: Vec::new(),
        features: Vec::new(),
        build_script: false,
        proc_macro: false,
        source: Source { no_std: trusted, links_std: false, placeholder: false },
    }
}

fn workspace() -> Workspace {
    let members = vec![
        member("abi", &[]),
        member("prims", &["abi"]),
        member("det", &["abi", "prims"]),
        member("neural", &["abi"]),
        member("backend-cpu", &["neural"]),
        member("remote", &["abi"]),
        member("nmk", &["det", "neural", "backend-cpu"]),
        member("xtask", &[]),
    ];
    let mut workspace = Workspace {
        listed: Default::default(),
        resolved: Default::default(),
        default_members: vec!["nmk".to_owned()],
        members,
    };
    for member in &workspace.members {
        let edges: std::collections::BTreeSet<String> =
            member.declared.iter().map(|edge| edge.to.clone()).collect();
        workspace.listed.insert(member.name.clone(), edges.clone());
        workspace.resolved.insert(member.name.clone(), edges);
    }
    workspace
}

fn member_mut<'a>(workspace: &'a mut Workspace, name: &str) -> &'a mut Member {
    workspace.members.iter_mut().find(|member| member.name == name).unwrap()
}

fn linked(path: &[&str], features: &[&str]) -> Linked {
    let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Linked { path: owned(path), features: owned(features), ours: path.len() == 1 }
}

fn broken(change: impl FnOnce(&mut Workspace)) -> Vec<String> {
    let mut workspace = workspace();
    change(&mut workspace);
    check(&workspace, &[]).broken.iter().map(Violation::to_string).collect()
}

#[test]
fn a_workspace_that_is_right() {
    assert_eq!(broken(|_| {}), Vec::<String>::new());
}

#[test]
fn det_through_a_third_crate() {
    let found = broken(|workspace| {
        workspace.resolved.get_mut("neural").unwrap().insert("x 1.0.0".to_owned());
        workspace.resolved.insert("x 1.0.0".to_owned(), ["det".to_owned()].into());
    });
    assert_eq!(
        found,
        [
            "neural reaches det: neural -> x 1.0.0 -> det",
            "backend-cpu reaches det: backend-cpu -> neural -> x 1.0.0 -> det",
        ]
    );
}

#[test]
fn edges_that_differ_from_the_list() {
    let undeclared = broken(|workspace| {
        workspace.listed.get_mut("nmk").unwrap().insert("abi".to_owned());
    });
    assert_eq!(undeclared, ["nmk -> abi is listed in [workspace.metadata.planes.edges] but not declared"]);
    let unlisted = broken(|workspace| {
        member_mut(workspace, "nmk").declared.push(normal("abi"));
    });
    assert_eq!(
        unlisted,
        ["nmk -> abi (normal dependency) is declared but not listed in \
          [workspace.metadata.planes.edges]"]
    );
    let gone = broken(|workspace| {
        workspace.listed.insert("memory".to_owned(), Default::default());
    });
    assert_eq!(gone, ["`memory` is listed in [workspace.metadata.planes.edges] but is no member"]);
}

#[test]
fn every_way_to_declare_a_forbidden_edge() {
    let cases = [
        (Declared { optional: true, ..normal("neural") }, "normal dependency, optional"),
        (Declared { kind: "dev".to_owned(), ..normal("neural") }, "dev dependency"),
        (Declared { kind: "build".to_owned(), ..normal("neural") }, "build dependency"),
        (
            Declared { target: Some("cfg(windows)".to_owned()), ..normal("neural") },
            "normal dependency, for cfg(windows)",
        ),
    ];
    for (edge, how) in cases {
        let found = broken(|workspace| {
            member_mut(workspace, "prims").declared.push(edge);
            workspace.listed.get_mut("prims").unwrap().insert("neural".to_owned());
        });
        let expected = format!("prims -> neural ({how}) is not a permitted edge; prims may depend on abi");
        assert_eq!(found, [expected]);
    }
}

/// Returns the findings after edges were declared, in a workspace that has a crate of the workshop.
fn with_workshop(edges: &[(&str, &str, &str)]) -> Vec<String> {
    broken(|workspace| {
        for name in ["synthetic", "sim"] {
            workspace.members.push(member(name, &[]));
            workspace.listed.insert(name.to_owned(), Default::default());
        }
        for (from, to, kind) in edges {
            let edge = Declared { kind: (*kind).to_owned(), ..normal(to) };
            member_mut(workspace, from).declared.push(edge);
            workspace.listed.get_mut(*from).unwrap().insert((*to).to_owned());
        }
    })
}

#[test]
fn the_workshop_does_not_ship() {
    let none = Vec::<String>::new();
    assert_eq!(with_workshop(&[("sim", "det", "normal"), ("sim", "nmk", "dev")]), none);
    assert_eq!(with_workshop(&[("neural", "synthetic", "dev"), ("abi", "synthetic", "dev")]), none);
    assert_eq!(
        with_workshop(&[("neural", "synthetic", "normal")]),
        ["neural -> synthetic (normal dependency) is not a permitted edge; neural may depend on abi, \
          files, gguf"]
    );
    assert_eq!(
        with_workshop(&[("nmk", "sim", "dev")]),
        ["nmk -> sim (dev dependency) is not a permitted edge; nmk ships, and sim does not"]
    );
}

#[test]
fn circles() {
    assert_eq!(
        with_workshop(&[("sim", "prims", "normal"), ("abi", "sim", "dev")])[1..],
        ["abi -> sim (dev dependency) -> prims (normal dependency) -> abi (normal dependency) is a circle; \
          what tests both lives in a workshop crate"]
    );
    assert_eq!(
        with_workshop(&[("sim", "sim", "dev")]),
        ["sim -> sim (dev dependency) is a circle; what tests both lives in a workshop crate"]
    );
}

#[test]
fn a_network_client_outside_its_crate() {
    let reaching = |path: &[&str]| {
        broken(|workspace| {
            for hop in path.windows(2) {
                let edges = workspace.resolved.entry(hop[0].to_owned()).or_default();
                edges.insert(hop[1].to_owned());
            }
        })
    };
    assert_eq!(reaching(&["nmk", "remote", "ureq 3.5.0"]), Vec::<String>::new());
    assert_eq!(
        reaching(&["neural", "x 1.0.0", "ureq 3.5.0"])[0],
        "neural -> x 1.0.0 -> ureq 3.5.0: only remote links a network client; every other crate goes through it"
    );
}

#[test]
fn the_trusted_closure() {
    let closure = |path: &[&str], features: &[&str]| -> Vec<String> {
        let closure = [linked(&["nmk-abi"], &[]), linked(path, features)];
        check(&workspace(), &closure).broken.iter().map(Violation::to_string).collect()
    };
    assert_eq!(closure(&["nmk-abi", "blake3"], &["pure"]), Vec::<String>::new());
    assert_eq!(
        closure(&["nmk-abi", "blake3"], &["pure", "std"]),
        ["nmk-abi -> blake3: feature std is not among those that the trusted closure may enable"]
    );
    assert_eq!(
        closure(&["nmk-abi", "blake3", "rand"], &[]),
        ["nmk-abi -> blake3 -> rand: not among the packages that the trusted closure may link"]
    );
    let cases: [(Change, &str); 5] = [
        (|det| det.source.no_std = false, "det: the crate root must say #![no_std]"),
        (|det| det.source.links_std = true, "det is in the trusted closure and has an `extern crate std`"),
        (|det| det.build_script = true, "det is in the trusted closure and has a build script"),
        (|det| det.proc_macro = true, "det is in the trusted closure and has a procedural macro"),
        (|det| det.features.push("std".to_owned()), "det is in the trusted closure and has features: std"),
    ];
    for (change, expected) in cases {
        assert_eq!(broken(|workspace| change(member_mut(workspace, "det"))), [expected]);
    }
}

#[test]
fn layout() {
    let cases: [(Change, &str); 4] = [
        (
            |neural| neural.package = "neural".to_owned(),
            "crates/neural: the package is `neural`, not `nmk-neural`",
        ),
        (
            |neural| neural.library = Some("nmk_neural".to_owned()),
            "crates/neural: the library is `nmk_neural`, not `neural`",
        ),
        (|neural| neural.published = true, "neural: needs publish = false"),
        (
            |neural| neural.source.placeholder = true,
            "neural is a placeholder; a crate appears when it does something",
        ),
    ];
    for (change, expected) in cases {
        assert_eq!(broken(|workspace| change(member_mut(workspace, "neural"))), [expected]);
    }
    let renamed = broken(|workspace| workspace.members.retain(|member| member.name != "xtask"));
    assert!(renamed[0].starts_with("there is no crate `xtask`"), "{renamed:?}");
    let defaults = broken(|workspace| workspace.default_members.push("neural".to_owned()));
    assert_eq!(defaults, ["default-members is [nmk, neural], not [nmk]"]);
}

#[test]
fn metadata_is_read_with_every_kind_of_edge() {
    let dependency = |name: &str, kind: Option<&str>, path: Option<&str>| json!({"name": name, "kind": kind, "optional": kind.is_none(), "target": null, "path": path});
    let declared = json!({
        "workspace_root": "/w",
        "workspace_default_members": ["id-neural"],
        "metadata": {"planes": {"edges": {"neural": ["abi"]}}},
        "packages": [
            {"name": "nmk-abi", "id": "id-abi", "manifest_path": "/w/crates/abi/Cargo.toml",
             "publish": null, "features": {"std": []}, "dependencies": [],
             "targets": [{"kind": ["lib"], "name": "abi"}, {"kind": ["custom-build"], "name": "b"}]},
            {"name": "nmk-neural", "id": "id-neural", "publish": [], "features": {},
             "manifest_path": "/w/crates/neural/Cargo.toml", "targets": [],
             "dependencies": [dependency("nmk-abi", Some("dev"), Some("/w/crates/abi")),
                              dependency("helper", None, Some("/helper")),
                              dependency("serde", None, None)]},
        ],
    });
    let resolved = json!({
        "packages": [
            {"name": "nmk-abi", "id": "id-abi", "version": "0.1.0", "source": null},
            {"name": "nmk-neural", "id": "id-neural", "version": "0.1.0", "source": null},
            {"name": "serde", "id": "id-serde", "version": "1.0.0", "source": "registry"},
        ],
        "resolve": {"nodes": [
            {"id": "id-neural", "deps": [{"pkg": "id-abi"}, {"pkg": "id-serde"}]},
            {"id": "id-abi", "deps": []},
        ]},
    });
    let workspace = Workspace::parse(&declared, &resolved).unwrap();
    let [abi, neural] = &workspace.members[..] else { panic!("{:?}", workspace.members) };
    assert!(abi.published && abi.build_script && abi.features == ["std"]);
    assert_eq!(abi.library.as_deref(), Some("abi"));
    assert_eq!(neural.declared, [Declared { kind: "dev".to_owned(), ..normal("abi") }]);
    assert_eq!((neural.strangers.as_slice(), neural.published), (&["helper".to_owned()][..], false));
    assert_eq!(workspace.default_members, ["neural"]);
    assert_eq!(workspace.path("neural", "serde 1.0.0").unwrap().len(), 2);
}
