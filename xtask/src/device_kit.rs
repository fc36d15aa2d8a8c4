//! `cargo xtask device-kit`: one folder that checks a GPU on a machine without Rust and without a network.

use std::fs;
use std::path::Path;
use std::process::Command;

use lexopt::prelude::*;

use crate::Outcome;
use crate::error::Error;
use crate::nvrtc;
use crate::process;
use crate::programs::Programs;
use crate::scratch;

pub(crate) const ABOUT: &str = "make a folder that checks a GPU elsewhere; --backend cuda [--out DIR]";

/// The script that runs everything in the kit.
const RUN: &str = include_str!("device_kit/run.sh");

/// The most bytes that a kit may have.
const MOST_BYTES: u64 = 60 << 20;

pub(crate) fn run(mut arguments: lexopt::Parser, programs: Programs) -> Result<Outcome, Error> {
    let root = process::workspace_root();
    let mut kit = process::target_folder(&root)?.join("device-kit");
    let mut backend = "cuda".to_owned();
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("backend") => backend = arguments.value()?.string()?,
            Long("out") => kit = arguments.value()?.into(),
            other => return Err(other.unexpected().into()),
        }
    }
    if backend != "cuda" {
        println!("UNPROVEN: there is no kit for the backend {backend}; there is one for cuda");
        return Ok(Outcome::Unproven);
    }
    if kit.exists() {
        fs::remove_dir_all(&kit).map_err(Error::io(&kit))?;
    }
    let compiled = nvrtc::compile(&root, &kit.join("kernels"), Programs::Build)?;
    if compiled != Outcome::Done {
        return Ok(compiled);
    }
    let program = programs.with_devices(&root)?;
    let mut strip = Command::new("strip");
    process::stdout(strip.arg("-o").arg(kit.join("nmk-battery")).arg(program))?;
    copy(&root.join("fixtures/parity"), &kit.join("parity"))?;
    scratch::write(&kit.join("run.sh"), RUN)?;
    let bytes = scratch::files(&kit, &|_| true)?.iter().map(|path| size(path)).sum::<Result<u64, Error>>()?;
    println!("{}: {} MiB; run it there with: sh run.sh", kit.display(), bytes.div_ceil(1 << 20));
    Ok(if bytes <= MOST_BYTES { Outcome::Done } else { Outcome::Refused })
}

fn size(path: &Path) -> Result<u64, Error> {
    Ok(fs::metadata(path).map_err(Error::io(path))?.len())
}

/// Copies a folder with everything in it.
fn copy(from: &Path, to: &Path) -> Result<(), Error> {
    for file in scratch::files(from, &|_| true)? {
        let place = to.join(file.strip_prefix(from).unwrap_or(&file));
        if let Some(folder) = place.parent() {
            fs::create_dir_all(folder).map_err(Error::io(folder))?;
        }
        fs::copy(&file, &place).map_err(Error::io(&file))?;
    }
    Ok(())
}
