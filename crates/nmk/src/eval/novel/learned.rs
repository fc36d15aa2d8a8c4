//! The functions that an evaluation admitted, as a file that `nmk prims import` reads.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use holdout::Spec;
use serde_json::{Map, Value as Json, json};

use crate::primitives::Primitive;
use crate::{Error, io_words};

/// The functions that an evaluation admitted, by their names.
#[derive(Debug, Default)]
pub(crate) struct Learned(Map<String, Json>);

impl Learned {
    /// Adds a function with its record. Of several for one name, the first one stays.
    pub(crate) fn add(&mut self, primitive: &Primitive, spec: &Spec) {
        let kept = &primitive.kept;
        let report = factloop::to_json(&primitive.record.report);
        let hex = |bytes: Vec<u8>| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        self.0.entry(kept.entry.clone()).or_insert_with(|| {
            json!({
                "code": primitive.record.candidate,
                "gated_n": report["n"],
                "bound": report["bound"],
                "kill_rate": report["kill_rate"],
                "rung": kept.rung,
                "attempt": kept.attempt,
                "model": kept.model,
                "signer": primitive.record.signer().map(|signer| hex(signer.to_vec())),
                "specification": spec.digest().to_string(),
                "record": kept.record_digest().to_string(),
                "primitive": hex(kept.to_bytes()),
            })
        });
    }

    /// Returns the number of functions.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Checks that a file can be written at this place, before an evaluation that may take hours.
    ///
    /// # Errors
    /// [`Error::Candidate`] if there is a file already, or if none can be made.
    pub(crate) fn check(path: &Path) -> Result<(), Error> {
        if path.symlink_metadata().is_ok() {
            return Err(failed(path, &ErrorKind::AlreadyExists.into()));
        }
        let beside = beside(path);
        std::fs::write(&beside, "")
            .and_then(|()| std::fs::remove_file(&beside))
            .map_err(|cause| failed(path, &cause))
    }

    /// Writes the file in one step. A file that is there stays as it is.
    ///
    /// # Errors
    /// [`Error::Candidate`] if there is a file already, or if it cannot be written.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        Self::check(path)?;
        let text = format!("{:#}\n", Json::Object(self.0.clone()));
        let beside = beside(path);
        std::fs::write(&beside, text)
            .and_then(|()| std::fs::rename(&beside, path))
            .map_err(|cause| failed(path, &cause))
    }
}

fn beside(path: &Path) -> PathBuf {
    path.with_added_extension("new")
}

fn failed(path: &Path, cause: &std::io::Error) -> Error {
    Error::Candidate { path: path.to_owned(), what: io_words::plain(cause) }
}
