//! The charge of a decision to a budget: the number of branches that may run, and their cost.

use crate::Decision;

/// The branches of a decision that a budget admits, with their cost.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Charge {
    /// Branches that may run.
    pub admitted: u32,
    /// The cost of those branches, to be reserved before they run.
    pub spent: f64,
    /// The rest of the budget, as the `remaining` of the next charge. None without a budget.
    pub left: Option<f64>,
    /// The reason for the number of admitted branches.
    pub note: Note,
}

/// The part of a decision that a budget admitted: all, some or none of its branches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// There is no budget, so every branch is admitted.
    NoBudget,
    /// Every branch is admitted.
    Ok,
    /// Some branches are admitted.
    BudgetClamped,
    /// No branch is admitted.
    BudgetExhausted,
}

impl Note {
    /// The name of the note in audit records. One word for each variant.
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

/// The limit that leaves no room for the checks that risk mandates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scarcity {
    /// The policy has `k_max = k_min`, so no check fits.
    Policy,
    /// The budget does not pay for the checks.
    Budget,
}

/// The refusal of a decision whose mandated checks cannot all run. Nothing is spent, and the caller must
/// abstain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("risk mandates {mandated} branches and {}; {}", reach(.available, .scarcity), remedy(.scarcity))]
pub struct Refused {
    /// Branches needed: the policy's minimum and every mandated check.
    pub mandated: u32,
    /// Branches that could run.
    pub available: u32,
    /// The limit that leaves too little room.
    pub scarcity: Scarcity,
}

impl Refused {
    /// The name of the refusal in audit records. One word for each limit.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self.scarcity {
            Scarcity::Policy => "refused-headroom",
            Scarcity::Budget => "refused-budget",
        }
    }
}

fn reach(available: &u32, scarcity: &Scarcity) -> String {
    match scarcity {
        Scarcity::Policy => format!("the policy allows {available}"),
        Scarcity::Budget => format!("the budget affords {available}"),
    }
}

fn remedy(scarcity: &Scarcity) -> &'static str {
    match scarcity {
        Scarcity::Policy => "raise k_max above k_min",
        Scarcity::Budget => "raise the budget",
    }
}

/// Charges `decision` to a budget with `remaining` left, or to no budget. A remainder that is negative or NaN
/// pays for nothing.
///
/// # Errors
/// Returns [`Refused`] if risk mandates checks that cannot all run beside the policy's minimum.
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

/// Charges `decision` by the rule of the reference: branches that cannot be paid are dropped, mandated checks
/// included.
///
/// For comparison only: a result that rests on fewer checks than were mandated must not pass.
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
