//! The two programs that run fuzz targets, and how they are built.

use std::env;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;
use std::process::Command;

use crate::error::Error;
use crate::fuzz::Places;
use crate::process;

/// The reason why the guided run cannot be built on this machine: there is no C++ compiler.
pub(crate) struct Missing {
    compiler: String,
}

impl fmt::Display for Missing {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "libFuzzer is C++ and `{}` does not run; install a C++ compiler or set CXX",
            self.compiler
        )
    }
}

/// Compiler flags that let code tell libFuzzer which edges it took and what it compared. They are those of
/// `cargo fuzz` for Linux without a sanitizer, which stable Rust accepts. There is one codegen unit, because
/// instrumented functions are not inlined across units.
const INSTRUMENTED: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Cllvm-args=-sanitizer-coverage-stack-depth",
    "-Cllvm-args=-simplifycfg-branch-fold-threshold=0",
    "-Ccodegen-units=1",
    "-Cdebug-assertions",
    "-Coverflow-checks",
];

/// Builds the guided runner, in a target folder of its own. The inner error is the reason why this machine
/// cannot.
pub(crate) fn guided(places: &Places) -> Result<Result<PathBuf, Missing>, Error> {
    // What the `cc` crate would start.
    let compiler = env::var_os("CXX").unwrap_or_else(|| OsString::from("c++"));
    let runs = Command::new(&compiler).arg("--version").output().is_ok_and(|output| output.status.success());
    if !runs {
        return Ok(Err(Missing { compiler: compiler.to_string_lossy().into_owned() }));
    }
    let host = host(places)?;
    let target = places.work.join("build");
    // With --target, build scripts and procedural macros are not instrumented.
    let words = ["build", "--release", "--package", "nmk-fuzz", "--features", "libfuzzer", "--bin", "guided"];
    let mut command = process::cargo_in(&places.root, &words);
    command
        .args(["--target", &host])
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTFLAGS", INSTRUMENTED.join(" "));
    command.env_remove("CARGO_ENCODED_RUSTFLAGS");
    process::stdout(&mut command)?;
    Ok(Ok(target.join(host).join("release/guided")))
}

/// Builds the runner of seeded mutations, which needs nothing but Rust.
pub(crate) fn mutate(places: &Places) -> Result<PathBuf, Error> {
    let words = ["build", "--release", "--package", "nmk-fuzz", "--bin", "mutate"];
    process::stdout(&mut process::cargo_in(&places.root, &words))?;
    Ok(process::target_folder(&places.root)?.join("release/mutate"))
}

fn host(places: &Places) -> Result<String, Error> {
    let version = process::stdout(process::rustc(&places.root).arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or(Error::Shape { command: "rustc -vV", field: "host" })
}
