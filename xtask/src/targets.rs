//! Other processors, emulated: the targets neon, wasm and aarch64.
//!
//! The targets `neon` and `wasm` run the tests of single kernels and the frozen digests of every family, from
//! the same sources: the bits that one machine freezes, another kind of machine must give. The target
//! `aarch64` replays a ledger of this machine with the whole program, and the other way round.

mod elsewhere;

use std::path::Path;
use std::process::Command;

use lexopt::prelude::*;

use crate::Outcome;
use crate::error::Error;
use crate::process;
use crate::programs::Programs;
use crate::rust_target;

pub(crate) const ABOUT: &str =
    "run on another processor, emulated: neon or wasm (the kernels' tests), aarch64 (a ledger's replay)";

/// The arguments of `cargo test` that select the tests of the kernels.
const TESTS: &[&str] =
    &["--lib", "--test", "kernels", "--test", "plain", "--test", "segments", "--test", "golden"];

struct Target {
    name: &'static str,
    run: fn(&Path, &Target, Programs) -> Result<Outcome, Error>,
    triple: &'static str,
    /// The programs that the target needs, each with the package that installs it.
    needs: &'static [(&'static str, &'static str)],
    linker: Option<&'static str>,
    /// The command that starts a program of the target, from the folder of the crate.
    runner: &'static str,
    flags: &'static str,
}

const AARCH64: Target = Target {
    name: "aarch64",
    run: elsewhere::run,
    triple: "aarch64-unknown-linux-gnu",
    needs: &[("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu"), ("qemu-aarch64", "qemu-user")],
    linker: Some("aarch64-linux-gnu-gcc"),
    runner: "qemu-aarch64 -L /usr/aarch64-linux-gnu",
    flags: "",
};

const TARGETS: &[Target] = &[
    Target { name: "neon", run: kernels, ..AARCH64 },
    AARCH64,
    Target {
        name: "wasm",
        run: kernels,
        triple: "wasm32-wasip1",
        needs: &[("node", "nodejs")],
        linker: None,
        runner: "node --no-warnings ../../xtask/src/targets/wasi.mjs",
        flags: "-Ctarget-feature=+simd128",
    },
];

pub(crate) fn run(mut arguments: lexopt::Parser, programs: Programs) -> Result<Outcome, Error> {
    let mut named = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            Value(word) if named.is_none() => {
                let name = word.string()?;
                named = Some(TARGETS.iter().find(|target| target.name == name).ok_or_else(|| unknown(name))?);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    let target = named.ok_or_else(|| unknown(String::new()))?;
    let root = process::workspace_root();
    if let Some(reason) = target.missing(&root)? {
        println!("{reason}");
        return Ok(Outcome::Unproven);
    }
    (target.run)(&root, target, programs)
}

/// Runs the tests of the kernels on the target.
fn kernels(root: &Path, target: &Target, _: Programs) -> Result<Outcome, Error> {
    let mut tests = vec!["--no-fail-fast", "--package", "nmk-backend-cpu"];
    tests.extend(TESTS);
    let output = process::output(&mut target.cargo(root, "test", &tests))?;
    print!("{}", String::from_utf8_lossy(&output.stdout));
    if output.status.success() {
        return Ok(Outcome::Done);
    }
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    Ok(Outcome::Refused)
}

fn unknown(target: String) -> Error {
    let known: Vec<&str> = TARGETS.iter().map(|target| target.name).collect();
    Error::UnknownTarget { target, known: known.join(", ") }
}

impl Target {
    /// Returns the reason why the target cannot be run on this machine; `None` if it can.
    fn missing(&self, root: &Path) -> Result<Option<String>, Error> {
        for (program, package) in self.needs {
            // Whether it can be started is the question, and not what it answers.
            if Command::new(program).arg("--version").output().is_err() {
                return Ok(Some(format!("{program} is not installed (Debian: {package})")));
            }
        }
        let there = rust_target::available(root, self.triple)?;
        Ok((!there).then(|| format!("no {0}; rustup target add {0}", self.triple)))
    }

    /// Returns a cargo command for the target, in release mode, because an emulated debug build takes too
    /// long.
    fn cargo(&self, root: &Path, verb: &str, arguments: &[&str]) -> Command {
        let mut command = process::cargo_in(root, &[verb, "--release", "--target", self.triple]);
        command.args(arguments);
        let variable =
            |what: &str| format!("CARGO_TARGET_{}_{what}", self.triple.to_uppercase().replace('-', "_"));
        command.env(variable("RUNNER"), self.runner);
        command.env(variable("RUSTFLAGS"), self.flags);
        if let Some(linker) = self.linker {
            command.env(variable("LINKER"), linker);
        }
        command
    }
}
