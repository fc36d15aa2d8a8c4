//! The model and the settings with which evaluations are run.

use std::ffi::OsString;

use factloop::Settings;
use kpolicy::Unit;
use sched::Consulted;

use super::factloop::Spend;
use crate::compute::ComputeFlags;
use crate::config::{Config, Flags};
use crate::recall::EVALUATION;
use crate::{AnyModel, Error, Surroundings, placebo};

/// Opens the model of an evaluation, or the placebo, with what `flags` say besides. The figures depend on the command line
/// alone, so no configuration is searched for, and no ledger is written.
///
/// # Errors
/// [`Error`] if the model cannot be opened.
pub(crate) fn opened(
    model: Option<&OsString>,
    max_new: u32,
    compute: ComputeFlags,
    flags: Flags,
) -> Result<(Config, AnyModel), Error> {
    let is_placebo = model.is_some_and(|model| model == placebo::NAME);
    let model = model.cloned().filter(|_| !is_placebo);
    let flags = Flags { model, max_new: Some(max_new), compute, no_ledger: true, ..flags };
    let config = Config::load(&flags, &Surroundings::default())?;
    let model = match is_placebo {
        true => placebo::placebo(1, config.compute)?,
        false => AnyModel::open(&config)?,
    };
    Ok((config, model))
}

/// Returns the settings of the fact loop on an idle machine, without a budget.
pub(crate) fn spend(config: &Config, model: &AnyModel, max_new: u32) -> Spend {
    let settings = Settings {
        mode: config.spending.mode,
        required: None,
        direct: false,
        max_new: model.limit(Some(max_new)),
        policy: config.spending.question_policy(),
        importance: config.spending.importance,
        cost: Unit::ZERO,
        risk: config.spending.risk,
        budget: None,
        granted: factloop::Specification::ALL.into_iter().collect(),
        denied: std::collections::BTreeSet::new(),
        at: None,
        consulted: Some(Consulted::no_memory(EVALUATION)),
    };
    Spend { settings, busy: Unit::ONE, left: 0.0 }
}
