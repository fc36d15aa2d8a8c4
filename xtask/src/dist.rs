//! `cargo xtask dist`: the archive of a release, with the same bytes for the same program.
//!
//! The archive has the program, its licences, its documents, completions for shells, and the pages of the manual. The
//! times, owners and order of its files are fixed, and a file beside it has its SHA-256.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use lexopt::prelude::*;

use crate::Outcome;
use crate::archive;
use crate::error::Error;
use crate::findings::Findings;
use crate::man;
use crate::process;
use crate::programs::Programs;
use crate::scratch::Scratch;

pub(crate) const ABOUT: &str = "build the archive of a release into a folder [--out FOLDER]";

/// The largest program that is handed out, in bytes.
const MOST_BYTES: u64 = 30_000_000;
/// The files of the repository that go into the archive as they are.
const FILES: [&str; 5] = ["README.md", "LICENSE-MIT", "LICENSE-APACHE", "CHANGELOG.md", "CAVEATS.md"];
/// The files of completions, each with the name of its shell.
const COMPLETIONS: [(&str, &str); 3] = [("nmk.bash", "bash"), ("_nmk", "zsh"), ("nmk.fish", "fish")];

pub(crate) fn run(mut arguments: lexopt::Parser, programs: Programs) -> Result<Outcome, Error> {
    let mut out = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("out") => out = Some(PathBuf::from(arguments.value()?)),
            other => return Err(other.unexpected().into()),
        }
    }
    let root = process::workspace_root();
    let target = process::target_folder(&root)?;
    let build = ["build", "--quiet", "--profile", "dist", "--package", "nmk", "--bin", "nmk"];
    process::stdout(&mut process::cargo_in(&root, &build))?;
    let nmk = target.join("dist").join("nmk");
    let out = out.unwrap_or_else(|| target.join("dist"));
    let staged = Scratch::new("dist")?;
    let name = name(&nmk)?;
    stage(&root, programs, &nmk, &staged.path().join(&name))?;
    let first = archive::pack(staged.path(), &name, &out)?;
    let sum = archive::sha256(&first)?;
    // The second run is into another folder, from files with other times.
    let (again, copied) = (Scratch::new("dist-again")?, Scratch::new("dist-copy")?);
    stage(&root, programs, &nmk, &copied.path().join(&name))?;
    let second = archive::sha256(&archive::pack(copied.path(), &name, again.path())?)?;
    let bytes = fs::metadata(&nmk).map_err(Error::io(&nmk))?.len();
    let file = first.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let beside = out.join(format!("{file}.sha256"));
    fs::write(&beside, format!("{sum}  {file}\n")).map_err(Error::io(&beside))?;
    println!("nmk: {bytes} bytes\n{}: sha256 {sum}", first.display());
    let mut findings = Findings::new();
    findings.check(bytes < MOST_BYTES, || {
        format!("the program has {bytes} bytes, and at most {MOST_BYTES} are meant")
    });
    findings.check(sum == second, || format!("two runs give other bytes: {sum} and {second}"));
    findings.print("dist");
    Ok(if findings.broken.is_empty() { Outcome::Done } else { Outcome::Refused })
}

/// Returns the name of the archive without its ending: the program, its version, and the machine that it is for.
fn name(nmk: &Path) -> Result<String, Error> {
    let version = process::stdout(Command::new(nmk).arg("--version"))?;
    let version = version.split_whitespace().nth(1).unwrap_or_default();
    Ok(format!("nmk-{version}-{}-{}", std::env::consts::ARCH, std::env::consts::OS))
}

/// Puts every file of the archive into `folder`.
fn stage(root: &Path, programs: Programs, nmk: &Path, folder: &Path) -> Result<(), Error> {
    let completions = folder.join("completions");
    fs::create_dir_all(&completions).map_err(Error::io(&completions))?;
    let copy = |from: PathBuf, to: PathBuf| fs::copy(&from, &to).map(drop).map_err(Error::io(&from));
    copy(nmk.to_owned(), folder.join("nmk"))?;
    FILES.iter().try_for_each(|file| copy(root.join(file), folder.join(file)))?;
    for (file, shell) in COMPLETIONS {
        let script = process::stdout(Command::new(nmk).args(["completions", shell]))?;
        let path = completions.join(file);
        fs::write(&path, script).map_err(Error::io(&path))?;
    }
    man::write(root, programs, &folder.join("man")).map(drop)
}
