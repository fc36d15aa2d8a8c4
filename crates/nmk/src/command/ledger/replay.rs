//! `nmk ledger replay`: runs again what was judged and generated.

use std::ffi::OsString;
use std::path::PathBuf;

use abi::counted;
use clap::Args;
use det::TrustRoot;
use serde_json::json;

use super::{Common, KeyFlag, is_verdict, named_job, trusted_key, unreadable};
use crate::cli::Outcome;
use crate::compute::ComputeFlags;
use crate::config::{Config, Flags, ModelChoice, Ways};
use crate::console::Console;
use crate::programs::JudgesAsMet;
use crate::replay::{AtHand, Difference, Replayed, replay};
use crate::{AnyModel, Error, Surroundings, excerpt};

#[derive(Debug, Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    key: KeyFlag,
    /// Only this job, or the first digits of its id.
    #[arg(long, value_name = "JOB")]
    job: Option<String>,
    /// The model whose generations are run again, instead of the shipped ones. Generations of other models
    /// are run again too, to see where they differ.
    #[arg(long, value_name = "DIR")]
    model: Option<OsString>,
    /// The Python interpreter that runs judged programs again, confined; python3 if it is left out.
    #[arg(long, value_name = "PROGRAM")]
    python: Option<PathBuf>,
    #[command(flatten)]
    compute: ComputeFlags,
}

pub(crate) fn run(
    arguments: &Arguments,
    console: &mut Console<'_>,
    root: &impl TrustRoot,
) -> Result<Outcome, Error> {
    let mut flags = Flags { config: arguments.common.config.clone(), ..Flags::default() };
    (flags.ledger, flags.model) = (arguments.common.ledger.clone(), arguments.model.clone());
    flags.ways = Ways::Flags;
    flags.key = arguments.key.private();
    flags.compute = arguments.compute;
    let config = Config::load(&flags, &Surroundings::read())?;
    let trusted = trusted_key(&config)?;
    let folder = config.ledger.as_path();
    match ledger::verify(folder, &trusted.key, None) {
        Ok(_) => {}
        Err(cause) if is_verdict(&cause) => {
            console.note(&format!("nmk: verification failed: {}", excerpt::one_line(&cause.to_string())));
            return Ok(Outcome::Negative);
        }
        Err(cause) => return Err(unreadable(folder, cause)),
    }
    let job = arguments.job.as_deref().map(|word| named_job(folder, word)).transpose()?;
    let mut models = vec![AnyModel::open(&config)?];
    if arguments.model.is_none() {
        // Both models are shipped, so a generation of either is run again without a word.
        let choices = [ModelChoice::Embedded, ModelChoice::Coder];
        for model in choices.into_iter().filter(|model| *model != config.model) {
            models.push(AnyModel::open(&Config { model, ..config.clone() })?);
        }
    }
    let others = arguments.model.is_some().then_some(config.compute.state);
    console.progress("running again…");
    // Without the public key, no admission is believed, and the judgements that need one are unproven.
    let own = ledger::keys::load_public(&config.key).map(|own| *own.key.as_bytes());
    let judges =
        JudgesAsMet::new(arguments.python.as_deref()).with_exams(folder, own.into_iter().collect(), root);
    let replayed = replay(folder, job, AtHand { models, others }, judges, root)
        .map_err(|cause| unreadable(folder, cause));
    console.clear();
    let replayed = replayed?;
    let Replayed { judgements, generations, decisions, remote, unproven, difference } = &replayed;
    if arguments.common.json {
        let object = json!({
            "judgements": judgements, "generations": generations, "decisions": decisions, "remote": remote,
            "unproven": unproven,
            "difference": difference.as_ref().map(|difference| json!({
                "entry": difference.index, "what": difference.what,
                "recorded": difference.recorded, "found": difference.found,
            })),
        });
        console.result(&object.to_string())?;
    } else {
        for why in unproven {
            console.note(&format!("UNPROVEN: {why}"));
        }
        let unproven = unproven.len();
        console.prose(&format!(
            "replayed: {judgements}, {generations} and {decisions} the same, {remote} \
             from their text, {unproven} unproven",
            decisions = counted(*decisions, "decision"),
            judgements = counted(*judgements, "judgement"),
            generations = counted(*generations, "generation"),
            remote = counted(*remote, "remote proposal")
        ))?;
        if let Some(Difference { index, what, recorded, found }) = difference {
            console.note(&format!(
                "nmk: entry {index} comes out otherwise: {what}: recorded {recorded}, found {found}"
            ));
        }
    }
    let nothing = *judgements == 0 && *generations == 0 && *decisions == 0;
    if nothing && difference.is_none() {
        console.note("nmk: nothing was run again, so nothing is shown");
    }
    Ok(match difference {
        Some(_) => Outcome::Negative,
        None if !nothing => Outcome::Done,
        None if unproven.is_empty() => Outcome::Negative,
        None => Outcome::Unproven,
    })
}
