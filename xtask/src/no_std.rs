//! `cargo xtask no-std`: builds the trusted crates for a target that has no `std`.
//!
//! On such a target, clocks, files and threads are not forbidden but absent.

use std::path::Path;

use crate::Outcome;
use crate::error::Error;
use crate::findings::Findings;
use crate::planes::TRUSTED;
use crate::process;
use crate::programs::Programs;
use crate::rust_target;

pub(crate) const ABOUT: &str = "build the trusted crates for a bare-metal target";

/// Targets without `std`, any of which is enough. The first that is installed, or can be added, is used.
const TARGETS: &[&str] = &["thumbv7em-none-eabi", "riscv32imac-unknown-none-elf", "x86_64-unknown-none"];

pub(crate) fn run(mut arguments: lexopt::Parser, _: Programs) -> Result<Outcome, Error> {
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
        if rust_target::installed(root, target)? {
            return Ok(Some(target));
        }
    }
    Ok(rust_target::available(root, TARGETS[0])?.then_some(TARGETS[0]))
}
