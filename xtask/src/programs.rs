//! The programs of the workspace that a verb starts.

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::process;

/// The state of the programs that a verb starts: still to be built, or built already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Programs {
    /// Each program is built by cargo, with the features that its package alone asks for.
    Build,
    /// Every program was made by one build of the whole workspace, as `verify` does before its suites.
    Built,
}

/// The features of the whole workspace that link the devices of the GPU backend. The build of the workspace has
/// them, so that its programs and the suites of the devices are made at once.
pub(crate) const DEVICES: &str = "nmk-battery/gpu-host,nmk-battery/cuda";

impl Programs {
    /// Returns the path of a package's release program. Fails if it has to be built and does not compile.
    pub(crate) fn binary(self, root: &Path, package: &str, name: &str) -> Result<PathBuf, Error> {
        self.find(root, package, ["--bin", name], name)
    }

    /// Returns the path of an example's release program. Fails as [`Programs::binary`] does.
    pub(crate) fn example(self, root: &Path, package: &str, name: &str) -> Result<PathBuf, Error> {
        self.find(root, package, ["--example", name], &format!("examples/{name}"))
    }

    /// Returns the path of the batteries with the devices of the GPU backend, which are features of the build.
    pub(crate) fn with_devices(self, root: &Path) -> Result<PathBuf, Error> {
        if self == Programs::Build {
            let words = ["build", "--release", "--quiet", "--package", "nmk-battery", "--features", DEVICES];
            process::stdout(&mut process::cargo_in(root, &words))?;
        }
        Ok(process::target_folder(root)?.join("release").join("nmk-battery"))
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
