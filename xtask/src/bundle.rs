//! `cargo xtask bundle`: one archive from which the project is verified without a network.
//!
//! The archive has the sources of the last commit, the sources of every package of others that `Cargo.lock` names, and
//! `verify.sh`. Its bytes depend on these alone. What was packed is unpacked again and tried: two suites run offline, and
//! an edit of either kind of source must be refused.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use lexopt::prelude::*;

use crate::Outcome;
use crate::archive;
use crate::error::Error;
use crate::findings::Findings;
use crate::process;
use crate::programs::Programs;
use crate::scratch::{self, Scratch};

pub(crate) const ABOUT: &str = "write one archive that is verified without a network [--out FOLDER]";

/// The script that verifies an unpacked bundle.
const VERIFY: &str = include_str!("bundle/verify.sh");
/// The configuration by which cargo takes packages from the folder `vendor`. Its paths begin above its own folder.
const CONFIGURATION: &str = "[source.crates-io]\nreplace-with = \"vendored\"\n\n\
                             [source.vendored]\ndirectory = \"vendor\"\n";
/// The suites that are tried from the unpacked archive. They build nothing but the project's own commands.
const TRIED: [&str; 2] = ["planes", "tidy"];
/// A file of the project, and a package of others, that the controls edit.
const EDITED: (&str, &str) = ("source/crates/abi/src/lib.rs", "lexopt");

pub(crate) fn run(mut arguments: lexopt::Parser, _: Programs) -> Result<Outcome, Error> {
    let root = process::workspace_root();
    let mut out = process::target_folder(&root)?.join("bundle");
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("out") => out = PathBuf::from(arguments.value()?),
            other => return Err(other.unexpected().into()),
        }
    }
    if !process::stdout(git(&root).args(["status", "--porcelain"]))?.is_empty() {
        println!("the working folder has changes; the bundle has the last commit without them");
    }
    let staged = Scratch::new("bundle")?;
    let commit = process::stdout(git(&root).args(["rev-parse", "HEAD"]))?.trim().to_owned();
    let name = format!("nmk-bundle-{}", &commit[..12]);
    let folder = staged.path().join(&name);
    let packages = stage(&root, &folder, &commit)?;
    let packed = archive::pack(staged.path(), &name, &out)?;
    let sum = archive::sha256(&packed)?;
    let file = packed.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let beside = out.join(format!("{file}.sha256"));
    fs::write(&beside, format!("{sum}  {file}\n")).map_err(Error::io(&beside))?;
    let bytes = fs::metadata(&packed).map_err(Error::io(&packed))?.len();
    println!("{}: {} MiB, {packages} packages of others", packed.display(), bytes.div_ceil(1 << 20));
    println!("sha256 {sum}");
    let unpacked = Scratch::new("bundle-unpacked")?;
    process::stdout(Command::new("tar").arg("-xzf").arg(&packed).arg("-C").arg(unpacked.path()))?;
    let findings = tried(&unpacked.path().join(&name))?;
    findings.print("bundle");
    Ok(if findings.broken.is_empty() { Outcome::Done } else { Outcome::Refused })
}

fn git(root: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(root);
    command
}

/// Puts everything of the bundle into `folder`, and returns the count of packages of others.
fn stage(root: &Path, folder: &Path, commit: &str) -> Result<usize, Error> {
    let (source, vendor) = (folder.join("source"), folder.join("vendor"));
    fs::create_dir_all(&source).map_err(Error::io(&source))?;
    unpack_commit(root, commit, &source)?;
    let mut cargo = process::cargo_in(&source, &["vendor", "--quiet", "--locked", "--versioned-dirs"]);
    process::stdout(cargo.arg(&vendor))?;
    let tree = process::stdout(git(root).args(["rev-parse", &format!("{commit}^{{tree}}")]))?;
    scratch::write(&folder.join("COMMIT"), &format!("commit {commit}\ntree {tree}"))?;
    scratch::write(&folder.join("cargo/config.toml"), CONFIGURATION)?;
    scratch::write(&folder.join("verify.sh"), VERIFY)?;
    let build = source.join("docs/build.md");
    fs::copy(&build, folder.join("README.md")).map_err(Error::io(&build))?;
    Ok(fs::read_dir(&vendor).map_err(Error::io(&vendor))?.count())
}

/// Writes the files of a commit into `folder`.
fn unpack_commit(root: &Path, commit: &str, folder: &Path) -> Result<(), Error> {
    let spawned = |source| Error::Spawn { program: "git archive".to_owned(), source };
    let mut archived = git(root).args(["archive", commit]).stdout(Stdio::piped()).spawn().map_err(spawned)?;
    let mut tar = Command::new("tar");
    tar.arg("-x").arg("-C").arg(folder);
    if let Some(pipe) = archived.stdout.take() {
        tar.stdin(Stdio::from(pipe));
    }
    process::stdout(&mut tar)?;
    let status = archived.wait().map_err(spawned)?;
    let failed = || Error::Command { command: "git archive".to_owned(), stderr: status.to_string() };
    if status.success() { Ok(()) } else { Err(failed()) }
}

/// Runs the suites of [`TRIED`] in an unpacked bundle, and tries the two edits.
fn tried(folder: &Path) -> Result<Findings<String>, Error> {
    let mut findings = Findings::new();
    let (program, isolated) = isolation();
    println!("tried {}", if isolated { "with the network off" } else { "offline, with the network on" });
    // The first run, because cargo reads a package only when it compiles it.
    let (file, package) = EDITED;
    let vendored = vendored(folder, package)?;
    let undo = edit(&vendored)?;
    let output = verify(folder, program)?;
    findings.check(!output.status.success() && said(&output).contains("checksum"), || {
        format!("an edited package is taken\n{}", said(&output))
    });
    scratch::write(&vendored, &undo)?;
    let verified = verify(folder, program)?;
    findings.check(verified.status.success(), || format!("verify.sh fails\n{}", said(&verified)));
    edit(&folder.join(file))?;
    let output = verify(folder, program)?;
    findings.check(!output.status.success() && said(&output).contains("is not what was bundled"), || {
        format!("an edited source is taken\n{}", said(&output))
    });
    Ok(findings)
}

/// Returns the words before a command that switch the network off, and true if this machine can do so.
fn isolation() -> (&'static [&'static str], bool) {
    const OFF: &[&str] = &["unshare", "--map-root-user", "--net"];
    let can = Command::new(OFF[0]).args(&OFF[1..]).arg("true").output().is_ok_and(|run| run.status.success());
    if can { (OFF, true) } else { (&[], false) }
}

fn verify(folder: &Path, before: &[&str]) -> Result<Output, Error> {
    let mut words = before.to_vec();
    words.extend(["bash", "verify.sh"]);
    TRIED.iter().for_each(|suite| words.extend(["--only", suite]));
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).current_dir(folder).env_remove("CARGO_TARGET_DIR");
    process::output(&mut command)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// Returns the root of a package of others.
fn vendored(folder: &Path, package: &str) -> Result<PathBuf, Error> {
    let named =
        |path: &Path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(package));
    let wanted = |path: &Path| path.ends_with("src/lib.rs") && path.ancestors().any(named);
    let mut files = scratch::files(&folder.join("vendor"), &wanted)?;
    files.pop().ok_or(Error::Shape { command: "cargo vendor", field: "lexopt" })
}

/// Appends a line to a file, and returns what it was.
fn edit(file: &Path) -> Result<String, Error> {
    let text = scratch::read(file)?;
    scratch::write(file, &format!("{text}\n// edited\n"))?;
    Ok(text)
}
