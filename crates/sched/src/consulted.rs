//! The record that the memory was consulted for a job, without which no job is opened.

use std::sync::Arc;

use abi::bounds::{MAX_TEXT_BYTES, cut};
use abi::{Digest, MapWriter, Value};

use crate::{Excess, size};

/// The domain of the digests of consultations.
const DOMAIN: &str = "nmk.consulted.v1";
/// The key of the record under which the reason stands why no memory answered.
const ABSTAINED: &str = "abstained";
/// The key of the record under which the recalled entries stand.
const RECALLED: &str = "recalled";
/// The key of the record under which the number of the entries stands that were found and left out.
const LEFT_OUT: &str = "left_out";

/// The record of one consultation: what the memory recalled, or the reason why no memory answered.
///
/// To consult is mandatory, and to have a memory is not: a job without one says so by
/// [`no_memory`](Self::no_memory). Holding a record proves nothing about what it recalls, which anyone can have stored.
/// A recalled entry is a claim: it reaches a prompt as a line of the facts block, has no verdict, and raises no level.
#[derive(Clone, Debug)]
pub struct Consulted {
    answer: Answer,
    /// The digest of the answer.
    digest: Digest,
}

/// Two records are equal if their digests are.
impl PartialEq for Consulted {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

#[derive(Clone, Debug)]
enum Answer {
    // Invariant: within the bounds of a result, so that a ledger can keep it.
    Recalled { entries: Arc<[Remembered]>, left_out: u64 },
    Abstained { reason: String },
}

/// One entry of a memory that was recalled for a job: a claim with a label, and its place in the memory.
#[derive(Clone, Debug)]
pub struct Remembered {
    /// The name of the value, for example `letter_count(strawberry, r)`.
    pub label: String,
    /// The value that the memory has under that name.
    pub value: Value,
    /// The digest of the entry, by which its memory finds it.
    pub entry: Digest,
}

impl Consulted {
    /// Returns the record of a memory that recalled these entries, the best first, and left out `left_out` others that it
    /// had found. Both may be nothing.
    ///
    /// # Errors
    /// Returns the excess if they are larger, or nest deeper, than a ledger can keep.
    pub fn recalled(entries: Vec<Remembered>, left_out: u64) -> Result<Self, Excess> {
        size::recalled(entries.iter().map(|entry| (entry.label.as_str(), &entry.value)))?;
        Ok(Self::of(Answer::Recalled { entries: entries.into(), left_out }))
    }

    /// Returns the record that no memory answered, for the reason in `reason`. A long reason is cut.
    #[must_use]
    pub fn no_memory(reason: &str) -> Self {
        Self::of(Answer::Abstained { reason: cut(reason, MAX_TEXT_BYTES).into_owned() })
    }

    fn of(answer: Answer) -> Self {
        let digest = Digest::hash_value(DOMAIN, &answer.to_value());
        Self { answer, digest }
    }

    /// Returns the entries that were recalled, the best first. There are none if no memory answered.
    #[must_use]
    pub fn entries(&self) -> &[Remembered] {
        match &self.answer {
            Answer::Recalled { entries, .. } => entries,
            Answer::Abstained { .. } => &[],
        }
    }

    /// Returns the same entries, to be shared with the runs of tasks.
    pub(crate) fn shared(&self) -> Arc<[Remembered]> {
        match &self.answer {
            Answer::Recalled { entries, .. } => Arc::clone(entries),
            Answer::Abstained { .. } => Arc::default(),
        }
    }

    /// Returns the reason why no memory answered. None if one did.
    #[must_use]
    pub fn abstention(&self) -> Option<&str> {
        match &self.answer {
            Answer::Recalled { .. } => None,
            Answer::Abstained { reason } => Some(reason),
        }
    }

    /// Returns the number of entries that were found and left out. Zero if no memory answered.
    #[must_use]
    pub fn left_out(&self) -> u64 {
        match &self.answer {
            Answer::Recalled { left_out, .. } => *left_out,
            Answer::Abstained { .. } => 0,
        }
    }

    /// Returns the digest of the record, which is an input of the entry of the job's opening.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// Returns the record as a value, which a ledger keeps as a blob.
    #[must_use]
    pub fn to_value(&self) -> Value {
        self.answer.to_value()
    }

