//! The process's surroundings: environment, working folder and entropy, read in this file only.

use std::ffi::OsString;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use abi::JobId;

/// The places that the environment names: home, state and configuration.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The working folder.
    pub folder: PathBuf,
    /// The user's configuration file, where there is a home to look in.
    pub config: Option<PathBuf>,
    /// The default folder of the ledger.
    pub ledger: Option<PathBuf>,
    /// The default folder of the signing key.
    pub key: Option<PathBuf>,
}

impl Surroundings {
    /// Reads the environment. A variable that is empty or not absolute counts as absent, as the XDG
    /// base directory specification demands.
    #[must_use]
    pub fn read() -> Self {
        let home = absolute("HOME");
        let base =
            |variable, below: &str| absolute(variable).or_else(|| home.as_ref().map(|home| home.join(below)));
        let config = base("XDG_CONFIG_HOME", ".config").map(|base| base.join("nmk"));
        Self {
            // A working folder that was deleted holds no configuration either.
            folder: std::env::current_dir().unwrap_or_default(),
            config: config.as_ref().map(|base| base.join("nmk.toml")),
            ledger: base("XDG_STATE_HOME", ".local/state").map(|base| base.join("nmk")),
            key: config.map(|base| base.join("key")),
        }
    }
}

fn absolute(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from).filter(|path| Path::is_absolute(path))
}

/// The content of an environment variable.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// Returns true if somebody watches standard error.
pub(crate) fn is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// Returns true if standard output is a terminal.
pub(crate) fn is_read_by_a_person() -> bool {
    std::io::stdout().is_terminal()
}

/// A folder of that name among the system's temporary ones; it is not made.
pub(crate) fn scratch(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("nmk-{name}"))
}

/// A job number that no other run draws.
pub(crate) fn draw_job() -> Result<JobId, getrandom::Error> {
    getrandom::u64().map(JobId)
}

/// Bytes from the system's entropy.
pub(crate) fn draw_bytes() -> Result<[u8; 32], getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
