//! `nmk prims call`: an admitted function is called, confined, after its record was checked.

use clap::Args;
use det::TrustRoot;
use holdout::{Driver, Program};
use serde_json::json;

use super::Place;
use crate::cli::Outcome;
use crate::command::python_flag::PythonFlag;
use crate::console::Console;
use crate::gate::{Drivers, ExecutorName};
use crate::primitives::{Primitive, PrimitiveError};
use crate::{Error, excerpt};

#[derive(Args, Debug)]
#[command(after_help = "\
The record is checked before each call: digests, signature, and that it was not revoked here. The function
runs confined, in the executor of its exam. Its result is as good as the exam's bound, for arguments as the
specification draws them; nothing checks the one result.

Example:
  nmk prims call reverse_words --args '[\"a b c\"]'")]
pub(crate) struct Arguments {
    /// The name of the function, or at least 8 digits of its record's digest.
    name: String,
    /// The arguments, as a JSON list.
    #[arg(long, value_name = "JSON")]
    args: String,
    #[command(flatten)]
    interpreter: PythonFlag,
    #[command(flatten)]
    place: Place,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(
    arguments: &Arguments,
    console: &mut Console<'_>,
    root: &impl TrustRoot,
) -> Result<Outcome, Error> {
    let (_, _, Primitive { kept, record }) = arguments.place.primitive(&arguments.name, root)?;
    let wrong = |what: String| Error::Primitive(PrimitiveError::Arguments { what });
    let list = det::parse_json(&arguments.args).map_err(|error| wrong(error.to_string()))?.into_list();
    let list = list.ok_or_else(|| wrong("a JSON list is needed, such as [12, 18]".to_owned()))?;
    let list = record.spec.arguments_of(list).map_err(|error| wrong(error.to_string()))?;
    let executor = record.executor().and_then(ExecutorName::from_word);
    let executor = executor.ok_or_else(|| wrong("its executor is none of this program's".to_owned()))?;
    let drivers = Drivers::new(executor, &arguments.interpreter.python)?;
    let signature = record.spec.signature();
    let program = Program { source: &record.candidate, entry: record.spec.entry(), signature: &signature };
    let mut running = drivers.candidate().start().map_err(Error::from)?;
    let returned = running.load(program).and_then(|()| running.call(&list));
    let bound = record.report.get("bound").map_or(serde_json::Value::Null, factloop::to_json);
    let digest = kept.record_digest();
    match returned {
        Ok(value) => {
            let shown = factloop::to_json(&value);
            if arguments.json {
                let object = json!({
                    "entry": kept.entry, "result": shown, "bound": bound, "record": digest.to_string(),
                });
                console.result(&object.to_string())?;
            } else {
                console.result(&shown.to_string())?;
                console.note(&format!("{} · bound {bound} · record {digest}", kept.entry));
            }
            Ok(Outcome::Done)
        }
        Err(fault) => {
            let what = excerpt::one_line(&fault.to_string());
            if arguments.json {
                let object = json!({
                    "entry": kept.entry, "result": null, "fault": what, "bound": bound, "record": digest.to_string(),
                });
                console.result(&object.to_string())?;
            } else {
                console.note(&format!("no result: {what}"));
            }
            Ok(Outcome::Negative)
        }
    }
}
