//! The charge of a decision to a budget: the number of branches that may run, and their cost.

use crate::Decision;

/// The part of a [`Decision`] that a budget can pay: a number of branches, and their cost.
///
/// A branch is one attempt at a step of a job, such as another generation or a check.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Charge {
    /// The number of branches that may run, at most the decision's `k`.
    pub admitted: u32,
    /// The cost of those branches, to be deducted from the budget before they run.
    pub spent: f64,
    /// The budget that is left, to be passed as `remaining` to the next charge. None if there is no budget.
    pub left: Option<f64>,
    /// The reason for the number of admitted branches.
    pub note: Note,
}

/// A word for how much of a decision a budget admitted: all, some or none of its branches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// There is no budget, so every branch of the decision is admitted.
    NoBudget,
    /// The budget pays for every branch of the decision.
    Ok,
    /// The budget pays for some branches of the decision.
    BudgetClamped,
    /// The budget pays for no branch of the decision.
    BudgetExhausted,
}

impl Note {
    /// Returns the word that stands for the note in audit records, for example `budget-clamped`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::NoBudget => "no-budget",
            Self::Ok => "ok",
            Self::BudgetClamped => "budget-clamped",
            Self::BudgetExhausted => "budget-exhausted",
        }
    }
}

/// The limit that leaves too little room for the checks that a high risk makes mandatory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scarcity {
    /// The policy has `k_max = k_min`, so it has no room for any check.
    Policy,
    /// The budget cannot pay for all of the checks.
    Budget,
    /// There are fewer checks than the risk makes mandatory.
    Checks,
}

/// The refusal of a decision whose mandatory checks cannot all run. Nothing is spent, and the caller must
/// abstain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}; {}", self.shortfall(), remedy(.scarcity))]
pub struct Refused {
    /// The number of branches needed: the policy's minimum and every mandatory check.
    pub mandated: u32,
    /// The number of branches that the policy or the budget allows.
    pub available: u32,
    /// The limit that leaves too little room for the checks.
    pub scarcity: Scarcity,
}

impl Refused {
    /// Returns what is mandated and what there is, in words, for a message that says itself what would help.
    #[must_use]
    pub fn shortfall(&self) -> String {
        let mandated = abi::counted(self.mandated, "branch");
        format!("risk mandates {mandated} and {}", reach(&self.available, &self.scarcity))
    }

    /// Returns the word that stands for the refusal in audit records, for example `refused-budget`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self.scarcity {
            Scarcity::Policy => "refused-headroom",
            Scarcity::Budget => "refused-budget",
            Scarcity::Checks => "refused-checks",
        }
    }
}

fn reach(available: &u32, scarcity: &Scarcity) -> String {
    match scarcity {
        Scarcity::Policy => format!("the policy allows {available}"),
        Scarcity::Budget => format!("the budget affords {available}"),
        Scarcity::Checks => format!("the checks at hand allow {available}"),
    }
}

fn remedy(scarcity: &Scarcity) -> &'static str {
    match scarcity {
        Scarcity::Policy => "raise k_max above k_min",
        Scarcity::Budget => "raise the budget",
        Scarcity::Checks => "add checks, or lower the risk",
    }
}

/// Charges `decision` to a budget that has `remaining` left, or to no budget if that is None. A remainder
/// that is negative or NaN pays for nothing.
///
/// # Errors
/// Returns [`Refused`] if a high risk makes checks mandatory and they cannot all run beside the policy's
/// minimum.
pub fn charge(decision: &Decision, remaining: Option<f64>) -> Result<Charge, Refused> {
    let mandated = decision.k_min + decision.mandated_k;
    if decision.mandated_k > decision.verify_k {
        return Err(Refused { mandated, available: decision.k, scarcity: Scarcity::Policy });
    }
    let charge = charge_clamped(decision, remaining);
    if decision.mandated_k > 0 && charge.admitted < mandated {
        return Err(Refused { mandated, available: charge.admitted, scarcity: Scarcity::Budget });
    }
    Ok(charge)
}

/// Charges `decision` as the reference implementation does: branches that cannot be paid are dropped,
/// mandatory checks included.
///
/// This function is for comparison only: a result that rests on fewer checks than were mandatory must not
/// pass.
#[must_use]
pub fn charge_clamped(decision: &Decision, remaining: Option<f64>) -> Charge {
    let Some(remaining) = remaining else {
        return Charge { admitted: decision.k, spent: decision.est_cost, left: None, note: Note::NoBudget };
    };
    // The cast saturates: NaN and negative numbers become 0, and infinity becomes `u32::MAX`.
    let affordable = (remaining / decision.unit_cost).floor() as u32;
    let admitted = decision.k.min(affordable);
    let spent = f64::from(admitted) * decision.unit_cost;
    let note = match admitted {
        admitted if admitted == decision.k => Note::Ok,
        0 => Note::BudgetExhausted,
        _ => Note::BudgetClamped,
    };
    Charge { admitted, spent, left: Some((remaining - spent).max(0.0)), note }
}
