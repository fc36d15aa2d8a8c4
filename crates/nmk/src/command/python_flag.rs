//! The flag that names the interpreter of candidates.

use std::path::PathBuf;

use clap::Args;

/// The Python interpreter of a command that runs programs which nobody trusts.
#[derive(Args, Debug)]
pub(crate) struct PythonFlag {
    /// The Python interpreter that runs programs, confined.
    #[arg(long, value_name = "PROGRAM", default_value = "python3")]
    pub(crate) python: PathBuf,
}
