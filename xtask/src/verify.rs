//! `cargo xtask verify`: every suite as a child process, in order, as one table.
//!
//! The table goes to standard output, with `--json` to standard error; what a failing suite
//! printed goes to standard error in full, and so does the progress of the build before it.

mod count;
mod report;
mod suite;

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use lexopt::prelude::*;

use crate::Outcome;
use crate::error::Error;
use crate::planes::members;
use crate::process;
use crate::verify::count::{Checks, count};
use crate::verify::report::{HEADER, Row, Status, Summary};
use crate::verify::suite::{Suite, builds, suites};

pub(crate) const ABOUT: &str = "run every suite [--json] [--only SUITE]... [--list]";

struct Options {
    json: bool,
    list: bool,
    only: Vec<String>,
}

pub(crate) fn run(arguments: lexopt::Parser) -> Result<Outcome, Error> {
    let options = parse(arguments)?;
    let root = process::workspace_root();
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
    if options.only.is_empty() {
        build(&root, &builds(&crates))?;
    }
    let print = |line: &str| if options.json { eprintln!("{line}") } else { println!("{line}") };
    print(HEADER);
    let mut rows = Vec::new();
    for suite in &suites {
        let row = measure(&root, suite)?;
        print(&row.line());
        rows.push(row);
    }
    let summary = Summary { rows: &rows };
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

/// Builds everything, so that the times of the suites are those of their checks. What does not
/// build fails again, and counts, in its suite.
fn build(root: &Path, commands: &[Vec<String>]) -> Result<(), Error> {
    let start = Instant::now();
    for words in commands {
        let mut command = command(root, words)?;
        let status = command.stdout(Stdio::null()).status();
        let status = status.map_err(|source| Error::Spawn { program: words.join(" "), source })?;
        if !status.success() {
            eprintln!("verify: {} failed", words.join(" "));
        }
    }
    eprintln!("verify: built in {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

fn measure(root: &Path, suite: &Suite) -> Result<Row, Error> {
    let start = Instant::now();
    let (checks, status) = judge(root, suite)?;
    Ok(Row { suite: suite.name.clone(), checks, status, time: start.elapsed() })
}

fn judge(root: &Path, suite: &Suite) -> Result<(Checks, Status), Error> {
    if let Some(probe) = suite.needs {
        let words: Vec<String> = probe.iter().map(|word| (*word).to_owned()).collect();
        if !process::output(&mut command(root, &words)?)?.status.success() {
            let tool = probe[..2].join(" ");
            return Ok((Checks::default(), Status::Unproven(format!("{tool} is not installed"))));
        }
    }
    let mut checks = Checks::default();
    for words in &suite.commands {
        let output = process::output(&mut command(root, words)?)?;
        let stdout = String::from_utf8_lossy(&output.stdout);
        if output.status.code() == Some(i32::from(Outcome::UNPROVEN)) {
            let reason = stdout.lines().last().unwrap_or("no reason given").to_owned();
            return Ok((Checks::default(), Status::Unproven(reason)));
        }
        let of_command = count(suite.count, output.status.success(), &stdout);
        checks.passed += of_command.passed;
        checks.failed += of_command.failed;
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr);
            eprintln!("--- {}: {}\n{stdout}{stderr}---", suite.name, words.join(" "));
        }
    }
    let status = match checks {
        Checks { failed: 1.., .. } => Status::Fail,
        Checks { passed: 0, .. } => Status::Unproven("nothing was checked".to_owned()),
        _ => Status::Pass,
    };
    Ok((checks, status))
}

fn command(root: &Path, words: &[String]) -> Result<Command, Error> {
    let program = match words[0].as_str() {
        "cargo" => process::cargo(),
        _ => env::current_exe().map_err(Error::io(Path::new("xtask")))?.into_os_string(),
    };
    let mut command = Command::new(program);
    command.args(&words[1..]).current_dir(root);
    Ok(command)
}
