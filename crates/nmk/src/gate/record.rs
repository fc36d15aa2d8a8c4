//! Records of the gate: everything that it takes to make an experiment again, and to check that it was made.

use abi::{Digest, JobId, TaskId, Value};
use det::{AdmissionRecord, TrustRoot, TrustStore, readmit};
use holdout::{Drawn, Options, Report, Spec, SpecError};
use ledger::SigningKey;

use crate::gate::report::{self, report};

const KIND: &str = "nmk.gate.record.v1";

/// The reason why a record cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// The bytes are not those of a record.
    #[error("it is not a record of the gate ({0})")]
    NotARecord(&'static str),
    /// The specification in the record cannot be read.
    #[error("its specification is refused: {0}")]
    Spec(#[from] SpecError),
    /// The record claims an admission that its signature does not bear out.
    #[error("its admission is not believed: {0}")]
    Admission(det::ReadmitError),
    /// The report says something else than the evidence that was signed.
    #[error(
        "its report is not what its evidence bears out; hold the exam again (nmk prims import --recheck)"
    )]
    Report,
    /// The record belongs to another candidate or specification than the ones in it.
    #[error("its {0} is not the one that it names")]
    Altered(&'static str),
}

/// A record that was read back.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) spec: Spec,
    pub(crate) candidate: String,
    pub(crate) options: Options,
    /// The randomness of the exam. None if the candidate was refused before it.
    pub(crate) drawn: Option<Drawn>,
    pub(crate) evidence: Value,
    pub(crate) report: Value,
    admission: Option<(AdmissionRecord, [u8; 64])>,
}

/// Returns the canonical bytes of the record of a report. The key signs an admission.
pub(crate) fn written(report_: &Report, spec: &Spec, candidate: &str, key: Option<&SigningKey>) -> Vec<u8> {
    let mut fields = vec![
        ("kind", Value::text(KIND)),
        ("specification", spec.source().clone()),
        ("candidate", Value::text(candidate)),
        ("evidence", report_.evidence.clone()),
        ("report", report(report_, spec)),
    ];
    if let (Some(admission), Some(key)) = (&report_.admission, key) {
        let record = admission.record(*key.public().as_bytes());
        fields.push(("signer", Value::Bytes(record.signer.to_vec())));
        fields.push(("signature", Value::Bytes(key.sign_digest(&record.digest()).to_vec())));
    }
    abi::encode(&Value::map(fields))
}

/// Reads a record. Nothing in it is believed yet but its form.
pub(crate) fn read(bytes: &[u8]) -> Result<Record, RecordError> {
    let wrong = RecordError::NotARecord;
    let value = abi::decode(bytes).map_err(|_| wrong("its bytes are no canonical value"))?;
    if value.get("kind").and_then(Value::as_text) != Some(KIND) {
        return Err(wrong("it has another kind"));
    }
    let known = ["kind", "specification", "candidate", "evidence", "report", "signer", "signature"];
    if value.as_map().is_none_or(|map| map.keys().any(|key| !known.contains(&key.as_str()))) {
        return Err(wrong("it has a part that no record has"));
    }
    let part = |key| value.get(key).cloned().ok_or(wrong("a part is missing"));
    let spec = Spec::from_value(part("specification")?)?;
    let candidate = part("candidate")?.into_text().ok_or(wrong("the candidate is no text"))?;
    let evidence = part("evidence")?;
    let digest = |key| evidence.get(key).and_then(Value::as_digest);
    if digest("specification") != Some(spec.digest()) {
        return Err(RecordError::Altered("specification"));
    }
    if digest("candidate") != Some(det::subject_digest(&Value::text(candidate.as_str()))) {
        return Err(RecordError::Altered("candidate"));
    }
    let count = |key| {
        let count = evidence.get(key).and_then(Value::as_int).and_then(|count| u32::try_from(count).ok());
        count.ok_or(wrong("a count is missing"))
    };
    let options = Options {
        attempt: count("attempt")?,
        most_mutants: count("most_mutants")?,
        further_draws: count("further_draws")?,
        ..Options::default()
    };
    let drawn = match evidence.get("drawn") {
        None | Some(Value::Null) => None,
        Some(drawn) => {
            let head = drawn.get("head").and_then(Value::as_digest);
            let entropy =
                drawn.get("entropy").and_then(Value::as_bytes).and_then(|bytes| bytes.try_into().ok());
            let (head, entropy) = head.zip(entropy).ok_or(wrong("what was drawn is unreadable"))?;
            Some(Drawn { head, entropy })
        }
    };
    let bytes = |key| value.get(key).and_then(Value::as_bytes);
    let admission = match (bytes("signer"), bytes("signature")) {
        (Some(signer), Some(signature)) => {
            let signer = signer.try_into().map_err(|_| wrong("its signer is no key"))?;
            let signature = signature.try_into().map_err(|_| wrong("its signature has another length"))?;
            let record = AdmissionRecord {
                subject: digest("candidate").ok_or(wrong("no candidate"))?,
                contract: spec.contract().digest(),
                draws: u64::from(count("draws")?),
                alpha_ppm: count("alpha_ppm")?,
                evidence: holdout::evidence_digest(&evidence),
                signer,
            };
            Some((record, signature))
        }
        (None, None) => None,
        _ => return Err(wrong("it has a signer without a signature, or the other way round")),
    };
    Ok(Record { report: part("report")?, spec, candidate, options, drawn, evidence, admission })
}

