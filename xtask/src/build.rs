//! One build of every library, program and test of the workspace.
//!
//! Cargo compiles a third-party package once for each set of features that is asked of it, and the
//! features depend on the packages that a command selects. Commands that select one package each
//! therefore compile the same third-party code several times. This build selects the whole workspace,
//! and what it made is run without cargo.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use crate::error::Error;
use crate::process;
use crate::programs::DEVICES;

/// The kind of a cargo target that has tests.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    Library,
    Binary,
    /// A test program from a file below `tests/`.
    Integration,
}

impl Kind {
    pub(crate) const ALL: [Kind; 3] = [Kind::Library, Kind::Binary, Kind::Integration];
}

/// A test program of the workspace, or the fact that it did not compile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Test {
    pub(crate) package: String,
    pub(crate) version: String,
    /// The path of the package's folder.
    pub(crate) folder: PathBuf,
    pub(crate) kind: Kind,
    pub(crate) name: String,
    /// The path of the program; `None` if it did not compile.
    pub(crate) program: Option<PathBuf>,
}

/// The result of one build of the workspace.
#[derive(Default, Debug)]
pub(crate) struct Built {
    pub(crate) tests: Vec<Test>,
    /// The path of the `rlib` file of each library of the workspace, by package.
    pub(crate) libraries: BTreeMap<String, PathBuf>,
}

impl Built {
    /// Returns the test programs of a package, including those that did not compile.
    pub(crate) fn tests_of<'a>(
        &'a self,
        package: &'a str,
        kinds: &'a [Kind],
    ) -> impl Iterator<Item = &'a Test> {
        self.tests.iter().filter(move |test| test.package == package && kinds.contains(&test.kind))
    }
}

const METADATA: &str = "cargo metadata";
const MESSAGES: &str = "cargo build --message-format json";

/// Builds everything in release mode, and goes on if something does not compile. Progress and the compiler's
/// messages go to standard error.
pub(crate) fn everything(root: &Path) -> Result<Built, Error> {
    build(root, &["--workspace", "--features", DEVICES, "--keep-going", "--lib", "--tests", "--examples"])
}

/// Builds the libraries of some packages in release mode, and returns the path of the `rlib` file of each
/// that compiles.
pub(crate) fn libraries(root: &Path, packages: &[&str]) -> Result<BTreeMap<String, PathBuf>, Error> {
    let mut arguments = vec!["--keep-going", "--lib"];
    for package in packages {
        arguments.extend(["--package", package]);
    }
    Ok(build(root, &arguments)?.libraries)
}

fn build(root: &Path, arguments: &[&str]) -> Result<Built, Error> {
    let metadata = ["metadata", "--no-deps", "--format-version", "1"];
    let metadata = process::json(&mut process::cargo_in(root, &metadata))?;
    let mut command = process::cargo_in(root, &["build", "--release"]);
    command.args(arguments).args(["--message-format", "json-render-diagnostics"]);
    let output = process::output(command.stderr(Stdio::inherit()))?;
    let mut messages = Vec::new();
    for line in String::from_utf8_lossy(&output.stdout).lines().filter(|line| line.starts_with('{')) {
        let message = serde_json::from_str(line);
        messages.push(message.map_err(|source| Error::Json { command: process::words(&command), source })?);
    }
    parse(&metadata, &messages)
}

