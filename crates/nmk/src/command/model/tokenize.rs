//! `nmk model tokenize`: the token ids of a text.

use serde_json::json;

use super::TokenizeArguments;
use crate::Error;
use crate::checkpoint::tokenizer;
use crate::cli::Outcome;
use crate::console::Console;

pub(super) fn run(arguments: &TokenizeArguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let tokenizer = tokenizer(&arguments.dir)?.ok_or_else(|| no_tokenizer("tokenize"))?;
    let place = arguments.dir.display().to_string();
    let ids =
        tokenizer.encode(&arguments.text).map_err(|cause| Error::Model { place, cause: cause.into() })?;
    if arguments.json {
        console.result(&json!({ "tokens": ids, "count": ids.len() }).to_string())?;
    } else {
        let ids: Vec<String> = ids.iter().map(u32::to_string).collect();
        console.result(&ids.join(","))?;
    }
    Ok(Outcome::Done)
}

/// Returns the error for a command that needs the tokenizer of a folder that has none.
pub(super) fn no_tokenizer(command: &str) -> Error {
    Error::Usage {
        what: "the folder has no tokenizer.json, so a text has no token ids".to_owned(),
        help: format!("nmk model {command} --help"),
    }
}
