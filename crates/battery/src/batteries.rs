//! What each battery runs, and how it is reported.

use std::collections::BTreeMap;
use std::sync::Arc;

use backend_cpu::CpuBackend;
use fastrand::Rng;
use neural::{
    Backend, EntropyTap, ExpertMask, Injection, Isolation, Logits, Model, NoTraps, Session, SessionError,
    Traps, Want,
};

use crate::faulty::{Fault, Faulty};
use crate::matrix;
use crate::models::{ModelChoice, NoModel, Parts, only_experts};

/// The batteries, in order.
pub const NAMES: [&str; 7] = [
    "kv_park_resume",
    "speculate_rollback",
    "ring_cross_rollback",
    "expert_isolation",
    "mode_b_identity",
    "entropy_tap",
    "invariance_matrix",
];

/// What to run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// On which models.
    pub models: ModelChoice,
    /// These alone; all of them where it is empty.
    pub only: Vec<String>,
    /// Fewer cases.
    pub quick: bool,
    /// Every cell of the matrix on every model.
    pub full: bool,
    /// Run with this fault on purpose.
    pub corrupt: Option<Fault>,
    /// What the random prompts are drawn from.
    pub seed: u64,
}

/// A fault that a battery must notice.
#[derive(Clone, Debug)]
pub struct Control {
    /// The fault.
    pub name: &'static str,
    /// Whether bits differed.
    pub detected: bool,
}

/// What came of a battery.
#[derive(Clone, Debug)]
pub struct Battery {
    /// Its name.
    pub name: &'static str,
    /// Comparisons that were made.
    pub cases: u64,
    /// Comparisons that could be made.
    pub possible: u64,
    /// Bits that differ, over all of them.
    pub residual_bits: u64,
    /// Its controls.
    pub controls: Vec<Control>,
}

impl Battery {
    /// Whether no bit differs, something was compared, and every control was noticed.
    #[must_use]
    pub fn passed(&self) -> bool {
        let noticed = self.controls.iter().all(|control| control.detected);
        self.cases > 0 && self.residual_bits == 0 && noticed && !self.controls.is_empty()
    }
}

/// What came of all of them.
#[derive(Clone, Debug)]
pub struct Report {
    /// The models that they ran on.
    pub models: Vec<String>,
    /// The batteries.
    pub batteries: Vec<Battery>,
}

/// A model, a random prompt and the bits that every schedule must have.
pub(crate) struct Bench {
    pub(crate) parts: Parts,
    pub(crate) model: Arc<Model<CpuBackend>>,
    pub(crate) ids: Vec<u32>,
    pub(crate) reference: Vec<u32>,
}

/// Comparisons so far.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) cases: u64,
    pub(crate) possible: u64,
    pub(crate) residual_bits: u64,
}

impl Tally {
    pub(crate) fn compare(&mut self, found: &[u32], reference: &[u32]) {
        self.cases += 1;
        self.possible += 1;
        // What is missing differs in all of its bits.
        let missing = found.len().abs_diff(reference.len()) as u64 * 32;
        let bits = found.iter().zip(reference).map(|(a, b)| u64::from((a ^ b).count_ones()));
        self.residual_bits += bits.sum::<u64>() + missing;
    }
}

/// Runs the chosen batteries; `watch` hears which.
///
/// # Errors
/// A model cannot be loaded, or its pass fails.
pub fn run(options: &Options, watch: &mut dyn FnMut(&str)) -> Result<Report, NoModel> {
    let mut benches = Vec::new();
    let mut rng = Rng::with_seed(options.seed);
    for parts in Parts::of(&options.models)? {
        watch(&format!("{}: the reference", parts.name));
        benches.push(bench(parts, &mut rng, options.quick)?);
    }
    let chosen = NAMES
        .into_iter()
        .filter(|name| options.only.is_empty() || options.only.iter().any(|only| only == name));
    let mut batteries = Vec::new();
    for name in chosen {
        watch(name);
        batteries.push(battery(name, &benches, options)?);
    }
    Ok(Report { models: benches.into_iter().map(|bench| bench.parts.name).collect(), batteries })
}

