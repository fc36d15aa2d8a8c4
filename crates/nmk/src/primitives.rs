//! The store of admitted functions of this program: whose records count, and what is taken from it.

mod callable;
mod operation;

use std::path::{Path, PathBuf};

use abi::{Digest, Value};
use det::{ReadmitError, TrustRoot};
use escalate::{
    Action, Catalogue, CatalogueEntry, Keeping, Kept, Listed, LookUpSpending, MOST_RECALLED, Recalled, Store,
    StoreError, Tier,
};
use holdout::Spec;
use kpolicy::{Account, Mode, Policy, Recorded, Reservation, Unit};

use crate::config::{Config, Spending, beside};
use crate::gate::{self, Record};
use crate::{Error, RecordError, excerpt, sensing};

pub use callable::CallError;
pub(crate) use callable::Callable;
pub(crate) use operation::{CAPABILITY, add_to};

/// The reason why a stored function is not used.
#[derive(Debug, thiserror::Error)]
pub enum PrimitiveError {
    /// The store refuses.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The record of the function does not count.
    #[error("the record of {entry} does not count here: {cause}")]
    Record {
        /// The name of the function.
        entry: String,
        /// The reason.
        cause: RecordError,
    },
    /// The signer of the record is not trusted here.
    #[error(
        "{entry} was signed by {signer}, which is not trusted here; nmk prims import FILE --trust {signer} trusts it, and \
         --recheck trusts nobody and holds the exam here"
    )]
    Signer {
        /// The name of the function.
        entry: String,
        /// The public key of the signer.
        signer: Digest,
    },
    /// The record admits nothing, or admits something else than the store says.
    #[error("the record of {entry} admits no such function")]
    NotAdmitted {
        /// The name of the function.
        entry: String,
    },
    /// The arguments of a call are not those that the function takes.
    #[error("the arguments are refused: {what}")]
    Arguments {
        /// The fault in words.
        what: String,
    },
    /// A call has no result.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The store has no place.
    #[error("without a ledger there is no store of functions; pass --primitives DIR")]
    NoFolder,
    /// No function has that name.
    #[error(
        "there is no admitted function {name}; nmk prims list shows them, and the first 8 digits of a record name one"
    )]
    Unknown {
        /// The name that was asked for.
        name: String,
    },
    /// The function is a primitive of the kernel, and no admitted one.
    #[error(
        "{name} is a primitive of the kernel, which nobody admitted; a graph computes it as prim.{name} (docs/graph.md)"
    )]
    OfTheKernel {
        /// The name that was asked for.
        name: String,
    },
    /// Several functions have that name.
    #[error("there are {count} admitted functions {name}; name one by the beginning of its record's digest")]
    Several {
        /// The name that was asked for.
        name: String,
        /// The number of those functions.
        count: usize,
    },
}

/// A stored function whose record was checked.
#[derive(Debug)]
pub(crate) struct Primitive {
    pub(crate) kept: Kept,
    pub(crate) record: Record,
}

/// Returns the folder of the store: the one that was named, or the one beside the ledger. None without either.
pub(crate) fn folder(config: &Config, named: Option<&Path>) -> Option<PathBuf> {
    match named {
        Some(folder) => Some(folder.to_owned()),
        None if config.no_ledger => None,
        None => beside(&config.ledger, "-primitives"),
    }
}

/// The keys whose records count: this machine's own, and those that its user trusts.
pub(crate) fn trusted(store: &Store, config: &Config) -> Result<Vec<[u8; 32]>, Error> {
    let mut keys = store.trusted().map_err(PrimitiveError::from)?;
    // Without a key of its own, this machine has signed nothing.
    if let Ok(own) = ledger::keys::load_public(&config.key) {
        keys.insert(0, *own.key.as_bytes());
    }
    Ok(keys)
}

/// Returns a function for a store, with the record of its exam.
pub(crate) fn kept(record: &Record, bytes: Vec<u8>, rung: &str, attempt: u32, model: &str) -> Kept {
    Kept {
        entry: record.spec.entry().to_owned(),
        specification: record.spec.digest(),
        code: code_digest(&record.candidate),
        executor: record.executor().unwrap_or_default().to_owned(),
        rung: rung.to_owned(),
        attempt,
        model: model.to_owned(),
        record: bytes,
    }
}

