//! `nmk prims recheck`: the exams of admitted functions are made again.

use clap::Args;
use det::TrustRoot;
use escalate::Listed;
use serde_json::json;

use super::Place;
use crate::cli::Outcome;
use crate::command::python_flag::PythonFlag;
use crate::console::Console;
use crate::gate::{self, Drivers, ExecutorName};
use crate::primitives::{self, Primitive, PrimitiveError};
use crate::{Error, excerpt};

#[derive(Args, Debug)]
#[command(after_help = "\
Each exam is made again with the seed of its record, and every result must be the same. Without a name, the
exams of all admitted functions are made again.

Example:
  nmk prims recheck")]
pub(crate) struct Arguments {
    /// The name of the function, or at least 8 digits of its record's digest.
    name: Option<String>,
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
    let config = arguments.place.config()?;
    let store = arguments.place.store(&config, root)?;
    let trusted = primitives::trusted(&store, &config)?;
    let all = match &arguments.name {
        Some(name) => vec![(name.clone(), primitives::named(&store, name))],
        None => {
            let listed = store.list().map_err(PrimitiveError::from)?;
            let named = |Listed { file, kept }: Listed| match kept {
                Ok(kept) => (kept.entry.clone(), Ok(kept)),
                Err(error) => (file, Err(error.into())),
            };
            listed.into_iter().map(named).collect()
        }
    };
    let mut results = Vec::new();
    let mut is_same = true;
    for (entry, kept) in all {
        let checked = kept.and_then(|kept| primitives::checked(&store, kept, trusted.clone(), root));
        let said = match checked {
            Ok(primitive) => again(arguments, &primitive, root)?,
            Err(error) => Some(error.to_string()),
        };
        is_same &= said.is_none();
        let line = match &said {
            None => "every result is the same".to_owned(),
            Some(why) => excerpt::one_line(why),
        };
        if !arguments.json {
            console.prose(&format!("{}: {line}", excerpt::one_line(&entry)))?;
        }
        results.push(json!({"entry": entry, "same": said.is_none(), "detail": line}));
    }
    if arguments.json {
        console.result(&json!({"same": is_same, "functions": results}).to_string())?;
    }
    Ok(if is_same { Outcome::Done } else { Outcome::Negative })
}

/// Makes the exam of a function again, and returns the difference in words. None if there is none.
fn again(
    arguments: &Arguments,
    Primitive { record, .. }: &Primitive,
    root: &impl TrustRoot,
) -> Result<Option<String>, Error> {
    let executor = record.executor().and_then(ExecutorName::from_word).unwrap_or(ExecutorName::Cpython);
    let drivers = Drivers::new(executor, &arguments.interpreter.python)?;
    let report = gate::examine_again(record, &drivers, root)?;
    Ok(match record.difference(&report.evidence) {
        None if report.admission.is_some() => None,
        None => Some("it is not admitted again".to_owned()),
        Some(part) => Some(format!("{part} differs")),
    })
}