fn bench(parts: Parts, rng: &mut Rng, quick: bool) -> Result<Bench, NoModel> {
    let model = load(&parts, clean()?)?;
    let config = model.config();
    // Far enough past a window that pages behind it are dropped.
    let length = if quick { 80 } else { 400 }.min(config.max_positions);
    let ids: Vec<u32> = (0..length).map(|_| rng.u32(..config.vocab_size as u32)).collect();
    let reference = bits(&whole(&model, &ids, ids.len(), &mut NoTraps)?);
    Ok(Bench { parts, model, ids, reference })
}

fn clean() -> Result<CpuBackend, NoModel> {
    CpuBackend::best().map_err(|error| NoModel(error.to_string()))
}

pub(crate) fn load<B: Backend>(parts: &Parts, backend: B) -> Result<Arc<Model<B>>, NoModel> {
    let shards: Vec<&[u8]> = parts.shards.iter().map(Vec::as_slice).collect();
    let model = Model::load_shards(&parts.config, &shards, backend);
    model.map(Arc::new).map_err(|error| NoModel(format!("{}: {error}", parts.name)))
}

/// Runs one battery on every model, and its controls on the first.
fn battery(name: &'static str, benches: &[Bench], options: &Options) -> Result<Battery, NoModel> {
    let mut tally = Tally::default();
    for bench in benches {
        match options.corrupt {
            None => on(name, &bench.model, bench, options, &mut tally)?,
            Some(fault) => {
                let faulty = load(&bench.parts, Faulty { inner: clean()?, fault })?;
                on(name, &faulty, bench, options, &mut tally)?;
            }
        }
    }
    if name == "invariance_matrix" && options.corrupt.is_none() {
        matrix::cells(benches, options, &mut tally)?;
    }
    let mut controls = Vec::new();
    for fault in Fault::ALL {
        let mut noticed = false;
        // A fault of windows shows on a model that has them.
        for bench in benches {
            let mut tally = Tally::default();
            let faulty = load(&bench.parts, Faulty { inner: clean()?, fault })?;
            let quick = Options { quick: true, ..options.clone() };
            on(name, &faulty, bench, &quick, &mut tally)?;
            noticed |= tally.residual_bits > 0;
            if noticed {
                break;
            }
        }
        controls.push(Control { name: fault.name(), detected: noticed });
    }
    let Tally { cases, possible, residual_bits } = tally;
    Ok(Battery { name, cases, possible, residual_bits, controls })
}

fn on<B: Backend>(
    name: &str,
    model: &Arc<Model<B>>,
    bench: &Bench,
    options: &Options,
    tally: &mut Tally,
) -> Result<(), NoModel> {
    match name {
        "kv_park_resume" => park(model, bench, tally),
        "speculate_rollback" => rollback(model, bench, &[1, 2, 4, 8], options, tally),
        "ring_cross_rollback" => rollback(model, bench, &[64, 128, 255], options, tally),
        "expert_isolation" => isolation(model, bench, tally),
        "mode_b_identity" => {
            let width = bench.model.config().hidden_size;
            for zero in [0.0, -0.0] {
                let rows = BTreeMap::from([(1, vec![zero; width]), (bench.ids.len() / 2, vec![zero; width])]);
                at_rest(model, bench, &mut || Injection { layer: 0, rows: rows.clone() }, tally)?;
            }
            Ok(())
        }
        "entropy_tap" => at_rest(model, bench, &mut EntropyTap::default, tally),
        _ => at_rest(model, bench, &mut || NoTraps, tally),
    }
}

/// The positions at which schedules are known to break.
fn park_points(bench: &Bench) -> Vec<usize> {
    let length = bench.ids.len();
    let windows = bench.model.config().layers.iter().filter_map(|layer| layer.window);
    let window = windows.min().unwrap_or(neural::PAGE);
    let mut points =
        vec![1, length / 2, length - 1, window.saturating_sub(1), window, window + 1, 2 * window];
    points.retain(|point| (1..length).contains(point));
    points.sort_unstable();
    points.dedup();
    points
}

