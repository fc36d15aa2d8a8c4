//! The choice of a template for a request, by what the ledger tells of earlier jobs.

use abi::Identity;
use sched::Remembered;

use super::Arguments;
use crate::config::Config;
use crate::graph::Graph;
use crate::jobs::{Chronicle, KindBy, Planned, Wanted};
use crate::{Error, excerpt};

/// The most learnings that a prompt is given.
const MOST_LEARNINGS: usize = 3;

/// A request that was laid out, before one of its templates is chosen.
pub(super) struct Templates {
    pub(super) kind: String,
    pub(super) kind_by: KindBy,
    /// The templates of the kind with their graphs, the default first.
    pub(super) graphs: Vec<(&'static str, Graph)>,
}

/// A template that was chosen.
pub(super) struct Chosen {
    pub(super) planned: Planned,
    pub(super) graph: Graph,
    /// The learnings of the kind that the model is to read, the most frequent first.
    pub(super) learnings: Vec<Remembered>,
    /// The reason why earlier jobs were not looked at although they should have been. None if nothing is wrong.
    pub(super) fault: Option<String>,
}

impl Templates {
    /// Chooses a template for a job with the model of this identity. The ledger is read only if it can make a difference.
    pub(super) fn choose(self, arguments: &Arguments, identity: &Identity, config: &Config) -> Chosen {
        let Self { kind, kind_by, graphs } = self;
        let decides = graphs.len() > 1 && arguments.template.is_none();
        let looks = (decides || arguments.learnings) && !arguments.no_memory && !config.no_ledger;
        let (history, fault) = match looks.then(|| history(config)) {
            None => (Chronicle::default(), None),
            Some(Ok(history)) => (history, None),
            Some(Err(error)) => (Chronicle::default(), Some(excerpt::one_line(&error.to_string()))),
        };
        let model = identity.model_digest.map_or_else(|| identity.name.clone(), |digest| digest.to_string());
        let wanted = Wanted {
            kind: &kind,
            kind_by,
            templates: graphs.iter().map(|(name, _)| *name).collect(),
            stated: arguments.template.as_deref(),
            planner: arguments.planner,
            model,
        };
        let planned = Planned::choose(wanted, &history.outcomes, history.entries);
        let learnings = match arguments.learnings {
            true => history.learnings.of(&kind),
            false => Vec::new(),
        };
        let learnings = learnings.into_iter().take(MOST_LEARNINGS).map(|one| one.remembered(&kind)).collect();
        let chosen = graphs.into_iter().find(|(name, _)| *name == planned.template);
        let (_, graph) = chosen.expect("the choice is one of the templates");
        Chosen { planned, graph, learnings, fault }
    }
}

/// Reads the jobs of the configured ledger.
fn history(config: &Config) -> Result<Chronicle, Error> {
    let wrong_key = |cause| Error::LedgerKey { path: config.key.clone(), cause };
    let trusted = ledger::keys::load_public(&config.key).map_err(wrong_key)?;
    Chronicle::read(&config.ledger, &trusted.key)
        .map_err(|cause| Error::Unreadable { path: config.ledger.clone(), cause: Box::new(cause) })
}
