//! `cargo xtask man`: the pages of the manual, one for `nmk` and one for each command below it.

use std::path::{Path, PathBuf};
use std::process::Command;

use lexopt::prelude::*;

use crate::Outcome;
use crate::error::Error;
use crate::findings::Findings;
use crate::process;
use crate::programs::Programs;
use crate::scratch::{self, Scratch};

pub(crate) const ABOUT: &str = "write the pages of the manual into a folder [--out FOLDER]";

pub(crate) fn run(mut arguments: lexopt::Parser, programs: Programs) -> Result<Outcome, Error> {
    let mut out = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("out") => out = Some(PathBuf::from(arguments.value()?)),
            other => return Err(other.unexpected().into()),
        }
    }
    let root = process::workspace_root();
    let scratch = Scratch::new("man")?;
    let folder = out.clone().unwrap_or_else(|| scratch.path().to_owned());
    let pages = write(&root, programs, &folder)?;
    let mut findings = Findings::new();
    let has = |name: &str| pages.iter().any(|page| page.file_name().is_some_and(|file| file == name));
    for name in ["nmk.1", "nmk-ask.1", "nmk-model-inspect.1"] {
        findings.check(has(name), || format!("{name} is missing"));
    }
    for page in &pages {
        let text = scratch::read(page)?;
        findings.check(text.contains(".TH"), || format!("{} is no page of a manual", page.display()));
    }
    if let Some(folder) = out {
        println!("{} pages in {}", pages.len(), folder.display());
    }
    findings.print("man");
    Ok(if findings.broken.is_empty() { Outcome::Done } else { Outcome::Refused })
}

/// Writes all pages into `folder`, and returns their paths in order.
pub(crate) fn write(root: &Path, programs: Programs, folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let example = programs.example(root, "nmk", "man")?;
    process::stdout(Command::new(example).arg(folder))?;
    let mut pages = scratch::files(folder, &|path| path.extension().is_some_and(|ending| ending == "1"))?;
    pages.sort();
    Ok(pages)
}