/// Returns the digest of a function's code.
pub(crate) fn code_digest(code: &str) -> Digest {
    det::subject_digest(&Value::text(code))
}

/// Checks the record of a stored function: its digests, its signature, that it admits what the store says, and that `store`
/// did not revoke it.
pub(crate) fn checked(
    store: &Store,
    kept: Kept,
    trusted: Vec<[u8; 32]>,
    root: &impl TrustRoot,
) -> Result<Primitive, PrimitiveError> {
    if let Some(why) = store.revoked(&kept.specification, &kept.code)? {
        return Err(StoreError::Revoked { entry: kept.entry, why }.into());
    }
    let entry = || kept.entry.clone();
    let record =
        gate::read_record(&kept.record).map_err(|cause| PrimitiveError::Record { entry: entry(), cause })?;
    let is_admitted = record.is_admitted(trusted, root).map_err(|cause| match (&cause, record.signer()) {
        (RecordError::Admission(ReadmitError::UnknownSigner), Some(signer)) => {
            PrimitiveError::Signer { entry: entry(), signer: Digest::from_bytes(signer) }
        }
        _ => PrimitiveError::Record { entry: entry(), cause },
    })?;
    let is_that = record.spec.digest() == kept.specification
        && record.spec.entry() == kept.entry
        && code_digest(&record.candidate) == kept.code
        && record.executor() == Some(kept.executor.as_str());
    match is_admitted && is_that {
        true => Ok(Primitive { kept, record }),
        false => Err(PrimitiveError::NotAdmitted { entry: entry() }),
    }
}

/// Returns the admitted functions of a store by name or by the beginning of a record's digest.
pub(crate) fn named(store: &Store, name: &str) -> Result<Kept, PrimitiveError> {
    let (mut found, mut altered) = (Vec::<Kept>::new(), None);
    for Listed { kept, .. } in store.list()? {
        match kept {
            Ok(kept)
                if kept.entry == name
                    || (name.len() >= 8 && kept.record_digest().to_string().starts_with(name)) =>
            {
                found.push(kept);
            }
            Ok(_) => {}
            Err(error) => altered = altered.or(Some(error)),
        }
    }
    // One record can stand in several files.
    found.sort_by_key(Kept::record_digest);
    found.dedup_by_key(|kept| kept.record_digest());
    let count = found.len();
    match (found.pop(), count, altered) {
        (Some(kept), 1, _) => Ok(kept),
        // A file that was altered may be the one that was asked for.
        (None, _, Some(error)) => Err(error.into()),
        (None, _, None) if prims::find(name).is_some() => {
            Err(PrimitiveError::OfTheKernel { name: name.to_owned() })
        }
        (None, _, None) => Err(PrimitiveError::Unknown { name: name.to_owned() }),
        (Some(_), _, _) => Err(PrimitiveError::Several { name: name.to_owned(), count }),
    }
}

/// Returns the functions of a store whose records count here and whose exams were in `executor`, if one is named.
pub(crate) fn counting(
    store: &Store,
    config: &Config,
    executor: Option<&str>,
    root: &impl TrustRoot,
) -> Result<Vec<Primitive>, Error> {
    let keys = trusted(store, config)?;
    let listed = store.list().map_err(PrimitiveError::from)?;
    let counts = |listed: Listed| checked(store, listed.kept.ok()?, keys.clone(), root).ok();
    let ran = |primitive: &Primitive| executor.is_none_or(|executor| primitive.kept.executor == executor);
    Ok(listed.into_iter().filter_map(counts).filter(ran).collect())
}

impl Primitive {
    /// Returns the function as a catalogue has it.
    pub(crate) fn catalogued(&self) -> CatalogueEntry {
        let spec = &self.record.spec;
        CatalogueEntry {
            name: spec.entry().to_owned(),
            description: excerpt::one_line(spec.description()),
            signature: excerpt::one_line(&spec.typed_signature()),
            tier: Tier::Proven,
        }
    }
}

/// Returns the policy of a look-up and what it may spend, under the settings of a configuration. The importance is the
/// reference's if none is stated. A load that is measured takes most of a second.
pub(crate) fn look_up_means(settings: &Spending, importance: Option<Unit>) -> (Policy, LookUpSpending) {
    let reference = LookUpSpending::reference();
    let importance = importance.unwrap_or(reference.importance);
    let (cost, budget, mode) = (sensing::load(settings).cost, settings.budget, settings.mode);
    (settings.look_up_policy(), LookUpSpending { importance, cost, budget, mode, ..reference })
}

