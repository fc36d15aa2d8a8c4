//! The benchmark of prompts: tokens per second by chunk and by number of threads.

use serde_json::json;

use super::clock::{rates, tried};
use super::subject::prefill;
use super::{Effort, Group, Report, Row, Subject};
use crate::Error;
use crate::selftest::noise;
use neural::Session;

/// The length of the prompt in tokens, or the length of the context if that is shorter.
const PROMPT: usize = 448;

/// The numbers of tokens in a chunk. The last stands for the whole prompt.
const CHUNKS: [usize; 5] = [1, 7, 64, 256, usize::MAX];

/// Measures prompts on each number of threads in `threads`. `watch` is called with a description of each
/// step.
pub(crate) fn measure(
    subject: &Subject,
    threads: &[usize],
    effort: Effort,
    watch: &mut dyn FnMut(&str),
) -> Result<Report, Error> {
    let models = threads.iter().map(|threads| subject.on(*threads)).collect::<Result<Vec<_>, Error>>()?;
    let Some(model) = models.first() else {
        return Ok(Report { conditions: Vec::new(), groups: Vec::new() });
    };
    let config = model.config();
    let length = effort.choose(PROMPT, 64).min(config.max_positions);
    let tokens = noise(config.vocab_size, length);
    let mut chunks: Vec<usize> = CHUNKS.into_iter().filter(|chunk| *chunk < length).collect();
    chunks.push(length);
    let mut runs = vec![Vec::new(); models.len() * chunks.len()];
    let repeats = effort.choose(7, 1);
    for repeat in 0..repeats {
        watch(&format!("prompts, {} of {repeats}", repeat + 1));
        // Everything once, then everything again: what else the machine does concerns all alike.
        let cells = models.iter().flat_map(|model| chunks.iter().map(move |chunk| (model, *chunk)));
        for ((model, chunk), runs) in cells.zip(&mut runs) {
            let mut session = Session::open(model);
            let run =
                tried(|| prefill(&mut session, &tokens, chunk)).map_err(|cause| subject.failed(cause))?;
            runs.push(run.0);
        }
    }
    let settings = threads.iter().flat_map(|threads| chunks.iter().map(move |chunk| (threads, chunk)));
    let rows = settings.zip(runs).map(|((threads, chunk), runs)| Row {
        settings: vec![("threads", json!(threads)), ("chunk", json!(chunk))],
        cells: rates(length, &runs),
    });
    let mut conditions = subject.conditions(model);
    conditions.extend([("tokens", json!(length)), ("repeats", json!(repeats))]);
    Ok(Report { conditions, groups: vec![Group { name: "prefill", rows: rows.collect() }] })
}
