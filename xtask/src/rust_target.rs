//! Targets that the toolchain can build for.

use std::path::Path;
use std::process::Command;

use crate::error::Error;
use crate::process;

/// Returns true if the target's standard library, or `core` for a target without one, is installed.
pub(crate) fn installed(root: &Path, target: &str) -> Result<bool, Error> {
    let mut rustc = process::rustc(root);
    rustc.args(["--print", "target-libdir", "--target", target]);
    let folder = process::output(&mut rustc)?;
    Ok(Path::new(String::from_utf8_lossy(&folder.stdout).trim()).is_dir())
}

/// As [`installed`], after an attempt to add what is not.
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
