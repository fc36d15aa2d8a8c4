//! The invariance matrix: every way to compute one sequence.

use std::collections::BTreeMap;
use std::sync::Arc;

use backend_cpu::{CpuBackend, SupportedIsa};
use fastrand::Rng;
use neural::{EntropyTap, Injection, Model, NoTraps, Session, Traps, Want};

use crate::batteries::{Bench, Options, Tally, bits, failed, load, whole};
use crate::models::NoModel;

const THREADS: [usize; 4] = [1, 2, 3, 8];
const CHUNKS: [usize; 5] = [1, 3, 7, 64, usize::MAX];
const CACHES: [Cache; 3] = [Cache::Cold, Cache::Forked, Cache::Rewound];
const TRAPS: [Armed; 3] = [Armed::None, Armed::Disarmed, Armed::Tap];

/// Where the first half of the sequence comes from.
#[derive(Clone, Copy)]
enum Cache {
    Cold,
    Forked,
    Rewound,
}

/// What listens.
#[derive(Clone, Copy)]
enum Armed {
    None,
    Disarmed,
    Tap,
}

/// One way.
#[derive(Clone, Copy)]
struct Cell {
    isa: usize,
    threads: usize,
    chunk: usize,
    cache: usize,
    traps: usize,
}

/// Sequences of the matrix are this long: past a window and a page.
const LENGTH: usize = 80;

/// The models of a quick run, where there are more.
const QUICK: [&str; 3] = ["cohere2_moe", "gpt_oss", "mixtral"];

/// Random cells beside those that are chosen.
const RANDOM: usize = 300;

/// Every cell on one small model, every pair of factors and random ones on the others; with `full`, all.
pub(crate) fn cells(benches: &[Bench], options: &Options, tally: &mut Tally) -> Result<(), NoModel> {
    let isas = SupportedIsa::all();
    let sizes = [isas.len(), THREADS.len(), CHUNKS.len(), CACHES.len(), TRAPS.len()];
    let total: usize = sizes.iter().product();
    let small = benches.iter().position(|bench| bench.parts.name == "mixtral").unwrap_or(0);
    let mut rng = Rng::with_seed(options.seed ^ 0x6d61_7472_6978);
    for (at, bench) in benches.iter().enumerate() {
        if options.quick && benches.len() > QUICK.len() && !QUICK.contains(&bench.parts.name.as_str()) {
            tally.possible += total as u64;
            continue;
        }
        let mut models: BTreeMap<(usize, usize), Arc<Model<CpuBackend>>> = BTreeMap::new();
        for (isa, supported) in isas.iter().enumerate() {
            for (number, threads) in THREADS.iter().enumerate() {
                let backend = CpuBackend::new(supported.get()).and_then(|cpu| cpu.on_threads(*threads));
                let backend = backend.map_err(|error| NoModel(error.to_string()))?;
                models.insert((isa, number), load(&bench.parts, backend)?);
            }
        }
        let chosen: Vec<usize> = if options.full || (at == small && !options.quick) {
            (0..total).collect()
        } else {
            let mut chosen = pairs(&sizes);
            let random = if options.quick { 10 } else { RANDOM / benches.len().max(1) + 1 };
            chosen.extend((0..random).map(|_| rng.usize(..total)));
            chosen
        };
        let ids = &bench.ids[..bench.ids.len().min(LENGTH)];
        let vocab = bench.model.config().vocab_size;
        let reference = &bench.reference[..ids.len() * vocab];
        let before = tally.possible;
        for number in chosen {
            let cell = cell(number, &sizes);
            let found = compute(&models[&(cell.isa, cell.threads)], ids, cell)?;
            tally.compare(&found, reference);
        }
        tally.possible = before + total as u64;
    }
    Ok(())
}

fn cell(mut number: usize, sizes: &[usize; 5]) -> Cell {
    let mut next = |size: usize| {
        let digit = number % size;
        number /= size;
        digit
    };
    let [isa, threads, chunk, cache, traps] = sizes.map(&mut next);
    Cell { isa, threads, chunk, cache, traps }
}

/// For every two factors every two of their values together, the other factors at their first.
fn pairs(sizes: &[usize; 5]) -> Vec<usize> {
    let strides: Vec<usize> = (0..5).map(|factor| sizes[..factor].iter().product()).collect();
    let mut numbers = Vec::new();
    for first in 0..5 {
        for second in first + 1..5 {
            for a in 0..sizes[first] {
                numbers.extend((0..sizes[second]).map(|b| a * strides[first] + b * strides[second]));
            }
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn compute(model: &Arc<Model<CpuBackend>>, ids: &[u32], cell: Cell) -> Result<Vec<u32>, NoModel> {
    let width = model.config().hidden_size;
    match TRAPS[cell.traps] {
        Armed::None => with(model, ids, cell, &mut NoTraps),
        Armed::Disarmed => {
            let rows = (0..ids.len()).map(|position| (position, vec![0.0; width])).collect();
            with(model, ids, cell, &mut Injection { layer: 0, rows })
        }
        Armed::Tap => with(model, ids, cell, &mut EntropyTap::default()),
    }
}

fn with<T: Traps<CpuBackend>>(
    model: &Arc<Model<CpuBackend>>,
    ids: &[u32],
    cell: Cell,
    traps: &mut T,
) -> Result<Vec<u32>, NoModel> {
    let chunk = CHUNKS[cell.chunk].min(ids.len());
    if let Cache::Cold = CACHES[cell.cache] {
        return Ok(bits(&whole(model, ids, chunk, traps)?));
    }
    let half = ids.len() / 2;
    let mut session = Session::open(model);
    let mut found = Vec::new();
    for ids in ids[..half].chunks(chunk) {
        found.extend(bits(&session.prefill_trapped(ids, Want::All, traps).map_err(failed)?));
    }
    let mut session = match CACHES[cell.cache] {
        Cache::Forked => session.fork(),
        _ => {
            session.prefill(&ids[half - 1..half + 3], Want::Last).map_err(failed)?;
            session.rewind(half).map_err(failed)?;
            session
        }
    };
    for ids in ids[half..].chunks(chunk) {
        found.extend(bits(&session.prefill_trapped(ids, Want::All, traps).map_err(failed)?));
    }
    Ok(found)
}
