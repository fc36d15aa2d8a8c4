//! The battery `invariance_matrix`: every way to compute one sequence.

mod cell;
mod choice;
mod worker;

use std::collections::BTreeMap;
use std::sync::Arc;

use backend_cpu::{CpuBackend, SupportedIsa};
use gpu::GpuBackend;
use neural::{Backend, Fault, Model, NoTraps, Session, Snapshot, StateDtype};
use synthetic::{Random, TINY};

use crate::batteries::traps::{disarmed_plane, resting_plane};
use crate::battery::{Battery, Run, Trial, all_inputs, none_further, nothing, on_every_backend};
use crate::checkpoints::NamedCheckpoint;
use crate::error::BatteryError;
use crate::runner::{Compute, Options};
use crate::subject::Subject;
use crate::tally::Tally;

use cell::{Armed, CACHES, Cache, Cell, FACTORS, Prefix, TRAPS, compute, sizes};
use choice::{distinct, pairs, random_cells, singles};

pub use worker::work;

/// The battery that checks that a sequence has one set of bits over all combinations of instruction set,
/// threads, batch, chunks, cache, parking, drafts and traps. A combination is a [`Cell`]; some
/// are run, of all that are possible.
pub(super) const INVARIANCE_MATRIX: Battery = Battery {
    name: "invariance_matrix",
    needs: nothing,
    faults: &Fault::ALL_BF16,
    effect: None,
    reaches: all_inputs,
    further: none_further,
    run: Run::Together { sound: cells, each: on_every_backend!(sample) },
};

/// The number of positions of a sequence of the matrix: past a window and a page.
const LENGTH: usize = 72;

/// The number of positions where all cells are run: past the window of the small model, and into a second
/// chunk of 7.
const TINY_LENGTH: usize = 16;

/// The families of models on which every pair of values of two factors is covered.
const PAIRED: [&str; 3] = ["cohere2_moe", "gpt_oss", "mixtral"];

/// The number of random cells beside those that cover the pairs.
const RANDOM: usize = 300;

/// A subject, and the numbers of the cells that are run on it.
struct Chosen {
    subject: Subject,
    numbers: Vec<usize>,
}

/// Runs the chosen cells on every subject, and adds their comparisons to `tally`.
fn cells(
    subjects: &[Subject],
    options: &Options,
    watch: &mut dyn FnMut(usize, usize),
    tally: &mut Tally,
) -> Result<(), BatteryError> {
    let sizes = match options.compute {
        Compute::Cpu => sizes(SupportedIsa::all().len()),
        Compute::Gpu(_) => one_device(),
    };
    let total: usize = sizes.iter().product();
    let mut random = Random::new(options.seed ^ 0x6d61_7472_6978);
    let mut chosen = asked_for(subjects, options, &sizes, &mut random)?;
    if !options.quick && options.models.has_every_family() {
        chosen.extend(besides(subjects, &sizes, &mut random)?);
    }
    let all: usize = chosen.iter().map(|chosen| chosen.numbers.len()).sum();
    let (mut done, before) = (0, tally.possible);
    for Chosen { subject, numbers } in chosen.iter().filter(|chosen| !chosen.numbers.is_empty()) {
        let mut step = |count| {
            done += count;
            watch(done, all);
        };
        match &options.compute {
            Compute::Cpu => on_cpu(subject, numbers, &sizes, options, &mut step, tally)?,
            Compute::Gpu(backend) => on_gpu(backend, subject, numbers, &sizes, &mut step, tally)?,
        }
    }
    tally.possible = before + (total * chosen.len()) as u64;
    Ok(())
}

/// Runs the cells of one subject on the CPU. Cells that start from disk run in a process of their own.
fn on_cpu(
    subject: &Subject,
    numbers: &[usize],
    sizes: &[usize; FACTORS],
    options: &Options,
    step: &mut dyn FnMut(usize),
    tally: &mut Tally,
) -> Result<(), BatteryError> {
    let ways = Ways::new(subject, None, cpu_backends()?)?;
    let (apart, here): (Vec<usize>, Vec<usize>) = numbers
        .iter()
        .copied()
        .partition(|number| CACHES[Cell::from_number(*number, sizes).cache] == Cache::Disk);
    for number in here {
        ways.run(number, sizes, tally)?;
        step(1);
    }
    if !apart.is_empty() {
        tally.add(worker::send(subject, &apart, options)?);
        step(apart.len());
    }
    Ok(())
}

/// Runs the cells of one subject on a GPU. Cells that start from disk restore the bytes of a session that the
/// CPU computed.
fn on_gpu(
    backend: &GpuBackend,
    subject: &Subject,
    numbers: &[usize],
    sizes: &[usize; FACTORS],
    step: &mut dyn FnMut(usize),
    tally: &mut Tally,
) -> Result<(), BatteryError> {
    let mut session = Session::open(&subject.model);
    subject.inputs.feed(&mut session, subject.inputs.len() / 2, 9, &mut NoTraps)?;
    let ways = Ways::new(subject, Some(&session.snapshot()), vec![((0, 0), backend.clone())])?;
    for number in numbers {
        ways.run(*number, sizes, tally)?;
        step(1);
    }
    Ok(())
}

/// Returns the number of values of each factor on one device, which has neither instruction sets nor threads
/// to choose from.
fn one_device() -> [usize; FACTORS] {
    let [_, _, rest @ ..] = sizes(1);
    let [batch, chunk, cache, between, ahead, traps] = rest;
    [1, 1, batch, chunk, cache, between, ahead, traps]
}

