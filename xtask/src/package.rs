//! `cargo xtask package`: every crate packed, and compiled from what the packages hold.
//!
//! The packages are made from a copy of the tracked files in which `publish = false` is gone. `cargo package` would
//! compile each of them by itself, which builds third-party packages several times. Here all packages become one
//! workspace instead, which shares what the build of this workspace has compiled. Everything is checked, and the README
//! examples of a few libraries are built and run.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value as Json;

use crate::Outcome;
use crate::error::Error;
use crate::findings::Findings;
use crate::markdown;
use crate::process;
use crate::programs::Programs;
use crate::scratch::{self, Scratch};

pub(crate) const ABOUT: &str = "pack every crate, and compile what the packages hold";

/// The libraries whose README examples are run from the packages. Other projects depend on these.
const EXAMPLES: [&str; 4] = ["abi", "det", "ledger", "text"];
/// A crate of the controls, and one of its files.
const CONTROL: (&str, &str) = ("prims", "src/words.rs");

/// The words with which cargo refuses to pack where the packages of others come from a folder. It finds the crates of the
/// workspace among those of a registry alone.
const REPLACED: &str = "crates-io is replaced with non-remote-registry source";

/// A package of the workspace.
struct Package {
    name: String,
    version: String,
}

impl Package {
    fn folder(&self) -> String {
        format!("{}-{}", self.name, self.version)
    }
}

pub(crate) fn run(mut arguments: lexopt::Parser, _: Programs) -> Result<Outcome, Error> {
    if let Some(argument) = arguments.next()? {
        return Err(argument.unexpected().into());
    }
    let root = process::workspace_root();
    let target = process::target_folder(&root)?;
    let packages = packages(&root)?;
    let scratch = Scratch::new("package")?;
    let source = Source { folder: scratch.path().join("source"), packed: scratch.path().join("packed") };
    source.copy(&root)?;
    let mut findings = Findings::new();
    let output = source.pack()?;
    if stderr(&output).contains(REPLACED) {
        println!(
            "UNPROVEN: cargo packs no workspace while crates-io is replaced by a folder, as in a bundle"
        );
        return Ok(Outcome::Unproven);
    }
    findings
        .check(output.status.success(), || format!("cargo package --workspace fails\n{}", stderr(&output)));
    // The place stays the same, so that a later run replaces what an earlier one compiled.
    let unpacked = Unpacked { folder: target.join("package-check"), target };
    unpacked.clear()?;
    for package in &packages {
        let file = source.packed.join("package").join(format!("{}.crate", package.folder()));
        findings.check(file.is_file(), || format!("{}: there is no package", package.name));
        if file.is_file() {
            unpacked.unpack(&file)?;
        }
    }
    if findings.broken.is_empty() {
        unpacked.join(&root, &packages)?;
        let output = unpacked.cargo(&["check", "--workspace"])?;
        findings
            .check(output.status.success(), || format!("a package does not compile\n{}", stderr(&output)));
        unpacked.run_examples(&mut findings)?;
        source.try_controls(&packages, &unpacked, &mut findings)?;
    }
    println!("{} packages", packages.len());
    findings.print("package");
    Ok(if findings.broken.is_empty() { Outcome::Done } else { Outcome::Refused })
}

/// Returns the packages of the workspace.
fn packages(root: &Path) -> Result<Vec<Package>, Error> {
    let metadata = ["metadata", "--no-deps", "--format-version", "1"];
    let metadata = process::json(&mut process::cargo_in(root, &metadata))?;
    let shape = |field| Error::Shape { command: "cargo metadata", field };
    let packages = metadata["packages"].as_array().ok_or_else(|| shape("packages"))?;
    let text = |package: &Json, field| package[field].as_str().map(str::to_owned).ok_or_else(|| shape(field));
    packages
        .iter()
        .map(|package| Ok(Package { name: text(package, "name")?, version: text(package, "version")? }))
        .collect()
}

/// A copy of the workspace from which packages are made.
struct Source {
    folder: PathBuf,
    /// The target folder of the copy.
    packed: PathBuf,
}

impl Source {
    /// Copies the tracked files of the workspace `root`, and allows its crates to be published.
    fn copy(&self, root: &Path) -> Result<(), Error> {
        let listed = process::stdout(Command::new("git").args(["ls-files", "-z"]).current_dir(root))?;
        for file in listed.split('\0').filter(|file| !file.is_empty()) {
            let (from, to) = (root.join(file), self.folder.join(file));
            // A file that is removed and not yet committed is still listed.
            if from.exists() {
                let folder = to.parent().unwrap_or(&self.folder);
                fs::create_dir_all(folder).map_err(Error::io(folder))?;
                fs::copy(&from, &to).map_err(Error::io(&from))?;
            }
        }
        self.edit("Cargo.toml", "publish = false", "publish = true")
    }

    /// Replaces a text of a file of the copy.
    fn edit(&self, file: &'static str, from: &'static str, to: &str) -> Result<(), Error> {
        let path = self.folder.join(file);
        let text = scratch::read(&path)?;
        if !text.contains(from) {
            return Err(Error::StaleCase { case: "package", file, missing: from.to_owned() });
        }
        scratch::write(&path, &text.replacen(from, to, 1))
    }

    /// Packs all crates, without compiling them.
    fn pack(&self) -> Result<Output, Error> {
        let arguments = ["package", "--workspace", "--no-verify", "--offline", "--quiet"];
        process::output(process::cargo_in(&self.folder, &arguments).env("CARGO_TARGET_DIR", &self.packed))
    }

