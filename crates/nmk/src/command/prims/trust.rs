//! `nmk prims trust`: the keys of other machines whose records count here.

use abi::Digest;
use clap::Args;
use det::TrustRoot;
use serde_json::json;

use super::Place;
use crate::Error;
use crate::cli::Outcome;
use crate::console::Console;
use crate::primitives::PrimitiveError;

#[derive(Args, Debug)]
#[command(after_help = "\
Without a flag, the keys are listed. This machine's own key always counts. nmk prims import FILE --trust KEY
adds a key together with a function that it signed. Functions whose signer is withdrawn stay in the store and
count no more.

Example:
  nmk prims trust")]
pub(crate) struct Arguments {
    /// A public key, in 64 hexadecimal digits, whose records count here no more.
    #[arg(long, value_name = "KEY")]
    withdraw: Option<Digest>,
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
    let withdrawn = match arguments.withdraw {
        None => None,
        Some(key) => Some(store.withdraw(*key.as_bytes()).map_err(PrimitiveError::from)?),
    };
    let keys = store.trusted().map_err(PrimitiveError::from)?;
    let keys: Vec<String> = keys.into_iter().map(|key| Digest::from_bytes(key).to_string()).collect();
    if arguments.json {
        console.result(&json!({"trusted": keys, "withdrawn": withdrawn}).to_string())?;
    } else {
        match (withdrawn, keys.is_empty()) {
            (Some(true), _) => console.prose("withdrawn")?,
            (Some(false), _) => console.note("this key was not trusted here"),
            (None, true) => console.note("no key of another machine is trusted here"),
            (None, false) => keys.iter().try_for_each(|key| console.prose(key))?,
        }
    }
    Ok(if withdrawn == Some(false) { Outcome::Negative } else { Outcome::Done })
}
