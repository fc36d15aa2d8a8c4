//! Every operation has the bits of the plain backend, which is the contract in scalar loops.
//!
//! Sizes fit no panel, and some sums have several segments with a shorter last one. The battery
//! `plain_backend` compares whole models; here an operation that differs is named.

mod common;

use common::backends;
use neural::{
    Activation, AttentionSpec, Backend, ExpertMask, KvLayout, NormConfig, NormKind, PAGE, PageRun, PageSlots,
    Pairing, PlainBackend, RouterConfig, Scores, StateDtype, StoredMatrix, StoredValues,
};
use synthetic::{Random, bits};

/// One operation with its operands, on any backend.
trait Operation {
    fn run<B: Backend>(&self, backend: &B) -> Vec<f32>;
}

fn check(what: &str, operation: &impl Operation) {
    let expected = operation.run(&PlainBackend);
    for backend in backends() {
        let found = operation.run(&backend);
        assert!(bits(&found) == bits(&expected), "{what} on {}", backend.describe());
    }
}

fn values(random: &mut Random, count: usize) -> Vec<f32> {
    (0..count).map(|_| random.symmetric()).collect()
}

struct Product {
    outputs: usize,
    inputs: usize,
    weights: Vec<u8>,
    bf16: bool,
    x: Vec<f32>,
}

impl Operation for Product {
    fn run<B: Backend>(&self, backend: &B) -> Vec<f32> {
        let stored =
            if self.bf16 { StoredValues::Bf16(&self.weights) } else { StoredValues::F32(&self.weights) };
        let stored = StoredMatrix::new(self.outputs, self.inputs, stored).expect("finite weights");
        let matrix = backend.pack(stored);
        backend.read(&backend.matmul(&matrix, &backend.rows(self.inputs, self.x.clone())))
    }
}

#[test]
fn products() {
    let mut random = Random::new(1);
    for (outputs, inputs) in [(1, 1), (17, 31), (5, 128), (33, 129), (16, 300), (3, 1000)] {
        for (rows, bf16) in [(1, false), (3, true), (7, false)] {
            let weights = values(&mut random, outputs * inputs).into_iter();
            let weights =
                weights.flat_map(|weight| weight.to_le_bytes()[if bf16 { 2 } else { 0 }..].to_vec());
            let weights = weights.collect();
            let x = values(&mut random, rows * inputs);
            let what = format!("{rows} rows of {inputs} to {outputs}, weights in bf16: {bf16}");
            check(&what, &Product { outputs, inputs, weights, bf16, x });
        }
    }
}

struct Norm {
    norm: NormConfig,
    weight: Vec<f32>,
    x: Vec<f32>,
}

impl Operation for Norm {
    fn run<B: Backend>(&self, backend: &B) -> Vec<f32> {
        let rows = backend.rows(self.x.len() / 2, self.x.clone());
        backend.read(&backend.norm(&self.norm, &backend.vector(&self.weight), &rows))
    }
}

#[test]
fn norms() {
    let mut random = Random::new(2);
    for kind in [NormKind::Layer, NormKind::RootMeanSquare] {
        for width in [1, 17, 127, 128, 129, 250, 700] {
            // Two rows of three heads each.
            let (weight, x) = (values(&mut random, width), values(&mut random, 2 * 3 * width));
            let norm = NormConfig { kind, epsilon: 1e-5 };
            check(&format!("{kind:?} of {width}"), &Norm { norm, weight, x });
        }
    }
}

struct Elements {
    activation: Activation,
    gate: Vec<f32>,
    up: Vec<f32>,
}

impl Operation for Elements {
    fn run<B: Backend>(&self, backend: &B) -> Vec<f32> {
        let rows = |values: &[f32]| backend.rows(values.len(), values.to_vec());
        let (gate, up) = (rows(&self.gate), rows(&self.up));
        let mut found = backend.read(&backend.activate(&self.activation, &gate, &up));
        let (mut clamped, mut rounded) = (rows(&self.gate), rows(&self.gate));
        backend.clamp(&mut clamped, 3.5);
        backend.round_bf16(&mut rounded);
        let mut gated = backend.rows(1, self.up.clone());
        backend.gate(&mut gated, &backend.rows(1, self.gate.clone()));
        [clamped, rounded, gated].iter().for_each(|rows| found.extend(backend.read(rows)));
        found
    }
}

#[test]
fn operations_on_elements() {
    let gate: Vec<f32> = (-700..=700)
        .map(|x| x as f32 * 0.15)
        .chain([-0.0, 1e-30, -1e-30, -87.4, 88.73, 0.5f32.powi(149)])
        .collect();
    let up: Vec<f32> = gate.iter().map(|x| 1.0 - x * 0.1).collect();
    for activation in [Activation::Silu, Activation::Clamped { alpha: 1.702, limit: 7.0 }] {
        check(&format!("{activation:?}"), &Elements { activation, gate: gate.clone(), up: up.clone() });
    }
}

