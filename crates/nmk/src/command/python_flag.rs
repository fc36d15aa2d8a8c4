//! The flag that names the interpreter of candidates.

use std::path::PathBuf;

use clap::Args;

use crate::gate::PYTHON;

/// The Python interpreter of a command that runs programs which nobody trusts.
#[derive(Args, Debug)]
pub(crate) struct PythonFlag {
    /// The Python interpreter that runs programs, confined.
    #[arg(long, value_name = "PROGRAM", default_value = PYTHON)]
    pub(crate) python: PathBuf,
}
