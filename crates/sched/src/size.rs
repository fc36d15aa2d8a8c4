//! The size limits of plans and results, all from the table in `abi`.

use std::fmt;

use abi::bounds::{
    MAX_BLOB_BYTES, MAX_CHILDREN, MAX_DEPENDENCIES, MAX_NAME_BYTES, MAX_RECORD_BYTES, MAX_RECORD_DEPTH,
    MAX_RESULT_BLOBS, MAX_RIGHTS, MAX_RUN_BYTES, MAX_STATED_INPUTS,
};
use abi::{Origin, Value};
use det::{Contract, Measure};

use crate::{Execution, Rights, TaskOrigin, TaskSpec};

pub use abi::bounds::{MAX_RESULT_BYTES, MAX_RESULT_DEPTH};

/// A size of a plan or a result that the table of bounds limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// Bytes of a proposed value.
    ResultBytes,
    /// Nesting of a proposed value.
    ResultDepth,
    /// Bytes of an executor's account of a run.
    RecordBytes,
    /// Nesting of an executor's account of a run.
    RecordDepth,
    /// Blobs that an account refers to.
    Blobs,
    /// Bytes of one blob.
    BlobBytes,
    /// Bytes of all blobs of one run.
    RunBytes,
    /// Inputs that an executor states.
    StatedInputs,
    /// Bytes of the name of a proposal's origin.
    OriginBytes,
    /// Bytes of the value that a parked task saves.
    FrameBytes,
    /// Nesting of the value that a parked task saves.
    FrameDepth,
    /// Tasks that one run asks for.
    Children,
    /// Bytes of the name of a task.
    NameBytes,
    /// Bytes of the name of an operation.
    OperationBytes,
    /// Tasks that one task waits for.
    Dependencies,
    /// Bytes of the name of a task that is waited for.
    DependencyBytes,
    /// Bytes of a task's input.
    InputBytes,
    /// Nesting of a task's input.
    InputDepth,
    /// Bytes of a contract.
    ContractBytes,
    /// Nesting of a contract.
    ContractDepth,
    /// Bytes of what the memory recalled for a job.
    RecalledBytes,
    /// Nesting of what the memory recalled for a job.
    RecalledDepth,
    /// Capabilities that a job or a task holds.
    Rights,
    /// Bytes of the name of a capability.
    RightBytes,
    /// Bytes of the name of a validator.
    ValidatorBytes,
}

impl Size {
    /// Returns the largest allowed size, from the table in [`abi::bounds`].
    #[must_use]
    pub fn limit(self) -> usize {
        match self {
            Self::ResultBytes
            | Self::FrameBytes
            | Self::InputBytes
            | Self::ContractBytes
            | Self::RecalledBytes => MAX_RESULT_BYTES,
            Self::ResultDepth
            | Self::FrameDepth
            | Self::InputDepth
            | Self::ContractDepth
            | Self::RecalledDepth => MAX_RESULT_DEPTH,
            Self::RecordBytes => MAX_RECORD_BYTES,
            Self::RecordDepth => MAX_RECORD_DEPTH,
            Self::Blobs => MAX_RESULT_BLOBS,
            Self::BlobBytes => MAX_BLOB_BYTES,
            Self::RunBytes => MAX_RUN_BYTES,
            Self::StatedInputs => MAX_STATED_INPUTS,
            Self::Children => MAX_CHILDREN,
            Self::Dependencies => MAX_DEPENDENCIES,
            Self::Rights => MAX_RIGHTS,
            Self::OriginBytes
            | Self::NameBytes
            | Self::OperationBytes
            | Self::DependencyBytes
            | Self::RightBytes
            | Self::ValidatorBytes => MAX_NAME_BYTES,
        }
    }

    /// Returns the words that follow the number in a message, for example `bytes of result`.
    fn words(self) -> &'static str {
        match self {
            Self::ResultBytes => "bytes of result",
            Self::ResultDepth => "levels of nesting in its result",
            Self::RecordBytes => "bytes of account of its run",
            Self::RecordDepth => "levels of nesting in the account of its run",
            Self::Blobs => "blobs",
            Self::BlobBytes => "bytes in one blob",
            Self::RunBytes => "bytes in all blobs of a run",
            Self::StatedInputs => "stated inputs",
            Self::OriginBytes => "bytes in the name of its origin",
            Self::FrameBytes => "bytes of saved value",
            Self::FrameDepth => "levels of nesting in its saved value",
            Self::Children => "tasks asked for at once",
            Self::NameBytes => "bytes of name",
            Self::OperationBytes => "bytes in the name of its operation",
            Self::Dependencies => "tasks that it waits for",
            Self::DependencyBytes => "bytes in the name of a task that it waits for",
            Self::InputBytes => "bytes of input",
            Self::InputDepth => "levels of nesting in its input",
            Self::ContractBytes => "bytes of contract",
            Self::ContractDepth => "levels of nesting in its contract",
            Self::RecalledBytes => "bytes that the memory recalled",
            Self::RecalledDepth => "levels of nesting in what the memory recalled",
            Self::Rights => "capabilities",
            Self::RightBytes => "bytes in the name of a capability",
            Self::ValidatorBytes => "bytes in the name of its validator",
        }
    }
}

