//! `nmk ledger`: verifies, replays and shows the history of what was judged.

mod blob;
mod jobs;
mod replay;
mod show;
mod texts;
mod trace;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use abi::{Digest, EntryKind, JobId, Value, counted};
use clap::{Args, Subcommand};
use det::TrustRoot;
use ledger::{HeadPosition, Repaired, StoredEntry, TrustedKey, Verified, VerifyError};
use serde_json::{Value as Json, json};

use crate::cli::Outcome;
use crate::config::{Config, Flags, Needless, Ways};
use crate::console::Console;
use crate::engine::{Opened, open_ledger, refused, signing_key, tell};
use crate::{Error, Surroundings, excerpt};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check every entry, blob and signature; changes nothing.
    #[command(after_help = "\
Passes when whoever holds the key acknowledged exactly these entries, and says which key that is and where it
was read; where the private key is at hand, the two are compared. Rolling the whole folder back to an older
state shows only against a head that was kept elsewhere: pass it with --head.

Example:
  nmk ledger verify --head 4f1c…")]
    Verify(VerifyArguments),
    /// Run every judgement again, and every generation of the model at hand.
    #[command(after_help = "\
The ledger is verified first. Proposals of remote models are judged from their stored text; what another model
made, or what was forgotten, is counted as UNPROVEN. The ledger says in which state the model at hand made what it
made; --state is for what others made. Exit code 1 names the first thing that came out otherwise, or says that
there was nothing to run again; 3 says that nothing of it could be.

Example:
  nmk ledger replay")]
    Replay(replay::Arguments),
    /// Remove the content of a blob; its digest and the reason stay in the history.
    #[command(after_help = "Example:\n  nmk ledger forget 4f1c… --reason \"a private prompt\"")]
    Forget(ForgetArguments),
    /// Set aside what lies beyond the head, and a checkpoint that is not of this history.
    #[command(after_help = "\
Bytes beyond the head that no announcement covers were added by somebody, or an older head was put back: then they
were acknowledged, and the newest head must be restored instead. Nothing is deleted: the bytes lie in the folder
`aside` of the ledger afterwards, and are no part of the history.

Example:
  nmk ledger repair")]
    Repair(RepairArguments),
    /// Print jobs and tasks as the entries tell of them, and what of it cannot be.
    #[command(after_help = "\
A second opinion on the scheduler: every entry must be a legal continuation of those before it. Something
committed unjudged, below its level or under another contract is found by the entries alone; exit code 1
names the first entries that cannot follow.

Example:
  nmk ledger trace")]
    Trace(trace::Arguments),
    /// Print the jobs, oldest first: what was asked, how it was read, and the answer.
    #[command(after_help = "\
With a job, print its steps, and the texts and values that they name. The time of a job is that of the clock of its
process. --entries prints one line for each entry, and --json the whole entries.

Examples:
  nmk ledger show --last 5
  nmk ledger show --entries --last 20
  nmk ledger show job-4f1c…")]
    Show(show::Arguments),
    /// Print the bytes of a blob: a prompt, a reply, a contract, a value.
    #[command(after_help = "\
The bytes are compared with the digest. On a terminal, control characters and marks that change the direction of text
are escaped, and bytes that are no text are refused; in a pipe, the bytes come as they are.

Example:
  nmk ledger blob 4f1c…")]
    Blob(blob::Arguments),
}

/// Flags of every command here.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// The ledger's folder.
    #[arg(long, value_name = "PATH")]
    ledger: Option<PathBuf>,
    /// The configuration to read instead of searching for one.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print one JSON object.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArguments {
    #[command(flatten)]
    common: Common,
    /// A head that was kept elsewhere; the history must contain it.
    #[arg(long, value_name = "HEX")]
    head: Option<Digest>,
    #[command(flatten)]
    key: KeyFlag,
}

/// The key of a ledger, instead of the configured one.
#[derive(Debug, Args)]
pub(crate) struct KeyFlag {
    /// The key of the ledger, instead of the configured one; of somebody else's ledger the public key (NAME.pub).
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
}

impl KeyFlag {
    /// Returns the name of the private key, by which the library names a pair.
    pub(super) fn private(&self) -> Option<PathBuf> {
        let key = self.key.as_ref()?;
        Some(if key.extension().is_some_and(|ending| ending == "pub") {
            key.with_extension("")
        } else {
            key.clone()
        })
    }
}

