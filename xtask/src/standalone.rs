//! `cargo xtask standalone`: each library in a program that sees no other crate of the workspace.
//!
//! The program is the first complete example in the README of the crate, compiled against that one library.
//! The library is the one that the workspace build made, so a feature of a third-party package that another
//! crate turns on would be in it too. Two crates that depend on the same package must therefore ask for the
//! same features of it, which is checked here. Then what a crate declares is what it gets alone.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

use crate::Outcome;
use crate::build;
use crate::error::Error;
use crate::findings::Findings;
use crate::markdown;
use crate::planes::{self, Library};
use crate::process;
use crate::programs::Programs;
use crate::scratch::{self, Scratch};

pub(crate) const ABOUT: &str = "compile and run the README example of each library alone";

pub(crate) fn run(mut arguments: lexopt::Parser, programs: Programs) -> Result<Outcome, Error> {
    if let Some(argument) = arguments.next()? {
        return Err(argument.unexpected().into());
    }
    let root = process::workspace_root();
    let libraries = planes::libraries(&root)?;
    let packages: Vec<&str> = libraries.iter().map(|library| library.package.as_str()).collect();
    let built = match programs {
        Programs::Built => build::everything(&root)?.libraries,
        Programs::Build => build::libraries(&root, &packages)?,
    };
    let scratch = Scratch::new("standalone")?;
    let mut findings = Findings::new();
    for library in &libraries {
        let trouble = match (example(&root, library)?, built.get(&library.package)) {
            (None, _) => Some("its README.md has no ```rust block with a main function".to_owned()),
            (_, None) => Some("the library does not compile".to_owned()),
            (Some(program), Some(rlib)) => play(&root, scratch.path(), library, rlib, &program)?,
        };
        println!("{} {}", if trouble.is_none() { "ok    " } else { "failed" }, library.name);
        findings.check(trouble.is_none(), || format!("{}: {}", library.name, trouble.unwrap_or_default()));
    }
    let metadata = ["metadata", "--no-deps", "--format-version", "1"];
    check_features(&process::json(&mut process::cargo_in(&root, &metadata))?, &mut findings);
    findings.print("standalone");
    Ok(if findings.broken.is_empty() { Outcome::Done } else { Outcome::Refused })
}

fn example(root: &Path, library: &Library) -> Result<Option<String>, Error> {
    let readme = root.join(&library.folder).join("README.md");
    if !readme.is_file() {
        return Ok(None);
    }
    let text = scratch::read(&readme)?;
    let blocks = markdown::blocks(&text);
    let complete = blocks.iter().find(|block| block.language == "rust" && block.text.contains("fn main()"));
    Ok(complete.map(|block| block.text.clone()))
}

/// Compiles the program against the library and runs it. Returns the messages of the step that failed; `None`
/// if both succeed.
fn play(
    root: &Path,
    scratch: &Path,
    library: &Library,
    rlib: &Path,
    program: &str,
) -> Result<Option<String>, Error> {
    let source = scratch.join(format!("{}.rs", library.name));
    scratch::write(&source, program)?;
    let binary = scratch.join(&library.name);
    let mut rustc = process::rustc(root);
    rustc.args(["--edition", "2024", "--crate-name", "example", "--extern"]);
    rustc.arg(format!("{}={}", library.name.replace('-', "_"), rlib.display()));
    // The build puts libraries of the workspace beside the folder of what they depend on.
    let folder = rlib.parent().unwrap_or(rlib);
    let dependencies = if folder.ends_with("deps") { folder.to_path_buf() } else { folder.join("deps") };
    rustc.arg("-L").arg(format!("dependency={}", dependencies.display()));
    let output = process::output(rustc.arg("-o").arg(&binary).arg(&source))?;
    if !output.status.success() {
        return Ok(Some(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let output = process::output(Command::new(&binary).current_dir(scratch))?;
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok((!output.status.success()).then_some(stderr))
}

/// Returns the features that a dependency asks for, the default ones included, in words.
fn features(dependency: &Json) -> String {
    let features = dependency["features"].as_array().into_iter().flatten().filter_map(Json::as_str);
    let default = (dependency["uses_default_features"] == true).then_some("default");
    let mut features: Vec<&str> = default.into_iter().chain(features).collect();
    features.sort_unstable();
    features.join(", ")
}

/// Checks for each third-party package that all crates of the workspace ask for the same features of it.
fn check_features(metadata: &Json, findings: &mut Findings<String>) {
    let mut asked: BTreeMap<&str, BTreeMap<String, &str>> = BTreeMap::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        let dependencies = package["dependencies"].as_array().into_iter().flatten();
        for dependency in dependencies.filter(|dependency| dependency["source"].is_string()) {
            let name = dependency["name"].as_str().unwrap_or_default();
            let by = package["name"].as_str().unwrap_or_default();
            asked.entry(name).or_default().insert(features(dependency), by);
        }
    }
    for (name, sets) in asked {
        findings.check(sets.len() == 1, || {
            let sets: Vec<String> = sets.iter().map(|(set, by)| format!("{by} for [{set}]")).collect();
            format!(
                "crates ask for different features of {name}, {}; declare all in [workspace.dependencies]",
                sets.join(" and ")
            )
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::check_features;
    use crate::findings::Findings;

    fn broken(of_one: &Value, of_other: &Value) -> (usize, Vec<String>) {
        let metadata = json!({"packages": [
            {"name": "one", "dependencies": [of_one, {"name": "nmk-abi", "source": null}]},
            {"name": "other", "dependencies": [of_other]},
        ]});
        let mut findings = Findings::new();
        check_features(&metadata, &mut findings);
        (findings.checks, findings.broken)
    }

    #[test]
    fn features_are_asked_for_alike() {
        let dependency = |features: &[&str], default: bool| json!({"name": "serde", "source": "registry", "features": features, "uses_default_features": default});
        let alike = dependency(&["derive"], true);
        assert_eq!(broken(&alike, &alike), (1, Vec::new()));
        for other in [dependency(&["derive", "rc"], true), dependency(&["derive"], false)] {
            let (_, found) = broken(&alike, &other);
            assert!(found[0].starts_with("crates ask for different features of serde"), "{found:?}");
        }
    }
}
