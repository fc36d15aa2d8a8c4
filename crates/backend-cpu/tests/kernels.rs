//! Every kernel over shapes that fit no panel, against arithmetic written down again.
//!
//! The oracle repeats an order that is simple, and the bits must be equal; elsewhere the oracle is f64
//! and the bits must be equal among the instruction sets.

mod common;

use backend_cpu::{CpuBackend, Isa, IsaError, PackedMatrix};
use common::{backends, best};
use neural::{
    Activation, AttentionSpec, Backend, KvLayout, NormConfig, NormKind, PAGE, PageRun, PageSlots, Pairing,
    StateDtype, StoredMatrix, StoredValues, WeightedRow,
};
use synthetic::{Random, bits};

fn values(random: &mut Random, count: usize) -> Vec<f32> {
    (0..count).map(|_| random.symmetric()).collect()
}

/// Returns the result of `run`, after a check that it has the same bits on each backend.
fn same_bits(what: &str, run: impl Fn(&CpuBackend) -> Vec<f32>) -> Vec<f32> {
    let all: Vec<Vec<f32>> = backends().iter().map(run).collect();
    for (backend, found) in backends().iter().zip(&all) {
        assert!(bits(found) == bits(&all[0]), "{what} on {}", backend.describe());
    }
    all.into_iter().next().expect("portable is always there")
}

fn assert_near(what: &str, found: &[f32], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        let difference = (f64::from(*found) - expected).abs();
        assert!(
            difference <= tolerance * (1.0 + expected.abs()),
            "{what} at {index}: {found} for {expected}"
        );
    }
}

fn check_product(outputs: usize, inputs: usize, rows: usize, random: &mut Random) {
    let what = format!("{rows} rows by {inputs} to {outputs}");
    let x = values(random, rows * inputs);
    let wide: Vec<f32> =
        values(random, outputs * inputs).iter().map(|w| f32::from_bits(w.to_bits() & 0xffff_0000)).collect();
    let full: Vec<u8> = wide.iter().flat_map(|w| w.to_le_bytes()).collect();
    let half: Vec<u8> = wide.iter().flat_map(|w| ((w.to_bits() >> 16) as u16).to_le_bytes()).collect();
    let mut expected = Vec::new();
    for row in x.chunks_exact(inputs) {
        for weights in wide.chunks_exact(inputs) {
            expected.push(row.iter().zip(weights).fold(0.0f32, |sum, (x, w)| w.mul_add(*x, sum)));
        }
    }
    for stored in [StoredValues::F32(&full), StoredValues::Bf16(&half)] {
        let packed = PackedMatrix::pack(StoredMatrix::new(outputs, inputs, stored).expect("finite weights"));
        for isa in backend_cpu::SupportedIsa::all() {
            assert!(bits(&packed.product(isa, &x)) == bits(&expected), "{what} on {}", isa.get());
        }
    }
}

#[test]
fn products_sum_in_ascending_order() {
    let mut random = Random::new(1);
    for outputs in [1, 15, 16, 17, 64, 130] {
        for inputs in [1, 2, 31, 96] {
            for rows in [1, 2, 3, 4, 5, 6, 7, 9, 13] {
                check_product(outputs, inputs, rows, &mut random);
            }
        }
    }
}

fn exact_norm(norm: &NormConfig, weight: &[f32], x: &[f32]) -> Vec<f64> {
    let count = x.len() as f64;
    let mean = match norm.kind {
        NormKind::Layer => x.iter().map(|x| f64::from(*x)).sum::<f64>() / count,
        NormKind::RootMeanSquare => 0.0,
    };
    let square = x.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum::<f64>() / count;
    let inverse = 1.0 / (square + f64::from(norm.epsilon)).sqrt();
    x.iter().zip(weight).map(|(x, w)| (f64::from(*x) - mean) * inverse * f64::from(*w)).collect()
}

#[test]
fn norms_agree_with_f64() {
    let mut random = Random::new(2);
    for kind in [NormKind::Layer, NormKind::RootMeanSquare] {
        for width in [1, 5, 16, 17, 48, 192, 250] {
            let norm = NormConfig { kind, epsilon: 1e-5 };
            let (weight, x) = (values(&mut random, width), values(&mut random, 3 * width));
            let found = same_bits("norm", |backend| {
                backend.read(&backend.norm(&norm, &weight, &backend.rows(width, x.clone())))
            });
            let expected: Vec<f64> =
                x.chunks_exact(width).flat_map(|x| exact_norm(&norm, &weight, x)).collect();
            assert_near(&format!("{kind:?} of {width}"), &found, &expected, 2e-6);
        }
    }
}

