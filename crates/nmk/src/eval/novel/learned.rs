//! The functions that an evaluation admitted, as a file that `nmk prims import` reads.

use std::path::Path;

use holdout::Spec;
use serde_json::{Map, Value as Json, json};

use crate::Error;
use crate::primitives::Primitive;

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

    /// Writes the file in one step. A file that is there is replaced.
    ///
    /// # Errors
    /// [`Error::Candidate`] if it cannot be written.
    pub(crate) fn write(&self, path: &Path) -> Result<(), Error> {
        let failed =
            |cause: std::io::Error| Error::Candidate { path: path.to_owned(), what: cause.to_string() };
        let text = format!("{:#}\n", Json::Object(self.0.clone()));
        let beside = path.with_added_extension("new");
        std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path)).map_err(failed)
    }
}
