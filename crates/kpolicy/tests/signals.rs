//! The signal that a decision names, in the order of priority.

use kpolicy::{Policy, Settings, Signals, Unit, UsedSignal, decide};

fn check(settings: Settings, signals: Signals, used: UsedSignal) {
    let policy = Policy::new(settings).expect("settings of a test are a policy");
    assert_eq!(decide(&policy, &signals).used_signal, used, "{signals:?}");
}

const DISAGREES: Signals = Signals { disagreement: Some(Unit::ONE), importance: Unit::ONE, ..Signals::QUIET };
const UNSURE: Signals = Signals { uncertainty: Unit::ONE, importance: Unit::ONE, ..Signals::QUIET };

#[test]
fn each_signal_is_named_when_it_shaped_the_decision() {
    let reference = Settings::REFERENCE;
    let trusting = Settings { require_calibrated: false, ..reference };
    let calibrated = Signals { uncertainty_calibrated: true, ..UNSURE };
    let tie = Signals { disagreement: Some(Unit::ONE), ..calibrated };
    let weaker = Signals { disagreement: Some(Unit::HALF), ..calibrated };
    let held = Signals { disagreement: Some(Unit::ZERO), ..UNSURE };
    for (settings, signals, used) in [
        (reference, Signals { risk: Unit::ONE, ..DISAGREES }, UsedSignal::RiskFloor),
        (reference, Signals { cost: Unit::ONE, ..DISAGREES }, UsedSignal::CostBraked),
        (reference, DISAGREES, UsedSignal::IndependentDisagreement),
        (reference, tie, UsedSignal::IndependentDisagreement),
        (reference, weaker, UsedSignal::CalibratedUncertainty),
        (reference, calibrated, UsedSignal::CalibratedUncertainty),
        (trusting, UNSURE, UsedSignal::CalibratedUncertainty),
        (reference, UNSURE, UsedSignal::UncalibratedHeld),
        (reference, held, UsedSignal::ThinDefault),
        (reference, Signals::QUIET, UsedSignal::ThinDefault),
    ] {
        check(settings, signals, used);
    }
}

#[test]
fn words_are_distinct() {
    let mut words = UsedSignal::ALL.map(UsedSignal::word).to_vec();
    words.sort_unstable();
    words.dedup();
    assert_eq!(words.len(), UsedSignal::ALL.len());
}
