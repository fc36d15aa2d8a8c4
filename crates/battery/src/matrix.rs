//! The invariance matrix: every way to compute one sequence.

mod cell;
mod worker;

use std::collections::BTreeMap;
use std::sync::Arc;

use backend_cpu::{CpuBackend, SupportedIsa};
use fastrand::Rng;
use neural::{Backend, Model, NoTraps, Session, State};

use crate::batteries::Options;
use crate::bench::{Bench, Tally, load};
use crate::models::{NoModel, Parts};
use crate::schedules::{deaf, resting};
use crate::synthetic::Shape;

use cell::{Armed, CACHES, Cache, Cell, FACTORS, Prefix, TRAPS, compute, sizes};

pub use worker::work;

/// Sequences of the matrix are this long: past a window and a page.
const LENGTH: usize = 72;

/// The families on which every pair of factors is covered.
const PAIRED: [&str; 3] = ["cohere2_moe", "gpt_oss", "mixtral"];

/// Random cells beside those that are chosen.
const RANDOM: usize = 300;

/// The model of the full product.
const TINY: Shape = Shape {
    layers: 2,
    hidden: 16,
    heads: 2,
    kv_heads: 1,
    head_dim: 8,
    vocab: 64,
    width: 8,
    dense_width: 12,
    experts: 4,
    window: 9,
    positions: 128,
    dtype: safetensors::Dtype::F32,
};

/// Positions of the full product: past its window, and into a second chunk of 7.
const TINY_LENGTH: usize = 16;

/// A model of the matrix and the cells that are run on it.
struct Chosen {
    bench: Bench,
    numbers: Vec<usize>,
}

/// Every pair of factors on three families in f32 and in both modes of bf16, random cells on all models, and every cell of one small
/// model; with `full`, every cell of every model. A quick run has every single factor and a few random cells.
pub(crate) fn cells(
    benches: &[Bench],
    options: &Options,
    watch: &mut dyn FnMut(usize, usize),
    tally: &mut Tally,
) -> Result<(), NoModel> {
    let sizes = sizes(SupportedIsa::all().len());
    let total: usize = sizes.iter().product();
    let mut rng = Rng::with_seed(options.seed ^ 0x6d61_7472_6978);
    let mut chosen = Vec::new();
    for bench in benches {
        let paired = PAIRED.contains(&bench.parts.name.as_str()) || benches.len() <= State::ALL.len();
        let random = RANDOM.div_ceil(benches.len());
        let numbers = match () {
            () if options.full => (0..total).collect(),
            () if options.quick && !paired => Vec::new(),
            () if options.quick => singles(&sizes).into_iter().chain(drawn(total, 6, &mut rng)).collect(),
            () if paired => {
                pairs(&sizes, &mut rng).into_iter().chain(drawn(total, random, &mut rng)).collect()
            }
            () => drawn(total, random, &mut rng),
        };
        let numbers = distinct(numbers);
        chosen.push(Chosen {
            bench: Bench::new(bench.parts.clone(), bench.state(), LENGTH, &mut rng)?,
            numbers,
        });
    }
    if !options.quick && options.models.is_all() {
        // Those families with weights that are widened from bf16: the first of its two modes.
        let plain =
            |bench: &&Bench| bench.state() == State::F32 && PAIRED.contains(&bench.parts.name.as_str());
        for bench in benches.iter().filter(plain) {
            let parts = bench.parts.with_bf16_weights();
            let parts = parts.ok_or_else(|| NoModel(format!("{}: no safetensors", bench.parts.name)))?;
            let numbers = distinct(pairs(&sizes, &mut rng));
            chosen.push(Chosen { bench: Bench::new(parts, State::F32, LENGTH, &mut rng)?, numbers });
        }
        let bench = Bench::new(Parts::drawn("tiny", &TINY), State::F32, TINY_LENGTH, &mut rng)?;
        chosen.push(Chosen { bench, numbers: (0..total).collect() });
    }
    let all: usize = chosen.iter().map(|chosen| chosen.numbers.len()).sum();
    let mut done = 0;
    let before = tally.possible;
    for Chosen { bench, numbers } in chosen.iter().filter(|chosen| !chosen.numbers.is_empty()) {
        let ways = Ways::new(bench, None)?;
        let (apart, here): (Vec<usize>, Vec<usize>) = numbers
            .iter()
            .copied()
            .partition(|number| CACHES[Cell::of_number(*number, &sizes).cache] == Cache::Disk);
        for number in here {
            ways.run(number, &sizes, tally)?;
            done += 1;
            watch(done, all);
        }
        if !apart.is_empty() {
            tally.add(worker::send(bench, &apart, options)?);
            done += apart.len();
            watch(done, all);
        }
    }
    tally.possible = before + (total * chosen.len()) as u64;
    Ok(())
}

