//! The decisions of the policy about a run: how many tasks run at once, and what a second draft is worth.

use std::num::NonZeroU32;

use factloop::operations::FACT_LOOP;
use kpolicy::{Account, Mode, Recorded, Signals, Unit};

use crate::config::{CostSource, Spending};
use crate::graph::Graph;
use crate::run::Further;
use crate::sensing;

/// Returns true if the policy decides about second drafts or further checks of the graph.
pub(super) fn decides(graph: &Graph) -> bool {
    graph.tasks.iter().any(|task| task.operation == FACT_LOOP) || !graph.verified().is_empty()
}

/// Returns the amounts by which the policy decides about second drafts and further checks: a refuted draft is a
/// disagreement that does not come from the model's own confidence.
pub(super) fn further(spending: &Spending, graph: &Graph, workers: usize, cost: Unit) -> Further {
    let &Spending { mode, importance, risk, budget, .. } = spending;
    let cost = cost.max(sensing::queue(spending, waiting(graph, workers), 0));
    let disagreement = Some(Unit::ONE);
    let signals = Signals { disagreement, cost, risk, importance, ..Signals::QUIET };
    let (policy, depth_policy) = (spending.loop_policy(), spending.depth_policy());
    Further { mode, policy, depth_policy, signals, account: Account::new(budget) }
}

/// Returns the number of tasks that are ready when the run begins and find no free worker. None is held then: nothing has
/// spent of the job's budget.
fn waiting(graph: &Graph, workers: usize) -> u32 {
    let ready = graph.tasks.iter().filter(|task| task.after.is_empty()).count();
    u32::try_from(ready.saturating_sub(workers)).unwrap_or(u32::MAX)
}

/// The number of tasks that run at the same time, and the decision that it came from.
pub(super) struct Lanes {
    pub(super) workers: usize,
    pub(super) width: Option<Recorded>,
}

/// Returns as many of `most` lanes as the load of the machine leaves. Nothing is decided for a machine that was stated to be
/// idle.
pub(super) fn lanes(most: u16, spending: &Spending, cost: Unit) -> Lanes {
    let full = Lanes { workers: usize::from(most), width: None };
    let Some(lanes) = NonZeroU32::new(u32::from(most)) else { return full };
    if spending.cost == CostSource::Stated(Unit::ZERO) {
        return full;
    }
    // Tasks that wait are worth no less than those that run, so the load alone decides.
    let decided = kpolicy::lane_signals(&spending.search_policy(), lanes, cost, Unit::ONE);
    let Ok((policy, signals)) = decided else { return full };
    let workers = kpolicy::decide(&policy, &signals).k as usize;
    let (seam, about) = ("lane_width".to_owned(), "tasks".to_owned());
    Lanes {
        workers,
        width: Some(Recorded {
            seam,
            about,
            policy,
            signals,
            remaining: None,
            most: lanes.get(),
            mode: Mode::Reference,
            checks: Vec::new(),
        }),
    }
}
