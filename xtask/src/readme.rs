//! `cargo xtask readme`: runs the transcripts of README.md and compares what they print.
//!
//! A transcript is a fenced block marked `console`. Each line that begins with `$ ` is a command (a
//! backslash at its end continues it); what follows, up to the next command, is what it prints on
//! standard output and standard error together. In the expectation `…` matches anything within a
//! line, and a line that is only `…` matches any number of lines. Commands run at the root of the
//! repository in `sh`, with state and configuration folders of their own that last for the whole
//! file; `cargo run --release --` means the release binary that was built before.

mod transcript;

use std::env;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use crate::Outcome;
use crate::error::Error;
use crate::findings::Findings;
use crate::markdown;
use crate::process;
use crate::programs::Programs;
use crate::readme::transcript::{Step, matches, steps};
use crate::scratch::{self, Scratch};

pub(crate) const ABOUT: &str = "run the transcripts of README.md";

pub(crate) fn run(mut arguments: lexopt::Parser, programs: Programs) -> Result<Outcome, Error> {
    if let Some(argument) = arguments.next()? {
        return Err(argument.unexpected().into());
    }
    let root = process::workspace_root();
    let text = scratch::read(&root.join("README.md"))?;
    let nmk = programs.binary(&root, "nmk", "nmk")?;
    let scratch = Scratch::new("readme")?;
    let path = search_path(nmk.parent().unwrap_or(&nmk));
    let mut findings = Findings::new();
    let blocks = markdown::blocks(&text);
    for block in blocks.iter().filter(|block| block.language == "console") {
        for step in steps(block) {
            let printed = play(&root, scratch.path(), &path, &step)?;
            let same = matches(&step.expected, &printed);
            println!("{} README.md:{}: {}", if same { "ok    " } else { "failed" }, step.line, step.command);
            findings.check(same, || {
                let Step { line, command, expected } = step;
                format!(
                    "README.md:{line}: `{command}`\nexpected\n{}\nprinted\n{printed}",
                    expected.join("\n")
                )
            });
        }
    }
    let some = findings.checks > 0;
    findings.check(some, || "README.md has no ```console block with a command".to_owned());
    findings.print("readme");
    Ok(if findings.broken.is_empty() { Outcome::Done } else { Outcome::Refused })
}

/// The folder of the release binaries, then what there was.
fn search_path(binaries: &Path) -> OsString {
    let mut path = binaries.as_os_str().to_owned();
    if let Some(before) = env::var_os("PATH") {
        path.push(":");
        path.push(before);
    }
    path
}

fn play(root: &Path, state: &Path, path: &OsString, step: &Step) -> Result<String, Error> {
    let command = step.command.replace("cargo run --release --", "nmk");
    if command.contains("xtask verify") || command.contains("verify.sh") {
        return Ok("verify would start itself; show it in a block that is not `console`\n".to_owned());
    }
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("exec 2>&1\n{command}")).current_dir(root).env("PATH", path);
    for variable in ["XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"] {
        shell.env(variable, state.join(variable));
    }
    let output = process::output(&mut shell)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
