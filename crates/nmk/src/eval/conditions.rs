//! The conditions of an evaluation, and the log that keeps its result with them.

use std::path::Path;

use abi::{Identity, Proposer};
use neural::NUMERICS_VERSION;
use serde_json::{Value as Json, json};

use crate::compute::Compute;
use crate::{AnyModel, Error, surroundings};

/// Returns everything on which the figures of an evaluation of `model` may depend, or from which they can be made again:
/// machine, threads, instruction set, model, seeds, version, numerics and the command line.
pub(crate) fn conditions(model: &AnyModel, compute: Compute, seeds: &[u64]) -> Json {
    let Identity { name, model_digest, reproducible } = model.identity();
    let isa = compute.backend().map(|backend| backend.isa().to_string()).ok();
    let mut conditions = conditions_without_model(seeds);
    conditions["threads"] = json!(compute.threads);
    conditions["isa"] = json!(isa);
    conditions["model"] = json!({
        "name": name, "digest": model_digest.map(|digest| digest.to_string()), "reproducible": reproducible,
    });
    conditions
}

/// Returns the conditions of an evaluation that computes no model: its threads, instruction set and model are null.
pub(crate) fn conditions_without_model(seeds: &[u64]) -> Json {
    json!({
        "machine": {
            "system": std::env::consts::OS,
            "architecture": std::env::consts::ARCH,
            "processor": surroundings::processor(),
            "processors": std::thread::available_parallelism().map_or(1, usize::from),
        },
        "threads": null,
        "isa": null,
        "model": null,
        "seeds": seeds,
        "version": env!("CARGO_PKG_VERSION"),
        "numerics": NUMERICS_VERSION,
        "arguments": surroundings::arguments(),
    })
}

/// Writes the result of an evaluation to `path`. It has its conditions under `conditions`.
///
/// # Errors
/// [`Error::EvalFile`] if the file cannot be written.
pub(crate) fn write_log(path: &Path, result: &Json) -> Result<(), Error> {
    let text = serde_json::to_string_pretty(result).expect("JSON is text");
    write(path, &format!("{text}\n"))
}

/// Writes `text` to `path`.
///
/// # Errors
/// [`Error::EvalFile`] if the file cannot be written.
pub(crate) fn write(path: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(path, text).map_err(|cause| Error::EvalFile { path: path.to_owned(), cause })
}
