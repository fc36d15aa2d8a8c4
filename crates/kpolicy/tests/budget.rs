//! The branches that budgets admit, and the settings, readings and numbers that are refused.

use kpolicy::{
    CostModel, CostSettings, Decision, K_MAX_LIMIT, Note, Policy, PolicyError, Readings, Resource, Scarcity,
    Settings, Signals, Unit, charge, charge_clamped, decide, normalized_entropy,
};

fn decision(signals: Signals) -> Decision {
    decide(&Policy::new(Settings::REFERENCE).expect("the reference is a policy"), &signals)
}

#[test]
fn budgets_clamp_exploration() {
    let eager = Signals { disagreement: Some(Unit::ONE), importance: Unit::ONE, ..Signals::QUIET };
    for (remaining, admitted, note) in [
        (None, 4, Note::NoBudget),
        (Some(f64::INFINITY), 4, Note::Ok),
        (Some(4.0), 4, Note::Ok),
        (Some(3.9), 3, Note::BudgetClamped),
        (Some(0.9), 0, Note::BudgetExhausted),
        (Some(-3.0), 0, Note::BudgetExhausted),
        (Some(f64::NAN), 0, Note::BudgetExhausted),
    ] {
        let charge = charge(&decision(eager), remaining).expect("nothing is mandated");
        assert_eq!((charge.admitted, charge.note), (admitted, note), "{remaining:?}");
        assert_eq!(charge.spent, f64::from(admitted), "{remaining:?}");
    }
}

#[test]
fn mandated_checks_that_cannot_be_paid_are_refused() {
    let risky = decision(Signals { risk: Unit::ONE, ..Signals::QUIET });
    assert_eq!(charge(&risky, Some(4.0)).map(|charge| charge.admitted), Ok(4));
    let refused = charge(&risky, Some(3.0)).expect_err("three of four branches are paid");
    assert_eq!((refused.mandated, refused.available, refused.scarcity), (4, 3, Scarcity::Budget));
    assert_eq!(refused.to_string(), "risk mandates 4 branches and the budget affords 3; raise the budget");
    assert_eq!(charge_clamped(&risky, Some(3.0)).admitted, 3);
}

#[test]
fn settings_outside_the_limits_are_refused() {
    let reference = Settings::REFERENCE;
    let price = |unit_cost| (Settings { unit_cost, ..reference }, "unit_cost");
    for (settings, word) in [
        (Settings { k_min: 5, ..reference }, "k_min 5 is above k_max 4"),
        (Settings { k_max: K_MAX_LIMIT + 1, ..reference }, "k_max 1025"),
        (Settings { widen_threshold: Unit::ONE, ..reference }, "widen_threshold"),
        price(0.0),
        price(-1.0),
        price(f64::NAN),
        price(f64::MAX),
    ] {
        let error: PolicyError = Policy::new(settings).expect_err(word);
        assert!(error.to_string().starts_with(word), "{error}");
    }
}

#[test]
fn units_hold_no_other_number() {
    for number in [f64::NAN, f64::INFINITY, -0.001, 1.001] {
        assert!(Unit::new(number).is_err(), "{number}");
    }
    assert!(Unit::clamped(f64::NAN).is_err());
    assert_eq!(Unit::clamped(7.0), Ok(Unit::ONE));
    assert_eq!(Unit::clamped(f64::NEG_INFINITY), Ok(Unit::ZERO));
    assert_eq!(Unit::new(-0.0).map(|unit| unit.get().to_bits()), Ok(0));
}

#[test]
fn the_scarcest_resource_is_the_cost() {
    let model = CostModel::new(CostSettings::REFERENCE).expect("the reference is a model");
    let idle = Readings { load1: Some(0.1), cores: Some(16), ready: Some(0), ..Readings::default() };
    for (readings, cost, resource) in [
        (Readings::default(), 0.0, Resource::Load),
        (idle, 0.006, Resource::Load),
        (Readings { load1: Some(3.0), cores: Some(4), ..idle }, 0.75, Resource::Load),
        (Readings { memory_percent: Some(75.0), ..idle }, 0.5, Resource::Memory),
        (Readings { ready: Some(2), held: Some(4), ..idle }, 0.75, Resource::Queue),
        (Readings { gpu_percent: Some(85.0), ..idle }, 1.0, Resource::Gpu),
        (Readings { ready: Some(u32::MAX), held: Some(u32::MAX), ..idle }, 1.0, Resource::Queue),
        (Readings { load1: Some(f64::NAN), cores: Some(0), ..idle }, 0.0, Resource::Load),
        (Readings { memory_percent: Some(f64::NAN), ..idle }, 0.006, Resource::Load),
        (Readings { memory_percent: Some(10.0), ..idle }, 0.006, Resource::Load),
    ] {
        let (found, binding) = model.pressure(&readings).cost();
        assert_eq!((found.get(), binding), (cost, resource), "{readings:?}");
    }
}

#[test]
fn cost_settings_must_divide() {
    let reference = CostSettings::REFERENCE;
    for (settings, word) in [
        (CostSettings { queue_soft_cap: 0.0, ..reference }, "queue_soft_cap"),
        (CostSettings { load_saturate: f64::NAN, ..reference }, "load_saturate"),
        (CostSettings { gpu_saturate: f64::INFINITY, ..reference }, "gpu_saturate"),
        (CostSettings { mem_floor: 1.0, ..reference }, "mem_floor"),
    ] {
        let error = CostModel::new(settings).expect_err(word);
        assert!(error.to_string().starts_with(word), "{error}");
    }
}

#[test]
fn entropy_is_normalised() {
    for (weights, expected) in [
        (&[][..], 0.0),
        (&[1.0], 0.0),
        (&[0.0, 0.0], 0.0),
        (&[1.0, 0.0, 0.0, 0.0], 0.0),
        (&[0.25; 4], 1.0),
        (&[3.0; 128], 1.0),
        (&[f64::MAX, f64::MAX], 1.0),
        (&[f64::NAN, -1.0, 5.0], 0.0),
        (&[1.0, 1.0, 0.0, 0.0], 0.5),
    ] {
        let found = normalized_entropy(weights).get();
        assert!((found - expected).abs() < 1e-12, "{weights:?}: {found}");
    }
}
