//! Families of gaps in code: one template each, of which every variant is a task of its own.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::NovelError;
use crate::deal::seed;
use crate::gap::Gap;
use crate::template::{Marks, Parameters, variants};

/// The types that families name.
#[derive(Debug, Deserialize)]
pub(crate) struct Types {
    types: BTreeMap<String, Json>,
}

impl Types {
    pub(crate) fn read() -> Result<Self, NovelError> {
        parse("types", include_str!("../data/types.toml"))
    }

    /// Returns the type with this name, or the type itself if it is none.
    pub(crate) fn resolved(&self, of: &Json) -> Json {
        of.as_str().and_then(|name| self.types.get(name)).unwrap_or(of).clone()
    }

    /// Returns an argument as a specification has it: its type with its name.
    pub(crate) fn argument(&self, name: &str, of: &Json) -> Json {
        let mut of = match self.resolved(of) {
            Json::Object(of) => Json::Object(of),
            word => json!({ "type": word }),
        };
        of["name"] = json!(name);
        of
    }
}

#[derive(Debug, Deserialize)]
struct File {
    family: Vec<Family>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Family {
    name: String,
    level: Level,
    entry: String,
    text: String,
    args: Vec<(String, Json)>,
    returns: Json,
    #[serde(default)]
    params: Parameters,
    samples: String,
    right: String,
    oracle: String,
    generator: Option<String>,
    precondition: Option<String>,
}

/// The difficulty of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    Easy,
    Medium,
    Hard,
}

impl Level {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Easy => "easy",
            Self::Medium => "medium",
            Self::Hard => "hard",
        }
    }
}

/// Reads a file of families. An error names `place`.
pub(crate) fn parse<T: serde::de::DeserializeOwned>(place: &str, source: &str) -> Result<T, NovelError> {
    toml::from_str(source)
        .map_err(|cause| NovelError::Families { place: place.to_owned(), cause: Box::new(cause) })
}

/// Returns the gaps of a domain, family by family, those of the easiest families first.
pub(crate) fn gaps(domain: &'static str, source: &str, types: &Types) -> Result<Vec<Vec<Gap>>, NovelError> {
    let File { family: mut families } = parse(domain, source)?;
    families.sort_by_key(|family| family.level);
    let all = |family: &Family| {
        let variants = variants(&family.params, seed(domain, &family.name));
        variants.into_iter().map(|marks| family.gap(domain, marks, types)).collect()
    };
    families.iter().map(all).collect()
}

impl Family {
    fn gap(&self, domain: &'static str, mut marks: Marks, types: &Types) -> Result<Gap, NovelError> {
        let name = self.name.as_str();
        let entry = marks.fill(&self.entry, name)?;
        marks.0.insert("entry".to_owned(), entry.clone());
        let fill = |text: &String| marks.fill(text, name).map(|text| text.trim_start().to_owned());
        let samples = fill(&self.samples)?;
        let samples = serde_json::from_str(&samples);
        let argument =
            |(argument, of): &(String, Json)| Ok(types.argument(argument, &marks.fill_in(of, name)?));
        Ok(Gap {
            domain,
            family: self.name.clone(),
            level: self.level,
            description: fill(&self.text)?,
            arguments: self.args.iter().map(argument).collect::<Result<_, NovelError>>()?,
            returns: types.resolved(&self.returns),
            samples: samples.map_err(|cause| NovelError::Json {
                family: self.name.clone(),
                what: "its samples",
                cause,
            })?,
            right: fill(&self.right)?,
            oracle: fill(&self.oracle)?,
            generator: self.generator.as_ref().map(fill).transpose()?,
            precondition: self.precondition.as_ref().map(fill).transpose()?,
            entry,
        })
    }
}
