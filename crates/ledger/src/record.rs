//! An entry with its place, and its bytes.

use abi::{Digest, Entry, EntryKind, JobId, TaskId, Value, decode, encode_into};

use crate::EntryFault;
use crate::chain::Tip;
use crate::fields::{Fields, Misfit, digests};
use crate::format::{DIGEST_BYTES, FRAME_BYTES, LENGTH_BYTES, VERSION};

/// An entry as it was read back. A claim until [`verify`](fn@crate::verify) has passed.
#[derive(Clone, Debug)]
pub struct StoredEntry {
    /// Its number, from 0.
    pub index: u64,
    /// Where its frame begins in the file of entries.
    pub offset: u64,
    /// Its digest.
    pub digest: Digest,
    /// The chain digest after it: the head that its append acknowledged, or one on the way there.
    pub head: Digest,
    /// What was to be remembered.
    pub entry: Entry,
}

impl StoredEntry {
    /// Digests of the blobs that its body names under `blobs`.
    ///
    /// None if `blobs` is there and is not a list of digests.
    pub(crate) fn blobs(&self) -> Option<Vec<Digest>> {
        blobs_of(&self.entry.body)
    }

    /// Of an entry of that kind, the digest of the blob that was forgotten.
    pub(crate) fn forgotten(&self) -> Option<Digest> {
        forgotten_of(&self.entry.body)
    }
}

/// Digests of the blobs that a body names; none if it names them in another form.
pub(crate) fn blobs_of(body: &Value) -> Option<Vec<Digest>> {
    body.get("blobs").map_or(Some(Vec::new()), digests)
}

/// Digest of the blob that such a body says was forgotten; none if it does not say it in that form.
pub(crate) fn forgotten_of(body: &Value) -> Option<Digest> {
    match body.get("digest") {
        Some(Value::Bytes(bytes)) => bytes.as_slice().try_into().ok().map(Digest::from_bytes),
        _ => None,
    }
}

/// The tag of a map in the canonical encoding.
const MAP: u8 = 8;

/// A payload read, before its place was checked.
pub(crate) struct Record {
    pub(crate) index: u64,
    pub(crate) previous: Digest,
    pub(crate) entry: Entry,
}

/// The payload of `entry` as the next after `tip`: the canonical map of the format, written without building
/// it, since its keys are known.
pub(crate) fn payload(entry: &Entry, tip: &Tip) -> Vec<u8> {
    let index = i64::try_from(tip.count).expect("a ledger has fewer than 2^63 entries");
    let mut out = Vec::with_capacity(512);
    out.push(MAP);
    out.extend_from_slice(&8_u32.to_le_bytes());
    let mut field = |key: &str, value: &Value| {
        let length = u32::try_from(key.len()).expect("the keys of the format are short");
        out.extend_from_slice(&length.to_le_bytes());
        out.extend_from_slice(key.as_bytes());
        encode_into(value, &mut out);
    };
    field("body", &entry.body);
    field("index", &Value::Int(index));
    field("inputs", &Value::List(entry.inputs.iter().map(|input| input.to_value()).collect()));
    field("job", &Value::Int(entry.task.job.0.cast_signed()));
    field("kind", &Value::text(entry.kind.word()));
    field("prev", &tip.last.to_value());
    field("task", &Value::Int(i64::from(entry.task.number)));
    field("version", &Value::Int(VERSION));
    out
}

/// Appends the frame of `payload`, whose chain digest is `chain`.
pub(crate) fn write_frame(payload: &[u8], chain: Digest, out: &mut Vec<u8>) {
    let length = u32::try_from(payload.len()).expect("a payload was checked against its cap");
    out.reserve(payload.len() + FRAME_BYTES);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(payload);
    out.extend_from_slice(chain.as_bytes());
}

/// The payload's length that a frame announces.
pub(crate) fn announced(prefix: [u8; LENGTH_BYTES]) -> u64 {
    u64::from(u32::from_le_bytes(prefix))
}

/// The chain digest at the end of a frame.
pub(crate) fn stated_chain(suffix: [u8; DIGEST_BYTES]) -> Digest {
    Digest::from_bytes(suffix)
}

/// Reads a payload.
pub(crate) fn parse(payload: &[u8]) -> Result<Record, EntryFault> {
    let value = decode(payload).map_err(EntryFault::NotCanonical)?;
    if let Some(Value::Int(found)) = value.get("version")
        && *found > VERSION
    {
        return Err(EntryFault::NewerVersion { found: *found });
    }
    record(value).map_err(|Misfit(field)| EntryFault::Shape { field })
}

fn record(value: Value) -> Result<Record, Misfit> {
    let mut fields = Fields::of(value)?;
    if fields.int("version")? != VERSION {
        return Err(Misfit("version"));
    }
    let index = fields.number("index")?;
    let kind = kind_of(&fields.text("kind")?)?;
    let job = JobId(fields.int("job")?.cast_unsigned());
    let number = fields.number("task")?;
    let inputs = digests(&fields.value("inputs")?).ok_or(Misfit("inputs"))?;
    let body = fields.value("body")?;
    let previous = fields.digest("prev")?;
    fields.end()?;
    Ok(Record { index, previous, entry: Entry { kind, task: TaskId { job, number }, inputs, body } })
}

fn kind_of(word: &str) -> Result<EntryKind, Misfit> {
    EntryKind::ALL.into_iter().find(|kind| kind.word() == word).ok_or(Misfit("kind"))
}

#[cfg(test)]
mod tests {
    use abi::{Digest, Entry, EntryKind, JobId, TaskId, Value, encode};

    use super::payload;
    use crate::chain::Tip;

    #[test]
    fn a_payload_is_the_canonical_map_of_its_fields() {
        let task = TaskId { job: JobId(u64::MAX - 3), number: 9 };
        let inputs = vec![Digest::of("nmk.test.v1", b"input"); 2];
        let body = Value::map([("b", Value::Bool(true)), ("a", Value::List(vec![Value::Null]))]);
        let entry = Entry { kind: EntryKind::Parked, task, inputs: inputs.clone(), body: body.clone() };
        let tip = Tip::genesis().after(b"something before");
        let map = Value::map([
            ("version", Value::Int(1)),
            ("index", Value::Int(1)),
            ("kind", Value::text("parked")),
            ("job", Value::Int(-4)),
            ("task", Value::Int(9)),
            ("inputs", Value::List(inputs.iter().map(|input| input.to_value()).collect())),
            ("body", body),
            ("prev", tip.last.to_value()),
        ]);
        assert_eq!(payload(&entry, &tip), encode(&map));
    }
}