struct Rotation {
    pairing: Pairing,
    magnitude: f64,
    x: Vec<f32>,
}

impl Operation for Rotation {
    fn run<B: Backend>(&self, backend: &B) -> Vec<f32> {
        let mut rows = backend.rows(12, self.x.clone());
        let rotation =
            backend.rotation(&[1.0, 0.1, 0.003], self.magnitude, &[4_090..4_091, 7..6 + self.x.len() / 12]);
        backend.rotate(&mut rows, self.pairing, &rotation);
        backend.read(&rows)
    }
}

#[test]
fn rotations() {
    let x = values(&mut Random::new(3), 4 * 12);
    for pairing in [Pairing::Interleaved, Pairing::Halves] {
        check(&format!("{pairing:?}"), &Rotation { pairing, magnitude: 1.3, x: x.clone() });
    }
}

struct Attention {
    spec: AttentionSpec,
    queries: Vec<f32>,
    keys: Vec<f32>,
    values: Vec<f32>,
    sinks: Option<Vec<f32>>,
}

impl Operation for Attention {
    fn run<B: Backend>(&self, backend: &B) -> Vec<f32> {
        let (spec, layout) = (&self.spec, self.spec.layout);
        let width = layout.kv_heads * layout.head_dim;
        let (keys, values) =
            (backend.rows(width, self.keys.clone()), backend.rows(width, self.values.clone()));
        let positions = self.keys.len() / width;
        let page = |first_row: usize| {
            let mut page = backend.page(layout);
            let slots = PageSlots { first_row, first_slot: 0, count: PAGE.min(positions - first_row) };
            backend.store(&mut page, layout, slots, &keys, &values);
            page
        };
        let pages: Vec<B::Page> = (0..positions).step_by(PAGE).map(page).collect();
        let pages: Vec<&B::Page> = pages.iter().collect();
        let queries = backend.rows(spec.heads * layout.head_dim, self.queries.clone());
        let sinks = self.sinks.as_ref().map(|sinks| backend.vector(sinks));
        let run = PageRun { first_page: 0, pages: &pages };
        backend.read(&backend.attend(spec, &queries, run, sinks.as_ref()))
    }
}

#[test]
fn attention() {
    let mut random = Random::new(4);
    for (heads, kv_heads, head_dim) in [(3, 1, 10), (4, 2, 16), (2, 1, 130), (1, 1, 300)] {
        for window in [None, Some(1), Some(21), Some(65)] {
            for (first_query, rows, state) in
                [(0, 3, StateDtype::F32), (62, 4, StateDtype::Bf16), (150, 1, StateDtype::F32)]
            {
                let layout = KvLayout { kv_heads, head_dim, state };
                let spec = AttentionSpec { heads, layout, scale: 0.7, window, first_query };
                let positions = (first_query + rows) * kv_heads * head_dim;
                let case = Attention {
                    spec,
                    queries: values(&mut random, rows * heads * head_dim),
                    keys: values(&mut random, positions),
                    values: values(&mut random, positions),
                    sinks: (first_query > 0).then(|| values(&mut random, heads)),
                };
                check(&format!("{spec:?}"), &case);
            }
        }
    }
}

struct Routing {
    router: RouterConfig,
    mask: Option<ExpertMask>,
    outputs: Vec<f32>,
}

impl Operation for Routing {
    /// Returns expert and factor of each share.
    fn run<B: Backend>(&self, backend: &B) -> Vec<f32> {
        let rows = backend.rows(self.router.experts, self.outputs.clone());
        let routed = backend.route(&self.router, self.mask.as_ref(), &rows);
        routed.iter().flatten().flat_map(|share| [share.expert as f32, share.weight]).collect()
    }
}

#[test]
fn routing() {
    let mut random = Random::new(5);
    for scores in [Scores::Softmax, Scores::Sigmoid, Scores::SoftmaxOfChosen] {
        for (renormalise, masked) in [(false, false), (true, true), (true, false)] {
            let router = RouterConfig { experts: 7, chosen: 3, scores, renormalise, bias: false };
            let mut outputs = values(&mut random, 20 * 7);
            // Experts that tie, zeros of both signs among them.
            outputs.extend([0.5, -1.0, 0.5, 0.5, 0.5, -1.0, 0.5, -3.0, -0.0, -2.0, 0.0, -0.0, 0.0, -1.0]);
            let mask = masked.then(|| ExpertMask::new(7, &[0, 2, 3, 6]).expect("experts of the router"));
            check(&format!("{router:?}, masked: {masked}"), &Routing { router, mask, outputs });
        }
    }
}
