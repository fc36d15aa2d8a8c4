//! Primitives of the kernel, as `nmk prims` shows and calls them.

use abi::Value;
use prims::{CallError, Method, Primitive, Record};
use serde_json::{Value as Json, json};

use crate::cli::Outcome;
use crate::config::ConfigError;
use crate::console::Console;
use crate::primitives::PrimitiveError;
use crate::{Error, excerpt};

/// Returns the primitive that `name` stands for where no admitted function has that name.
///
/// # Errors
/// Returns `missing`, the error of the look-up among admitted functions, if there is no such primitive, or if that look-up
/// failed for another reason than that it found none.
pub(super) fn instead(name: &str, missing: Error) -> Result<&'static Primitive, Error> {
    let is_missing = matches!(
        missing,
        Error::Primitive(PrimitiveError::OfTheKernel { .. } | PrimitiveError::NoFolder)
            | Error::Config(ConfigError::NoHome { .. })
    );
    prims::find(name).filter(|_| is_missing).ok_or(missing)
}

/// Returns the record of a primitive as a JSON object.
pub(super) fn record(record: &Record) -> Json {
    let seed = match record.method {
        Method::Exhaustive => None,
        Method::Sampled { seed } => Some(seed),
    };
    json!({
        "method": if seed.is_some() { "sampled" } else { "exhaustive" },
        "seed": seed,
        "domain": record.domain,
        "oracle": record.oracle,
        "cases": record.cases,
    })
}

/// Prints a primitive with the proof that admitted it.
pub(super) fn show(
    primitive: &Primitive,
    as_json: bool,
    console: &mut Console<'_>,
) -> Result<Outcome, Error> {
    let digest = primitive.digest().to_string();
    if as_json {
        let object = json!({
            "entry": primitive.name,
            "version": primitive.version,
            "signature": primitive.to_string(),
            "summary": primitive.summary,
            "steps": primitive.steps,
            "digest": digest,
            "proof": record(&primitive.record),
        });
        console.result(&object.to_string())?;
    } else {
        console.result(&primitive.to_string())?;
        console.note(primitive.summary);
        console.note(&format!("primitive of the kernel, version {} · digest {digest}", primitive.version));
        console.note(&format!("proved: {}", primitive.record));
    }
    Ok(Outcome::Done)
}

/// Calls a primitive and prints its result. Operands outside its domain have none.
pub(super) fn call(
    primitive: &Primitive,
    operands: &[Value],
    as_json: bool,
    console: &mut Console<'_>,
) -> Result<Outcome, Error> {
    let (entry, digest) = (primitive.name, primitive.digest().to_string());
    match primitive.call(operands) {
        Ok(value) => {
            let shown = factloop::to_json(&value);
            if as_json {
                console.result(&json!({"entry": entry, "result": shown, "digest": digest}).to_string())?;
            } else {
                console.result(&shown.to_string())?;
                console.note(&format!("{entry} · primitive of the kernel · digest {digest}"));
            }
            Ok(Outcome::Done)
        }
        Err(error @ (CallError::Arity { .. } | CallError::OperandType { .. })) => {
            Err(PrimitiveError::Arguments { what: error.to_string() }.into())
        }
        Err(error) => {
            let what = excerpt::one_line(&error.to_string());
            if as_json {
                let object = json!({"entry": entry, "result": null, "fault": what, "digest": digest});
                console.result(&object.to_string())?;
            } else {
                console.note(&format!("no result: {what}"));
            }
            Ok(Outcome::Negative)
        }
    }
}
