//! The improved decision: an explicit plan of attempts and checks, paid from a shared account.

use crate::decide::{believed_doubt, drive, used_signal};
use crate::{
    Account, Decision, Policy, Reason, Refused, Reservation, Scarcity, Short, Signals, Unit, UsedSignal,
    decide,
};

/// The rounding error of a sum of floats that does not yet take an attempt away.
pub(crate) const SLACK: f64 = 1e-9;

/// A check that a result can be put to.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// The name of the check, for records.
    pub name: String,
    /// The cost of one run, in the unit of the budget.
    pub cost: f64,
    /// The share of wrong results that the check finds.
    pub power: Unit,
}

/// The reason why an attempt is in a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The policy demands the attempt whatever the signals say.
    Minimum,
    /// Doubt justifies the attempt.
    Doubt,
}

/// The rule by which a part of a plan ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StopRule {
    /// Attempts end with the first one that passes every check of the plan.
    FirstThatPasses,
    /// The checks of one result end with the first one that refutes it.
    FirstThatRefutes,
}

impl StopRule {
    /// Returns the word that stands for the rule in records, for example `first-that-passes`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::FirstThatPasses => "first-that-passes",
            Self::FirstThatRefutes => "first-that-refutes",
        }
    }
}

/// The numbers of attempts that doubt justified and that a plan leaves out, by the reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// The attempts that the cost of the machine's load takes away.
    pub by_cost: u32,
    /// The attempts that the policy's `k_max` takes away.
    pub by_limit: u32,
    /// The attempts that the account cannot pay.
    pub by_budget: u32,
}

/// The attempts and checks of one step, in their order, and the reservation that pays them.
///
/// Attempts are made in order. Each result is put to all of the checks, in order. Holding a plan proves that
/// every attempt of it, with every check of it, is paid.
#[derive(Debug)]
pub struct Plan {
    /// The attempts, in order. If there is none, the result at hand is put to the checks.
    pub attempts: Vec<Attempt>,
    /// The places of the mandated checks in the list that [`plan`] was given, in the order in which they run:
    /// those that find most for their cost first.
    pub checks: Vec<usize>,
    /// The rule by which the attempts end early.
    pub stop_attempts: StopRule,
    /// The rule by which the checks of a result end early.
    pub stop_checks: StopRule,
    /// The attempts that were left out.
    pub cut: Cut,
    /// The signal that had the most effect.
    pub used_signal: UsedSignal,
    /// The quantities that led to the plan.
    pub reason: Reason,
    /// The amount that is reserved for the whole plan. What is not spent returns to the account.
    pub reserved: Reservation,
}

impl Plan {
    /// Returns the number of attempts that doubt justified and the account pays.
    #[must_use]
    pub fn explored(&self) -> u32 {
        let explored = self.attempts.iter().filter(|attempt| **attempt == Attempt::Doubt).count();
        u32::try_from(explored).unwrap_or(u32::MAX)
    }
}

/// Returns the plan that `signals` justify under `policy`, with mandated checks out of `checks`, and reserves
/// its cost on `account`.
///
/// Mandated work comes first: the attempts of the minimum, and every mandated check on each result. Attempts by
/// doubt are added as far as the machine's load, `k_max` and the account allow. An attempt is added only if its
/// whole worth is left, because the reference rounds up, so that any doubt buys an attempt at any load below 1.
///
/// # Errors
/// Returns [`Refused`], and reserves nothing, if the mandated work cannot all be done: the policy has no room,
/// there are too few checks, or the account cannot pay. The caller must abstain then.
pub fn plan(
    policy: &Policy,
    signals: &Signals,
    checks: &[Check],
    account: &Account,
) -> Result<Plan, Refused> {
    let settings = policy.settings();
    let Decision { k_min, mandated_k, reason, .. } = decide(policy, signals);
    let span = settings.k_max - k_min;
    let refused = |available, scarcity| Refused { mandated: k_min + mandated_k, available, scarcity };
    if mandated_k > span {
        return Err(refused(settings.k_max, Scarcity::Policy));
    }
    let mut order = by_worth(checks);
    if order.len() < mandated_k as usize {
        // There are fewer than `mandated_k` checks, so their number fits the type.
        return Err(refused(k_min + order.len() as u32, Scarcity::Checks));
    }
    order.truncate(mandated_k as usize);
    let checking: f64 = order.iter().map(|place| checks[*place].cost.max(0.0)).sum();
    let price = |attempts: u32| {
        // Without an attempt, the result at hand is checked.
        f64::from(attempts) * settings.unit_cost + f64::from(attempts.max(1)) * checking
    };
    let (doubt, source) = believed_doubt(settings, signals);
    let wanted = drive(settings, doubt, span, signals.importance);
    let whole = |amount: f64| (amount + SLACK).floor() as u32;
    let unbraked = whole(wanted).min(span);
    let braked = whole(wanted * reason.brake.get()).min(span);
    let allowed = braked.min(span - mandated_k);
    let (explored, reserved) = reserve(account, allowed, |explored| price(k_min + explored))
        .map_err(|short| refused(affordable(short.left, k_min + mandated_k, &price), Scarcity::Budget))?;
    let attempts = (0..k_min).map(|_| Attempt::Minimum).chain((0..explored).map(|_| Attempt::Doubt));
    Ok(Plan {
        attempts: attempts.collect(),
        checks: order,
        stop_attempts: StopRule::FirstThatPasses,
        stop_checks: StopRule::FirstThatRefutes,
        cut: Cut { by_cost: unbraked - braked, by_limit: braked - allowed, by_budget: allowed - explored },
        used_signal: used_signal(explored, explored + (unbraked - braked), mandated_k, source),
        reason,
        reserved,
    })
}

/// Reserves the price of as many attempts by doubt as the account pays, at most `most`, and returns their number.
pub(crate) fn reserve(
    account: &Account,
    most: u32,
    price: impl Fn(u32) -> f64,
) -> Result<(u32, Reservation), Short> {
    // Other decisions may use the account at the same time, so the number is found by reserving.
    let found =
        (0..=most).rev().map(|explored| account.reserve(price(explored)).map(|held| (explored, held)));
    let mut last = Short { wanted: price(0), left: 0.0 };
    for tried in found {
        match tried {
            Ok(reserved) => return Ok(reserved),
            Err(short) => last = short,
        }
    }
    Err(last)
}

/// Returns the number of attempts and checks that `left` pays, below the `mandated` ones, for a refusal.
fn affordable(left: f64, mandated: u32, price: &dyn Fn(u32) -> f64) -> u32 {
    let attempts = (0..mandated).rev().find(|attempts| price(*attempts) <= left);
    attempts.unwrap_or(0)
}

/// Returns the places of `checks`, those that find most for their cost first, and equal ones in their order.
pub(crate) fn by_worth(checks: &[Check]) -> Vec<usize> {
    let worth = |place: &usize| {
        let Check { cost, power, .. } = &checks[*place];
        // A check that costs nothing is worth more than all others of its power.
        power.get() / cost.max(f64::MIN_POSITIVE)
    };
    let mut order: Vec<usize> = (0..checks.len()).collect();
    order.sort_by(|one, other| worth(other).total_cmp(&worth(one)));
    order
}
