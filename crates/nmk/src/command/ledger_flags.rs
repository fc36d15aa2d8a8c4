//! The flags that place the ledger and its key, or do without both.

use std::path::PathBuf;

use clap::Args;

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