#[derive(Debug, Args)]
pub(crate) struct RepairArguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    key: KeyFlag,
}

#[derive(Debug, Args)]
pub(crate) struct ForgetArguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    key: KeyFlag,
    /// The digest of the blob, or its first digits, as `nmk ledger show JOB` prints them.
    #[arg(value_parser = digits)]
    digest: String,
    /// The reason, which stays in the history.
    #[arg(long, value_name = "TEXT", value_parser = said)]
    reason: String,
}

/// The error of a text that says nothing.
#[derive(Debug, thiserror::Error)]
#[error("it says nothing")]
struct Blank;

fn said(text: &str) -> Result<String, Blank> {
    if text.trim().is_empty() { Err(Blank) } else { Ok(text.to_owned()) }
}

impl Common {
    /// Returns the folder of the ledger, for a command that reads it without its key.
    fn folder(&self) -> Result<PathBuf, Error> {
        Ok(self.config_with(None, Needless::Key)?.ledger)
    }

    /// Returns the configuration with this key.
    pub(super) fn config_with(&self, key: Option<PathBuf>, needless: Needless) -> Result<Config, Error> {
        let (config, ledger) = (self.config.clone(), self.ledger.clone());
        let flags = Flags { config, ledger, key, needless, ways: Ways::Flags, ..Flags::default() };
        Ok(Config::load(&flags, &Surroundings::read())?)
    }
}

pub(crate) fn run(
    command: Command,
    console: &mut Console<'_>,
    root: &impl TrustRoot,
) -> Result<Outcome, Error> {
    match command {
        Command::Verify(arguments) => verify(&arguments, console),
        Command::Trace(arguments) => trace::run(&arguments, console),
        Command::Show(arguments) => show::run(&arguments, console),
        Command::Blob(arguments) => blob::run(&arguments, console),
        Command::Replay(arguments) => replay::run(&arguments, console, root),
        Command::Forget(arguments) => forget(&arguments, console),
        Command::Repair(arguments) => repair(&arguments, console),
    }
}

fn verify(arguments: &VerifyArguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let config = arguments.common.config_with(arguments.key.private(), Needless::Nothing)?;
    let trusted = trusted_key(&config)?;
    let folder = config.ledger.as_path();
    match ledger::verify(folder, &trusted.key, arguments.head) {
        Ok(verified) => {
            if arguments.common.json {
                console.result(&passed(folder, &verified, &trusted).to_string())?;
            } else {
                console.prose(&summary(folder, &verified, &trusted))?;
            }
            Ok(Outcome::Done)
        }
        Err(cause) if is_verdict(&cause) => {
            let line = excerpt::one_line(&cause.to_string());
            console.note(&format!("nmk: verification failed: {line}"));
            if arguments.common.json {
                let object =
                    json!({"verified": false, "ledger": folder.display().to_string(), "reason": line});
                console.result(&object.to_string())?;
            }
            Ok(Outcome::Negative)
        }
        Err(cause) => Err(unreadable(folder, cause)),
    }
}

/// Returns true if the ledger was read and found wrong, and false if it could not be read.
pub(super) fn is_verdict(error: &VerifyError) -> bool {
    match error {
        VerifyError::File(error) => error.irregular().is_some(),
        error => !matches!(error, VerifyError::NoLedger { .. }),
    }
}

pub(super) fn unreadable(folder: &Path, cause: VerifyError) -> Error {
    match cause {
        VerifyError::NoLedger { path } => Error::NoLedger { path },
        cause => Error::Unreadable { path: folder.to_owned(), cause: Box::new(cause) },
    }
}

/// Returns the public key that the configuration pins. Without a ledger the error says that, whether there is a key or
/// not.
pub(super) fn trusted_key(config: &Config) -> Result<TrustedKey, Error> {
    ledger::keys::load_public(&config.key).map_err(|cause| match config.ledger.try_exists() {
        Ok(false) => unreadable(&config.ledger, VerifyError::NoLedger { path: config.ledger.clone() }),
        _ => Error::LedgerKey { path: config.key.clone(), cause },
    })
}

