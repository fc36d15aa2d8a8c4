//! The command `mutate`: seeded mutations of a target's seeds, one input again, or the binary seeds. It needs
//! only Rust.

#![forbid(unsafe_code)]

use std::fs;
use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use fuzz::{Broken, Target};
use lexopt::prelude::*;
use thiserror::Error;

const USAGE: &str = "\
usage: mutate hunt TARGET --seconds S [--number N] --seeds DIR --findings DIR
       mutate once TARGET FILE
       mutate seeds DIR          writes the binary seeds
example: mutate once ledger target/fuzz/findings/ledger/crash-1f";

/// The reason why the command could not do its work.
#[derive(Debug, Error)]
enum Error {
    #[error("{0}\n{USAGE}")]
    Usage(#[from] lexopt::Error),
    #[error("no target `{name}`; the targets are {known}")]
    NoTarget { name: String, known: String },
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{} holds no seeds; add a file that the target accepts", path.display())]
    NoSeeds { path: PathBuf },
}

fn main() -> ExitCode {
    match dispatch() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("mutate: {error}");
            ExitCode::from(2)
        }
    }
}

fn dispatch() -> Result<ExitCode, Error> {
    let mut arguments = lexopt::Parser::from_env();
    let (mut words, mut seconds, mut number) = (Vec::new(), 10, 1);
    let (mut seeds, mut findings) = (PathBuf::new(), PathBuf::new());
    while let Some(argument) = arguments.next()? {
        match argument {
            Value(word) => words.push(word.string()?),
            Long("seconds") => seconds = arguments.value()?.parse()?,
            Long("number") => number = arguments.value()?.parse()?,
            Long("seeds") => seeds = arguments.value()?.into(),
            Long("findings") => findings = arguments.value()?.into(),
            other => return Err(other.unexpected().into()),
        }
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["hunt", name] => hunt(find(name)?, Duration::from_secs(seconds), number, &seeds, &findings),
        ["once", name, file] => once(find(name)?, Path::new(file)),
        ["seeds", folder] => write_seeds(Path::new(folder)),
        _ => Err(lexopt::Error::from("say what to do").into()),
    }
}

fn find(name: &str) -> Result<Target, Error> {
    let known = || fuzz::TARGETS.iter().map(|target| target.name).collect::<Vec<_>>().join(", ");
    fuzz::find(name).copied().ok_or_else(|| Error::NoTarget { name: name.to_owned(), known: known() })
}

fn file<T>(path: &Path, result: io::Result<T>) -> Result<T, Error> {
    result.map_err(|source| Error::File { path: path.to_path_buf(), source })
}

/// Runs a target on mutations until `time` is over. Each input is written to a file before it runs, so that
/// it can be found if the process dies.
fn hunt(
    target: Target,
    time: Duration,
    number: u64,
    seeds: &Path,
    findings: &Path,
) -> Result<ExitCode, Error> {
    let mut all = Vec::new();
    for entry in file(seeds, fs::read_dir(seeds))? {
        let path = file(seeds, entry)?.path();
        all.push(file(&path, fs::read(&path))?);
    }
    all.sort();
    if all.is_empty() {
        return Err(Error::NoSeeds { path: seeds.to_path_buf() });
    }
    file(findings, fs::create_dir_all(findings))?;
    let current = findings.join("running");
    let mut running = file(&current, fs::File::create(&current))?;
    let mut keep = |input: &[u8]| {
        running.rewind()?;
        running.write_all(input)?;
        running.set_len(input.len() as u64)
    };
    let start = Instant::now();
    let mut trouble = None;
    let found = fuzz::hunt(target.run, &all, number, |_, input| {
        trouble = keep(input).err();
        trouble.is_none() && start.elapsed() < time
    });
    if let Some(source) = trouble {
        return Err(Error::File { path: current, source });
    }
    file(&current, fs::remove_file(&current))?;
    let seconds = start.elapsed().as_secs_f64();
    match found {
        Ok(count) => {
            println!("executions: {count} in {seconds:.1} s");
            Ok(ExitCode::SUCCESS)
        }
        Err(Broken { input, before, message }) => {
            let path = findings.join(format!("broken-{number}-{before}"));
            file(&path, fs::write(&path, input))?;
            println!("executions: {before} in {seconds:.1} s");
            println!("finding: {}", path.display());
            println!("panic: {message}");
            Ok(ExitCode::FAILURE)
        }
    }
}

fn once(target: Target, path: &Path) -> Result<ExitCode, Error> {
    let input = file(path, fs::read(path))?;
    Ok(match fuzz::run_one(target.run, &input) {
        Ok(()) => {
            println!("{}: nothing broke", target.name);
            ExitCode::SUCCESS
        }
        Err(message) => {
            println!("{}: {message}", target.name);
            ExitCode::FAILURE
        }
    })
}

fn write_seeds(folder: &Path) -> Result<ExitCode, Error> {
    for (name, bytes) in fuzz::binary_seeds() {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            file(parent, fs::create_dir_all(parent))?;
        }
        file(&path, fs::write(&path, bytes))?;
        println!("{}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}
