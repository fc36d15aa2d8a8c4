//! `cargo xtask cuda-kernels`: compiles the GPU kernels for two architectures, without a GPU.
//!
//! NVIDIA's compiler NVRTC comes as a package for Python and needs no device. It is fetched with pip into the
//! folder of builds, once, unless it is on the machine.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use lexopt::prelude::*;

use crate::Outcome;
use crate::error::Error;
use crate::process;
use crate::programs::Programs;

pub(crate) const ABOUT: &str = "compile the GPU kernels with NVRTC for sm_80 and sm_90 [--out DIR]";

/// The package, of the CUDA version that the devices' drivers must have at least. Code of a later compiler
/// would need a later driver.
const PACKAGE: &str = "nvidia-cuda-nvrtc==13.0.88";

/// The variable that names the folders of shared libraries.
const LIBRARIES: &str = "LD_LIBRARY_PATH";

pub(crate) fn run(mut arguments: lexopt::Parser, programs: Programs) -> Result<Outcome, Error> {
    let root = process::workspace_root();
    let mut out = process::target_folder(&root)?.join("cuda-kernels");
    while let Some(argument) = arguments.next()? {
        match argument {
            Long("out") => out = arguments.value()?.into(),
            other => return Err(other.unexpected().into()),
        }
    }
    compile(&root, &out, programs)
}

/// Compiles the kernels into the folder `out`, and prints what the compiler program says.
pub(crate) fn compile(root: &Path, out: &Path, programs: Programs) -> Result<Outcome, Error> {
    fs::create_dir_all(out).map_err(Error::io(out))?;
    let program = programs.example(root, "nmk-backend-cuda", "compile_kernels")?;
    let mut command = Command::new(program);
    command.arg(out);
    if let Some(folder) = compiler(root)? {
        let known = env::var_os(LIBRARIES).unwrap_or_default();
        let folders = env::join_paths(std::iter::once(folder).chain(env::split_paths(&known)));
        command.env(LIBRARIES, folders.unwrap_or(known));
    }
    let output = process::output(command.stderr(Stdio::inherit()))?;
    print!("{}", String::from_utf8_lossy(&output.stdout));
    match output.status.code() {
        Some(0) => Ok(Outcome::Done),
        Some(3) => Ok(Outcome::Unproven),
        _ => Ok(Outcome::Refused),
    }
}

/// Returns the folder of the compiler's library, which is fetched if it is not there yet. Returns `None` if it
/// cannot be fetched; the machine may have one of its own.
fn compiler(root: &Path) -> Result<Option<PathBuf>, Error> {
    let place = process::target_folder(root)?.join("nvrtc");
    let library = place.join("nvidia/cu13/lib");
    if library.is_dir() {
        return Ok(Some(library));
    }
    fs::create_dir_all(&place).map_err(Error::io(&place))?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:", "--target"]);
    pip.arg(&place).arg(PACKAGE).stdout(Stdio::null()).stderr(Stdio::null());
    let fetched = pip.status().is_ok_and(|status| status.success());
    Ok((fetched && library.is_dir()).then_some(library))
}
