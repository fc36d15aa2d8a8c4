//! What each battery runs, and how it is reported.

use std::path::PathBuf;
use std::sync::Arc;

use fastrand::Rng;
use neural::{Backend, Model, State};

use crate::bench::{Bench, Tally, clean, load};
use crate::faulty::{Fault, Faulty};
use crate::models::{ModelChoice, NoModel, Parts};
use crate::synthetic::FAR;
use crate::{matrix, said, schedules};

/// The batteries, in order.
pub const NAMES: [&str; 11] = [
    "trap_plane",
    "kv_park_resume",
    "speculate_rollback",
    "ring_cross_rollback",
    "expert_isolation",
    "deterministic_interrupt",
    "mode_b_identity",
    "entropy_tap",
    "lanes",
    "invariance_matrix",
    "coherence",
];

/// Positions of the sequence that goes past that window: its pages are dropped, and rewound over.
const FAR_LENGTH: usize = 4_500;

/// Positions of the others: past a window, and so far that pages behind it are dropped.
const LENGTH: usize = 400;

/// Positions that batteries need of any model.
const LEAST_CONTEXT: usize = 80;

/// Positions of a quick run.
const QUICK_LENGTH: usize = 80;

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
    /// The program of the batteries, which is run again to restore sessions that this process wrote.
    pub worker: Option<PathBuf>,
}

/// How far it is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// The battery.
    pub battery: &'a str,
    /// On which model, or with which fault.
    pub on: &'a str,
    /// Steps that are done.
    pub done: usize,
    /// Steps of the battery.
    pub all: usize,
}

/// A fault that a battery must notice, or something that must have an effect.
#[derive(Clone, Debug)]
pub struct Control {
    /// What it is.
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
    /// What was not run on these models, and why.
    pub unproven: Vec<String>,
}

/// Runs the chosen batteries; `watch` hears how far they are.
///
/// # Errors
/// A model cannot be loaded, or its pass fails.
pub fn run(options: &Options, watch: &mut dyn FnMut(Progress<'_>)) -> Result<Report, NoModel> {
    let mut benches = Vec::new();
    let mut rng = Rng::with_seed(options.seed);
    let all = Parts::of(&options.models)?;
    let count = all.len();
    for (done, parts) in all.into_iter().enumerate() {
        watch(Progress { battery: "references", on: &parts.name, done, all: count });
        let context =
            neural::ModelConfig::from_json(&parts.config).map_or(usize::MAX, |config| config.max_positions);
        if context < LEAST_CONTEXT {
            let name = &parts.name;
            return Err(NoModel(format!(
                "{name} has a context of {context}; batteries need {LEAST_CONTEXT} positions"
            )));
        }
        for state in State::ALL {
            // That fault shows where pages are kept behind a window.
            let far = !options.quick || options.corrupt == Some(Fault::DroppedJournalPage);
            let length = if far { LENGTH } else { QUICK_LENGTH };
            benches.push(Bench::new(parts.clone(), state, length, &mut rng)?);
        }
    }
    let chosen = NAMES
        .into_iter()
        .filter(|name| options.only.is_empty() || options.only.iter().any(|only| only == name));
    let (mut batteries, mut unproven) = (Vec::new(), Vec::new());
    for name in chosen {
        match missing(name, &benches) {
            Some(why) => unproven.push(format!("{name}: {why}")),
            None => {
                batteries.push(battery(name, &benches, options, &mut rng, watch)?);
                for fault in faults(name) {
                    if !benches.iter().any(|bench| may_show(name, fault, bench)) {
                        unproven.push(format!("{name}: {} cannot show on these models", fault.name()));
                    }
                }
            }
        }
    }
    Ok(Report { models: benches.iter().map(Bench::name).collect(), batteries, unproven })
}

/// Why a battery cannot be run on these models.
fn missing(name: &str, benches: &[Bench]) -> Option<&'static str> {
    let windows = || benches.iter().any(|bench| bench.window().is_some());
    let isolable = || benches.iter().any(|bench| bench.parts.shards.len() == 1);
    match name {
        "coherence" if !benches.iter().any(is_embedded) => {
            Some("answers are frozen of the embedded model alone")
        }
        "ring_cross_rollback" if !windows() => Some("no layer of the model has a window"),
        "expert_isolation" if !isolable() => Some("the checkpoint of fewer experts is made from one file"),
        _ => None,
    }
}

fn is_embedded(bench: &Bench) -> bool {
    bench.parts.name == "embedded" && bench.state() == State::F32
}

/// The models that a battery runs on beside those that were asked for.
fn further(name: &str, options: &Options, rng: &mut Rng) -> Result<Vec<Bench>, NoModel> {
    if name != "ring_cross_rollback" {
        return Ok(Vec::new());
    }
    if !options.quick && options.models.is_all() {
        let far = |state| Parts::drawn("window_4096", &FAR).bench(state, FAR_LENGTH, rng);
        return State::ALL.into_iter().map(far).collect();
    }
    Ok(Vec::new())
}

/// What a battery must notice.
fn faults(name: &str) -> Vec<Fault> {
    match name {
        "coherence" => vec![Fault::SwappedEmbedding],
        "ring_cross_rollback" => [&Fault::ALL_BF16[..], &[Fault::DroppedJournalPage]].concat(),
        _ => Fault::ALL_BF16.to_vec(),
    }
}

