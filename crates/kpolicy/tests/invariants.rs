//! Properties that hold for every policy and all signals.

mod common;

use common::{policy, signals, unit};
use kpolicy::{Decision, Policy, Settings, Signals, Unit, charge, charge_clamped, decide};
use proptest::prelude::*;

fn sorted(one: Unit, other: Unit) -> (Unit, Unit) {
    (one.min(other), one.max(other))
}

fn floor_of(policy: &Policy, decision: &Decision) -> u32 {
    policy.settings().k_max.min(policy.settings().k_min + decision.verify_k)
}

proptest! {
    #[test]
    fn k_is_bounded_and_priced(policy in policy(), signals in signals()) {
        let decision = decide(&policy, &signals);
        let Settings { k_min, k_max, unit_cost, .. } = *policy.settings();
        prop_assert!((k_min..=k_max).contains(&decision.k));
        prop_assert!(decision.k >= floor_of(&policy, &decision));
        prop_assert_eq!(decision.est_cost, f64::from(decision.k) * unit_cost);
        prop_assert_eq!(decision.k + decision.reason.cut_k, k_min + decision.explore_k + decision.verify_k);
    }

    #[test]
    fn doubt_never_narrows(policy in policy(), signals in signals(), one in unit(), other in unit()) {
        let (low, high) = sorted(one, other);
        let at = |uncertainty| {
            decide(&policy, &Signals { uncertainty, uncertainty_calibrated: true, ..signals }).k
        };
        prop_assert!(at(low) <= at(high));
    }

    #[test]
    fn cost_never_widens(policy in policy(), signals in signals(), one in unit(), other in unit()) {
        let (low, high) = sorted(one, other);
        let at = |cost| decide(&policy, &Signals { cost, ..signals }).k;
        prop_assert!(at(low) >= at(high));
    }

    #[test]
    fn what_does_not_matter_is_not_explored(policy in policy(), signals in signals()) {
        let decision = decide(&policy, &Signals { importance: Unit::ZERO, ..signals });
        prop_assert_eq!(decision.explore_k, 0);
    }

    #[test]
    fn mandated_checks_answer_to_risk_alone(
        policy in policy(), signals in signals(), cost in unit(), uncertainty in unit(),
    ) {
        let other = Signals { cost, uncertainty, uncertainty_calibrated: true, ..signals };
        prop_assert_eq!(decide(&policy, &signals).verify_k, decide(&policy, &other).verify_k);
    }

    #[test]
    fn a_charge_stays_in_the_budget(policy in policy(), signals in signals(), remaining in 0.0..500.0) {
        let decision = decide(&policy, &signals);
        let clamped = charge_clamped(&decision, Some(remaining));
        prop_assert!(clamped.spent <= remaining + 1e-9);
        prop_assert!(clamped.left.is_some_and(|left| left >= 0.0));
        prop_assert!(clamped.admitted <= decision.k);
    }

    #[test]
    fn mandated_checks_run_whole_or_not_at_all(
        policy in policy(), signals in signals(), remaining in proptest::option::of(-1.0..100.0),
    ) {
        let decision = decide(&policy, &signals);
        if let Ok(charge) = charge(&decision, remaining) {
            prop_assert_eq!(decision.mandated_k, decision.verify_k);
            prop_assert!(decision.mandated_k == 0 || charge.admitted >= decision.k_min + decision.mandated_k);
            prop_assert_eq!(charge, charge_clamped(&decision, remaining));
        }
    }
}
