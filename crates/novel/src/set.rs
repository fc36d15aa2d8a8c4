//! The set as files: one line of JSON for each item, in a file for each domain.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value as Json, json};

use crate::compositions::Compositions;
use crate::deal::deal;
use crate::domains::{GAPS, QUESTIONS, share, sources};
use crate::families::{Types, gaps};
use crate::python::Workbench;
use crate::questions::questions;
use crate::{DOMAINS, NovelError};

/// Returns the items of the set: those of each domain together, the gaps in code first.
///
/// # Errors
/// [`NovelError`] if the data of the workshop has a fault, or if no Python can be run.
pub fn items(bench: &Workbench) -> Result<Vec<Json>, NovelError> {
    let types = Types::read()?;
    let compositions = Compositions::read()?;
    let mut items = Vec::new();
    for (place, domain) in DOMAINS.into_iter().enumerate() {
        let enough = |what, found: usize, needed| match found == needed {
            true => Ok(()),
            false => Err(NovelError::TooFew { domain, what, found, needed }),
        };
        let source = sources(domain);
        let composed = compositions.gaps(domain, &types)?;
        let needed = share(GAPS, place);
        let mut drawn = deal(gaps(domain, source.gaps, &types)?, needed.saturating_sub(composed.len()));
        drawn.extend(composed);
        enough("gaps in code", drawn.len(), needed)?;
        for (number, gap) in drawn.iter().enumerate() {
            items.push(gap.line(&format!("{domain}_{:02}", number + 1), bench)?);
        }
        let asked = deal(questions(domain, source.questions, bench)?, share(QUESTIONS, place));
        enough("questions", asked.len(), share(QUESTIONS, place))?;
        for (number, mut question) in asked.into_iter().enumerate() {
            question["id"] = json!(format!("{domain}_{:02}", drawn.len() + number + 1));
            items.push(question);
        }
    }
    Ok(items)
}

/// Returns the files of these items by their names.
#[must_use]
pub fn written(items: &[Json]) -> BTreeMap<String, String> {
    let mut files: BTreeMap<String, String> = BTreeMap::new();
    for item in items {
        let domain = item["domain"].as_str().unwrap_or_default();
        let file = files.entry(format!("{domain}.jsonl")).or_default();
        // The order of keys must not depend on the features with which the JSON library was built.
        let mut item = item.clone();
        item.sort_all_objects();
        file.push_str(&item.to_string());
        file.push('\n');
    }
    files
}

/// Returns the items that the files of a folder hold.
///
/// # Errors
/// [`NovelError`] if a file cannot be read, or if one of its lines is no JSON.
pub fn stored(folder: &Path) -> Result<Vec<Json>, NovelError> {
    let mut items = Vec::new();
    for domain in DOMAINS {
        let path = folder.join(format!("{domain}.jsonl"));
        let text = std::fs::read_to_string(&path).map_err(|cause| NovelError::File { path, cause })?;
        for line in text.lines() {
            let item = serde_json::from_str(line).map_err(|cause| NovelError::Json {
                family: domain.to_owned(),
                what: "its lines",
                cause,
            })?;
            items.push(item);
        }
    }
    Ok(items)
}