    /// Breaks the copy in two ways, each of which must be noticed.
    fn try_controls(
        &self,
        packages: &[Package],
        unpacked: &Unpacked,
        findings: &mut Findings<String>,
    ) -> Result<(), Error> {
        let (name, file) = CONTROL;
        let Some(package) = packages.iter().find(|package| package.name == format!("nmk-{name}")) else {
            return Err(Error::UnknownCrate(name.to_owned()));
        };
        let left_out = format!("publish = true\nexclude = [\"{file}\"]");
        self.edit("crates/prims/Cargo.toml", "publish.workspace = true", &left_out)?;
        let packed = self.pack()?;
        findings.check(packed.status.success(), || format!("the control does not pack\n{}", stderr(&packed)));
        fs::remove_dir_all(unpacked.of(package)).map_err(Error::io(&unpacked.of(package)))?;
        unpacked.unpack(&self.packed.join("package").join(format!("{}.crate", package.folder())))?;
        let compiled = unpacked.cargo(&["check", "--package", &package.name])?;
        findings.check(!compiled.status.success() && stderr(&compiled).contains("words"), || {
            format!("{} without {file} compiles, or fails for another reason", package.name)
        });
        self.edit("Cargo.toml", "nmk-abi = { version = \"0.1.0\", path", "nmk-abi = { path")?;
        let packed = self.pack()?;
        findings.check(!packed.status.success() && stderr(&packed).contains("version"), || {
            "a dependency without a version is packed".to_owned()
        });
        Ok(())
    }
}

/// The packages as one workspace, with a program for each example.
struct Unpacked {
    folder: PathBuf,
    /// The target folder of the workspace that was packed.
    target: PathBuf,
}

impl Unpacked {
    fn clear(&self) -> Result<(), Error> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder).map_err(Error::io(&self.folder))?;
        }
        let packages = self.folder.join("packages");
        fs::create_dir_all(&packages).map_err(Error::io(&packages))
    }

    fn of(&self, package: &Package) -> PathBuf {
        self.folder.join("packages").join(package.folder())
    }

    /// Unpacks a package. Its files get the time of now, because cargo gives all of them one time of the past, by which
    /// a changed file looks compiled.
    fn unpack(&self, file: &Path) -> Result<(), Error> {
        let mut tar = Command::new("tar");
        tar.arg("-xzmf").arg(file).arg("-C").arg(self.folder.join("packages"));
        process::stdout(&mut tar).map(drop)
    }

    /// Writes the manifest of the workspace, with the profiles and the versions of third-party packages of `root`, and
    /// the programs of the examples.
    fn join(&self, root: &Path, packages: &[Package]) -> Result<(), Error> {
        let manifest = scratch::read(&root.join("Cargo.toml"))?;
        let profiles = manifest.find("[profile.").map_or("", |start| &manifest[start..]);
        let mut text =
            "[workspace]\nresolver = \"3\"\nmembers = [\"packages/*\", \"examples\"]\n\n[patch.crates-io]\n"
                .to_owned();
        for package in packages {
            text.push_str(&format!("{} = {{ path = \"packages/{}\" }}\n", package.name, package.folder()));
        }
        scratch::write(&self.folder.join("Cargo.toml"), &format!("{text}\n{profiles}"))?;
        for file in ["Cargo.lock", "rust-toolchain.toml"] {
            let from = root.join(file);
            fs::copy(&from, self.folder.join(file)).map_err(Error::io(&from))?;
        }
        let of_example =
            |package: &&Package| EXAMPLES.iter().any(|name| package.name == format!("nmk-{name}"));
        let mut text =
            "[package]\nname = \"examples\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n"
                .to_owned();
        for package in packages.iter().filter(of_example) {
            text.push_str(&format!("{} = \"{}\"\n", package.name, package.version));
            let readme = scratch::read(&self.of(package).join("README.md"))?;
            let blocks = markdown::blocks(&readme);
            let program =
                blocks.iter().find(|block| block.language == "rust" && block.text.contains("fn main()"));
            let program = program.map_or("", |block| &block.text);
            scratch::write(&self.folder.join(format!("examples/src/bin/{}.rs", package.name)), program)?;
        }
        scratch::write(&self.folder.join("examples/Cargo.toml"), &text)
    }

    /// Builds and runs the examples.
    fn run_examples(&self, findings: &mut Findings<String>) -> Result<(), Error> {
        let programs: Vec<String> = EXAMPLES.iter().map(|name| format!("nmk-{name}")).collect();
        // All packages are selected, so that third-party packages have the features that they have been compiled with.
        let mut arguments = vec!["build", "--workspace"];
        programs.iter().for_each(|program| arguments.extend(["--bin", program.as_str()]));
        let output = self.cargo(&arguments)?;
        findings
            .check(output.status.success(), || format!("the examples do not compile\n{}", stderr(&output)));
        if !output.status.success() {
            return Ok(());
        }
        for program in programs {
            let output = process::output(
                Command::new(self.target.join("release").join(&program)).current_dir(&self.folder),
            )?;
            findings.check(output.status.success(), || format!("{program} fails\n{}", stderr(&output)));
        }
        Ok(())
    }

    fn cargo(&self, arguments: &[&str]) -> Result<Output, Error> {
        let mut command = process::cargo_in(&self.folder, arguments);
        command.args(["--release", "--offline", "--quiet"]).env("CARGO_TARGET_DIR", &self.target);
        process::output(&mut command)
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}