fn passed(folder: &Path, verified: &Verified, trusted: &TrustedKey) -> Json {
    json!({
        "verified": true,
        "ledger": folder.display().to_string(),
        "entries": verified.count,
        "blobs": verified.blobs,
        "bytes": verified.length,
        "head": verified.head.to_string(),
        "key": {
            "public": trusted.key.to_string(),
            "file": trusted.path.display().to_string(),
            "paired": trusted.is_paired,
        },
        "forgotten": verified.forgotten,
        "in_flight_bytes": verified.in_flight,
        "expected_head": match verified.expected {
            None => Json::Null,
            Some(HeadPosition::Current) => json!("current"),
            Some(HeadPosition::Earlier { count }) => json!({"earlier": count}),
        },
    })
}

fn summary(folder: &Path, verified: &Verified, trusted: &TrustedKey) -> String {
    let Verified { count, blobs, head, .. } = verified;
    let mut text = format!(
        "verified: {count}, {blobs}, head {head} ({})",
        folder.display(),
        count = counted(*count, "entry"),
        blobs = counted(*blobs, "blob")
    );
    match verified.expected {
        None => {}
        Some(HeadPosition::Current) => text += "; the expected head is the current one",
        Some(HeadPosition::Earlier { count }) => {
            text += &format!("; the expected head was reached after {count}", count = counted(count, "entry"))
        }
    }
    if verified.forgotten > 0 {
        text += &format!("; {} forgotten, as entries say", counted(verified.forgotten, "blob"));
    }
    if verified.in_flight > 0 {
        text +=
            &format!("; a writer is at work ({} not acknowledged yet)", counted(verified.in_flight, "byte"));
    }
    let pair = if trusted.is_paired { "the pair of the private key there" } else { "no private key there" };
    text + &format!("; signed by {} from {} ({pair})", trusted.key, trusted.path.display())
}

fn repair(arguments: &RepairArguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let config = arguments.common.config_with(arguments.key.private(), Needless::Nothing)?;
    let trusted = trusted_key(&config)?;
    let folder = config.ledger.as_path();
    let repaired = ledger::repair(folder, &trusted.key).map_err(|cause| refused(folder, cause))?;
    let Repaired { bytes, announcement, checkpoint, count, .. } = repaired;
    let text = if arguments.common.json {
        json!({
            "set_aside_bytes": bytes, "announcement": announcement, "checkpoint": checkpoint, "entries": count,
        })
        .to_string()
    } else if bytes == 0 && checkpoint {
        let aside = folder.join("aside");
        format!("set aside: a checkpoint that is not of this history, now in {}", aside.display())
    } else if bytes == 0 && !announcement {
        format!(
            "nothing lies beyond the {count} of the head ({})",
            folder.display(),
            count = counted(count, "entry")
        )
    } else {
        let aside = folder.join("aside");
        format!(
            "set aside: {bytes} beyond the {count} of the head, now in {}",
            aside.display(),
            bytes = counted(bytes, "byte"),
            count = counted(count, "entry")
        )
    };
    if arguments.common.json { console.result(&text) } else { console.prose(&text) }?;
    Ok(Outcome::Done)
}

/// The error of a word that is no digest and no beginning of one.
#[derive(Debug, thiserror::Error)]
#[error("a blob is named by 4 to 64 lower-case hexadecimal digits")]
struct NoDigits;

fn digits(word: &str) -> Result<String, NoDigits> {
    let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    let fits = (4..=64).contains(&word.len()) && word.bytes().all(is_digit);
    if fits { Ok(word.to_owned()) } else { Err(NoDigits) }
}

/// Returns the one job of the ledger in `folder` whose id begins with `word`, with or without `job-`.
pub(super) fn named_job(folder: &Path, word: &str) -> Result<JobId, Error> {
    let entries: Result<Vec<StoredEntry>, VerifyError> = ledger::read(folder).and_then(Iterator::collect);
    job_among(folder, &entries.map_err(|cause| unreadable(folder, cause))?, word)
}

