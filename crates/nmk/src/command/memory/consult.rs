//! `nmk memory consult`: the entries that fit a request.

use abi::counted;
use clap::Args;
use memory::Recalled;
use serde_json::{Value as Json, json};

use super::{Place, now, object};
use crate::cli::Outcome;
use crate::console::Console;
use crate::{Error, excerpt};

#[derive(Args, Debug)]
#[command(after_help = "\
Entries are found by their words, and ranked by BM25 with the words of the key counting four times. The rules
of the memory come first and count too. Tokens are estimated, as one for each three bytes.

Example:
  nmk memory consult \"What is the capital of France?\" --tokens 500")]
pub(crate) struct Arguments {
    /// The request, in words.
    request: String,
    /// The most tokens of everything that is returned.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    tokens: u64,
    #[command(flatten)]
    place: Place,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &Arguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let found = arguments.place.open_to_read()?.consult(&arguments.request, arguments.tokens, now())?;
    if arguments.json {
        let recalled: Vec<Json> = found.recalled.iter().map(recalled).collect();
        let object = json!({
            "governance": found.governance,
            "recalled": recalled,
            "tokens": found.tokens,
            "passed_over": found.passed_over,
            "digest": found.digest.to_string(),
        });
        console.result(&object.to_string())?;
        return Ok(Outcome::Done);
    }
    console.prose(&found.governance)?;
    for one in &found.recalled {
        let Recalled { entry, text, score, .. } = one;
        let head =
            format!("{} ({}, {score:.2})", excerpt::one_line(&entry.key), excerpt::one_line(&entry.kind));
        console.prose(&format!("{head}\n  {}", excerpt::one_line(text)))?;
    }
    let passed = found.passed_over;
    console.note(&format!("{}; {passed} more did not fit", counted(found.tokens, "token")));
    Ok(Outcome::Done)
}

fn recalled(one: &Recalled) -> Json {
    let mut object = object(&one.entry);
    object["score"] = json!(one.score);
    object["tokens"] = json!(one.tokens);
    object
}
