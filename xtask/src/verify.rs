//! `cargo xtask verify`: every suite as child processes, as one table.
//!
//! The table goes to standard output, with `--json` to standard error; the output of a failing suite
//! goes to standard error in full, and so does the progress of the build. The workspace is built once,
//! when the first suite needs it, and the test programs are run without cargo. Suites that leave
//! processors idle run two at a time, and a row is printed when its suite has ended.

mod count;
mod report;
mod session;
pub(crate) mod suite;

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
use crate::verify::suite::suites;

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
    let mut suites = suites(&crates);
    if let Some(unknown) = options.only.iter().find(|name| suites.iter().all(|suite| suite.name != **name)) {
        return Err(Error::UnknownSuite(unknown.clone()));
    }
    if !options.only.is_empty() {
        suites.retain(|suite| options.only.contains(&suite.name));
    }
    if options.list {
        suites.iter().for_each(|suite| println!("{}", suite.name));
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
