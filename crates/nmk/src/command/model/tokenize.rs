//! `nmk model tokenize`: the token ids of a text.

use serde_json::json;
use text::Tokenizer;

use super::TokenizeArguments;
use crate::Error;
use crate::checkpoint::read;
use crate::cli::Outcome;
use crate::console::Console;

pub(super) fn run(arguments: &TokenizeArguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let place = arguments.dir.display().to_string();
    let refused = |cause| Error::Model { place: place.clone(), cause };
    let checkpoint = read(&arguments.dir)?;
    let config = neural::ModelConfig::from_json(&checkpoint.config)
        .map_err(|cause| refused(neural::ModelError::from(cause).into()))?;
    let json = checkpoint.tokenizer.ok_or_else(|| no_tokenizer("tokenize"))?;
    let tokenizer = Tokenizer::from_json(&json, config.vocab_size).map_err(|cause| refused(cause.into()))?;
    let ids = tokenizer.encode(&arguments.text).map_err(|cause| refused(cause.into()))?;
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
