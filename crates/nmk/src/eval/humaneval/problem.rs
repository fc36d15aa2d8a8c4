//! Problems in the HumanEval format: one JSON object a line, plain or compressed by gzip.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde::Deserialize;

/// The longest line that is read, in bytes.
const MOST_LINE: u64 = 16 << 20;

/// A problem with its solution and its tests.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Problem {
    #[serde(rename = "task_id")]
    pub(crate) task: String,
    /// The head of the function, with its description.
    pub(crate) prompt: String,
    /// The body of the function.
    #[serde(rename = "canonical_solution")]
    pub(crate) body: String,
    /// A function `check(candidate)` that raises if the candidate is wrong.
    pub(crate) test: String,
    #[serde(rename = "entry_point")]
    pub(crate) entry: String,
}

impl Problem {
    /// Returns the whole solution.
    pub(crate) fn solution(&self) -> String {
        format!("{}{}", self.prompt, self.body)
    }
}

/// The reason why a file of problems cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProblemError {
    #[error("{0}")]
    File(#[from] std::io::Error),
    #[error("line {line} is no problem in the HumanEval format ({cause})")]
    Line { line: usize, cause: serde_json::Error },
    #[error("it has no problems")]
    Empty,
}

/// Reads the problems of a file.
pub(crate) fn read(path: &Path) -> Result<Vec<Problem>, ProblemError> {
    let file = std::fs::File::open(path)?;
    let is_compressed = path.extension().is_some_and(|extension| extension == "gz");
    let source: Box<dyn Read> =
        if is_compressed { Box::new(flate2::read::MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut lines = BufReader::new(source);
    let mut problems = Vec::new();
    for line in 1.. {
        let mut text = Vec::new();
        if Read::take(&mut lines, MOST_LINE).read_until(b'\n', &mut text)? == 0 {
            break;
        }
        if !text.iter().all(u8::is_ascii_whitespace) {
            problems.push(serde_json::from_slice(&text).map_err(|cause| ProblemError::Line { line, cause })?);
        }
    }
    if problems.is_empty() { Err(ProblemError::Empty) } else { Ok(problems) }
}