#[test]
fn gated_values_agree_with_f64_at_all_magnitudes() {
    let gate: Vec<f32> = (-60..=60).map(|x| x as f32 * 1.7).chain([-0.0, 1e-30, -1e-30]).collect();
    let up: Vec<f32> = gate.iter().map(|x| 1.0 - x * 0.01).collect();
    let width = gate.len();
    let found = same_bits("swiglu", |backend| {
        backend.read(&backend.activate(
            &Activation::Silu,
            &backend.rows(width, gate.clone()),
            &backend.rows(width, up.clone()),
        ))
    });
    let exact =
        |(gate, up): (&f32, &f32)| f64::from(*gate) / (1.0 + libm::exp(-f64::from(*gate))) * f64::from(*up);
    let expected: Vec<f64> = gate.iter().zip(&up).map(exact).collect();
    assert_near("swiglu", &found, &expected, 1e-6);
}

#[test]
fn accumulation_is_one_fused_step() {
    let mut random = Random::new(3);
    let (sum, y) = (values(&mut random, 5 * 19), values(&mut random, 2 * 19));
    let targets = [WeightedRow { row: 1, weight: 0.3 }, WeightedRow { row: 4, weight: -0.0 }];
    let found = same_bits("accumulate", |backend| {
        let mut total = backend.rows(19, sum.clone());
        backend.accumulate(&mut total, &targets, &backend.rows(19, y.clone()));
        backend.read(&total)
    });
    let mut expected = sum.clone();
    for (target, y) in targets.iter().zip(y.chunks_exact(19)) {
        for (sum, y) in expected[target.row * 19..][..19].iter_mut().zip(y) {
            *sum = target.weight.mul_add(*y, *sum);
        }
    }
    assert_eq!(bits(&found), bits(&expected));
}

#[test]
fn rotation_turns_each_pair_by_its_angle() {
    let mut random = Random::new(4);
    let (frequencies, x) = ([1.0, 0.1, 0.003], values(&mut random, 2 * 2 * 6));
    for pairing in [Pairing::Interleaved, Pairing::Halves] {
        let backend = best();
        let mut rows = backend.rows(12, x.clone());
        backend.rotate(&mut rows, pairing, &backend.rotation(&frequencies, 1.0, &[40..41, 41..42]));
        let found = backend.read(&rows);
        for (index, head) in x.chunks_exact(6).enumerate() {
            for (pair, frequency) in frequencies.iter().enumerate() {
                let (first, second) = match pairing {
                    Pairing::Interleaved => (2 * pair, 2 * pair + 1),
                    Pairing::Halves => (pair, pair + 3),
                };
                let angle = f64::from((40 + index / 2) as f32 * frequency);
                let (a, b) = (f64::from(head[first]), f64::from(head[second]));
                let expected = [a * angle.cos() - b * angle.sin(), b * angle.cos() + a * angle.sin()];
                let found = [found[index * 6 + first], found[index * 6 + second]];
                assert_near(&format!("{pairing:?}"), &found, &expected, 1e-6);
            }
        }
    }
}

/// Keys, values and queries of one attention call.
struct Case {
    spec: AttentionSpec,
    positions: usize,
    keys: Vec<f32>,
    values: Vec<f32>,
    queries: Vec<f32>,
}

impl Case {
    fn new(spec: AttentionSpec, queries: usize, random: &mut Random) -> Self {
        let positions = spec.first_query + queries;
        let narrow = spec.layout.kv_heads * spec.layout.head_dim;
        Self {
            spec,
            positions,
            keys: values(random, positions * narrow),
            values: values(random, positions * narrow),
            queries: values(random, queries * spec.heads * spec.layout.head_dim),
        }
    }

    fn run(&self, backend: &CpuBackend) -> Vec<f32> {
        let layout = self.spec.layout;
        let narrow = layout.kv_heads * layout.head_dim;
        let (keys, values) =
            (backend.rows(narrow, self.keys.clone()), backend.rows(narrow, self.values.clone()));
        let mut pages = Vec::new();
        for first_row in (0..self.positions).step_by(PAGE) {
            let mut page = backend.page(layout);
            let slots = PageSlots { first_row, first_slot: 0, count: PAGE.min(self.positions - first_row) };
            backend.store(&mut page, layout, slots, &keys, &values);
            pages.push(page);
        }
        let pages: Vec<_> = pages.iter().collect();
        let queries = backend.rows(self.spec.heads * layout.head_dim, self.queries.clone());
        backend.read(&backend.attend(&self.spec, &queries, PageRun { first_page: 0, pages: &pages }, None))
    }

