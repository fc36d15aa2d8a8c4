//! A battery that compares single operations of a backend with the numerics contract in plain loops.
//!
//! A difference here names the operation. Shapes fit no panel, tile or block, and sums have several segments.

use std::sync::Arc;

use neural::{
    Activation, AttentionSpec, Backend, ExpertMask, Fault, KvLayout, Model, NormConfig, NormKind, PAGE,
    PageRun, PageSlots, Pairing, PlainBackend, RouterConfig, Scores, StateDtype, StoredMatrix, StoredValues,
    WeightedRow,
};
use synthetic::{Random, bits};

use crate::battery::{Battery, Run, Trial, all_inputs, none_further, nothing, on_every_backend};
use crate::error::BatteryError;

/// The battery that checks each operation of a backend by itself.
pub(super) const OPERATIONS: Battery = Battery {
    name: "operations",
    needs: nothing,
    faults: &Fault::ALL_BF16,
    effect: None,
    reaches: all_inputs,
    further: none_further,
    run: Run::Each(on_every_backend!(operations)),
};

/// One operation with its operands, on any backend.
trait Operation {
    fn run<B: Backend>(&self, backend: &B) -> Vec<f32>;
}

/// Runs every operation. The operands depend on the seed alone, and not on the model.
fn operations<B: Backend>(model: &Arc<Model<B>>, trial: &mut Trial<'_>) -> Result<(), BatteryError> {
    let (backend, random) = (model.backend(), &mut Random::new(trial.options.seed ^ 5));
    for product in products(random) {
        compare(backend, trial, &product);
    }
    for norm in norms(random) {
        compare(backend, trial, &norm);
    }
    for activation in [Activation::Silu, Activation::Clamped { alpha: 1.702, limit: 7.0 }] {
        compare(backend, trial, &Elements::new(activation));
    }
    for pairing in [Pairing::Interleaved, Pairing::Halves] {
        let rotation = Rotation { pairing, x: values(random, 4 * 12) };
        compare(backend, trial, &rotation);
    }
    for attention in attentions(random) {
        compare(backend, trial, &attention);
    }
    for routing in routings(random) {
        compare(backend, trial, &routing);
    }
    compare(backend, trial, &Sum { sum: values(random, 7 * 5), y: values(random, 4 * 5) });
    Ok(())
}

