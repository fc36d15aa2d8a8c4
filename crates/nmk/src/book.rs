//! The journal of a command: the ledger in its folder, or one in memory that ends with the process.

use std::path::{Path, PathBuf};

use abi::{Body, Digest, Entry, JobId, Journal, Receipt};
use ledger::{JobClaim, Ledger, LedgerError, MemoryDisk, OpenReport, SigningKey, SizeLimits};

use crate::config::Config;
use crate::engine::{Opened, open_ledger, refused, signing_key};
use crate::{Error, interrupted, surroundings};

/// The folder of a ledger in memory, on a disk that has nothing else.
const IN_MEMORY: &str = "/ledger";

/// The journal that a command writes. Both kinds are the same ledger, over another disk.
#[derive(Debug)]
pub(crate) enum Book {
    /// The ledger in its folder.
    Kept(Ledger),
    /// A ledger in memory, which nobody can read after the process has ended.
    InMemory(Ledger<MemoryDisk>),
}

/// A journal that was opened, with what was found in it.
#[derive(Debug)]
pub(crate) struct OpenedBook {
    pub(crate) book: Book,
    pub(crate) report: OpenReport,
    /// The number of jobs that other processes had left open, and that are ended now.
    pub(crate) interrupted: usize,
}

impl Book {
    /// Opens the ledger that `config` chooses.
    ///
    /// # Errors
    /// [`Error`] if the ledger or its key is refused, or the system gives no entropy.
    pub(crate) fn open(config: &Config) -> Result<OpenedBook, Error> {
        if config.no_ledger {
            let refuse = |cause| refused(Path::new(IN_MEMORY), cause);
            let key = SigningKey::from_seed(surroundings::draw_bytes()?)
                .map_err(|cause| Error::LedgerKey { path: PathBuf::from(IN_MEMORY), cause })?;
            let (disk, folder) = (MemoryDisk::default(), Path::new(IN_MEMORY));
            let opened = Ledger::open_on(disk, folder, &key, SizeLimits::default());
            let (ledger, report) = opened.map_err(refuse)?;
            return Ok(OpenedBook { book: Self::InMemory(ledger), report, interrupted: 0 });
        }
        let key = signing_key(config)?;
        let Opened { ledger, report, interrupted } =
            open_ledger(&config.ledger, &key).map_err(|cause| refused(&config.ledger, cause))?;
        Ok(OpenedBook { book: Self::Kept(ledger), report, interrupted })
    }

    /// Returns the ledger in its folder. None if nothing is kept.
    pub(crate) fn kept(&self) -> Option<&Ledger> {
        match self {
            Self::Kept(ledger) => Some(ledger),
            Self::InMemory(_) => None,
        }
    }

    /// Draws the number of a new job, and claims it where other processes can see it.
    ///
    /// # Errors
    /// [`Error`] if the system gives no entropy, or the ledger's folder cannot be written.
    pub(crate) fn begin(&mut self) -> Result<(JobId, Option<JobClaim>), Error> {
        match self {
            Self::Kept(ledger) => interrupted::begin(ledger).map(|(job, claim)| (job, Some(claim))),
            Self::InMemory(_) => Ok((surroundings::draw_job()?, None)),
        }
    }
}

impl Journal for Book {
    type Error = LedgerError;

    fn append<B: Body>(&mut self, entries: &[Entry<B>]) -> Result<Vec<Receipt>, LedgerError> {
        match self {
            Self::Kept(ledger) => ledger.append(entries),
            Self::InMemory(ledger) => ledger.append(entries),
        }
    }

    fn refused_entry(error: &LedgerError) -> Option<usize> {
        <Ledger as Journal>::refused_entry(error)
    }

    fn store_blob(&mut self, bytes: &[u8]) -> Result<Digest, LedgerError> {
        match self {
            Self::Kept(ledger) => ledger.store_blob(bytes),
            Self::InMemory(ledger) => ledger.store_blob(bytes),
        }
    }
}
