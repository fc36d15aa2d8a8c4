//! The worked values of the reference design, sections 6.2 and 4.6, row by row.

use std::num::NonZeroU32;

use kpolicy::{Policy, Settings, Signals, Unit, UsedSignal, charge, charge_clamped, decide, lane_width};

fn unit(number: f64) -> Unit {
    Unit::new(number).expect("the table holds units")
}

fn policy(k_min: u32, k_max: u32) -> Policy {
    Policy::new(Settings { k_min, k_max, ..Settings::REFERENCE }).expect("the table holds policies")
}

fn doubt(disagreement: f64, cost: f64, importance: f64) -> Signals {
    Signals {
        disagreement: Some(unit(disagreement)),
        cost: unit(cost),
        importance: unit(importance),
        ..Signals::QUIET
    }
}

fn check(policy: &Policy, rows: impl IntoIterator<Item = (Signals, u32)>) {
    for (signals, k) in rows {
        assert_eq!(decide(policy, &signals).k, k, "{signals:?}");
    }
}

#[test]
fn importance_scales_what_disagreement_buys() {
    let rows = [(0.0, 1), (0.01, 2), (0.2, 2), (0.5, 3), (0.7, 4), (1.0, 4)];
    check(&policy(1, 4), rows.map(|(importance, k)| (doubt(1.0, 0.0, importance), k)));
}

#[test]
fn disagreement_buys_from_the_threshold_on() {
    let rows = [(0.5, 1), (0.51, 2), (0.67, 3), (0.84, 4), (1.0, 4)];
    check(&policy(1, 4), rows.map(|(disagreement, k)| (doubt(disagreement, 0.0, 1.0), k)));
}

#[test]
fn cost_brakes() {
    let rows = [(0.6, 4), (0.7, 4), (0.8, 3), (0.9, 2), (0.999, 2), (1.0, 1)];
    check(&policy(1, 4), rows.map(|(cost, k)| (doubt(1.0, cost, 1.0), k)));
}

#[test]
fn risk_mandates_checks() {
    for (risk, k) in [(0.5, 1), (0.51, 2), (0.67, 3), (0.84, 4), (1.0, 4)] {
        let decision = decide(&policy(1, 4), &Signals { risk: unit(risk), ..Signals::QUIET });
        assert_eq!((decision.k, decision.explore_k, decision.verify_k), (k, 0, k - 1), "risk {risk}");
        let used = if k > 1 { UsedSignal::RiskFloor } else { UsedSignal::ThinDefault };
        assert_eq!(decision.used_signal, used, "risk {risk}");
    }
}

#[test]
fn ladder_under_cost() {
    let rows = [(0.0, 5), (0.7, 4), (0.8, 3), (0.9, 2), (1.0, 1)];
    check(&policy(1, 5), rows.map(|(cost, k)| (doubt(1.0, cost, 1.0), k)));
}

#[test]
fn ladder_by_severity() {
    let rows = [(0.1, 1), (0.5, 1), (0.6, 2), (0.75, 3), (0.9, 5)];
    check(&policy(1, 5), rows.map(|(severity, k)| (doubt(severity, 0.0, 1.0), k)));
}

#[test]
fn a_fact_may_cost_everything() {
    let rows = [(0.0, 2), (0.9, 1), (0.99, 1), (1.0, 0)];
    check(&policy(0, 2), rows.map(|(cost, k)| (doubt(1.0, cost, 0.7), k)));
}

#[test]
fn the_floor_vanishes_without_headroom_and_the_charge_refuses() {
    let decision = decide(&policy(1, 1), &Signals { risk: Unit::ONE, ..Signals::QUIET });
    assert_eq!((decision.k, decision.verify_k), (1, 0));
    assert_eq!(charge_clamped(&decision, None).admitted, 1);
    let refused = charge(&decision, None).expect_err("a mandated check has no room");
    assert_eq!((refused.mandated, refused.available, refused.word()), (2, 1, "refused-headroom"));
}

#[test]
fn a_confidence_gate_is_the_degenerate_policy() {
    let gate = policy(0, 1);
    let rows = [(0.0, 0), (0.5, 0), (0.501, 1), (1.0, 1)];
    check(&gate, rows.map(|(disagreement, k)| (doubt(disagreement, 0.0, 1.0), k)));
}

#[test]
fn lanes_narrow_as_the_machine_fills() {
    let lanes = NonZeroU32::new(8).expect("eight");
    let reference = policy(1, 4);
    for (cost, width) in [(0.0, 8), (0.1, 7), (0.25, 5), (0.4, 3), (0.49, 2), (0.5, 1), (0.7, 1), (1.0, 1)] {
        let decision = lane_width(&reference, lanes, unit(cost), Unit::ONE).expect("few lanes");
        assert_eq!(decision.k, width, "cost {cost}");
    }
    let one = lane_width(&reference, NonZeroU32::MIN, Unit::ZERO, Unit::ONE).expect("one lane");
    assert_eq!(one.k, 1);
    let many = lane_width(&reference, NonZeroU32::MAX, Unit::ZERO, Unit::ONE).expect_err("too many lanes");
    assert!(many.to_string().starts_with("k_max 4294967295"), "{many}");
}
