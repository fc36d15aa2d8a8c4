//! A gap in code, before its samples have results.

use serde_json::{Value as Json, json};

use crate::NovelError;
use crate::families::Level;
use crate::python::Workbench;

/// A task whose answer is a function.
#[derive(Clone, Debug)]
pub(crate) struct Gap {
    pub(crate) domain: &'static str,
    pub(crate) family: String,
    pub(crate) level: Level,
    pub(crate) entry: String,
    pub(crate) description: String,
    /// The arguments as a specification has them.
    pub(crate) arguments: Vec<Json>,
    pub(crate) returns: Json,
    /// The arguments of each sample.
    pub(crate) samples: Vec<Vec<Json>>,
    pub(crate) right: String,
    /// Python source with a function `oracle`.
    pub(crate) oracle: String,
    pub(crate) generator: Option<String>,
    pub(crate) precondition: Option<String>,
}

impl Gap {
    /// Returns the line of the set for the gap. The oracle computes the results of the samples.
    pub(crate) fn line(&self, id: &str, bench: &Workbench) -> Result<Json, NovelError> {
        let calls: Vec<Json> = self.samples.iter().map(|arguments| json!(arguments)).collect();
        let results = bench.called(&self.family, &self.oracle, "oracle", &calls)?;
        let samples = calls.iter().zip(results);
        let samples: Vec<Json> =
            samples.map(|(arguments, returns)| json!({ "args": arguments, "returns": returns })).collect();
        let mut spec = json!({
            "entry": self.entry,
            "description": self.description,
            "args": self.arguments,
            "returns": self.returns,
            "samples": samples,
            "oracle": { "python": self.oracle },
        });
        for (key, code) in [("generator", &self.generator), ("precondition", &self.precondition)] {
            if let Some(code) = code {
                spec[key] = json!({ "python": code });
            }
        }
        Ok(json!({
            "id": id,
            "kind": "code",
            "domain": self.domain,
            "family": self.family,
            "difficulty": self.level.word(),
            "spec": spec,
            "right": self.right,
        }))
    }
}
