//! Entries as bytes, and entries as they were read back.

use abi::{Body, Digest, Entry, EntryKind, JobId, TaskId, Value, decode, write_map};

use crate::EntryFault;
use crate::chain::Tip;
use crate::fields::{Fields, Misfit, digests};
use crate::format::{DIGEST_BYTES, LENGTH_BYTES, MAX_ENTRY_BYTES, VERSION};

/// An entry that was read back from a ledger, with its place in the chain.
///
/// A stored entry is a claim. Only a passing [`verify`](fn@crate::verify) shows that it was acknowledged.
#[derive(Clone, Debug)]
pub struct StoredEntry {
    /// The number of the entry in the ledger, from 0.
    pub index: u64,
    /// The byte of the file of entries at which the frame of the entry begins.
    pub offset: u64,
    /// The digest of the entry's payload, which the next entry names.
    pub digest: Digest,
    /// The chain digest after the entry, which stands for the whole history up to and including it.
    pub head: Digest,
    /// The entry as its writer appended it.
    pub entry: Entry,
}

impl StoredEntry {
    /// Returns the digests of the blobs that the body names, or `None` if its `blobs` is not a list of
    /// digests. A body without the key `blobs` names none.
    pub(crate) fn blobs(&self) -> Option<Vec<Digest>> {
        blobs_of(&self.entry.body)
    }

    /// Returns the digest of the blob that this entry of the kind `forgotten` says was removed, or `None` if
    /// its body has no digest under `digest`.
    pub(crate) fn forgotten(&self) -> Option<Digest> {
        forgotten_of(&self.entry.body)
    }
}

/// Returns the digests of the blobs that a body names, or `None` if its `blobs` is not a list of digests.
pub(crate) fn blobs_of(body: &impl Body) -> Option<Vec<Digest>> {
    body.field("blobs").map_or(Some(Vec::new()), |blobs| digests(&blobs))
}

/// Returns the digest that the body of an entry of the kind `forgotten` has under `digest`: that of the blob
/// that was removed. Returns `None` if there is no digest.
pub(crate) fn forgotten_of(body: &impl Body) -> Option<Digest> {
    body.field("digest")?.as_digest()
}

/// The content of a payload whose place in the chain has not been checked yet.
pub(crate) struct Record {
    pub(crate) index: u64,
    pub(crate) previous: Digest,
    pub(crate) entry: Entry,
}

/// Appends the payload of `entry`, which follows `tip`, to `out`. The payload is the canonical map of the
/// format.
fn write_payload<B: Body>(entry: &Entry<B>, tip: &Tip, out: &mut Vec<u8>) {
    let index = i64::try_from(tip.count).expect("a ledger has fewer than 2^63 entries");
    write_map(out, |map| {
        map.body("body", &entry.body);
        map.int("index", index);
        map.digests("inputs", entry.inputs.iter());
        map.int("job", entry.task.job.0.cast_signed());
        map.text("kind", entry.kind.word());
        map.digest("prev", &tip.last);
        map.int("task", i64::from(entry.task.number));
        map.int("version", VERSION);
    });
}

/// Appends the frame of `entry`, which follows `tip`, to `out`, and returns the tip after the entry. Fails
/// with the length of the payload if that is too long; `out` then ends in the middle of a frame.
pub(crate) fn write_frame<B: Body>(entry: &Entry<B>, tip: &Tip, out: &mut Vec<u8>) -> Result<Tip, usize> {
    let frame = out.len();
    out.extend_from_slice(&[0; LENGTH_BYTES]);
    write_payload(entry, tip, out);
    let payload = &out[frame + LENGTH_BYTES..];
    let bytes = payload.len();
    let length = u32::try_from(bytes).ok().filter(|_| bytes <= MAX_ENTRY_BYTES).ok_or(bytes)?;
    let after = tip.after(payload);
    out[frame..frame + LENGTH_BYTES].copy_from_slice(&length.to_le_bytes());
    out.extend_from_slice(after.chain.as_bytes());
    Ok(after)
}

/// Returns the length of the payload that the first bytes of a frame announce.
pub(crate) fn announced(prefix: [u8; LENGTH_BYTES]) -> u64 {
    u64::from(u32::from_le_bytes(prefix))
}

/// Returns the chain digest that the last bytes of a frame state.
pub(crate) fn stated_chain(suffix: [u8; DIGEST_BYTES]) -> Digest {
    Digest::from_bytes(suffix)
}

/// Reads a payload. Fails if the bytes are not an entry of this version of the format.
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
    let mut fields = Fields::from_value(value)?;
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

    use super::write_payload;
    use crate::chain::Tip;

    #[test]
    fn a_payload_is_the_canonical_map_of_its_fields() {
        let task = TaskId { job: JobId(u64::MAX - 3), number: 9 };
        let inputs = vec![Digest::hash("nmk.test.v1", b"input"); 2];
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
        let mut payload = Vec::new();
        write_payload(&entry, &tip, &mut payload);
        assert_eq!(payload, encode(&map));
    }
}
