//! `cargo xtask verify`: every suite as child processes, as one table.
//!
//! The table goes to standard output, with `--json` to standard error; the output of a failing suite
//! goes to standard error in full, and so does the progress of the build. The workspace is built once,
//! when the first suite needs it, and the test programs are run without cargo. Suites that leave
//! processors idle run two at a time, and a row is printed when its suite has ended.

mod count;
pub(crate) mod reference;
mod report;
mod session;
pub(crate) mod suite;

use std::collections::BTreeSet;
use std::env;
use std::path::Path;
use std::time::Instant;

use lexopt::prelude::*;

use crate::Outcome;
use crate::error::Error;
use crate::planes::members;
use crate::process::{self, children_processor_seconds};
use crate::programs::Programs;
use crate::verify::report::{HEADER, Summary};
use crate::verify::session::Session;
use crate::verify::suite::{Suite, suites};

pub(crate) const ABOUT: &str = "run every suite [--json] [--only SUITE]... [--list]";

struct Options {
    json: bool,
    list: bool,
    only: Vec<String>,
}

pub(crate) fn run(arguments: lexopt::Parser, _: Programs) -> Result<Outcome, Error> {
    let start = Instant::now();
    let options = parse(arguments)?;
    let root = process::workspace_root();
    let program = env::current_exe().map_err(Error::io(Path::new("xtask")))?;
    let crates = members(&root)?;
    let suites = chosen(suites(&crates), &options.only)?;
    if options.list {
        suites.iter().for_each(|suite| println!("{}", suite.name));
        if options.only.is_empty() {
            println!("of the reference: {}", reference::names().collect::<Vec<_>>().join(", "));
        }
        return Ok(Outcome::Done);
    }
    let print = |line: &str| if options.json { eprintln!("{line}") } else { println!("{line}") };
    print(HEADER);
    let rows = Session::new(root, program).measure(&suites, &|row| print(&row.line()))?;
    let summary = Summary { rows: &rows, time: start.elapsed(), processor: children_processor_seconds() };
    print(&summary.sums().line());
    print(&summary.line());
    if options.json {
        println!("{}", summary.json());
    }
    Ok(if summary.failed() { Outcome::Refused } else { Outcome::Done })
}

/// Returns the suites that `only` names, each one once and in the order of `all`, or all if it names none. A name of the
/// reference stands for its counterparts, which come last.
fn chosen(all: Vec<Suite>, only: &[String]) -> Result<Vec<Suite>, Error> {
    if only.is_empty() {
        return Ok(all);
    }
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let mut own: Vec<Suite> = Vec::new();
    let mut counterparts = Vec::new();
    for name in only {
        let is_ours = all.iter().any(|suite| suite.name == *name);
        match reference::suites(name, &all) {
            None if !is_ours => return Err(Error::UnknownSuite(name.clone())),
            found => counterparts.extend(found.unwrap_or_default()),
        }
        names.insert(name);
    }
    for suite in counterparts {
        // A whole suite of ours, or one that the reference alone has.
        match all.iter().find(|known| known.name == suite.name) {
            Some(known) => {
                names.insert(&known.name);
            }
            None if own.iter().all(|one| one.name != suite.name) => own.push(suite),
            None => {}
        }
    }
    Ok(all.iter().filter(|suite| names.contains(suite.name.as_str())).cloned().chain(own).collect())
}

fn parse(mut arguments: lexopt::Parser) -> Result<Options, Error> {
    let mut options = Options { json: false, list: false, only: Vec::new() };
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("json") => options.json = true,
            Long("list") => options.list = true,
            Long("only") => options.only.push(arguments.value()?.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(options)
}
