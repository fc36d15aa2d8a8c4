//! The flags that place the ledger and its key, or do without both.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::config::{Config, ConfigError, Flags};
use crate::surroundings::Surroundings;

/// The place of the ledger that a command writes, as the command line states it.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct LedgerFlags {
    /// The ledger's folder.
    #[arg(long, value_name = "PATH")]
    pub(crate) ledger: Option<PathBuf>,
    /// The file of the key that signs the ledger; it is made if it is missing, with the public key beside it.
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// Keep no ledger: nothing is written, and nothing shows later what was answered.
    #[arg(long, conflicts_with_all = ["ledger", "key"])]
    pub(crate) no_ledger: bool,
}

impl LedgerFlags {
    /// Returns the configuration with the ledger at this place, for commands that ask no model. `file` is the configuration
    /// to read instead of searching for one.
    ///
    /// # Errors
    /// Fails as [`Config::load`] does.
    pub(crate) fn config(&self, file: Option<&Path>) -> Result<Config, ConfigError> {
        let Self { ledger, key, no_ledger } = self.clone();
        let config = file.map(Path::to_owned);
        Config::load(&Flags { config, ledger, key, no_ledger, ..Flags::default() }, &Surroundings::read())
    }
}
