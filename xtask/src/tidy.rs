//! `cargo xtask tidy`: fails on what is never right, and lists what deserves a second look.

mod exceptions;
mod glance;
mod mask;
mod rules;
mod tree;

use std::path::PathBuf;

use lexopt::prelude::*;

use crate::Outcome;
use crate::error::Error;
use crate::findings::print_tally;
use crate::process;
use crate::tidy::rules::RULES;

pub(crate) const ABOUT: &str = "refuse what is never right in the sources";

pub(crate) fn run(mut arguments: lexopt::Parser) -> Result<Outcome, Error> {
    let mut root = process::workspace_root();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("root") => root = PathBuf::from(arguments.value()?),
            other => return Err(other.unexpected().into()),
        }
    }
    let files = tree::load(&root)?;
    let mut failed = 0;
    for rule in RULES {
        let findings = (rule.run)(&files);
        for finding in &findings {
            eprintln!("tidy: {}:{}: {} [{}]", finding.path, finding.line, finding.message, rule.name);
        }
        failed += usize::from(!findings.is_empty());
    }
    let notes = glance::glances(&root, &files)?;
    for note in &notes {
        println!("second look: {note}");
    }
    print_tally(RULES.len() - failed, failed);
    if failed > 0 {
        println!("tidy: {failed} of {} rules broken", RULES.len());
        return Ok(Outcome::Refused);
    }
    println!("tidy: ok ({} files, {} rules, {} second looks)", files.len(), RULES.len(), notes.len());
    Ok(Outcome::Done)
}
