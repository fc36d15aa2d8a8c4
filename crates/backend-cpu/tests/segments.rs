//! The order in which sums over many inputs are added, against scalar sums written down again.
//!
//! Products, the sums of norms and scores of attention add up segments of 128 inputs by themselves, then the
//! segments in ascending order. Every size here has an expected value of equal bits, and a control: the sum
//! without segments, or over segments of 64, has other bits, so the comparison would notice either.

mod common;

use std::collections::BTreeSet;
use std::ops::Range;

use backend_cpu::CpuBackend;
use common::backends;
use neural::{
    AttentionSpec, Backend, KvLayout, LANES, NormConfig, NormKind, PageRun, PageSlots, SEGMENT, StateDtype,
    StoredMatrix, StoredValues,
};
use synthetic::{Random, bits};

/// Below a segment, at its end, beyond it and far beyond it.
const SIZES: [usize; 9] = [1, 15, 16, 127, 128, 129, 256, 300, 1000];

/// The segment of numerics version 1, which had none.
const WITHOUT: usize = usize::MAX;

fn values(random: &mut Random, count: usize) -> Vec<f32> {
    (0..count).map(|_| random.symmetric()).collect()
}

/// Returns the sum of the first segment, to which those of the others are added in ascending order.
fn by_segments(segment: usize, inputs: usize, sum: impl Fn(Range<usize>) -> f32) -> f32 {
    let mut total = sum(0..inputs.min(segment));
    let mut start = inputs.min(segment);
    while start < inputs {
        let end = inputs.min(start + segment);
        total += sum(start..end);
        start = end;
    }
    total
}

fn dot(segment: usize, weights: &[f32], x: &[f32]) -> f32 {
    by_segments(segment, x.len(), |inputs| {
        inputs.fold(0.0, |sum, input| weights[input].mul_add(x[input], sum))
    })
}

/// Returns the total of sixteen strided sums in each segment, which are folded as a tree.
fn strided(segment: usize, x: &[f32], take: impl Fn(f32, f32) -> f32) -> f32 {
    by_segments(segment, x.len(), |elements| {
        let mut lanes = [0.0_f32; LANES];
        for (place, element) in elements.enumerate() {
            lanes[place % LANES] = take(lanes[place % LANES], x[element]);
        }
        for half in [8, 4, 2, 1] {
            (0..half).for_each(|lane| lanes[lane] += lanes[lane + half]);
        }
        lanes[0]
    })
}

fn norm(segment: usize, norm: &NormConfig, weight: &[f32], x: &[f32]) -> Vec<f32> {
    let count = x.len() as f32;
    let mean = match norm.kind {
        NormKind::Layer => strided(segment, x, |sum, x| sum + x) / count,
        NormKind::RootMeanSquare => 0.0,
    };
    let square = strided(segment, x, |sum, x| (x - mean).mul_add(x - mean, sum)) / count;
    let inverse = 1.0 / (square + norm.epsilon).sqrt();
    x.iter().zip(weight).map(|(x, weight)| (x - mean) * inverse * weight).collect()
}

/// Checks what `found` gives on every backend against `expected` of a segment, and returns the sizes at which
/// another segment would have given other bits.
fn check(
    what: &str,
    size: usize,
    found: impl Fn(&CpuBackend) -> Vec<f32>,
    expected: impl Fn(usize) -> Vec<f32>,
) -> BTreeSet<usize> {
    let reference = bits(&expected(SEGMENT));
    for backend in backends() {
        assert!(bits(&found(&backend)) == reference, "{what} over {size} on {}", backend.describe());
    }
    [64, WITHOUT].into_iter().filter(|other| bits(&expected(*other)) != reference).collect()
}

/// Asserts that both controls differ far beyond a segment, and that the order without segments does not up to
/// one.
fn assert_noticed(what: &str, size: usize, differ: &BTreeSet<usize>) {
    assert!(size > SEGMENT || !differ.contains(&WITHOUT), "{what} over {size} has one segment");
    assert!(size < 1000 || differ.len() == 2, "{what} over {size}: only {differ:?} differ");
}

