//! The targets that the Rust toolchain can build for.

use std::path::Path;
use std::process::Command;

use crate::error::Error;
use crate::process;

/// Returns true if the standard library of a target is installed, or `core` for a target without one.
pub(crate) fn installed(root: &Path, target: &str) -> Result<bool, Error> {
    let mut rustc = process::rustc(root);
    rustc.args(["--print", "target-libdir", "--target", target]);
    let folder = process::output(&mut rustc)?;
    Ok(Path::new(String::from_utf8_lossy(&folder.stdout).trim()).is_dir())
}

/// Returns true if a target is installed, after an attempt to add it if it is not.
pub(crate) fn available(root: &Path, target: &str) -> Result<bool, Error> {
    if installed(root, target)? {
        return Ok(true);
    }
    let mut add = Command::new("rustup");
    add.args(["target", "add", target]).current_dir(root);
    // A toolchain without rustup is a reason to leave this unproven, not an error.
    let added = add.output().is_ok_and(|output| output.status.success());
    Ok(added && installed(root, target)?)
}
