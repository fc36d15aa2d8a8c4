//! `cargo xtask tidy`: fails on what is never right, and lists what deserves a second look.

pub(crate) mod docs;
mod exceptions;
mod glance;
pub(crate) mod mask;
pub(crate) mod rules;
pub(crate) mod tree;
mod words;

use std::path::{Path, PathBuf};

use lexopt::prelude::*;

use crate::Outcome;
use crate::error::Error;
use crate::findings::print_tally;
use crate::process;
use crate::programs::Programs;
use crate::tidy::rules::RULES;

pub(crate) const ABOUT: &str = "refuse what is never right in the sources [--words [CRATE]]";

/// The doc blocks that `--words` asks for: those of every crate, or of one.
enum Listing {
    All,
    Crate(String),
}

pub(crate) fn run(mut arguments: lexopt::Parser, _: Programs) -> Result<Outcome, Error> {
    let mut root = process::workspace_root();
    let mut listing = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("root") => root = PathBuf::from(arguments.value()?),
            Long("words") => listing = Some(Listing::All),
            Value(name) if matches!(listing, Some(Listing::All)) => {
                listing = Some(Listing::Crate(name.string()?));
            }
            other => return Err(other.unexpected().into()),
        }
    }
    let files = tree::load(&root)?;
    match listing {
        None => report(&root, &files),
        Some(listing) => list_words(&files, &listing),
    }
}

/// Prints each doc block that should be rewritten. Fails only if the named crate does not exist.
fn list_words(files: &[tree::File], listing: &Listing) -> Result<Outcome, Error> {
    let mut counts = words::count(files);
    if let Listing::Crate(name) = listing {
        counts.retain(|count| count.name == *name);
        if counts.is_empty() {
            return Err(Error::UnknownCrate(name.clone()));
        }
    }
    counts.iter().flat_map(words::Count::places).for_each(|place| println!("{place}"));
    words::table(&counts).iter().for_each(|line| println!("{line}"));
    Ok(Outcome::Done)
}

/// Runs every rule, and prints the second looks. The outcome depends on the rules alone.
fn report(root: &Path, files: &[tree::File]) -> Result<Outcome, Error> {
    let mut failed = 0;
    for rule in RULES {
        let findings = (rule.run)(files);
        for finding in &findings {
            eprintln!("tidy: {}:{}: {} [{}]", finding.path, finding.line, finding.message, rule.name);
        }
        failed += usize::from(!findings.is_empty());
    }
    let notes = glance::glances(root, files)?;
    for note in &notes {
        println!("second look: {note}");
    }
    words::table(&words::count(files)).iter().for_each(|line| println!("{line}"));
    print_tally(RULES.len() - failed, failed);
    if failed > 0 {
        println!("tidy: {failed} of {} rules broken", RULES.len());
        return Ok(Outcome::Refused);
    }
    println!("tidy: ok ({} files, {} rules, {} second looks)", files.len(), RULES.len(), notes.len());
    Ok(Outcome::Done)
}
