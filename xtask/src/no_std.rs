//! `cargo xtask no-std`: builds the trusted crates for a target that has no `std`.
//!
//! There a clock, a file or a thread is not forbidden but absent.

use std::path::Path;
use std::process::Command;

use crate::Outcome;
use crate::error::Error;
use crate::findings::Findings;
use crate::planes::TRUSTED;
use crate::process;

pub(crate) const ABOUT: &str = "build the trusted crates for a bare-metal target";

/// Any one of them shows it; the first that is installed or can be added is used.
const TARGETS: &[&str] = &["thumbv7em-none-eabi", "riscv32imac-unknown-none-elf", "x86_64-unknown-none"];

pub(crate) fn run(mut arguments: lexopt::Parser) -> Result<Outcome, Error> {
    if let Some(argument) = arguments.next()? {
        return Err(argument.unexpected().into());
    }
    let root = process::workspace_root();
    let Some(target) = target(&root)? else {
        println!("no bare-metal target; rustup target add {}", TARGETS[0]);
        return Ok(Outcome::Unproven);
    };
    let mut findings = Findings::new();
    for name in TRUSTED {
        let package = format!("nmk-{name}");
        let arguments = ["build", "--release", "--target", target, "--package", &package];
        let output = process::output(&mut process::cargo_in(&root, &arguments))?;
        let stderr = String::from_utf8_lossy(&output.stderr);
        findings.check(output.status.success(), || format!("{package} for {target}\n{stderr}"));
    }
    findings.print("no-std");
    Ok(if findings.broken.is_empty() { Outcome::Done } else { Outcome::Refused })
}

fn target(root: &Path) -> Result<Option<&'static str>, Error> {
    for target in TARGETS {
        if installed(root, target)? {
            return Ok(Some(target));
        }
    }
    let mut add = Command::new("rustup");
    add.args(["target", "add", TARGETS[0]]).current_dir(root);
    // A toolchain without rustup is a reason to leave this unproven, not an error.
    let added = add.output().is_ok_and(|output| output.status.success());
    Ok((added && installed(root, TARGETS[0])?).then_some(TARGETS[0]))
}

fn installed(root: &Path, target: &str) -> Result<bool, Error> {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", target]).current_dir(root);
    let folder = process::output(&mut rustc)?;
    Ok(Path::new(String::from_utf8_lossy(&folder.stdout).trim()).is_dir())
}
