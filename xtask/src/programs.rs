//! The programs of the workspace that a verb starts.

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::process;

/// Says whether the programs that a verb starts still have to be built.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Programs {
    /// Cargo builds each program, with the features that its package alone asks for.
    Build,
    /// One build of the whole workspace made every program, as `verify` does before its suites.
    Built,
}

impl Programs {
    /// The release program of a package; fails if it has to be built and does not compile.
    pub(crate) fn binary(self, root: &Path, package: &str, name: &str) -> Result<PathBuf, Error> {
        self.find(root, package, ["--bin", name], name)
    }

    /// The release program of an example; fails as [`Programs::binary`] does.
    pub(crate) fn example(self, root: &Path, package: &str, name: &str) -> Result<PathBuf, Error> {
        self.find(root, package, ["--example", name], &format!("examples/{name}"))
    }

    fn find(self, root: &Path, package: &str, target: [&str; 2], file: &str) -> Result<PathBuf, Error> {
        if self == Programs::Build {
            let mut command =
                process::cargo_in(root, &["build", "--release", "--quiet", "--package", package]);
            process::stdout(command.args(target))?;
        }
        Ok(process::target_folder(root)?.join("release").join(file))
    }
}
