//! `nmk prims call`: a primitive of the kernel is called, or an admitted function, confined, after its record was checked.

use std::path::{Path, PathBuf};

use clap::Args;
use det::TrustRoot;
use serde_json::json;

use super::{Place, kernel};
use crate::cli::Outcome;
use crate::console::Console;
use crate::gate::PYTHON;
use crate::primitives::{CallError, Callable, PrimitiveError};
use crate::{Error, excerpt};

#[derive(Args, Debug)]
#[command(after_help = "\
A primitive of the kernel is computed at once. The record of an admitted function is checked before each
call: digests, signature, and that it was not revoked here. The function runs confined, in the executor of
its exam. Its result is as good as the exam's bound, for arguments as the specification draws them; nothing
checks the one result.

Examples:
  nmk prims call gcd --args '[84, 36]'
  nmk prims call reverse_words --args '[\"a b c\"]'")]
pub(crate) struct Arguments {
    /// The name of the function, or at least 8 digits of its record's digest.
    name: String,
    /// The arguments, as a JSON list.
    #[arg(long, value_name = "JSON")]
    args: String,
    /// The Python interpreter that runs an admitted function, confined; python3 without the flag.
    #[arg(long, value_name = "PROGRAM")]
    python: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

/// The reason why an interpreter is refused for a primitive of the kernel.
const COMPUTED: &str = "the kernel computes this primitive itself; leave it out";

pub(super) fn run(
    arguments: &Arguments,
    console: &mut Console<'_>,
    root: &impl TrustRoot,
) -> Result<Outcome, Error> {
    let found = match arguments.place.primitive(&arguments.name, root) {
        Ok((_, _, primitive)) => Ok(primitive),
        Err(missing) => Err(kernel::instead(&arguments.name, missing)?),
    };
    let wrong = |what: String| Error::Primitive(PrimitiveError::Arguments { what });
    let list = det::parse_json(&arguments.args).map_err(|error| wrong(error.to_string()))?.into_list();
    let list = list.ok_or_else(|| wrong("a JSON list is needed, such as [12, 18]".to_owned()))?;
    let primitive = match found {
        Ok(primitive) => primitive,
        Err(_) if arguments.python.is_some() => {
            return Err(Error::Idle { flag: "python".to_owned(), why: COMPUTED });
        }
        Err(primitive) => return kernel::call(primitive, &list, arguments.json, console),
    };
    let entry = primitive.kept.entry.clone();
    let python = arguments.python.as_deref().unwrap_or(Path::new(PYTHON));
    let callable = Callable::new(primitive, python).map_err(PrimitiveError::from)?;
    let bound = callable.record().report.get("bound").map_or(serde_json::Value::Null, factloop::to_json);
    let digest = callable.record_digest();
    match callable.call(list) {
        Ok(value) => {
            let shown = factloop::to_json(&value);
            if arguments.json {
                let object = json!({
                    "entry": entry, "result": shown, "bound": bound, "record": digest.to_string(),
                });
                console.result(&object.to_string())?;
            } else {
                console.result(&shown.to_string())?;
                console.note(&format!("{entry} · bound {bound} · record {digest}"));
            }
            Ok(Outcome::Done)
        }
        Err(CallError::Program(fault)) => {
            let what = excerpt::one_line(&fault.to_string());
            if arguments.json {
                let object = json!({
                    "entry": entry, "result": null, "fault": what, "bound": bound, "record": digest.to_string(),
                });
                console.result(&object.to_string())?;
            } else {
                console.note(&format!("no result: {what}"));
            }
            Ok(Outcome::Negative)
        }
        Err(CallError::Sandbox(error)) => Err(error.into()),
        Err(error) => Err(PrimitiveError::from(error).into()),
    }
}
