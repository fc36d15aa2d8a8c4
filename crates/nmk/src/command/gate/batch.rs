//! Many candidates against one specification, with one line of result each.

use std::io::BufRead;
use std::path::Path;

use det::TrustRoot;
use serde_json::{Value as Json, json};

use crate::cli::Outcome;
use crate::console::Console;
use crate::gate::Gate;
use crate::{Error, excerpt};

/// The longest line that is read, in bytes.
const MOST_LINE: u64 = 16 << 20;
/// The most bytes of the error of a line.
const MOST_ERROR: usize = 400;

pub(super) fn run(
    path: &Path,
    gate: &mut Gate,
    console: &mut Console<'_>,
    root: &impl TrustRoot,
) -> Result<Outcome, Error> {
    let wrong = |what: String| Error::Candidate { path: path.to_owned(), what };
    let file = std::fs::File::open(path).map_err(|cause| wrong(cause.to_string()))?;
    let mut lines = std::io::BufReader::new(file);
    let mut outcome = Outcome::Done;
    for number in 1_u64.. {
        let mut line = Vec::new();
        let mut limited = std::io::Read::take(&mut lines, MOST_LINE);
        let read = limited.read_until(b'\n', &mut line).map_err(|cause| wrong(cause.to_string()))?;
        if read == 0 {
            break;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let (result, ended) = match candidate(&line) {
            Ok((id, code)) => match gate.check(&code, root) {
                Ok(checked) => {
                    let mut result = checked.json();
                    result["id"] = id;
                    (result, checked.outcome())
                }
                // The specification failed on what this one returned, and may judge the others.
                Err(error @ Error::Exam(_)) => {
                    let (what, code) = (one_line(&error.to_string()), error.code().word());
                    (json!({"id": id, "error": what, "code": code}), Outcome::Failed)
                }
                Err(error) => return Err(error),
            },
            // The other lines are judged all the same.
            Err(what) => (json!({"line": number, "error": one_line(&what.to_string())}), Outcome::Failed),
        };
        console.result(&result.to_string())?;
        outcome = worse(outcome, ended);
    }
    Ok(outcome)
}

/// Returns a text as the error of a line shows it.
fn one_line(text: &str) -> String {
    excerpt::one_line(&abi::bounds::cut(text, MOST_ERROR))
}

/// The reason why a line is no candidate.
#[derive(Debug, thiserror::Error)]
enum LineError {
    #[error("it is not JSON ({0})")]
    Syntax(#[from] serde_json::Error),
    #[error("an object with the text \"code\" is needed")]
    NoCode,
}

/// Reads the identifier and the code of a line.
fn candidate(line: &[u8]) -> Result<(Json, String), LineError> {
    let mut value: Json = serde_json::from_slice(line)?;
    let fields = value.as_object_mut().ok_or(LineError::NoCode)?;
    let id = fields.remove("id").unwrap_or(Json::Null);
    match fields.remove("code") {
        Some(Json::String(code)) => Ok((id, code)),
        _ => Err(LineError::NoCode),
    }
}

/// Returns the outcome of two that says less good things.
fn worse(one: Outcome, other: Outcome) -> Outcome {
    let rank = |outcome| match outcome {
        Outcome::Done => 0,
        Outcome::Negative => 1,
        _ => 2,
    };
    if rank(other) > rank(one) { other } else { one }
}
