//! The smoothed cost: it follows the load without its jumps, and fails safe.

mod common;

use common::unit;
use kpolicy::{Sample, Smoothed, Smoothing, Unit};
use proptest::prelude::*;

fn smoothed() -> Smoothed {
    Smoothed::new(Smoothing::DEFAULT).expect("the default is valid")
}

fn take(smoothed: &mut Smoothed, costs: &[f64]) -> f64 {
    let samples = costs.iter().map(|cost| Sample::Cost(Unit::new(*cost).expect("a share")));
    samples.fold(smoothed.cost(), |_, sample| smoothed.take(sample)).get()
}

#[test]
fn a_full_machine_is_reached_and_left() {
    let mut cost = smoothed();
    assert_eq!(cost.cost(), Unit::ONE, "nothing is known yet");
    assert_eq!(take(&mut cost, &[0.0]), 0.0);
    assert_eq!(take(&mut cost, &[1.0]), 0.5);
    assert_eq!(take(&mut cost, &[1.0; 12]), 1.0);
    assert_eq!(take(&mut cost, &[0.0; 20]), 0.05, "the band is all that remains");
    // A small fall does not move the cost.
    assert_eq!(take(&mut cost, &[0.04, 0.03, 0.02, 0.01]), 0.05);
}

#[test]
fn a_broken_sensor_counts_as_a_full_machine_and_is_named() {
    let mut cost = smoothed();
    take(&mut cost, &[0.0; 5]);
    assert_eq!((cost.take(Sample::Broken("memory")), cost.broken()), (Unit::ONE, Some("memory")));
    assert_eq!(take(&mut cost, &[0.0]), 0.55, "a sensor that is back is believed step by step");
    assert_eq!(cost.broken(), None);
    for settings in [Smoothing { weight: 0.0, band: 0.0 }, Smoothing { weight: f64::NAN, band: 0.0 }] {
        assert!(Smoothed::new(settings).is_err_and(|error| error.to_string().starts_with("weight")));
    }
    let settings = Smoothing { weight: 1.0, band: f64::NAN };
    assert!(Smoothed::new(settings).is_err_and(|error| error.to_string().starts_with("band")));
}

proptest! {
    #[test]
    fn the_cost_stays_within_the_samples_and_the_band(samples in proptest::collection::vec(unit(), 1..40)) {
        let mut cost = smoothed();
        for sample in &samples {
            cost.take(Sample::Cost(*sample));
        }
        let (low, high) = (samples.iter().min().expect("one"), samples.iter().max().expect("one"));
        prop_assert!(cost.cost().get() >= low.get() - 0.0005);
        prop_assert!(cost.cost().get() <= high.get() + 0.0505);
    }

    #[test]
    fn more_load_never_costs_less(
        samples in proptest::collection::vec((unit(), unit()), 1..40), weight in 0.01..=1.0, band in unit(),
    ) {
        let settings = Smoothing { weight, band: band.get() };
        let (mut less, mut more) = (Smoothed::new(settings).expect("valid"), Smoothed::new(settings).expect("valid"));
        for (one, other) in samples {
            let (low, high) = (one.min(other), one.max(other));
            prop_assert!(less.take(Sample::Cost(low)) <= more.take(Sample::Cost(high)));
        }
    }

    #[test]
    fn a_load_within_the_band_moves_nothing(
        level in 0.2..0.8, jitter in proptest::collection::vec(-0.02..0.02, 1..60),
    ) {
        let mut cost = smoothed();
        take(&mut cost, &[level + 0.02]);
        let before = take(&mut cost, &[level + 0.02]);
        for noise in jitter {
            prop_assert_eq!(take(&mut cost, &[level + noise]), before);
        }
    }
}