/// A few cells on any backend, for its faults.
pub(crate) fn sample<B: Backend>(
    model: &Arc<Model<B>>,
    bench: &Bench,
    tally: &mut Tally,
) -> Result<(), NoModel> {
    let prefix = Prefix::new(model, &bench.sequence, None)?;
    for (chunk, between, ahead) in [(4, 0, 0), (0, 1, 2), (2, 3, 4)] {
        let cell = Cell { isa: 0, threads: 0, batch: 1, chunk, cache: 0, between, ahead, traps: 0 };
        let (found, session) = compute(model, &bench.sequence, &prefix, cell, &mut || NoTraps)?;
        tally.compare(&found, &session, bench);
    }
    Ok(())
}

/// A model on one instruction set and number of threads, and where a half may come from.
type Way = (Arc<Model<CpuBackend>>, Prefix<CpuBackend>);

/// One model on every instruction set and number of threads.
struct Ways<'a> {
    bench: &'a Bench,
    models: BTreeMap<(usize, usize), Way>,
}

impl<'a> Ways<'a> {
    /// `disk` is what was written of the first half.
    fn new(bench: &'a Bench, disk: Option<&neural::Snapshot>) -> Result<Self, NoModel> {
        let isas = SupportedIsa::all();
        let mut models = BTreeMap::new();
        for (isa, supported) in isas.iter().enumerate() {
            for (number, threads) in cell::THREADS.iter().enumerate() {
                let backend = CpuBackend::new(supported.get()).and_then(|cpu| cpu.on_threads(*threads));
                let backend = backend.map_err(|error| NoModel(error.to_string()))?;
                let model = load(&bench.parts, bench.state(), backend)?;
                let prefix = Prefix::new(&model, &bench.sequence, disk.cloned())?;
                models.insert((isa, number), (model, prefix));
            }
        }
        Ok(Self { bench, models })
    }

    fn run(&self, number: usize, sizes: &[usize; FACTORS], tally: &mut Tally) -> Result<(), NoModel> {
        let (cell, sequence, bench) = (Cell::of_number(number, sizes), &self.bench.sequence, self.bench);
        let (model, prefix) = &self.models[&(cell.isa, cell.threads)];
        let (found, session): (Vec<u32>, Session<CpuBackend>) = match TRAPS[cell.traps] {
            Armed::None => compute(model, sequence, prefix, cell, &mut || NoTraps)?,
            Armed::Disarmed => compute(model, sequence, prefix, cell, &mut || deaf(model.backend(), bench))?,
            Armed::AtRest => compute(model, sequence, prefix, cell, &mut || resting(model.backend(), bench))?,
        };
        tally.compare(&found, &session, bench);
        Ok(())
    }
}

/// Every value of every factor, the other factors at their first.
fn singles(sizes: &[usize; FACTORS]) -> Vec<usize> {
    let mut numbers = Vec::new();
    for factor in 0..FACTORS {
        for value in 0..sizes[factor] {
            let mut digits = [0; FACTORS];
            digits[factor] = value;
            numbers.push(Cell::number(&digits, sizes));
        }
    }
    distinct(numbers)
}

/// Each number once, so that a cell that was drawn twice does not count as two.
fn distinct(mut numbers: Vec<usize>) -> Vec<usize> {
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// Every single value, and for every two factors every two of their values together, the other factors at random.
fn pairs(sizes: &[usize; FACTORS], rng: &mut Rng) -> Vec<usize> {
    let mut numbers = singles(sizes);
    for first in 0..FACTORS {
        for second in first + 1..FACTORS {
            for a in 0..sizes[first] {
                for b in 0..sizes[second] {
                    let mut digits = sizes.map(|size| rng.usize(..size));
                    (digits[first], digits[second]) = (a, b);
                    numbers.push(Cell::number(&digits, sizes));
                }
            }
        }
    }
    numbers
}

fn drawn(total: usize, count: usize, rng: &mut Rng) -> Vec<usize> {
    (0..count).map(|_| rng.usize(..total)).collect()
}

#[cfg(test)]
mod tests;
