//! The decision about a second attempt at a question, with a computed fact.

use kpolicy::{Check, Mode, Policy, Recorded, Settings, Signals, Unit};

/// The name of this seam in the record of a decision.
const SEAM: &str = "fact_loop";
/// The most attempts after the first one.
const MOST_FURTHER: u32 = 1;
/// The most attempts of a plan. A plan rounds down, so a room of one attempt would leave none at the usual importance.
const PLANNED: u32 = 2;
/// The name of the check that each attempt is put to: the verdict under the contract of the question.
const VERDICT: &str = "verdict";

/// Returns the decision about a second attempt at a question of the kind `about`, over a budget that has `remaining` left.
///
/// In the mode [`Mode::Improved`] the plan has room for two attempts, of which one can be made. A risk above the policy's
/// threshold makes one the minimum, which no cost prevents and which the budget must pay.
#[must_use]
pub fn second_attempt(
    mode: Mode,
    policy: &Policy,
    signals: &Signals,
    remaining: Option<f64>,
    about: &str,
) -> Recorded {
    let stated = *policy.settings();
    let k_min = u32::from(signals.risk > stated.risk_floor_at);
    let planned = Settings { k_min, k_max: PLANNED, ..stated };
    let (policy, checks) = match mode {
        Mode::Reference => (*policy, Vec::new()),
        Mode::Improved => {
            let verdict = Check { name: VERDICT.to_owned(), cost: 0.0, power: Unit::ONE };
            // The other settings are those of a policy, and the limits are in order.
            (Policy::new(planned).unwrap_or(*policy), vec![verdict])
        }
    };
    let (seam, about) = (SEAM.to_owned(), about.to_owned());
    Recorded { seam, about, policy, signals: *signals, remaining, most: MOST_FURTHER, mode, checks }
}
