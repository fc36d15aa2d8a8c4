//! The settings of the memory, in the table `[memory]` of the file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use memory::Quota;
use serde::{Deserialize, Serialize};

use super::ConfigError;
use super::file::{MAX_SECONDS, Source};

/// The most estimated tokens of one consultation if no file states it.
pub(crate) const CONSULT_TOKENS: u64 = 1000;
/// The most that a file can state: what is recalled stands before every prompt.
const MOST_CONSULT_TOKENS: u64 = 100_000;

/// The settings of the memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemoryConfig {
    /// The folder of the memory. None if no file states it and there is no ledger beside which it would lie.
    pub folder: Option<PathBuf>,
    /// The most bytes of all files in the folder.
    pub quota: Quota,
    /// The longest time for which an operation waits for other processes.
    pub wait: Duration,
    /// The most estimated tokens of one consultation, the rules of the memory included. Zero consults none.
    pub consult_tokens: u64,
}

impl MemoryConfig {
    /// Returns the defaults for a memory beside the ledger in this folder.
    #[must_use]
    pub fn beside(ledger: &Path) -> Self {
        let memory::Options { quota, busy } = memory::Options::REFERENCE;
        Self { folder: super::beside(ledger, "-memory"), quota, wait: busy, consult_tokens: CONSULT_TOKENS }
    }
}

/// The table `[memory]`, as it is written and as it is shown.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MemoryTable {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) folder: Option<PathBuf>,
    pub(super) quota_bytes: Option<u64>,
    wait_seconds: Option<f64>,
    consult_tokens: Option<u64>,
}

impl MemoryTable {
    /// Returns the table that states `config`.
    pub(super) fn from_config(config: &MemoryConfig) -> Self {
        Self {
            folder: config.folder.clone(),
            quota_bytes: Some(config.quota.bytes()),
            wait_seconds: Some(config.wait.as_secs_f64()),
            consult_tokens: Some(config.consult_tokens),
        }
    }

    pub(super) fn apply(&self, memory: &mut MemoryConfig, source: &Source) -> Result<(), ConfigError> {
        if let Some(folder) = &self.folder {
            memory.folder = Some(source.folder().join(folder));
        }
        if let Some(bytes) = self.quota_bytes {
            let quota = Quota::new(bytes);
            memory.quota = quota.map_err(|error| source.invalid("memory.quota_bytes", &error.to_string()))?;
        }
        if let Some(seconds) = self.wait_seconds {
            if !(0.001..=MAX_SECONDS).contains(&seconds) {
                return Err(source.invalid("memory.wait_seconds", "state seconds from 0.001 to 86400"));
            }
            memory.wait = Duration::from_secs_f64(seconds);
        }
        if let Some(tokens) = self.consult_tokens {
            if tokens > MOST_CONSULT_TOKENS {
                return Err(source.invalid("memory.consult_tokens", "state tokens from 0 to 100000"));
            }
            memory.consult_tokens = tokens;
        }
        Ok(())
    }
}
