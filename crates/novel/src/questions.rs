//! Families of questions in prose: Python that makes a question with its grader, a right reply and wrong ones.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::NovelError;
use crate::families::{Level, parse};
use crate::python::Workbench;

/// The seeds that are tried for each family. Some of them make the same question.
const SEEDS: usize = 12;

#[derive(Debug, Deserialize)]
struct File {
    question: Vec<Family>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    name: String,
    level: Level,
    /// Python source with a function `make(rng)`.
    make: String,
}

/// Returns the questions of a domain, family by family.
pub(crate) fn questions(
    domain: &'static str,
    source: &str,
    bench: &Workbench,
) -> Result<Vec<Vec<Json>>, NovelError> {
    let File { question: families } = parse(domain, source)?;
    families.iter().map(|family| family.questions(domain, bench)).collect()
}

impl Family {
    fn questions(&self, domain: &str, bench: &Workbench) -> Result<Vec<Json>, NovelError> {
        let seeds: Vec<String> =
            (0..SEEDS).map(|number| format!("{domain}/{}/{number}", self.name)).collect();
        let mut seen = BTreeSet::new();
        let mut questions = Vec::new();
        for made in bench.questions(&self.name, &self.make, &seeds)? {
            let text = |key: &str| made[key].as_str().map(str::to_owned);
            let wrong = made["wrong"].as_array().filter(|wrong| wrong.len() >= 2);
            let parts = text("prompt").zip(text("right")).zip(wrong);
            let Some(((prompt, right), wrong)) = parts.filter(|_| made["grader"].is_object()) else {
                return Err(NovelError::Question { family: self.name.clone() });
            };
            if seen.insert(prompt.clone()) {
                questions.push(json!({
                    "kind": "prose",
                    "domain": domain,
                    "family": self.name,
                    "difficulty": self.level.word(),
                    "prompt": prompt,
                    "grader": made["grader"],
                    "right": right,
                    "wrong": wrong,
                }));
            }
        }
        Ok(questions)
    }
}
