//! The drawn tokens: the filters against a slow reference, the frequencies against the masses, the generator
//! against frozen values.

use proptest::prelude::*;

use super::{Sampler, SamplingError, SamplingSpec, draw, largest};

const PLAIN: SamplingSpec =
    SamplingSpec { temperature: 1.0, top_k: None, top_p: None, min_p: None, seed: 1, stream: 0 };

fn sampler(spec: SamplingSpec) -> Sampler {
    Sampler::new(spec).expect("a valid way of sampling")
}

/// Probabilities after temperature, top-k, top-p and min-p in f64, each filter over the whole vocabulary.
fn reference(row: &[f32], spec: &SamplingSpec) -> Vec<f64> {
    let top = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut p: Vec<f64> =
        row.iter().map(|x| ((f64::from(*x) - f64::from(top)) / spec.temperature).exp()).collect();
    let mut order: Vec<usize> = (0..row.len()).collect();
    order.sort_by(|a, b| row[*b].partial_cmp(&row[*a]).expect("finite").then(a.cmp(b)));
    order.iter().skip(spec.top_k.unwrap_or(usize::MAX)).for_each(|id| p[*id] = 0.0);
    if let Some(share) = spec.top_p {
        let total: f64 = p.iter().sum();
        let mut before = 0.0;
        for id in order {
            let mass = p[id];
            if before >= share * total {
                p[id] = 0.0;
            }
            before += mass;
        }
    }
    let least = spec.min_p.unwrap_or(0.0);
    p.iter_mut().filter(|p| **p < least).for_each(|p| *p = 0.0);
    let total: f64 = p.iter().sum();
    p.iter().map(|p| p / total).collect()
}

/// Returns the frequency of each token among the draws at the positions below `draws`.
fn frequencies(row: &[f32], spec: SamplingSpec, draws: usize) -> Vec<f64> {
    let sampler = sampler(spec);
    let mut counts = vec![0usize; row.len()];
    (0..draws).for_each(|position| counts[sampler.choose_from(row, position) as usize] += 1);
    counts.iter().map(|count| *count as f64 / draws as f64).collect()
}

/// Returns true if every frequency is within five standard deviations of its probability.
fn agree(found: &[f64], expected: &[f64], draws: usize) -> bool {
    found.iter().zip(expected).all(|(found, p)| {
        let deviation = (p * (1.0 - p) / draws as f64).sqrt();
        (found - p).abs() <= 5.0 * deviation + 1e-9
    })
}

const ROW: [f32; 8] = [0.5, -1.0, 2.0, 0.0, 1.9, -3.0, 2.0, 1.0];

fn cases() -> Vec<SamplingSpec> {
    let filtered = |top_k, top_p, min_p| SamplingSpec { top_k, top_p, min_p, ..PLAIN };
    vec![
        PLAIN,
        SamplingSpec { temperature: 0.3, ..PLAIN },
        SamplingSpec { temperature: 4.0, ..PLAIN },
        SamplingSpec { seed: u64::MAX, stream: 9, ..PLAIN },
        filtered(Some(3), None, None),
        filtered(None, Some(0.8), None),
        filtered(None, None, Some(0.3)),
        filtered(Some(5), Some(0.7), Some(0.9)),
    ]
}

#[test]
fn frequencies_are_those_of_the_reference() {
    for spec in cases() {
        let found = frequencies(&ROW, spec, 20_000);
        assert!(agree(&found, &reference(&ROW, &spec), 20_000), "{spec:?}: {found:?}");
    }
}

#[test]
fn frequencies_of_another_distribution_are_noticed() {
    let cases = cases();
    for (spec, other) in [(0, 1), (0, 2), (0, 4), (4, 5), (6, 7), (5, 0)] {
        let found = frequencies(&ROW, cases[spec], 20_000);
        let expected = reference(&ROW, &cases[other]);
        assert!(!agree(&found, &expected, 20_000), "{:?} as {:?}", cases[spec], cases[other]);
    }
}

#[test]
fn ties_go_to_the_lower_id() {
    let kept = |spec| {
        let found = frequencies(&[1.0, 3.0, 3.0, 3.0, -0.0, 0.0], spec, 2_000);
        (0u32..).zip(found).filter(|(_, share)| *share > 0.0).map(|(id, _)| id).collect::<Vec<_>>()
    };
    assert_eq!(kept(SamplingSpec { top_k: Some(2), ..PLAIN }), [1, 2]);
    assert_eq!(kept(SamplingSpec { top_p: Some(0.5), ..PLAIN }), [1, 2]);
    assert_eq!(kept(SamplingSpec { min_p: Some(1.0), ..PLAIN }), [1, 2, 3]);
    assert_eq!(largest(&[-0.0, 0.0]), 0);
    assert_eq!(sampler(SamplingSpec { top_k: Some(1), ..PLAIN }).choose_from(&[-0.0, 0.0], 0), 0);
}

#[test]
fn the_generator_is_frozen() {
    // Changing one of these is a new domain.
    let found = [draw(0, 0, 0), draw(1, 0, 0), draw(0, 1, 0), draw(0, 0, 1), draw(7, 3, 4096)];
    assert_eq!(found, FROZEN, "{found:#018x?}");
    let tokens: Vec<u32> = (0..16).map(|position| sampler(PLAIN).choose_from(&ROW, position)).collect();
    assert_eq!(tokens, FROZEN_TOKENS);
}