/// The functions that were admitted for other specifications and are examined first, and the decision about their number.
#[derive(Debug, Default)]
pub(crate) struct Near {
    pub(crate) recalled: Vec<Recalled>,
    /// The decision of the policy. None if nothing was decided, because no function is near.
    pub(crate) decided: Option<Box<Recorded>>,
}

impl Near {
    /// Takes the cost of the examinations out of `account`, where the decisions of a command share one.
    pub(crate) fn pay(&self, account: &Account) -> Option<Reservation> {
        let decided = self.decided.as_ref().filter(|decided| decided.mode == Mode::Improved)?;
        let spent = decided.conclusion().charge.ok()?.spent;
        account.reserve(spent).ok()
    }
}

/// Returns the functions that were admitted for other specifications and may fit `spec`: of the same types, with words that
/// are near, as many as the policy admits, the nearest first.
pub(crate) fn near(
    store: &Store,
    config: &Config,
    spec: &Spec,
    executor: &str,
    root: &impl TrustRoot,
) -> Result<Near, Error> {
    let mut all = counting(store, config, Some(executor), root)?;
    all.retain(|primitive| primitive.record.spec.signature() == spec.signature());
    if all.is_empty() {
        return Ok(Near::default());
    }
    let catalogue = Catalogue::new(all.iter().map(Primitive::catalogued));
    let (policy, spending) = look_up_means(&config.spending, None);
    let governed = catalogue.governed_propose(&policy, spec.entry(), spec.description(), &spending);
    let decided = governed.audit.spent.as_ref().map(|spent| Box::new(spent.recorded.clone()));
    if governed.action() == Action::Synthesize {
        return Ok(Near { decided, ..Near::default() });
    }
    let mut near: Vec<Recalled> = Vec::new();
    for candidate in &governed.candidates {
        for primitive in all.iter().filter(|primitive| primitive.catalogued() == *candidate.entry) {
            let Primitive { kept, record } = primitive;
            let recalled = Recalled::new(&kept.entry, &record.candidate, &kept.model, spec.entry());
            if near.len() < MOST_RECALLED && near.iter().all(|other| other.code != recalled.code) {
                near.push(recalled);
            }
        }
    }
    Ok(Near { recalled: near, decided })
}

/// Keeps what searches admitted whose process ended before it could. What the ledger does not show now, and what the store
/// does not take, stays for another time: it keeps nobody from using the rest.
pub(crate) fn recover(store: &Store, config: &Config, root: &impl TrustRoot) -> Result<usize, Error> {
    if config.no_ledger {
        return Ok(0);
    }
    let pending = store.pending().map_err(PrimitiveError::from)?;
    let mut recovered = 0;
    for specification in pending {
        recovered += usize::from(recover_one(store, config, specification, root).unwrap_or(false));
    }
    Ok(recovered)
}

/// Keeps what the ledger admits under one specification and the store lacks. Returns true if there was such a function.
pub(crate) fn recover_one(
    store: &Store,
    config: &Config,
    specification: abi::Digest,
    root: &impl TrustRoot,
) -> Result<bool, Error> {
    // Before the first entry there is no ledger, which admitted nothing.
    if !config.ledger.exists() {
        return Ok(false);
    }
    let failed = |cause| Error::GateHistory { path: config.ledger.clone(), cause: Box::new(cause) };
    let trusted = trusted(store, config)?;
    for judged in gate::earlier(&config.ledger, specification).map_err(failed)? {
        // A record that was forgotten, or that is not to be believed, is as good as none.
        let Ok(bytes) = ledger::blob(&config.ledger, &judged.record) else { continue };
        let Ok(record) = gate::read_record(&bytes) else { continue };
        if !record.is_admitted(trusted.clone(), root).unwrap_or(false) {
            continue;
        }
        match store.keep(&kept(&record, bytes, "recovered", 0, "")) {
            Ok(Keeping::New(_)) => return Ok(true),
            // A store that is full, or that cannot be changed now, takes it in another time.
            Ok(Keeping::There(_)) | Err(_) => {}
        }
    }
    Ok(false)
}
