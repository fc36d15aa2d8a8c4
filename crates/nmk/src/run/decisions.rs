//! The decisions of the policy about a graph, made before anything runs: what they depend on is known then.

use factloop::second_attempt;
use kpolicy::{
    Account, Conclusion, Mode, Policy, Recorded, Refused, Reservation, Scarcity, Settings, Signals, Unit,
    VERIFY_DEPTH,
};

use sched::Registry;

use crate::graph::{Graph, Verified};

/// The change that helps where a budget cannot pay mandated work.
const RAISE: &str = "raise `budget` under [policy] in nmk.toml, or pass a higher --budget";

/// The amounts by which the policy decides about a second draft and about further checks, and the account that pays both.
#[derive(Clone, Debug)]
pub(crate) struct Further {
    /// The rule of both decisions.
    pub(crate) mode: Mode,
    /// The policy of a second draft.
    pub(crate) policy: Policy,
    /// The policy of the checks on a result.
    pub(crate) depth_policy: Policy,
    /// The signals of a refuted draft.
    pub(crate) signals: Signals,
    /// The account that all decisions of the run share.
    pub(crate) account: Account,
}

/// The decisions about a graph, for the history, and the first that refused the run.
#[derive(Debug, Default)]
pub(super) struct Decided {
    pub(super) decisions: Vec<Recorded>,
    pub(super) unpaid: Option<Unpaid>,
    /// The amounts that the decisions reserved, which are held until the run has ended.
    held: Vec<Reservation>,
}

/// The refusal of a run whose mandated work cannot all be done.
#[derive(Debug, thiserror::Error)]
#[error("refused at the policy gate: {about}: {}; {remedy}", .refused.shortfall())]
pub(super) struct Unpaid {
    about: String,
    refused: Refused,
    /// The smallest change that lets the run be admitted.
    remedy: String,
}

impl Further {
    /// Makes the decisions, and puts what they admit into the graph. A decision that refuses changes nothing more.
    /// A second draft that no risk mandates is paid from what the checks leave.
    pub(super) fn decide(self, graph: &mut Graph, registry: &Registry) -> Decided {
        let mut decided = Decided::default();
        let mandates_drafts = self.signals.risk > self.policy.settings().risk_floor_at;
        if mandates_drafts {
            self.second_drafts(graph, &mut decided);
        }
        self.depths(graph, registry, &mut decided);
        if !mandates_drafts {
            self.second_drafts(graph, &mut decided);
        }
        decided
    }

    /// Decides about the second draft of each task `fact_loop`.
    fn second_drafts(&self, graph: &mut Graph, decided: &mut Decided) {
        for (task, specification) in graph.fact_loops() {
            let remaining = self.account.left();
            let recorded =
                second_attempt(self.mode, &self.policy, &self.signals, remaining, specification.word());
            let Conclusion { charge, .. } = recorded.conclusion();
            let admitted = charge.map_or(0, |charge| charge.admitted.min(recorded.most));
            if let Err(refused) = charge {
                let about = task.name.clone();
                let remedy = RAISE.to_owned();
                decided.unpaid.get_or_insert(Unpaid { about, refused, remedy });
            }
            task.limits.retries = task.limits.retries.min(admitted);
            let spent = f64::from(task.limits.retries) * self.policy.settings().unit_cost;
            decided.held.extend(self.account.reserve(spent).ok());
            decided.decisions.push(recorded);
        }
    }

    /// Decides to how many further checks the result of each checked task is put, and adds those that run to the graph.
    fn depths(&self, graph: &mut Graph, registry: &Registry, decided: &mut Decided) {
        let mut run = Vec::with_capacity(graph.verified().len());
        for verified in graph.verified() {
            let recorded = self.depth_of(verified);
            match recorded.depth(&self.account) {
                Ok(depth) => {
                    run.push(depth.run);
                    decided.held.push(depth.reserved);
                }
                Err(refused) => {
                    run.push(Vec::new());
                    let (about, remedy) = (verified.task.clone(), remedy(&recorded, refused));
                    decided.unpaid.get_or_insert(Unpaid { about, refused, remedy });
                }
            }
            decided.decisions.push(recorded);
        }
        graph.check(&run, self.mode == Mode::Improved, registry);
    }

    /// Returns everything from which the decision about the checks of a task follows.
    fn depth_of(&self, verified: &Verified) -> Recorded {
        let signals = Signals {
            disagreement: verified.disagreement,
            // A file may ask for more care than its user, and not for less.
            risk: verified.risk.filter(|own| *own > self.signals.risk).unwrap_or(self.signals.risk),
            ..self.signals
        };
        Recorded {
            seam: VERIFY_DEPTH.to_owned(),
            about: verified.task.clone(),
            policy: self.depth_policy,
            signals,
            remaining: self.account.left(),
            // The list is at most as long as a policy may be wide.
            most: u32::try_from(verified.checks.len()).unwrap_or(u32::MAX),
            mode: self.mode,
            checks: verified.checks.clone(),
        }
    }
}

/// Returns the smallest change that lets the mandated checks of a task run.
fn remedy(recorded: &Recorded, refused: Refused) -> String {
    let settings = recorded.policy.settings();
    match refused.scarcity {
        Scarcity::Budget => match missing_budget(recorded) {
            Some(more) => format!("{RAISE}, by {more}"),
            None => RAISE.to_owned(),
        },
        Scarcity::Policy => "raise k_max above k_min".to_owned(),
        Scarcity::Checks => {
            let missing = abi::counted(refused.mandated - refused.available, "check");
            match highest_risk(settings, refused.available) {
                Some(risk) => format!("add {missing} to the task, or state a risk of at most {risk}"),
                None => format!("add {missing} to the task"),
            }
        }
    }
}

/// Returns the smallest whole amount by which a higher budget pays the mandated checks. None if there is none up to a million.
fn missing_budget(recorded: &Recorded) -> Option<u32> {
    let left = recorded.remaining?;
    let pays = |more: u32| recorded.depth(&Account::new(Some(left + f64::from(more)))).is_ok();
    let (mut too_little, mut enough) = (0, 1_000_000);
    if !pays(enough) {
        return None;
    }
    while enough - too_little > 1 {
        let middle = too_little + (enough - too_little) / 2;
        if pays(middle) { enough = middle } else { too_little = middle }
    }
    Some(enough)
}

/// Returns the highest risk, in hundredths, that mandates no more than `available` checks. None if there is none.
fn highest_risk(settings: &Settings, available: u32) -> Option<Unit> {
    let (span, room) = (settings.k_max - settings.k_min, available.checked_sub(settings.k_min)?);
    let floor = settings.risk_floor_at.get();
    let share = f64::from(room) / f64::from(span.max(1));
    Unit::clamped(((floor + share * (1.0 - floor)) * 100.0).floor() / 100.0).ok()
}
