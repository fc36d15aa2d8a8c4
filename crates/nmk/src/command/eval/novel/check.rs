//! The check of a set: the gate admits every right solution and refuses the oracle's own text, and every grader accepts the
//! right reply and none of the wrong ones.

use std::path::Path;

use det::TrustRoot;
use holdout::Options;
use serde_json::json;

use crate::Error;
use crate::cli::Outcome;
use crate::console::Console;
use crate::eval::Repeatable;
use crate::eval::novel::{Graders, Item, Mark, Task};
use crate::gate::{Drivers, ExecutorName, examine};

/// The findings of a check.
#[derive(Default)]
struct Found {
    admitted: usize,
    gaps: usize,
    accepted: usize,
    questions: usize,
    refused: usize,
    wrong: usize,
    /// The items with a fault, each with the fault in words.
    faults: Vec<(String, String)>,
}

pub(super) fn run(
    items: &[Item],
    python: &Path,
    json: bool,
    console: &mut Console<'_>,
    root: &impl TrustRoot,
) -> Result<Outcome, Error> {
    let drivers = Drivers::new(ExecutorName::Cpython, python)?;
    let mut found = Found::default();
    for (number, item) in items.iter().enumerate() {
        console.progress(&format!("{} ({} of {})…", item.id, number + 1, items.len()));
        match &item.task {
            Task::Code { spec, right } => {
                found.gaps += 1;
                match examine(spec, right, &drivers, Options::default(), Repeatable, root) {
                    Ok(report) => match report.refusal {
                        None => found.admitted += 1,
                        Some(refusal) => {
                            found.fault(item, format!("{}: {}", refusal.stage.word(), refusal.what))
                        }
                    },
                    Err(holdout::ExperimentError::Sandbox(error)) => return Err(error.into()),
                    Err(error) => found.fault(item, error.to_string()),
                }
            }
            Task::Prose { grader, right, wrong, .. } => {
                let graders = Graders { drivers: &drivers, root };
                found.questions += 1;
                match graders.mark(grader, right) {
                    Ok(Mark::Right) => found.accepted += 1,
                    Ok(mark) => found.fault(item, format!("the right reply is graded {mark:?}")),
                    Err(error) => found.fault(item, error.to_string()),
                }
                for reply in wrong {
                    found.wrong += 1;
                    match graders.mark(grader, reply) {
                        Ok(Mark::Right) => found.fault(item, format!("a wrong reply is accepted: {reply}")),
                        Ok(_) => found.refused += 1,
                        Err(error) => found.fault(item, error.to_string()),
                    }
                }
            }
        }
    }
    console.clear();
    found.print(json, console)?;
    Ok(if found.faults.is_empty() { Outcome::Done } else { Outcome::Negative })
}

impl Found {
    fn fault(&mut self, item: &Item, what: String) {
        self.faults.push((item.id.clone(), what));
    }

    fn print(&self, json: bool, console: &mut Console<'_>) -> Result<(), Error> {
        let Self { admitted, gaps, accepted, questions, refused, wrong, faults } = self;
        if json {
            let faults: Vec<_> = faults.iter().map(|(id, what)| json!({ "id": id, "what": what })).collect();
            let object = json!({
                "code": { "items": gaps, "admitted": admitted },
                "prose": { "items": questions, "accepted": accepted, "wrong": wrong, "refused": refused },
                "faults": faults,
            });
            return Ok(console.result(&object.to_string())?);
        }
        console.prose(&format!("right solutions that the gate admits: {admitted} of {gaps}"))?;
        console.prose(&format!("right replies that their graders accept: {accepted} of {questions}"))?;
        console.prose(&format!("wrong replies that their graders refuse: {refused} of {wrong}"))?;
        for (id, what) in faults {
            console.prose(&format!("{id}: {what}"))?;
        }
        Ok(())
    }
}