/// Returns a backend for every instruction set and number of threads, with their numbers in a cell.
fn cpu_backends() -> Result<Vec<Numbered<CpuBackend>>, BatteryError> {
    let mut backends = Vec::new();
    for (isa, supported) in SupportedIsa::all().iter().enumerate() {
        for (number, threads) in cell::THREADS.iter().enumerate() {
            let backend = CpuBackend::new(supported.get())?.on_threads(*threads)?;
            backends.push(((isa, number), backend));
        }
    }
    Ok(backends)
}

/// Returns the cells of the subjects that the options ask for: every pair of values of two factors on three
/// families, and random cells on all. A full run has every cell. A quick run has every single value and a few
/// random cells on the three families.
fn asked_for(
    subjects: &[Subject],
    options: &Options,
    sizes: &[usize; FACTORS],
    random: &mut Random,
) -> Result<Vec<Chosen>, BatteryError> {
    let total: usize = sizes.iter().product();
    let mut chosen = Vec::new();
    for subject in subjects {
        let paired = is_paired(subject) || subjects.len() <= StateDtype::ALL.len();
        let share = RANDOM.div_ceil(subjects.len());
        let numbers = match (options.full, options.quick) {
            (true, _) => (0..total).collect(),
            (false, true) if paired => [singles(sizes), random_cells(total, 6, random)].concat(),
            (false, true) => Vec::new(),
            (false, false) if paired => [pairs(sizes, random), random_cells(total, share, random)].concat(),
            (false, false) => random_cells(total, share, random),
        };
        let subject = Subject::new(subject.checkpoint.clone(), subject.state(), LENGTH, random)?;
        chosen.push(Chosen { subject, numbers: distinct(numbers) });
    }
    Ok(chosen)
}

/// Returns the cells of further subjects: every pair of values of two factors on the three families with
/// weights cut to bf16, and every cell on one small model.
fn besides(
    subjects: &[Subject],
    sizes: &[usize; FACTORS],
    random: &mut Random,
) -> Result<Vec<Chosen>, BatteryError> {
    let mut chosen = Vec::new();
    let in_f32 = |subject: &&Subject| subject.state() == StateDtype::F32 && is_paired(subject);
    for subject in subjects.iter().filter(in_f32) {
        let checkpoint = subject.checkpoint.with_bf16_weights()?;
        let numbers = distinct(pairs(sizes, random));
        chosen.push(Chosen { subject: Subject::new(checkpoint, StateDtype::F32, LENGTH, random)?, numbers });
    }
    let tiny = NamedCheckpoint::random("tiny", &TINY);
    let subject = Subject::new(tiny, StateDtype::F32, TINY_LENGTH, random)?;
    chosen.push(Chosen { subject, numbers: (0..sizes.iter().product()).collect() });
    Ok(chosen)
}

fn is_paired(subject: &Subject) -> bool {
    PAIRED.contains(&subject.checkpoint.name.as_str())
}

/// Checks a few cells on any backend, among them one with a fault.
fn sample<B: Backend>(model: &Arc<Model<B>>, trial: &mut Trial<'_>) -> Result<(), BatteryError> {
    let inputs = &trial.subject.inputs;
    let prefix = Prefix::new(model, inputs, None)?;
    for (chunk, between, ahead) in [(4, 0, 0), (0, 1, 2), (2, 3, 4)] {
        let cell = Cell { isa: 0, threads: 0, batch: 1, chunk, cache: 0, between, ahead, traps: 0 };
        let (found, session) = compute(model, inputs, &prefix, cell, &mut || NoTraps)?;
        trial.tally.compare(&found, &session, trial.subject);
    }
    Ok(())
}

/// A backend with the numbers of its instruction set and threads in a cell.
type Numbered<B> = ((usize, usize), B);

/// A model on one backend, with the first half of the sequence as other sessions computed it.
type Way<B> = (Arc<Model<B>>, Prefix<B>);

/// The models of one subject, by the numbers of instruction set and threads in a cell.
struct Ways<'a, B: Backend> {
    subject: &'a Subject,
    models: BTreeMap<(usize, usize), Way<B>>,
}

impl<'a, B: Backend> Ways<'a, B> {
    /// Loads a model on each of the backends. `disk` is a snapshot of the first half of the sequence; with
    /// `None`, cells that start from disk cannot be run.
    fn new(
        subject: &'a Subject,
        disk: Option<&Snapshot>,
        backends: Vec<Numbered<B>>,
    ) -> Result<Self, BatteryError> {
        let mut models = BTreeMap::new();
        for (numbers, backend) in backends {
            let model = subject.on(backend)?;
            let prefix = Prefix::new(&model, &subject.inputs, disk.cloned())?;
            models.insert(numbers, (model, prefix));
        }
        Ok(Self { subject, models })
    }

    /// Computes the cell with this number, and compares its bits with those of the subject.
    fn run(&self, number: usize, sizes: &[usize; FACTORS], tally: &mut Tally) -> Result<(), BatteryError> {
        let (cell, subject) = (Cell::from_number(number, sizes), self.subject);
        let (model, prefix) = &self.models[&(cell.isa, cell.threads)];
        let (inputs, backend) = (&subject.inputs, model.backend());
        let (found, session): (Vec<u32>, Session<B>) = match TRAPS[cell.traps] {
            Armed::None => compute(model, inputs, prefix, cell, &mut || NoTraps)?,
            Armed::Disarmed => {
                compute(model, inputs, prefix, cell, &mut || disarmed_plane(backend, subject))?
            }
            Armed::AtRest => compute(model, inputs, prefix, cell, &mut || resting_plane(backend, subject))?,
        };
        tally.compare(&found, &session, subject);
        Ok(())
    }
}