/// Returns the one job of `entries` whose id begins with `word`, with or without `job-`.
pub(super) fn job_among(folder: &Path, entries: &[StoredEntry], word: &str) -> Result<JobId, Error> {
    let digits = word.strip_prefix("job-").unwrap_or(word);
    // The beginning of `job-` fits every job, and so does an empty word.
    let is_meant = |job: &JobId| {
        let id = job.to_string();
        id.starts_with(word) || id.trim_start_matches("job-").starts_with(digits)
    };
    let jobs = entries.iter().filter(|stored| stored.entry.kind != EntryKind::Forgotten);
    let mut found: Vec<JobId> = jobs.map(|stored| stored.entry.task.job).filter(is_meant).collect();
    found.sort_unstable();
    found.dedup();
    match found.as_slice() {
        [job] => Ok(*job),
        found => Err(Error::JobDigits {
            word: if word.is_empty() { "\"\"".to_owned() } else { excerpt::from_text(word) },
            found: found.len(),
            ledger: folder.to_owned(),
        }),
    }
}

/// Returns the digest of the one blob that entries name and whose digest begins with `digits`.
fn named_blob(folder: &Path, digits: &str) -> Result<Digest, Error> {
    if let Ok(digest) = digits.parse() {
        return Ok(digest);
    }
    let named = named_blobs(folder).map_err(|cause| unreadable(folder, cause))?;
    let found: Vec<Digest> =
        named.into_iter().filter(|digest| digest.to_string().starts_with(digits)).collect();
    match found.as_slice() {
        [digest] => Ok(*digest),
        found => {
            let (digits, ledger) = (digits.to_owned(), folder.to_owned());
            Err(Error::BlobDigits { digits, found: found.len(), ledger })
        }
    }
}

fn forget(arguments: &ForgetArguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let config = arguments.common.config_with(arguments.key.private(), Needless::Nothing)?;
    let digest = named_blob(&config.ledger, &arguments.digest)?;
    let key = signing_key(&config)?;
    let refuse = |cause| refused(&config.ledger, cause);
    let Opened { mut ledger, interrupted, .. } = open_ledger(&config.ledger, &key).map_err(refuse)?;
    // A blob that is not there is refused below, by name.
    let content = ledger::blob(&config.ledger, &digest).unwrap_or_default();
    let receipt = ledger.forget(digest, &arguments.reason).map_err(refuse)?;
    tell(Some(&ledger), interrupted, console);
    let left = others_with(&config.ledger, &content).map_err(|cause| unreadable(&config.ledger, cause))?;
    for other in &left {
        console.note(&format!("nmk: the same content is also a part of blob {other}; forget that one too"));
    }
    let text = if arguments.common.json {
        let left: Vec<String> = left.iter().map(ToString::to_string).collect();
        json!({
            "forgotten": digest.to_string(), "also_in": left,
            "entry": receipt.index, "head": receipt.head.to_string(),
        })
        .to_string()
    } else {
        format!("forgotten: {}, entry {}, head {}", digest, receipt.index, receipt.head)
    };
    if arguments.common.json { console.result(&text) } else { console.prose(&text) }?;
    Ok(Outcome::Done)
}

/// Returns the digests of the blobs that the entries name.
fn named_blobs(folder: &Path) -> Result<BTreeSet<Digest>, VerifyError> {
    let mut named = BTreeSet::new();
    for stored in ledger::read(folder)? {
        if let Some(Value::List(blobs)) = stored?.entry.body.get("blobs") {
            named.extend(blobs.iter().filter_map(Value::as_digest));
        }
    }
    Ok(named)
}

/// Returns the blobs of the ledger in `folder` that contain `content`: a prompt is also a part of the input of its task,
/// for example. Empty for content of less than four bytes, which every second blob contains.
fn others_with(folder: &Path, content: &[u8]) -> Result<Vec<Digest>, VerifyError> {
    const LEAST: usize = 4;
    let mut named = named_blobs(folder)?;
    named.retain(|digest| {
        let other = ledger::blob(folder, digest).unwrap_or_default();
        content.len() >= LEAST && other.windows(content.len()).any(|part| part == content)
    });
    Ok(named.into_iter().collect())
}

/// Returns the number of bytes beyond the head, which are not shown, and says that there are some.
pub(super) fn beyond_head(folder: &Path, console: &mut Console<'_>) -> Result<u64, Error> {
    let beyond = ledger::bytes_beyond_head(folder).map_err(|cause| unreadable(folder, cause))?;
    if beyond > 0 {
        console.note(&format!(
            "nmk: not shown is what lies beyond the head ({beyond}); unless a writer is at work, nmk ledger verify \
             says what that is", beyond = counted(beyond, "byte")));
    }
    Ok(beyond)
}
