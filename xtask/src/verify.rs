//! `cargo xtask verify`: every suite as a child process, in order, as one table.
//!
//! The table goes to standard output, with `--json` to standard error; the output of a failing suite
//! goes to standard error in full, and so does the progress of the build. The workspace is built once,
//! when the first suite needs it, and the test programs are run without cargo.

mod count;
mod report;
pub(crate) mod suite;

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Instant;

use lexopt::prelude::*;

use crate::Outcome;
use crate::build::{self, Built, Kind};
use crate::error::Error;
use crate::planes::members;
use crate::process;
use crate::programs::Programs;
use crate::verify::count::{Checks, count};
use crate::verify::report::{HEADER, Row, Status, Summary};
use crate::verify::suite::{Suite, Work, suites};

pub(crate) const ABOUT: &str = "run every suite [--json] [--only SUITE]... [--list]";

struct Options {
    json: bool,
    list: bool,
    only: Vec<String>,
}

pub(crate) fn run(arguments: lexopt::Parser, _: Programs) -> Result<Outcome, Error> {
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
    let mut session = Session { root, program, built: None };
    let mut rows = Vec::new();
    for suite in &suites {
        let row = session.measure(suite)?;
        print(&row.line());
        rows.push(row);
    }
    let summary = Summary { rows: &rows };
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

/// The state of one run of all suites.
struct Session {
    root: PathBuf,
    /// The path of this program. It is looked up before the build, which may replace the file.
    program: PathBuf,
    /// The result of the one build; `None` until a suite needs it.
    built: Option<Built>,
}

impl Session {
    fn measure(&mut self, suite: &Suite) -> Result<Row, Error> {
        let start = Instant::now();
        let spent = process::processor_seconds();
        let (checks, status) = self.judge(suite)?;
        let processor = process::processor_seconds().zip(spent).map(|(now, before)| now - before);
        Ok(Row { suite: suite.name.clone(), checks, status, time: start.elapsed(), processor })
    }

    fn judge(&mut self, suite: &Suite) -> Result<(Checks, Status), Error> {
        if let Some(probe) = suite.needs {
            let words: Vec<String> = probe.iter().map(|word| (*word).to_owned()).collect();
            if !process::output(&mut self.command(&words))?.status.success() {
                let tool = probe[..2].join(" ");
                return Ok((Checks::default(), Status::Unproven(format!("{tool} is not installed"))));
            }
        }
        if suite.work.follows_build() && self.built.is_none() {
            self.built = Some(build::everything(&self.root)?);
        }
        let checks = match &suite.work {
            Work::Commands(commands) | Work::AfterBuild(commands) => match self.run(suite, commands)? {
                Ok(checks) => checks,
                Err(reason) => return Ok((Checks::default(), Status::Unproven(reason))),
            },
            Work::Build => self.compiled(),
            Work::Tests { package, kinds } => self.test(suite, package, kinds)?,
        };
        let status = match checks {
            Checks { failed: 1.., .. } => Status::Fail,
            Checks { passed: 0, .. } => Status::Unproven("nothing was checked".to_owned()),
            _ => Status::Pass,
        };
        Ok((checks, status))
    }

    /// Runs the commands of a suite. The inner error is the reason why this machine cannot run one of them.
    fn run(&self, suite: &Suite, commands: &[Vec<String>]) -> Result<Result<Checks, String>, Error> {
        let mut checks = Checks::default();
        for words in commands {
            let output = process::output(&mut self.command(words))?;
            if output.status.code() == Some(i32::from(Outcome::UNPROVEN)) {
                let stdout = String::from_utf8_lossy(&output.stdout);
                return Ok(Err(stdout.lines().last().unwrap_or("no reason given").to_owned()));
            }
            checks += tally(suite, &words.join(" "), &output);
        }
        Ok(Ok(checks))
    }

    /// Returns a check for each test program of the workspace: passed if it compiled.
    fn compiled(&self) -> Checks {
        let mut checks = Checks::default();
        for test in self.built.iter().flat_map(|built| &built.tests) {
            match test.program {
                Some(_) => checks.passed += 1,
                None => checks.failed += 1,
            }
        }
        checks
    }

    /// Runs the test programs of a package as `cargo test` would, in the folder of the package. All of them
    /// are run, even if one fails.
    fn test(&self, suite: &Suite, package: &str, kinds: &[Kind]) -> Result<Checks, Error> {
        let mut checks = Checks::default();
        for test in self.built.iter().flat_map(|built| built.tests_of(package, kinds)) {
            let Some(program) = &test.program else {
                eprintln!("--- {}: {} of {package} did not compile", suite.name, test.name);
                checks.failed += 1;
                continue;
            };
            let mut command = Command::new(program);
            command.current_dir(&test.folder).env("CARGO", process::cargo());
            command.env("CARGO_MANIFEST_DIR", &test.folder).env("CARGO_PKG_NAME", package);
            command.env("CARGO_PKG_VERSION", &test.version);
            let output = process::output(&mut command)?;
            checks += tally(suite, &test.name, &output);
        }
        Ok(checks)
    }

    fn command(&self, words: &[String]) -> Command {
        let mut command = match words[0].as_str() {
            "cargo" => Command::new(process::cargo()),
            _ => Command::new(&self.program),
        };
        command.args(&words[1..]).current_dir(&self.root);
        command
    }
}

/// Returns the checks that a command printed. The output of a command that failed is printed in full.
fn tally(suite: &Suite, name: &str, output: &Output) -> Checks {
    let stdout = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        eprintln!("--- {}: {name}\n{stdout}{stderr}---", suite.name);
    }
    count(suite.count, output.status.success(), &stdout)
}