#[test]
fn seeds_streams_and_positions_draw_apart() {
    let tokens = |seed, stream, first: usize| -> Vec<u32> {
        let sampler = sampler(SamplingSpec { seed, stream, ..PLAIN });
        (first..first + 64).map(|position| sampler.choose_from(&ROW, position)).collect()
    };
    let first = tokens(1, 0, 0);
    assert_eq!(first, tokens(1, 0, 0));
    for other in [tokens(2, 0, 0), tokens(1, 1, 0), tokens(1, 0, 1), tokens(0, 1, 0)] {
        assert_ne!(first, other);
    }
    assert_eq!(first[32..], tokens(1, 0, 32)[..32], "a draw belongs to its position");
}

#[test]
fn numbers_out_of_range_are_refused_by_name() {
    type Case = (SamplingSpec, fn(&SamplingError) -> bool, &'static str);
    let cases: [Case; 10] = [
        (SamplingSpec { temperature: -0.1, ..PLAIN }, is_temperature, "temperature is -0.1"),
        (SamplingSpec { temperature: f64::NAN, ..PLAIN }, is_temperature, "temperature is NaN"),
        (SamplingSpec { temperature: f64::INFINITY, ..PLAIN }, is_temperature, "temperature is inf"),
        (SamplingSpec { top_k: Some(0), ..PLAIN }, |e| *e == SamplingError::TopK, "top-k is 0"),
        (SamplingSpec { top_p: Some(0.0), ..PLAIN }, is_top_p, "top-p is 0"),
        (SamplingSpec { top_p: Some(1.5), ..PLAIN }, is_top_p, "top-p is 1.5"),
        (SamplingSpec { top_p: Some(f64::NAN), ..PLAIN }, is_top_p, "top-p is NaN"),
        (SamplingSpec { min_p: Some(-0.5), ..PLAIN }, is_min_p, "min-p is -0.5"),
        (SamplingSpec { min_p: Some(1.1), ..PLAIN }, is_min_p, "min-p is 1.1"),
        (SamplingSpec { temperature: 0.0, min_p: Some(2.0), ..PLAIN }, is_min_p, "min-p is 2"),
    ];
    for (spec, is, said) in cases {
        let refusal = Sampler::new(spec).expect_err(said);
        assert!(is(&refusal) && refusal.to_string().contains(said), "{refusal}");
    }
}

fn is_temperature(error: &SamplingError) -> bool {
    matches!(error, SamplingError::Temperature { .. })
}

fn is_top_p(error: &SamplingError) -> bool {
    matches!(error, SamplingError::TopP { .. })
}

fn is_min_p(error: &SamplingError) -> bool {
    matches!(error, SamplingError::MinP { .. })
}

fn any_spec() -> impl Strategy<Value = SamplingSpec> {
    let numbers = (0.01..8.0f64, proptest::option::of(1usize..12), proptest::option::of(0.01..=1.0f64));
    (numbers, proptest::option::of(0.0..=1.0f64), any::<u64>(), any::<u64>()).prop_map(
        |((temperature, top_k, top_p), min_p, seed, stream)| SamplingSpec {
            temperature,
            top_k,
            top_p,
            min_p,
            seed,
            stream,
        },
    )
}

proptest! {
    #[test]
    fn what_is_drawn_has_probability(
        row in proptest::collection::vec(-30.0..30.0f32, 1..12),
        spec in any_spec(),
        position in any::<usize>(),
    ) {
        let id = sampler(spec).choose_from(&row, position) as usize;
        prop_assert!(reference(&row, &spec)[id] > 0.0);
    }

    #[test]
    fn one_kept_token_is_the_likeliest(
        row in proptest::collection::vec(proptest::num::f32::NORMAL | proptest::num::f32::ZERO, 1..40),
        spec in any_spec(),
        position in any::<usize>(),
    ) {
        for one in [
            SamplingSpec { top_k: Some(1), ..spec },
            SamplingSpec { top_p: Some(f64::MIN_POSITIVE), ..spec },
            SamplingSpec { temperature: 0.0, ..spec },
        ] {
            prop_assert_eq!(sampler(one).choose_from(&row, position), largest(&row));
        }
        prop_assert_eq!(Sampler::GREEDY.choose_from(&row, position), largest(&row));
    }

    #[test]
    fn filters_that_keep_all_change_nothing(
        row in proptest::collection::vec(-30.0..30.0f32, 1..40),
        spec in any_spec(),
        position in any::<usize>(),
    ) {
        let bare = SamplingSpec { top_k: None, top_p: None, min_p: None, ..spec };
        let all = SamplingSpec { top_k: Some(40), top_p: Some(1.0), min_p: Some(0.0), ..spec };
        prop_assert_eq!(sampler(all).choose_from(&row, position), sampler(bare).choose_from(&row, position));
    }
}

const FROZEN: [u64; 5] = [
    0x941f_156a_eedc_fc95,
    0xe5af_555a_cfae_f5b8,
    0x39f0_7267_bfaa_d20d,
    0x160a_b6e2_afb7_09ba,
    0x652a_4310_ba15_c4c7,
];
const FROZEN_TOKENS: [u32; 16] = [6, 4, 7, 2, 6, 3, 6, 2, 2, 0, 2, 4, 2, 6, 4, 6];