/// Parked at a point, forked, its first owner gone, and gone on.
fn park<B: Backend>(model: &Arc<Model<B>>, bench: &Bench, tally: &mut Tally) -> Result<(), NoModel> {
    for point in park_points(bench) {
        let mut session = Session::open(model);
        let before = session.prefill(&bench.ids[..point], Want::All).map_err(failed)?;
        let mut parked = session.fork();
        // Somebody else goes on elsewhere meanwhile.
        session.prefill(&[0, 1, 2], Want::Last).map_err(failed)?;
        drop(session);
        let after = parked.prefill(&bench.ids[point..], Want::All).map_err(failed)?;
        tally.compare(&[bits(&before), bits(&after)].concat(), &bench.reference);
    }
    Ok(())
}

/// Drafts that are wrong, verified in one pass, rolled back, and the right tokens after them.
fn rollback<B: Backend>(
    model: &Arc<Model<B>>,
    bench: &Bench,
    drafts: &[usize],
    options: &Options,
    tally: &mut Tally,
) -> Result<(), NoModel> {
    let length = bench.ids.len();
    let vocab = bench.model.config().vocab_size;
    let room = bench.model.config().max_positions;
    for &count in drafts {
        let points = if options.quick { vec![length / 2, length - 1] } else { park_points(bench) };
        for point in points.into_iter().filter(|point| point + count <= room) {
            let mut session = Session::open(model);
            session.prefill(&bench.ids[..point], Want::Last).map_err(failed)?;
            let wrong: Vec<u32> = (0..count).map(|at| ((at * 7 + 1) % vocab) as u32).collect();
            session.prefill(&wrong, Want::All).map_err(failed)?;
            session.rewind(point).map_err(failed)?;
            let after = session.prefill(&bench.ids[point..], Want::All).map_err(failed)?;
            tally.compare(&bits(&after), &bench.reference[point * vocab..]);
        }
    }
    Ok(())
}

/// Routing restricted to some experts, against the decoder that has only those.
fn isolation<B: Backend>(model: &Arc<Model<B>>, bench: &Bench, tally: &mut Tally) -> Result<(), NoModel> {
    let router = &bench.model.config().router;
    let subsets = [
        (0..router.chosen.max(2)).collect::<Vec<usize>>(),
        (0..router.experts).rev().step_by(2).collect(),
        (1..router.experts).collect(),
    ];
    for mut kept in subsets {
        kept.sort_unstable();
        let mask = ExpertMask::new(router.experts, &kept).filter(|mask| mask.count() >= router.chosen);
        let (Some(mask), Some(parts)) = (mask, only_experts(&bench.parts, &kept)) else {
            tally.possible += 1;
            continue;
        };
        // Less than a page, so that a wrong slot in it shows.
        let ids = &bench.ids[..bench.ids.len().min(50)];
        let apart = whole(&load(&parts, clean()?)?, ids, ids.len(), &mut NoTraps)?;
        let isolated = whole(model, ids, ids.len(), &mut Isolation::everywhere(mask))?;
        tally.compare(&bits(&isolated), &bits(&apart));
    }
    Ok(())
}

/// With traps that must change nothing.
fn at_rest<B: Backend, T: Traps<B>>(
    model: &Arc<Model<B>>,
    bench: &Bench,
    traps: &mut dyn FnMut() -> T,
    tally: &mut Tally,
) -> Result<(), NoModel> {
    for chunk in [7, 64, bench.ids.len()] {
        let logits = whole(model, &bench.ids, chunk, &mut traps())?;
        tally.compare(&bits(&logits), &bench.reference);
    }
    Ok(())
}

/// The logits at every position, in chunks.
pub(crate) fn whole<B: Backend, T: Traps<B>>(
    model: &Arc<Model<B>>,
    ids: &[u32],
    chunk: usize,
    traps: &mut T,
) -> Result<Logits, NoModel> {
    let mut session = Session::open(model);
    let mut all: Option<Logits> = None;
    for ids in ids.chunks(chunk) {
        let next = session.prefill_trapped(ids, Want::All, traps).map_err(failed)?;
        all = Some(match all {
            None => next,
            Some(all) => all.followed_by(&next),
        });
    }
    all.ok_or_else(|| NoModel("a prompt has one token at least".to_owned()))
}

pub(crate) fn failed(error: SessionError) -> NoModel {
    NoModel(error.to_string())
}

pub(crate) fn bits(logits: &Logits) -> Vec<u32> {
    logits.values().iter().map(|value| value.to_bits()).collect()
}