#[test]
fn products_are_summed_by_segments() {
    let mut random = Random::new(21);
    for (size, (outputs, rows)) in
        SIZES.iter().flat_map(|size| [(17, 1), (130, 7)].map(|shape| (*size, shape)))
    {
        let x = values(&mut random, rows * size);
        let weights: Vec<f32> = values(&mut random, outputs * size)
            .iter()
            .map(|weight| f32::from_bits(weight.to_bits() & 0xffff_0000))
            .collect();
        let full: Vec<u8> = weights.iter().flat_map(|weight| weight.to_le_bytes()).collect();
        let half: Vec<u8> =
            weights.iter().flat_map(|weight| ((weight.to_bits() >> 16) as u16).to_le_bytes()).collect();
        for stored in [StoredValues::F32(&full), StoredValues::Bf16(&half)] {
            let found = |backend: &CpuBackend| {
                let matrix = StoredMatrix::new(outputs, size, stored).expect("finite weights");
                backend.read(&backend.matmul(&backend.pack(matrix), &backend.rows(size, x.clone())))
            };
            let expected = |segment| {
                let of_row = |x| weights.chunks_exact(size).map(move |weights| dot(segment, weights, x));
                x.chunks_exact(size).flat_map(of_row).collect()
            };
            assert_noticed("a product", size, &check("a product", size, found, expected));
        }
    }
}

#[test]
fn norms_are_summed_by_segments() {
    let mut random = Random::new(22);
    for kind in [NormKind::Layer, NormKind::RootMeanSquare] {
        for size in SIZES {
            let config = NormConfig { kind, epsilon: 1e-5 };
            let (weight, x) = (values(&mut random, size), values(&mut random, 30 * size));
            let found = |backend: &CpuBackend| {
                backend.read(&backend.norm(&config, &weight, &backend.rows(size, x.clone())))
            };
            let expected =
                |segment| x.chunks_exact(size).flat_map(|x| norm(segment, &config, &weight, x)).collect();
            assert_noticed("a norm", size, &check("a norm", size, found, expected));
        }
    }
}

/// Attention of one query over one block of keys and values, `[positions, head_dim]`.
fn attend(backend: &CpuBackend, state: StateDtype, query: &[f32], keys: &[f32], values: &[f32]) -> Vec<f32> {
    let (head_dim, count) = (query.len(), keys.len() / query.len());
    let layout = KvLayout { kv_heads: 1, head_dim, state };
    let mut page = backend.page(layout);
    let slots = PageSlots { first_row: 0, first_slot: 0, count };
    let rows = |values: &[f32]| backend.rows(head_dim, values.to_vec());
    backend.store(&mut page, layout, slots, &rows(keys), &rows(values));
    let spec = AttentionSpec { heads: 1, layout, scale: 0.25, window: None, first_query: count - 1 };
    let pages = PageRun { first_page: 0, pages: &[&page] };
    backend.read(&backend.attend(&spec, &rows(query), pages, None))
}

/// Scores are not read from a backend, so keys of one element take their place: the score of such a key and a
/// query of 1 is that element, and the same values must come out. They are of the least width that shows.
#[test]
fn scores_are_summed_by_segments() {
    const POSITIONS: usize = 40;
    let mut random = Random::new(23);
    for size in SIZES {
        for state in StateDtype::ALL {
            let query = values(&mut random, size);
            let mut keys = values(&mut random, POSITIONS * size);
            let mut shown = values(&mut random, POSITIONS * size);
            // As they are kept, so that nothing is rounded in either.
            for value in keys.iter_mut().chain(&mut shown) {
                *value = f32::from_bits(value.to_bits() & 0xffff_0000);
            }
            let found = |backend: &CpuBackend| attend(backend, state, &query, &keys, &shown);
            let expected = |segment| {
                let scores: Vec<f32> = keys.chunks_exact(size).map(|key| dot(segment, key, &query)).collect();
                let backend = common::best();
                let of_element = |element: usize| {
                    let column: Vec<f32> = shown.iter().skip(element).step_by(size).copied().collect();
                    attend(&backend, StateDtype::F32, &[1.0], &scores, &column)[0]
                };
                (0..size).map(of_element).collect()
            };
            assert_noticed("a score", size, &check("a score", size, found, expected));
        }
    }
}

/// A sum that rounds to -0 keeps its sign as the first of the total, and loses it where +0 comes first.
#[test]
fn the_total_starts_as_the_first_segment() {
    for (size, sign) in [(SEGMENT, -0.0_f32), (2 * SEGMENT, -0.0), (2 * SEGMENT + 1, 0.0)] {
        let mut weights = vec![0.0_f32; size];
        // The last product of each of two segments is less than the least subnormal number.
        (weights[SEGMENT - 1], weights[size.min(2 * SEGMENT) - 1]) = (-1e-30, -1e-30);
        let x = vec![1e-30_f32; size];
        let stored: Vec<u8> = weights.iter().flat_map(|weight| weight.to_le_bytes()).collect();
        for backend in backends() {
            let matrix = StoredMatrix::new(1, size, StoredValues::F32(&stored)).expect("finite weights");
            let sum = backend.matmul(&backend.pack(matrix), &backend.rows(size, x.clone()));
            assert_eq!(bits(&backend.read(&sum)), [sign.to_bits()], "{size} on {}", backend.describe());
        }
    }
}