/// Runs one battery on every model, and each control on the first that shows it.
fn battery(
    name: &'static str,
    benches: &[Bench],
    options: &Options,
    rng: &mut Rng,
    watch: &mut dyn FnMut(Progress<'_>),
) -> Result<Battery, NoModel> {
    let further = further(name, options, rng)?;
    let all: Vec<&Bench> = benches.iter().chain(&further).collect();
    let (faults, mut tally) = (faults(name), Tally::default());
    let steps = all.len() + faults.len();
    for (done, bench) in all.iter().enumerate() {
        watch(Progress { battery: name, on: &bench.name(), done, all: steps });
        match options.corrupt {
            None if name == "invariance_matrix" => {}
            None => on(name, &bench.model, bench, options, rng, &mut tally)?,
            Some(fault) => on(name, &faulty(bench, fault)?, bench, options, rng, &mut tally)?,
        }
    }
    if name == "invariance_matrix" && options.corrupt.is_none() {
        let mut watch = |done, all| watch(Progress { battery: name, on: "cells", done, all });
        matrix::cells(benches, options, &mut watch, &mut tally)?;
    }
    let mut controls = Vec::new();
    let quick = Options { quick: true, ..options.clone() };
    for (number, fault) in faults.into_iter().enumerate() {
        watch(Progress { battery: name, on: fault.name(), done: all.len() + number, all: steps });
        let mut detected = false;
        // A fault of windows shows on a model that has them, and one of bf16 where the state is that.
        let showing: Vec<&&Bench> = all.iter().filter(|bench| may_show(name, fault, bench)).collect();
        if showing.is_empty() {
            continue;
        }
        for bench in showing {
            let long;
            let bench = if fault == Fault::DroppedJournalPage && bench.sequence.len() < LENGTH {
                long = bench.parts.clone().bench(bench.state(), LENGTH, rng)?;
                &long
            } else {
                bench
            };
            let mut tally = Tally::default();
            on(name, &faulty(bench, fault)?, bench, &quick, rng, &mut tally)?;
            detected = tally.residual_bits > 0;
            if detected {
                break;
            }
        }
        controls.push(Control { name: fault.name(), detected });
    }
    if let Some((effect, has)) = effect(name) {
        let mut detected = false;
        for bench in &all {
            detected = detected || has(bench)?;
        }
        controls.push(Control { name: effect, detected });
    }
    let Tally { cases, possible, residual_bits } = tally;
    Ok(Battery { name, cases, possible, residual_bits, controls })
}

/// Whether there is any use in looking for a fault on a model: a window shows in a sequence that goes past it.
fn may_show(name: &str, fault: Fault, bench: &Bench) -> bool {
    let length = match name {
        "deterministic_interrupt" | "lanes" => said::LEAST_LENGTH,
        _ => bench.sequence.len(),
    };
    match fault {
        Fault::UpcastResidual => bench.state() == State::Bf16,
        Fault::ShorterWindow => bench.window().is_some_and(|window| window < length),
        Fault::DroppedJournalPage => {
            bench.window().is_some_and(|window| window + neural::REWIND_HORIZON < length.max(LENGTH))
        }
        Fault::SwappedEmbedding => is_embedded(bench),
        _ => true,
    }
}

fn faulty(bench: &Bench, fault: Fault) -> Result<Arc<Model<Faulty>>, NoModel> {
    load(&bench.parts, bench.state(), Faulty { inner: clean()?, fault })
}

/// What must have an effect, so that its absence means something.
type Effect = fn(&Bench) -> Result<bool, NoModel>;

fn effect(name: &str) -> Option<(&'static str, Effect)> {
    match name {
        "trap_plane" => Some(("alive_gateway", schedules::alive)),
        "mode_b_identity" => Some(("alive_injector", schedules::injects)),
        "expert_isolation" => Some(("mask_has_an_effect", schedules::masks)),
        "deterministic_interrupt" => Some(("said_when_allowed", said::unmasked)),
        "lanes" => Some(("another_stream", said::streams)),
        _ => None,
    }
}

fn on<B: Backend>(
    name: &str,
    model: &Arc<Model<B>>,
    bench: &Bench,
    options: &Options,
    rng: &mut Rng,
    tally: &mut Tally,
) -> Result<(), NoModel> {
    match name {
        "trap_plane" => schedules::plane(model, bench, tally),
        "kv_park_resume" => schedules::park(model, bench, tally),
        "speculate_rollback" => schedules::rollback(model, bench, &[1, 2, 4, 8], options, tally),
        "ring_cross_rollback" => schedules::rollback(model, bench, &[64, 128, 255], options, tally),
        "expert_isolation" => schedules::isolation(model, bench, tally),
        "deterministic_interrupt" => said::interrupt(model, bench, tally),
        "mode_b_identity" => schedules::mode_b(model, bench, tally),
        "entropy_tap" => schedules::entropy(model, bench, tally),
        "lanes" => said::lanes(model, bench, rng, tally),
        "coherence" if is_embedded(bench) => said::coherence(model, tally),
        "coherence" => Ok(()),
        _ => matrix::sample(model, bench, tally),
    }
}