    fn exact(&self) -> Vec<f64> {
        let (heads, head_dim) = (self.spec.heads, self.spec.layout.head_dim);
        let queries = self.queries.chunks_exact(head_dim).enumerate();
        queries.flat_map(|(index, query)| self.exact_head(index / heads, index % heads, query)).collect()
    }

    fn exact_head(&self, row: usize, head: usize, query: &[f32]) -> Vec<f64> {
        let KvLayout { kv_heads, head_dim, .. } = self.spec.layout;
        let position = self.spec.first_query + row;
        let first = self.spec.window.map_or(0, |window| (position + 1).saturating_sub(window));
        let at = |key: usize| (key * kv_heads + head / (self.spec.heads / kv_heads)) * head_dim;
        let dot = |key: usize| {
            let key = &self.keys[at(key)..][..head_dim];
            query.iter().zip(key).map(|(q, k)| f64::from(*q) * f64::from(*k)).sum::<f64>()
        };
        let shares: Vec<f64> =
            (first..=position).map(|key| libm::exp(dot(key) * f64::from(self.spec.scale))).collect();
        let total: f64 = shares.iter().sum();
        (0..head_dim)
            .map(|d| {
                let value = |key: usize| f64::from(self.values[at(key) + d]);
                shares.iter().zip(first..).map(|(share, key)| share * value(key)).sum::<f64>() / total
            })
            .collect()
    }
}

/// Checks that attention over pages of bf16 is attention over keys and values that are rounded to bf16.
fn check_bf16(what: &str, mut case: Case) {
    let unrounded = case.run(&best());
    case.spec.layout.state = StateDtype::Bf16;
    let found = same_bits(what, |backend| case.run(backend));
    for values in [&mut case.keys, &mut case.values] {
        let mut rows = best().rows(values.len(), values.clone());
        best().round_bf16(&mut rows);
        *values = best().read(&rows);
    }
    case.spec.layout.state = StateDtype::F32;
    assert!(bits(&found) == bits(&case.run(&best())), "{what} in bf16");
    assert!(bits(&found) != bits(&unrounded), "{what}: nothing was rounded");
}

#[test]
fn attention_agrees_with_f64_across_blocks_and_windows() {
    let mut random = Random::new(5);
    for (heads, kv_heads, head_dim) in [(1, 1, 2), (3, 1, 10), (4, 2, 16), (6, 2, 24)] {
        for window in [None, Some(1), Some(16), Some(21), Some(64), Some(65)] {
            for (first_query, queries) in [(0, 3), (62, 4), (127, 2), (150, 1)] {
                let layout = KvLayout { kv_heads, head_dim, state: StateDtype::F32 };
                let spec = AttentionSpec { heads, layout, scale: 2.5, window, first_query };
                let case = Case::new(spec, queries, &mut random);
                let what = format!("{spec:?}");
                assert_near(&what, &same_bits(&what, |backend| case.run(backend)), &case.exact(), 3e-6);
                check_bf16(&what, case);
            }
        }
    }
}

#[test]
fn a_score_that_is_not_finite_shows_whatever_its_weight() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, f32::MAX] {
        let layout = KvLayout { kv_heads: 1, head_dim: 2, state: StateDtype::F32 };
        let spec = AttentionSpec { heads: 1, layout, scale: 4.0, window: None, first_query: 100 };
        let mut case = Case::new(spec, 1, &mut Random::new(6));
        (case.queries[0], case.keys[14]) = (-3.0, bad);
        let found = same_bits("attention", |backend| case.run(backend));
        assert!(found.iter().all(|value| value.is_nan()), "{bad}: {found:?}");
    }
}

#[test]
fn instruction_sets_have_names_and_absent_ones_are_refused() {
    for isa in Isa::ALL {
        assert_eq!(isa.to_string().parse(), Ok(isa));
        if let Err(refusal) = CpuBackend::new(isa) {
            assert!(refusal.to_string().contains(&isa.to_string()), "{refusal}");
        }
    }
    let unknown = "avx3".parse::<Isa>();
    assert_eq!(unknown, Err(IsaError::Unknown { name: "avx3".to_owned() }));
}
