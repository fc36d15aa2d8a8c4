//! The confined Python that runs the code of families while the set is made.

use std::path::Path;

use abi::Value;
use holdout::{Confined, Driver, Program};
use sandbox::{Launcher, Limits, Pool, Python, SandboxError, Signature};
use serde_json::Value as Json;

use crate::NovelError;

/// The functions that families of questions share.
const PRELUDE: &str = include_str!("../data/prose/prelude.py");

/// Wraps the code of a family of questions so that one call makes one of them.
const QUESTION: &str = "

def novel_make(seed):
    import random
    return make(random.Random(seed))
";

/// Runs the code of families in confined processes.
#[derive(Debug)]
pub struct Workbench {
    driver: Confined,
}

/// Returns true for the errors of a machine that cannot run a confined Python.
#[must_use]
pub fn is_unproven(error: &SandboxError) -> bool {
    matches!(error, SandboxError::Python { .. } | SandboxError::Unsandboxed { .. })
}

impl Workbench {
    /// Returns a workbench over this interpreter. The program that calls it must begin with `sandbox::worker_entry`.
    ///
    /// # Errors
    /// [`SandboxError`] if the interpreter cannot be used, or not in confinement.
    pub fn new(python: &Path) -> Result<Self, SandboxError> {
        let launcher = Launcher::from_this_program(Python::find(python)?, Limits::DEFAULT)?;
        launcher.start()?;
        Ok(Self { driver: Confined::new(Pool::new(launcher, 1)) })
    }

    /// Returns the results of calls of one function, each with its list of arguments.
    pub(crate) fn called(
        &self,
        family: &str,
        source: &str,
        function: &str,
        calls: &[Json],
    ) -> Result<Vec<Json>, NovelError> {
        let failed = |fault| NovelError::Python { family: family.to_owned(), fault };
        let mut process = self.driver.start()?;
        let signature = Signature::PLAIN;
        process.load(Program { source, entry: function, signature: &signature }).map_err(failed)?;
        let mut results = Vec::new();
        for call in calls {
            let arguments = det::parse_json(&call.to_string()).ok().and_then(Value::into_list);
            let result = process.call(&arguments.unwrap_or_default()).map_err(failed)?;
            results.push(factloop::to_json(&result));
        }
        Ok(results)
    }

    /// Returns the questions that a family makes under these seeds.
    pub(crate) fn questions(
        &self,
        family: &str,
        make: &str,
        seeds: &[String],
    ) -> Result<Vec<Json>, NovelError> {
        let calls: Vec<Json> = seeds.iter().map(|seed| serde_json::json!([seed])).collect();
        self.called(family, &format!("{PRELUDE}{make}{QUESTION}"), "novel_make", &calls)
    }
}
