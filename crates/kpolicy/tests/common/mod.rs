//! Policies and signals at random.

#![allow(dead_code, reason = "every test file uses a part of it")]

use kpolicy::{Policy, Settings, Signals, Unit};
use proptest::prelude::*;

pub(crate) fn unit() -> impl Strategy<Value = Unit> {
    prop_oneof![
        Just(Unit::ZERO),
        Just(Unit::HALF),
        Just(Unit::ONE),
        (0.0..=1.0).prop_map(|number| Unit::new(number).expect("drawn from [0, 1]")),
    ]
}

prop_compose! {
    pub(crate) fn policy()(
        k_min in 0u32..6,
        more in 0u32..12,
        threshold in 0.0..1.0,
        require_calibrated in any::<bool>(),
        cost_brake in unit(),
        risk_floor_at in unit(),
        unit_cost in 0.01..50.0,
    ) -> Policy {
        let widen_threshold = Unit::new(threshold).expect("drawn from [0, 1)");
        let k_max = k_min + more;
        Policy::new(Settings {
            k_min, k_max, widen_threshold, require_calibrated, cost_brake, risk_floor_at, unit_cost,
        }).expect("drawn within the limits")
    }
}

prop_compose! {
    pub(crate) fn signals()(
        uncertainty in unit(),
        uncertainty_calibrated in any::<bool>(),
        disagreement in proptest::option::of(unit()),
        cost in unit(),
        risk in unit(),
        importance in unit(),
    ) -> Signals {
        Signals { uncertainty, uncertainty_calibrated, disagreement, cost, risk, importance }
    }
}
