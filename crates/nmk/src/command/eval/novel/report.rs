//! The report of the evaluation: one JSON object, its log with the conditions, or lines for people.

use abi::counted;
use serde_json::{Value as Json, json};

use super::{Arguments, Subject};
use crate::Error;
use crate::config::Config;
use crate::console::Console;
use crate::eval::conditions::{conditions, conditions_without_model, write_log};
use crate::eval::novel::{Marks, Policies};

/// Everything that was found.
pub(super) struct Evaluated<'a> {
    pub(super) subject: &'a Subject,
    pub(super) policies: &'a Policies,
    pub(super) marks: &'a Marks,
    /// The number of functions that were admitted.
    pub(super) learned: usize,
}

impl Arguments {
    /// Writes the log where one was asked for, and shows the result.
    pub(super) fn report(
        &self,
        result: &Evaluated<'_>,
        config: &Config,
        items: usize,
        console: &mut Console<'_>,
    ) -> Result<(), Error> {
        let object = self.object(result, config, items);
        if let Some(path) = &self.log {
            write_log(path, &object)?;
        }
        if self.json {
            return Ok(console.result(&object.to_string())?);
        }
        self.print(result, items, console)
    }

    fn wants(&self, kind: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only == kind)
    }

    fn object(&self, result: &Evaluated<'_>, config: &Config, items: usize) -> Json {
        let Evaluated { subject, policies, marks, learned } = result;
        let code: Vec<_> = policies.0.iter().map(|(policy, sums)| sums.json(policy)).collect();
        let conditions = match subject {
            Subject::Model(model) => conditions(model, config.compute, &[self.seed]),
            Subject::ScriptedRight | Subject::ScriptedWrong => conditions_without_model(&[self.seed]),
        };
        json!({
            "set": self.set.display().to_string(),
            "model": subject.name(),
            "seed": self.seed,
            "items": items,
            "draws": self.draws,
            "code": self.wants("code").then_some(code),
            "comparison": policies.comparison(),
            "prose": self.wants("prose").then(|| marks.json()),
            "learned": self.learned.as_ref().map(|_| learned),
            "conditions": conditions,
        })
    }

    fn print(&self, result: &Evaluated<'_>, items: usize, console: &mut Console<'_>) -> Result<(), Error> {
        let Evaluated { subject, policies, marks, learned } = result;
        let (name, set) = (subject.name(), self.set.display());
        console.prose(&format!("model {name}, {} of {set}", counted(items, "item")))?;
        if self.wants("code") {
            for (policy, sums) in &policies.0 {
                for line in sums.lines(policy) {
                    console.raw(format!("{line}\n").as_bytes())?;
                }
            }
            if let Some(line) = policies.comparison() {
                console.prose(&line)?;
            }
        }
        if self.wants("prose") {
            for line in marks.lines() {
                console.raw(format!("{line}\n").as_bytes())?;
            }
        }
        if let Some(path) = &self.learned {
            console.prose(&format!("functions kept in {}: {learned}", path.display()))?;
        }
        Ok(())
    }
}
