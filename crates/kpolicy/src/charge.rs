//! What a budget admits of a decision.

use crate::Decision;

/// What was admitted and what it costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Charge {
    /// Branches that may run.
    pub admitted: u32,
    /// What they cost, to be reserved before they run.
    pub spent: f64,
    /// What the budget has left: the `remaining` of the next charge. Absent without a budget.
    pub left: Option<f64>,
    /// How the budget answered.
    pub note: Note,
}

/// How a budget answered a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// There is no budget; everything is admitted.
    NoBudget,
    /// Everything is admitted.
    Ok,
    /// Some of it is admitted.
    BudgetClamped,
    /// Nothing of it is admitted.
    BudgetExhausted,
}

impl Note {
    /// The word that stands for the note in audits.
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

/// What stood in the way of mandated checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scarcity {
    /// The policy has `k_max = k_min`, so no check fits.
    Policy,
    /// The budget does not pay for them.
    Budget,
}

/// Mandated checks cannot all run. Nothing is spent; the caller abstains.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("risk mandates {mandated} branches and {}; {}", reach(.available, .scarcity), remedy(.scarcity))]
pub struct Refused {
    /// Branches needed: the least of the policy and every mandated check.
    pub mandated: u32,
    /// Branches that could run.
    pub available: u32,
    /// What is short.
    pub scarcity: Scarcity,
}

impl Refused {
    /// The word that stands for the refusal in audits.
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

/// Charges `decision` to a budget of `remaining`, or to none. A remainder that is negative or NaN
/// affords nothing.
///
/// # Errors
/// [`Refused`] if risk mandates checks that cannot all run beside the least of the policy.
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

/// Charges `decision` by the rule of the reference: what cannot be afforded is dropped, mandated
/// checks too. A result that rests on fewer checks than were mandated must not pass.
#[must_use]
pub fn charge_clamped(decision: &Decision, remaining: Option<f64>) -> Charge {
    let Some(remaining) = remaining else {
        return Charge { admitted: decision.k, spent: decision.est_cost, left: None, note: Note::NoBudget };
    };
    // The cast saturates: NaN and negative numbers afford 0, infinity affords everything.
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
