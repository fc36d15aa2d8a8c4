//! Compositions: gaps that are made of two steps, of which the second takes what the first gives.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::NovelError;
use crate::families::{Level, Types, parse};
use crate::gap::Gap;
use crate::template::Marks;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    kinds: BTreeMap<String, Kind>,
    step: Vec<Step>,
    pairs: BTreeMap<String, Vec<String>>,
}

/// The values that a step takes, for the first step of a pair.
#[derive(Debug, Deserialize)]
struct Kind {
    argument: String,
    #[serde(rename = "type")]
    of: Json,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    name: String,
    takes: String,
    gives: String,
    text: String,
    right: String,
    oracle: String,
}

/// The two functions of a step, each as the template of its code.
type Side = fn(&Step) -> &String;

/// The compositions of all domains.
#[derive(Debug)]
pub(crate) struct Compositions(File);

impl Compositions {
    pub(crate) fn read() -> Result<Self, NovelError> {
        parse("compositions", include_str!("../data/compositions.toml")).map(Self)
    }

    /// Returns the compositions of a domain, in their order.
    pub(crate) fn gaps(&self, domain: &'static str, types: &Types) -> Result<Vec<Gap>, NovelError> {
        let pairs = self.0.pairs.get(domain).into_iter().flatten();
        pairs.map(|pair| self.gap(domain, pair, types)).collect()
    }

    fn gap(&self, domain: &'static str, pair: &str, types: &Types) -> Result<Gap, NovelError> {
        let unfit = || NovelError::Pair { pair: pair.to_owned() };
        let step = |name: &str| self.0.step.iter().find(|step| step.name == name);
        let (first, second) = pair.split_once(" then ").ok_or_else(unfit)?;
        let (first, second) = step(first).zip(step(second)).ok_or_else(unfit)?;
        if first.gives != second.takes {
            return Err(unfit());
        }
        let kind = self.0.kinds.get(&first.takes).ok_or_else(unfit)?;
        let argument = &kind.argument;
        let entry = format!("{}_then_{}", first.name, second.name);
        let code = |side: Side, entry: &str| -> Result<String, NovelError> {
            let one = called(side(first), &first.name, "first_step")?;
            let two = called(side(second), &second.name, "second_step")?;
            Ok(format!(
                "{one}\n{two}\ndef {entry}({argument}):\n    return second_step(first_step({argument}))\n"
            ))
        };
        let returns = match second.gives.as_str() {
            "ints" => "many",
            "words" => "texts",
            other => other,
        };
        Ok(Gap {
            domain,
            family: "composition".to_owned(),
            level: Level::Medium,
            description: format!(
                "Do two things one after the other and return the outcome: first {}; then, with what that gives, {}.",
                first.text, second.text
            ),
            arguments: vec![types.argument(argument, &kind.of)],
            returns: types.resolved(&json!(returns)),
            samples: samples(&first.takes),
            right: code(|step| &step.right, &entry)?,
            oracle: code(|step| &step.oracle, "oracle")?,
            generator: None,
            precondition: None,
            entry,
        })
    }
}

fn called(template: &str, step: &str, function: &str) -> Result<String, NovelError> {
    let marks = Marks(BTreeMap::from([("f".to_owned(), function.to_owned())]));
    marks.fill(template, step).map(|code| code.trim_start().to_owned())
}

/// Returns the arguments of the samples of a composition that takes this kind of value.
fn samples(kind: &str) -> Vec<Vec<Json>> {
    let all = match kind {
        "ints" => json!([[3, 9, 4, 4, -2], [5, 1, 8, 8, 0, 12], [7]]),
        "words" => json!([["abe", "yo", "bay", "a", "yo"], ["eye", "o"], ["bob", "obey", "be", "bob"]]),
        _ => json!(["aabbbc d", "abca", "bb"]),
    };
    all.as_array().into_iter().flatten().map(|sample| vec![sample.clone()]).collect()
}
