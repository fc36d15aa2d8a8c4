//! The project's own commands, one verb in each file.
//!
//! `cargo xtask` lists them. Each verb runs alone, in seconds if it can. Exit code 0 means done, 1 a negative
//! result, 2 bad input or a command that could not run, and 3 a check that this machine cannot run.

#![forbid(unsafe_code)]

mod archive;
mod battery;
mod build;
mod bundle;
mod device_kit;
mod dist;
mod error;
mod findings;
mod full_disk;
mod fuzz;
mod kill;
mod logs;
mod man;
mod manifest;
mod map;
mod markdown;
mod memory;
mod no_std;
mod nvrtc;
mod package;
mod planes;
mod process;
mod programs;
mod readme;
mod rust_target;
mod scratch;
mod sim;
mod standalone;
mod tamper;
mod targets;
mod tidy;
mod train;
mod unsafe_impls;
mod verify;

use std::process::ExitCode;

use lexopt::prelude::*;

use crate::error::Error;
use crate::programs::Programs;

/// The outcome of a verb. `Done` is exit code 0, `Refused` is 1, and `Unproven` is 3.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Outcome {
    Done,
    Refused,
    /// The check cannot run on this machine; the reason was printed as the last line.
    Unproven,
}

impl Outcome {
    /// The exit code by which `verify` recognises a check that cannot run on this machine.
    const UNPROVEN: u8 = 3;
}

struct Verb {
    name: &'static str,
    about: &'static str,
    run: fn(lexopt::Parser, Programs) -> Result<Outcome, Error>,
}

const VERBS: &[Verb] = &[
    Verb { name: "planes", about: planes::ABOUT, run: planes::run },
    Verb { name: "tidy", about: tidy::ABOUT, run: tidy::run },
    Verb { name: "map", about: map::ABOUT, run: map::run },
    Verb { name: "manifest", about: manifest::ABOUT, run: manifest::run },
    Verb { name: "verify", about: verify::ABOUT, run: verify::run },
    Verb { name: "no-std", about: no_std::ABOUT, run: no_std::run },
    Verb { name: "standalone", about: standalone::ABOUT, run: standalone::run },
    Verb { name: "package", about: package::ABOUT, run: package::run },
    Verb { name: "readme", about: readme::ABOUT, run: readme::run },
    Verb { name: "sim", about: sim::ABOUT, run: sim::run },
    Verb { name: "fuzz", about: fuzz::ABOUT, run: fuzz::run },
    Verb { name: "battery", about: battery::ABOUT, run: battery::run },
    Verb { name: "cuda-kernels", about: nvrtc::ABOUT, run: nvrtc::run },
    Verb { name: "device-kit", about: device_kit::ABOUT, run: device_kit::run },
    Verb { name: "full-disk", about: full_disk::ABOUT, run: full_disk::run },
    Verb { name: "kill", about: kill::ABOUT, run: kill::run },
    Verb { name: "memory", about: memory::ABOUT, run: memory::run },
    Verb { name: "targets", about: targets::ABOUT, run: targets::run },
    Verb { name: "tamper", about: tamper::ABOUT, run: tamper::run },
    Verb { name: "unsafe-impls", about: unsafe_impls::ABOUT, run: unsafe_impls::run },
    Verb { name: "man", about: man::ABOUT, run: man::run },
    Verb { name: "dist", about: dist::ABOUT, run: dist::run },
    Verb { name: "logs", about: logs::ABOUT, run: logs::run },
    Verb { name: "bundle", about: bundle::ABOUT, run: bundle::run },
    Verb { name: "train", about: train::ABOUT, run: train::run },
];

fn main() -> ExitCode {
    match dispatch() {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Refused) => ExitCode::from(1),
        Ok(Outcome::Unproven) => ExitCode::from(Outcome::UNPROVEN),
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::from(2)
        }
    }
}

fn dispatch() -> Result<Outcome, Error> {
    let mut arguments = lexopt::Parser::from_env();
    let mut programs = Programs::Build;
    loop {
        match arguments.next()? {
            Some(Value(word)) => {
                let word = word.string()?;
                return match VERBS.iter().find(|verb| verb.name == word) {
                    Some(verb) => (verb.run)(arguments, programs),
                    None => Err(Error::UnknownVerb(word)),
                };
            }
            Some(Long("built")) => programs = Programs::Built,
            None | Some(Short('h') | Long("help")) => {
                print_help();
                return Ok(Outcome::Done);
            }
            Some(other) => return Err(other.unexpected().into()),
        }
    }
}

fn print_help() {
    println!("usage: cargo xtask [--built] <command> [options]\n");
    for verb in VERBS {
        println!("  {:<12} {}", verb.name, verb.about);
    }
    println!("\n  --built      start the programs that a build of the whole workspace made, as verify does");
}