    /// Reads a record from a value. Returns None if it is not the value of a record.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Self> {
        if let Some(reason) = value.get(ABSTAINED) {
            return Some(Self::no_memory(reason.as_text()?));
        }
        let Some(Value::List(entries)) = value.get(RECALLED) else { return None };
        let left_out = u64::try_from(value.get(LEFT_OUT)?.as_int()?).ok()?;
        let entries: Option<Vec<Remembered>> = entries.iter().map(Remembered::from_value).collect();
        Self::recalled(entries?, left_out).ok()
    }

    /// Returns true if the record has a blob of its own. The entry of the opening says everything about another one.
    pub(crate) fn has_blob(&self) -> bool {
        !self.entries().is_empty()
    }

    /// Writes the record as the entry of a job's opening has it. The entries themselves are in the blob.
    pub(crate) fn write(&self, blob: Option<&Digest>, map: &mut MapWriter<'_>) {
        match &self.answer {
            Answer::Abstained { reason } => map.text(ABSTAINED, reason),
            Answer::Recalled { .. } => blob.into_iter().for_each(|blob| map.digest("blob", blob)),
        }
        map.digest("digest", &self.digest);
        if let Answer::Recalled { entries, left_out } = &self.answer {
            map.int(LEFT_OUT, number(*left_out));
            map.int(RECALLED, number(entries.len() as u64));
        }
    }
}

impl Answer {
    fn to_value(&self) -> Value {
        match self {
            Self::Abstained { reason } => Value::map([(ABSTAINED, Value::text(reason.as_str()))]),
            Self::Recalled { entries, left_out } => Value::map([
                (RECALLED, Value::List(entries.iter().map(Remembered::to_value).collect())),
                (LEFT_OUT, Value::Int(number(*left_out))),
            ]),
        }
    }
}

impl Remembered {
    /// Returns the mark that names the entry in a prompt: the first eight digits of its digest, with the letters a to p for
    /// the digits 0 to f. A small model takes digits in a prompt for numbers of the question.
    #[must_use]
    pub fn mark(&self) -> String {
        let nibbles = self.entry.as_bytes().iter().take(4).flat_map(|byte| [byte >> 4, byte & 15]);
        nibbles.map(|nibble| char::from(b'a' + nibble)).collect()
    }

    fn to_value(&self) -> Value {
        Value::map([
            ("label", Value::text(self.label.as_str())),
            ("value", self.value.clone()),
            ("entry", self.entry.to_value()),
        ])
    }

    fn from_value(value: &Value) -> Option<Self> {
        let label = value.get("label")?.as_text()?.to_owned();
        Some(Self { label, value: value.get("value")?.clone(), entry: value.get("entry")?.as_digest()? })
    }
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use abi::{Digest, Value};

    use super::{Consulted, Remembered};
    use crate::Size;

    #[test]
    fn a_record_is_read_back_with_its_digest() {
        let one = Remembered {
            label: "letter_count(strawberry, r)".to_owned(),
            value: Value::Int(3),
            entry: Digest::hash_blob(b"entry"),
        };
        let records = [
            Consulted::no_memory("nothing was ever remembered here"),
            Consulted::recalled(Vec::new(), 0).expect("nothing is small"),
            Consulted::recalled(vec![one], 2).expect("one entry is small"),
        ];
        for record in &records {
            let again = Consulted::from_value(&record.to_value()).expect("a record");
            assert_eq!(&again, record);
        }
        let digests: std::collections::BTreeSet<_> =
            records.iter().map(|record| record.digest().to_string()).collect();
        assert_eq!(digests.len(), records.len(), "each record has a digest of its own");
        for foreign in [Value::Null, Value::map([("recalled", Value::Int(1))]), Value::text("recalled")] {
            assert_eq!(Consulted::from_value(&foreign), None, "{foreign:?}");
        }
    }
    #[test]
    fn what_no_ledger_can_keep_is_no_record() {
        let mut deep = Value::Null;
        for _ in 0..crate::MAX_RESULT_DEPTH + 1 {
            deep = Value::List(vec![deep]);
        }
        let large = Value::Bytes(vec![0; crate::MAX_RESULT_BYTES]);
        for (value, size) in [(deep, Size::RecalledDepth), (large, Size::RecalledBytes)] {
            let one = Remembered { label: "a".to_owned(), value, entry: Digest::hash_blob(b"a") };
            assert_eq!(Consulted::recalled(vec![one], 0).expect_err("an excess").size, size);
        }
    }
}