/// A size that exceeds its limit, with the size that was found. Part of a refusal or a cause, whose text says
/// what to make smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excess {
    /// The size that is too large.
    pub size: Size,
    /// The size that was found.
    pub found: usize,
}

impl fmt::Display for Excess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { size, found } = self;
        write!(f, "{found} {} and {} is the limit", size.words(), size.limit())
    }
}

/// Checks that `found` is within the limit of `size`.
pub(crate) fn within(size: Size, found: usize) -> Result<(), Excess> {
    if found <= size.limit() { Ok(()) } else { Err(Excess { size, found }) }
}

/// Checks bytes and nesting of a value, without recursion.
fn value_within(value: &Value, bytes: Size, depth: Size) -> Result<(), Excess> {
    let found = det::measure(value);
    measure_within(found, bytes, depth)
}

fn measure_within(found: Measure, bytes: Size, depth: Size) -> Result<(), Excess> {
    within(depth, found.depth)?;
    within(bytes, found.bytes)
}

/// Checks the value that a parked task saves.
pub(crate) fn frame(frame: &Value) -> Result<(), Excess> {
    value_within(frame, Size::FrameBytes, Size::FrameDepth)
}

/// Checks a proposed value and the executor's account of it. This runs first, because what follows is recursive
/// and would overflow the stack on a value that nests too deeply.
pub(crate) fn proposal(subject: &Value, record: &Value, stated: usize, from: &Origin) -> Result<(), Excess> {
    value_within(subject, Size::ResultBytes, Size::ResultDepth)?;
    value_within(record, Size::RecordBytes, Size::RecordDepth)?;
    within(Size::StatedInputs, stated)?;
    match from {
        Origin::RemoteModel { name } => within(Size::OriginBytes, name.len()),
        Origin::Fetched { address, .. } => within(Size::OriginBytes, address.len()),
        Origin::LocalModel { .. } | Origin::Primitive { .. } | Origin::User => Ok(()),
    }
}

/// Checks everything that an executor returned with a proposal.
pub(crate) fn execution(execution: &Execution) -> Result<(), Excess> {
    let Execution { subject, record, blobs, inputs, .. } = execution;
    proposal(&subject.value, record, inputs.len(), &subject.origin)?;
    within(Size::Blobs, blobs.len())?;
    let mut total = 0_usize;
    for blob in blobs {
        within(Size::BlobBytes, blob.len())?;
        total += blob.len();
    }
    within(Size::RunBytes, total)
}

/// Checks the names and counts of one task of a plan. The name of a repair is longer than its task's.
pub(crate) fn names(spec: &TaskSpec, asker: TaskOrigin) -> Result<(), Excess> {
    if !matches!(asker, TaskOrigin::Repair(_)) {
        within(Size::NameBytes, spec.name.len())?;
    }
    within(Size::OperationBytes, spec.operation.len())?;
    within(Size::Dependencies, spec.after.len())?;
    for name in &spec.after {
        within(Size::DependencyBytes, name.len())?;
    }
    spec.rights.as_ref().map_or(Ok(()), rights)
}

/// Checks the input of one task of a plan.
pub(crate) fn input(spec: &TaskSpec) -> Result<(), Excess> {
    value_within(&spec.input, Size::InputBytes, Size::InputDepth)
}

/// Checks capabilities, which the entry of a job's opening names.
pub(crate) fn rights(rights: &Rights) -> Result<(), Excess> {
    within(Size::Rights, rights.len())?;
    rights.iter().try_for_each(|right| within(Size::RightBytes, right.0.len()))
}

/// The bytes of one recalled entry beside its label and its value: its keys, lengths and tags, and its digest.
const RECALLED_FRAME_BYTES: usize = 128;

/// Checks the labels and values that the memory recalled for a job, which the ledger keeps as one blob. The record lies
/// around each value with three levels.
pub(crate) fn recalled<'v>(entries: impl Iterator<Item = (&'v str, &'v Value)>) -> Result<(), Excess> {
    let mut total = RECALLED_FRAME_BYTES;
    for (label, value) in entries {
        let Measure { bytes, depth } = det::measure(value);
        within(Size::RecalledDepth, depth.saturating_add(3))?;
        total = total.saturating_add(RECALLED_FRAME_BYTES).saturating_add(label.len()).saturating_add(bytes);
    }
    within(Size::RecalledBytes, total)
}

/// Checks a contract, which the ledger keeps as a blob.
pub(crate) fn contract(contract: &Contract) -> Result<(), Excess> {
    value_within(&contract.to_value(), Size::ContractBytes, Size::ContractDepth)
}