/// Compares the result of an operation with that of the plain backend, which must be finite numbers of
/// several values.
fn compare<B: Backend>(backend: &B, trial: &mut Trial<'_>, operation: &impl Operation) {
    let expected = operation.run(&PlainBackend);
    let sensible =
        expected.iter().all(|value| value.is_finite()) && expected.iter().any(|value| *value != 0.0);
    trial.tally.require(sensible);
    trial.tally.residual_bits += crate::tally::differing(&bits(&operation.run(backend)), &bits(&expected));
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

/// Returns products of one row, of few rows and of many, with rows of the matrix as an embedding.
fn products(random: &mut Random) -> Vec<Product> {
    let mut products = Vec::new();
    for (outputs, inputs) in [(1, 1), (17, 31), (5, 128), (33, 129), (16, 300), (3, 1000), (40, 2_051)] {
        for (rows, bf16) in [(1, false), (3, true), (7, false), (9, true), (17, false)] {
            let kept = if bf16 { 2 } else { 0 };
            let weights = values(random, outputs * inputs).into_iter();
            let weights = weights.flat_map(|weight| weight.to_le_bytes()[kept..].to_vec()).collect();
            products.push(Product { outputs, inputs, weights, bf16, x: values(random, rows * inputs) });
        }
    }
    products
}

impl Operation for Product {
    fn run<B: Backend>(&self, backend: &B) -> Vec<f32> {
        let stored =
            if self.bf16 { StoredValues::Bf16(&self.weights) } else { StoredValues::F32(&self.weights) };
        // Numbers between -1 and 1 are finite.
        let Some(stored) = StoredMatrix::new(self.outputs, self.inputs, stored) else { return Vec::new() };
        let matrix = backend.pack(stored);
        let last = self.outputs as u32 - 1;
        let mut found = backend.read(&backend.embed(&matrix, &[last, 0, last / 2]));
        let x = backend.rows(self.inputs, self.x.clone());
        found.extend(backend.read(&backend.matmul(&matrix, &x)));
        found
    }
}

struct Norm {
    norm: NormConfig,
    weight: Vec<f32>,
    x: Vec<f32>,
}

fn norms(random: &mut Random) -> Vec<Norm> {
    let mut norms = Vec::new();
    for kind in [NormKind::Layer, NormKind::RootMeanSquare] {
        for width in [2, 17, 127, 128, 129, 250, 700, 2_100] {
            // Two rows of three heads each.
            let (weight, x) = (values(random, width), values(random, 2 * 3 * width));
            norms.push(Norm { norm: NormConfig { kind, epsilon: 1e-5 }, weight, x });
        }
    }
    norms
}

impl Operation for Norm {
    fn run<B: Backend>(&self, backend: &B) -> Vec<f32> {
        let rows = backend.rows(self.x.len() / 2, self.x.clone());
        backend.read(&backend.norm(&self.norm, &backend.vector(&self.weight), &rows))
    }
}

/// The operations on single elements.
struct Elements {
    activation: Activation,
    gate: Vec<f32>,
    up: Vec<f32>,
}

impl Elements {
    fn new(activation: Activation) -> Self {
        let corners = [-0.0, 1e-30, -1e-30, -87.4, 88.73, 0.5f32.powi(149), 1e-38];
        let gate: Vec<f32> = (-700..=700).map(|x| x as f32 * 0.15).chain(corners).collect();
        let up = gate.iter().map(|x| 1.0 - x * 0.1).collect();
        Self { activation, gate, up }
    }
}

impl Operation for Elements {
    fn run<B: Backend>(&self, backend: &B) -> Vec<f32> {
        let rows = |values: &[f32]| backend.rows(values.len(), values.to_vec());
        let (gate, up) = (rows(&self.gate), rows(&self.up));
        let mut found = backend.read(&backend.activate(&self.activation, &gate, &up));
        let mut changed =
            [rows(&self.gate), rows(&self.gate), rows(&self.gate), rows(&self.gate), rows(&self.gate)];
        let [clamped, rounded, added, biased, scaled] = &mut changed;
        backend.clamp(clamped, 3.5);
        backend.round_bf16(rounded);
        backend.add(added, &up);
        backend.add_bias(biased, &backend.vector(&self.up));
        backend.scale(scaled, 0.3);
        changed.iter().for_each(|rows| found.extend(backend.read(rows)));
        let mut gated = backend.rows(1, self.up.clone());
        backend.gate(&mut gated, &backend.rows(1, self.gate.clone()));
        found.extend(backend.read(&gated));
        let infinite = backend.rows(2, [&self.gate[..1000], &[f32::INFINITY, 0.0]].concat());
        let mut record = backend.finite_record(4);
        for (place, rows) in [&gate, &up, &infinite, &infinite].into_iter().enumerate() {
            found.push(backend.first_non_finite(&record).map_or(-1.0, |place| place as f32));
            backend.record_finite(&mut record, place, rows);
        }
        found.push(backend.first_non_finite(&record).map_or(-1.0, |place| place as f32));
        found
    }
}

struct Rotation {
    pairing: Pairing,
    x: Vec<f32>,
}

impl Operation for Rotation {
    fn run<B: Backend>(&self, backend: &B) -> Vec<f32> {
        let mut rows = backend.rows(12, self.x.clone());
        let positions = [4_090..4_092, 7..7 + self.x.len() / 12 - 2];
        let rotation = backend.rotation(&[1.0, 0.1, 0.003], 1.3, &positions);
        backend.rotate(&mut rows, self.pairing, &rotation);
        backend.read(&rows)
    }
}

struct Attention {
    spec: AttentionSpec,
    queries: Vec<f32>,
    keys: Vec<f32>,
    values: Vec<f32>,
    sinks: Option<Vec<f32>>,
}

fn attentions(random: &mut Random) -> Vec<Attention> {
    let mut attentions = Vec::new();
    for (heads, kv_heads, head_dim) in [(3, 1, 10), (4, 2, 16), (2, 1, 130), (1, 1, 300)] {
        for window in [None, Some(1), Some(21), Some(65)] {
            for (first_query, rows, state) in
                [(0, 3, StateDtype::F32), (62, 4, StateDtype::Bf16), (150, 8, StateDtype::F32)]
            {
                let layout = KvLayout { kv_heads, head_dim, state };
                let spec = AttentionSpec { heads, layout, scale: 0.7, window, first_query };
                let positions = (first_query + rows) * kv_heads * head_dim;
                attentions.push(Attention {
                    spec,
                    queries: values(random, rows * heads * head_dim),
                    keys: values(random, positions),
                    values: values(random, positions),
                    sinks: (first_query > 0).then(|| values(random, heads)),
                });
            }
        }
    }
    attentions
}

impl Operation for Attention {
    /// Returns the attention, and the numbers of the pages as they would be read back.
    fn run<B: Backend>(&self, backend: &B) -> Vec<f32> {
        let (spec, layout) = (&self.spec, self.spec.layout);
        let width = layout.kv_heads * layout.head_dim;
        let keys = backend.rows(width, self.keys.clone());
        let values = backend.rows(width, self.values.clone());
        let positions = self.keys.len() / width;
        let page = |first_row: usize| {
            let mut page = backend.page(layout);
            let slots = PageSlots { first_row, first_slot: 0, count: PAGE.min(positions - first_row) };
            backend.store(&mut page, layout, slots, &keys, &values);
            page
        };
        let mut pages: Vec<B::Page> = (0..positions).step_by(PAGE).map(page).collect();
        // A page that is written while a clone of it is held; the clone must stay as it is.
        let kept = pages[0].clone();
        let slots = PageSlots { first_row: 0, first_slot: 1, count: 1 };
        backend.store(&mut pages[0], layout, slots, &keys, &values);
        let held: Vec<&B::Page> = pages.iter().collect();
        let queries = backend.rows(spec.heads * layout.head_dim, self.queries.clone());
        let sinks = self.sinks.as_ref().map(|sinks| backend.vector(sinks));
        let run = PageRun { first_page: 0, pages: &held };
        let mut found = backend.read(&backend.attend(spec, &queries, run, sinks.as_ref()));
        let mut bytes = Vec::new();
        backend.page_bits(&kept, &mut bytes);
        backend.page_bits(&pages[0], &mut bytes);
        found.extend(bytes.iter().map(|byte| f32::from(*byte)));
        found
    }
}

struct Routing {
    router: RouterConfig,
    mask: Option<ExpertMask>,
    outputs: Vec<f32>,
}

fn routings(random: &mut Random) -> Vec<Routing> {
    let mut routings = Vec::new();
    for scores in [Scores::Softmax, Scores::Sigmoid, Scores::SoftmaxOfChosen] {
        for (renormalise, masked) in [(false, false), (true, true), (true, false)] {
            let router = RouterConfig { experts: 7, chosen: 3, scores, renormalise, bias: false };
            let mut outputs = values(random, 20 * 7);
            // Experts that tie, zeros of both signs among them.
            outputs.extend([0.5, -1.0, 0.5, 0.5, 0.5, -1.0, 0.5, -3.0, -0.0, -2.0, 0.0, -0.0, 0.0, -1.0]);
            let mask = if masked { ExpertMask::new(7, &[0, 2, 3, 6]) } else { None };
            routings.push(Routing { router, mask, outputs });
        }
    }
    routings
}

impl Operation for Routing {
    /// Returns expert and factor of each share.
    fn run<B: Backend>(&self, backend: &B) -> Vec<f32> {
        let rows = backend.rows(self.router.experts, self.outputs.clone());
        let routed = backend.route(&self.router, self.mask.as_ref(), &rows);
        routed.iter().flatten().flat_map(|share| [share.expert as f32, share.weight]).collect()
    }
}

/// Weighted rows that are added to a sum, two of them to the same row.
struct Sum {
    sum: Vec<f32>,
    y: Vec<f32>,
}

impl Operation for Sum {
    fn run<B: Backend>(&self, backend: &B) -> Vec<f32> {
        let mut sum = backend.rows(5, self.sum.clone());
        let y = backend.gather(&backend.rows(5, self.y.clone()), &[3, 0, 2, 1]);
        let targets = [(1, 0.3), (4, -0.7), (4, 1.1), (2, 0.01)];
        backend.accumulate(&mut sum, &targets.map(|(row, weight)| WeightedRow { row, weight }), &y);
        backend.read(&sum)
    }
}
