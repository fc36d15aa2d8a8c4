//! `nmk prims find`: functions that fit some words, the primitives of the kernel and the admitted ones.

use clap::Args;
use det::TrustRoot;
use escalate::{Candidate, Catalogue, CatalogueEntry, GovernedProposal, Tier};
use serde_json::json;

use super::{Place, list};
use crate::Error;
use crate::cli::Outcome;
use crate::config::Spending;
use crate::console::Console;
use crate::lookup;
use crate::policy::SpendingFlags;
use crate::primitives::{Primitive, look_up_means};

/// The most functions that are shown.
const MOST_SHOWN: usize = 5;

#[derive(Args, Debug)]
#[command(after_help = "\
The words are compared with the names, the descriptions and the signatures of all functions that count here.
A function whose score is 0.55 or more is one to try; of several that are close, the policy says how many.
An admitted function is named with the beginning of its record, which `nmk prims call` takes too.

Example:
  nmk prims find \"greatest common divisor\"")]
pub(crate) struct Arguments {
    /// The words.
    words: String,
    /// The name that a function should have.
    #[arg(long, value_name = "NAME", default_value = "")]
    name: String,
    #[command(flatten)]
    spending: SpendingFlags,
    #[command(flatten)]
    place: Place,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(
    arguments: &Arguments,
    console: &mut Console<'_>,
    root: &impl TrustRoot,
) -> Result<Outcome, Error> {
    let primitives = prims::all().iter().map(|primitive| CatalogueEntry {
        name: primitive.name.to_owned(),
        description: primitive.summary.to_owned(),
        signature: primitive.to_string(),
        tier: Tier::Proven,
    });
    let admitted = list::counting(&arguments.place, root)?;
    let catalogue = Catalogue::new(primitives.chain(admitted.iter().map(Primitive::catalogued)));
    let found = catalogue.propose(&arguments.name, &arguments.words, MOST_SHOWN);
    // The primitives of the kernel are found on every machine, also where there is no home.
    let placed = arguments.place.config_if_placed()?;
    let mut settings = placed.as_ref().map_or_else(Spending::reference, |config| config.spending);
    arguments.spending.apply(&mut settings);
    let (policy, spending) = look_up_means(&settings, arguments.spending.importance);
    let governed: GovernedProposal<'_> =
        catalogue.governed_propose(&policy, &arguments.name, &arguments.words, &spending);
    let decided = governed.audit.spent.as_ref().map(|spent| &spent.recorded);
    if let (Some(config), Some(decided)) = (placed.filter(|config| !config.no_ledger), decided) {
        lookup::record(&config, decided)?;
    }
    let to_try: Vec<&str> = governed.candidates.iter().map(|one| one.entry.name.as_str()).collect();
    let origins = origins(&found, &admitted);
    if arguments.json {
        let rows: Vec<_> = found
            .iter()
            .zip(&origins)
            .map(|(one, origin)| {
                json!({
                    "name": one.entry.name, "score": one.score.get(), "signature": one.entry.signature,
                    "description": one.entry.description, "tier": one.entry.tier.word(),
                    "executor": origin.map(|origin| origin.kept.executor.as_str()),
                    "record": origin.map(|origin| origin.kept.record_digest().to_string()),
                })
            })
            .collect();
        let (action, why) = (governed.action().word(), governed.audit.to_string());
        let object = json!({"found": rows, "action": action, "try": to_try, "why": why});
        console.result(&object.to_string())?;
    } else {
        for (one, origin) in found.iter().zip(&origins) {
            let origin = origin.map_or_else(
                || "primitive of the kernel".to_owned(),
                |origin| format!("admitted in {} · record {}", origin.kept.executor, begun(origin)),
            );
            console.prose(&format!(
                "{:.2}  {}\n  {}\n  {origin}",
                one.score.get(),
                one.entry.signature,
                one.entry.description
            ))?;
        }
        // The candidates are the first of what was found, because both are in the order of the scores.
        let named = governed.candidates.iter().enumerate().map(|(place, one)| {
            match origins.get(place).copied().flatten() {
                Some(origin) => format!("{} ({})", one.entry.name, begun(origin)),
                None => one.entry.name.clone(),
            }
        });
        let named: Vec<String> = named.collect();
        console.note(&match to_try.is_empty() {
            true => "none fits well enough to be tried (0.55 is needed)".to_owned(),
            false => format!("to try: {}", named.join(", ")),
        });
    }
    Ok(if to_try.is_empty() { Outcome::Negative } else { Outcome::Done })
}

/// Returns the admitted function behind each entry that was found. None for a primitive of the kernel.
///
/// Entries of two functions may be the same, so each function stands for one of them.
fn origins<'a>(found: &[Candidate<'_>], admitted: &'a [Primitive]) -> Vec<Option<&'a Primitive>> {
    let mut left: Vec<&Primitive> = admitted.iter().collect();
    let mut origin = |one: &Candidate<'_>| {
        let place = left.iter().position(|primitive| primitive.catalogued() == *one.entry)?;
        Some(left.remove(place))
    };
    found.iter().map(&mut origin).collect()
}

/// Returns the beginning of a record's digest, long enough to name the function.
fn begun(primitive: &Primitive) -> String {
    primitive.kept.record_digest().to_string().chars().take(8).collect()
}