/// Joins the targets that `cargo metadata` lists with the files that the build reported.
fn parse(metadata: &Value, messages: &[Value]) -> Result<Built, Error> {
    let mut built = Built::default();
    for package in list(metadata, "packages")? {
        let manifest = text(package, "manifest_path", METADATA)?;
        let folder = Path::new(manifest).parent().unwrap_or(Path::new(manifest));
        let of_package = |message: &&Value| message["manifest_path"] == manifest;
        let artifacts: Vec<&Value> = messages.iter().filter(of_package).collect();
        let name = text(package, "name", METADATA)?;
        for target in list(package, "targets")? {
            let Some(kind) = kind(target) else { continue };
            let of_target = |artifact: &&&Value| {
                artifact["target"]["kind"] == target["kind"] && artifact["target"]["name"] == target["name"]
            };
            let mut artifacts = artifacts.iter().filter(of_target);
            if target["test"] == true {
                let program = artifacts.clone().find(|artifact| artifact["profile"]["test"] == true);
                built.tests.push(Test {
                    package: name.to_owned(),
                    version: text(package, "version", METADATA)?.to_owned(),
                    folder: folder.to_path_buf(),
                    kind,
                    name: text(target, "name", METADATA)?.to_owned(),
                    program: program.and_then(|artifact| artifact["executable"].as_str()).map(PathBuf::from),
                });
            }
            if let Some(artifact) = artifacts.find(|artifact| artifact["profile"]["test"] == false) {
                let files = artifact["filenames"]
                    .as_array()
                    .ok_or(Error::Shape { command: MESSAGES, field: "filenames" })?;
                let mut files = files.iter().filter_map(Value::as_str);
                if let Some(file) = files.find(|file| file.ends_with(".rlib")) {
                    built.libraries.insert(name.to_owned(), PathBuf::from(file));
                }
            }
        }
    }
    built.tests.sort_by(|one, other| {
        (&one.package, one.kind, &one.name).cmp(&(&other.package, other.kind, &other.name))
    });
    Ok(built)
}

fn kind(target: &Value) -> Option<Kind> {
    match target["kind"][0].as_str()? {
        "lib" => Some(Kind::Library),
        "bin" => Some(Kind::Binary),
        "test" => Some(Kind::Integration),
        _ => None,
    }
}

fn text<'a>(value: &'a Value, field: &'static str, command: &'static str) -> Result<&'a str, Error> {
    value[field].as_str().ok_or(Error::Shape { command, field })
}

fn list<'a>(value: &'a Value, field: &'static str) -> Result<&'a Vec<Value>, Error> {
    value[field].as_array().ok_or(Error::Shape { command: METADATA, field })
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use serde_json::json;

    use super::{Kind, parse};

    #[test]
    fn targets_and_what_became_of_them() {
        let target = |kind: &str, name: &str, test: bool| json!({"kind": [kind], "name": name, "test": test});
        let metadata = json!({"packages": [{
            "name": "nmk-a", "version": "0.1.0", "manifest_path": "/w/crates/a/Cargo.toml",
            "targets": [
                target("lib", "a", true), target("bin", "nmk-a", false), target("test", "broken", true),
                target("test", "whole", true), target("bench", "speed", false),
            ],
        }]});
        let artifact = |kind: &str, name: &str, test: bool, file: &str| {
            let executable = (!file.ends_with(".rlib")).then_some(file);
            json!({
                "reason": "compiler-artifact", "manifest_path": "/w/crates/a/Cargo.toml",
                "target": {"kind": [kind], "name": name}, "profile": {"test": test},
                "filenames": [file], "executable": executable,
            })
        };
        let messages = [
            artifact("lib", "a", false, "/t/liba.rlib"),
            artifact("lib", "a", true, "/t/a-1"),
            artifact("bin", "nmk-a", false, "/t/nmk-a"),
            artifact("test", "whole", true, "/t/whole-1"),
            json!({"reason": "build-finished", "success": false}),
        ];
        let built = parse(&metadata, &messages).unwrap();
        assert_eq!(built.libraries["nmk-a"], PathBuf::from("/t/liba.rlib"));
        let tests: Vec<_> =
            built.tests.iter().map(|t| (t.kind, t.name.as_str(), t.program.clone())).collect();
        assert_eq!(
            tests,
            [
                (Kind::Library, "a", Some(PathBuf::from("/t/a-1"))),
                (Kind::Integration, "broken", None),
                (Kind::Integration, "whole", Some(PathBuf::from("/t/whole-1"))),
            ]
        );
        assert_eq!(built.tests[0].folder, PathBuf::from("/w/crates/a"));
    }
}