impl Record {
    /// Returns true if the record has an admission with a signature. Nothing is said of whether it holds.
    pub(crate) fn is_signed(&self) -> bool {
        self.admission.is_some()
    }

    /// Returns the admission that the record claims, with its signature. Nothing is said of whether it holds.
    pub(crate) fn signed_admission(&self) -> Option<&(AdmissionRecord, [u8; 64])> {
        self.admission.as_ref()
    }

    /// Returns the public key of the one who signed the admission, as the record claims. None without an admission.
    pub(crate) fn signer(&self) -> Option<[u8; 32]> {
        self.admission.as_ref().map(|(record, _)| record.signer)
    }

    /// Returns the name of the executor that ran the candidate. None if nothing ran it.
    pub(crate) fn executor(&self) -> Option<&str> {
        self.evidence.get("executor")?.get("name")?.as_text()
    }

    /// Returns true if a key of `trusted` signed the admission of the candidate, and false if the record has no
    /// admission.
    ///
    /// # Errors
    /// [`RecordError::Admission`] if the record claims an admission that is not to be believed.
    pub(crate) fn is_admitted(
        &self,
        trusted: Vec<[u8; 32]>,
        root: &impl TrustRoot,
    ) -> Result<bool, RecordError> {
        let Some((record, signature)) = &self.admission else { return Ok(false) };
        let store = TrustStore::new(trusted, root);
        // The judged value is dropped here, and no job waits for it.
        let task = TaskId { job: JobId(0), number: 0 };
        let content =
            abi::Proposal { value: Value::text(self.candidate.as_str()), origin: abi::Origin::User };
        readmit(content, &self.spec.contract(), task, record, signature, &store)
            .map_err(RecordError::Admission)?;
        match report::is_borne_out(&self.report, &self.evidence, &self.spec) {
            true => Ok(true),
            false => Err(RecordError::Report),
        }
    }

    /// Returns the part of the evidence that differs from that of a repeated experiment. None if all of it is the same.
    /// The executor may differ, and the caller compares it.
    pub(crate) fn difference(&self, repeated: &Value) -> Option<String> {
        let Value::Map(own) = &self.evidence else { return Some("evidence".to_owned()) };
        let differs = |(key, value): &(&String, &Value)| {
            let again = repeated.get(key).map(|again| Digest::hash_value(KIND, again));
            key.as_str() != "executor" && Some(Digest::hash_value(KIND, value)) != again
        };
        own.iter().find(differs).map(|(key, _)| key.clone())
    }
}
