//! `nmk memory put`: store an entry.

use std::io::{self, Read};

use abi::{Value, counted};
use clap::Args;
use memory::{Draft, Key, Kind, MemoryError, Worth};
use serde_json::json;

use super::{Place, now};
use crate::cli::Outcome;
use crate::console::Console;
use crate::{Error, bounded, excerpt};

#[derive(Args, Debug)]
#[command(after_help = "\
An entry that has the key already is replaced. If there is no room, the entries that were used least recently
and are worth least are removed; a write that is refused removes nothing.

Example:
  nmk memory put \"capital of France\" Paris --kind fact")]
pub(crate) struct Arguments {
    /// The key of the entry.
    key: String,
    /// The value, or - to read it from standard input.
    #[arg(allow_hyphen_values = true)]
    value: String,
    /// A word for what the entry is, such as note, fact or plan. Only those of the kind fact are recalled into prompts.
    #[arg(long, value_name = "WORD", default_value = "note")]
    kind: String,
    /// How much the entry is worth, from 0 to 10: one unit keeps it a day longer.
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=10))]
    worth: u8,
    /// Pin the entry, so that it is never removed to make room.
    #[arg(long)]
    pin: bool,
    /// Read the value as JSON instead of text.
    #[arg(long)]
    parse: bool,
    #[command(flatten)]
    place: Place,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let key = Key::new(arguments.key.as_str()).map_err(MemoryError::from)?;
    let kind = Kind::new(arguments.kind.as_str())
        .map_err(|fault| refused(format!("the kind is refused: {fault}")))?;
    let value = value(arguments)?;
    let worth = Worth::new(arguments.worth).unwrap_or_default();
    let draft = Draft { key, kind, value, worth, pin: arguments.pin };
    let stored = arguments.place.open()?.put(&draft, now())?;
    if arguments.json {
        let object = json!({
            "key": draft.key.as_str(),
            "bytes": stored.bytes,
            "replaced": stored.replaced,
            "evicted": stored.evicted,
        });
        console.result(&object.to_string())?;
        return Ok(Outcome::Done);
    }
    let how = if stored.replaced { "replaced" } else { "stored" };
    console.prose(&format!("{how}: {}, {}", draft.key, counted(stored.bytes, "byte")))?;
    for key in &stored.evicted {
        console.note(&format!("removed to make room: {}", excerpt::one_line(key)));
    }
    Ok(Outcome::Done)
}

fn value(arguments: &Arguments) -> Result<Value, Error> {
    let text = match arguments.value.as_str() {
        "-" => piped(io::stdin().lock())?,
        text => text.to_owned(),
    };
    if !arguments.parse {
        return Ok(Value::text(text));
    }
    det::parse_json(&text).map_err(|error| refused(format!("the value is no JSON document ({error})")))
}

/// Returns the text that is piped in.
fn piped(reader: impl Read) -> Result<String, Error> {
    let most = abi::bounds::MAX_RESULT_BYTES;
    let bytes = bounded::read(reader, most)
        .map_err(|cause| refused(format!("the value cannot be read ({cause}); check where it comes from")))?;
    let too_long = || refused(format!("the value has more than {most} bytes; store a part of it"));
    String::from_utf8(bytes.ok_or_else(too_long)?)
        .map_err(|_| refused("the value is not UTF-8; pass it in UTF-8".to_owned()))
}

fn refused(what: String) -> Error {
    Error::MemoryInput { what }
}
