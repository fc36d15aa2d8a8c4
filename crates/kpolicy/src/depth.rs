//! The depth of verification: the checks to which one result is put, in their order.

use crate::decide::{believed_doubt, drive, used_signal};
use crate::plan::{SLACK, by_worth, reserve};
use crate::{
    Account, Check, Decision, Mode, Policy, Reason, Refused, Reservation, Scarcity, Signals, UsedSignal,
    charge, decide,
};

/// The reason why a check does not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// No signal justifies the check.
    Unjustified,
    /// Doubt justified the check, and the cost of the machine's load takes it away.
    Cost,
    /// Doubt justified the check, and the policy's `k_max` takes it away.
    Limit,
    /// The check was justified, and the account cannot pay it.
    Budget,
}

impl LeftOut {
    /// Returns the word that stands for the reason in audit records, for example `budget`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unjustified => "unjustified",
            Self::Cost => "cost",
            Self::Limit => "limit",
            Self::Budget => "budget",
        }
    }
}

/// The checks that a result is put to, and the reservation that pays them.
///
/// Holding a depth proves that at least one check runs, that every mandated check is among those that run, and that all
/// of them are paid.
#[derive(Debug)]
pub struct Depth {
    /// The places of the checks that run in the list that [`depth`] was given, in the order in which they run.
    pub run: Vec<usize>,
    /// The places of the other checks, each with the reason why it does not run.
    pub left_out: Vec<(usize, LeftOut)>,
    /// The number of checks that doubt justified, among those that run.
    pub explored: u32,
    /// The signal that had the most effect.
    pub used_signal: UsedSignal,
    /// The quantities that led to the number.
    pub reason: Reason,
    /// The cost of the checks that run. What is not spent returns to the account.
    pub reserved: Reservation,
}

/// Returns the checks out of `checks` that `signals` justify for one result, and reserves their cost on `account`.
///
/// The minimum of the policy and the checks that risk mandates always run. Doubt justifies further ones. In the mode
/// [`Mode::Reference`] the number is that of the formula, every check costs the policy's unit, and the first ones of the
/// list run. In the mode [`Mode::Improved`] a check by doubt is added only if its whole worth is left, every check has its
/// own cost, and those that find most for their cost run first.
///
/// # Errors
/// Returns [`Refused`], and reserves nothing, if the checks that must run cannot all run: the policy has no room, there
/// are too few checks, or the account cannot pay. The result must not pass then. An empty list is refused in any case.
pub fn depth(
    mode: Mode,
    policy: &Policy,
    signals: &Signals,
    checks: &[Check],
    account: &Account,
) -> Result<Depth, Refused> {
    let decision = decide(policy, signals);
    let mandated = decision.k_min + decision.mandated_k;
    let refused = |available, scarcity| Refused { mandated: mandated.max(1), available, scarcity };
    if decision.mandated_k > decision.verify_k {
        return Err(refused(decision.k, Scarcity::Policy));
    }
    // A list that is longer than any policy allows is as good as one of that length.
    let there = u32::try_from(checks.len()).unwrap_or(u32::MAX);
    if there < mandated.max(1) {
        return Err(refused(there, Scarcity::Checks));
    }
    match mode {
        Mode::Reference => by_formula(policy, &decision, checks, account),
        Mode::Improved => by_worth_first(policy, signals, &decision, checks, account),
    }
}

/// Returns the first checks of the list, as many as the formula of the reference admits.
fn by_formula(
    policy: &Policy,
    decision: &Decision,
    checks: &[Check],
    account: &Account,
) -> Result<Depth, Refused> {
    let &Decision { k, k_min, mandated_k, explore_k, used_signal, reason, unit_cost, .. } = decision;
    let mandated = (k_min + mandated_k).max(1);
    let short = |available| Refused { mandated, available, scarcity: Scarcity::Budget };
    let admitted = charge(decision, account.left())?.admitted;
    let run = admitted.min(u32::try_from(checks.len()).unwrap_or(u32::MAX));
    if run < mandated {
        return Err(short(run));
    }
    let reserved = account.reserve(f64::from(run) * unit_cost).map_err(|_| short(0))?;
    let by_cost = reason.unbraked_k.saturating_sub(explore_k);
    let ends = [k, k + reason.cut_k, k + reason.cut_k + by_cost];
    debug_assert!(k <= policy.settings().k_max, "a decision is within its policy");
    let order: Vec<usize> = (0..checks.len()).collect();
    Ok(Depth {
        left_out: left_out(&order, run, ends),
        run: order[..run as usize].to_vec(),
        explored: run - mandated.min(run),
        used_signal,
        reason,
        reserved,
    })
}

/// Returns the checks that find most for their cost, as many as are mandated, worth it and paid.
fn by_worth_first(
    policy: &Policy,
    signals: &Signals,
    decision: &Decision,
    checks: &[Check],
    account: &Account,
) -> Result<Depth, Refused> {
    let settings = policy.settings();
    let &Decision { k_min, mandated_k, reason, .. } = decision;
    let (span, mandated) = (settings.k_max - k_min, (k_min + mandated_k).max(1));
    let order = by_worth(checks);
    let there = u32::try_from(order.len()).unwrap_or(u32::MAX);
    let (doubt, source) = believed_doubt(settings, signals);
    let wanted = drive(settings, doubt, span, signals.importance);
    let whole = |amount: f64| (amount + SLACK).floor() as u32;
    let unbraked = whole(wanted).min(span);
    let braked = whole(wanted * reason.brake.get()).min(span);
    let room = settings.k_max.max(mandated) - mandated;
    let allowed = braked.min(room).min(there - mandated);
    let price =
        |run: u32| -> f64 { order[..run as usize].iter().map(|place| checks[*place].cost.max(0.0)).sum() };
    let (explored, reserved) =
        reserve(account, allowed, |further| price(mandated + further)).map_err(|short| {
            let available = (0..mandated).rev().find(|run| price(*run) <= short.left).unwrap_or(0);
            Refused { mandated, available, scarcity: Scarcity::Budget }
        })?;
    let run = mandated + explored;
    let ends = [mandated + allowed, mandated + braked, mandated + unbraked];
    Ok(Depth {
        left_out: left_out(&order, run, ends),
        run: order[..run as usize].to_vec(),
        explored,
        used_signal: used_signal(explored, explored + (unbraked - braked), mandated_k, source),
        reason,
        reserved,
    })
}

/// Returns the places behind the first `run` ones of `order`, each with the reason why it does not run. The ends say up to
/// which number the budget, the limit and the cost took checks away.
fn left_out(order: &[usize], run: u32, ends: [u32; 3]) -> Vec<(usize, LeftOut)> {
    let reasons = [LeftOut::Budget, LeftOut::Limit, LeftOut::Cost];
    let why = |number: usize| {
        let taken = ends.iter().zip(reasons).find(|(end, _)| number < **end as usize);
        taken.map_or(LeftOut::Unjustified, |(_, why)| why)
    };
    order.iter().enumerate().skip(run as usize).map(|(number, place)| (*place, why(number))).collect()
}
