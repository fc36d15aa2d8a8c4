//! How fast the products are, against what the memory gives.
//!
//! Prints one line for each instruction set, type of weights, number of rows and threads: the median of
//! several runs. One row reads every weight once, so its figure is gigabytes a second, beside a plain
//! read of as much memory; many rows use each weight often, so theirs is arithmetic.

use std::hint::black_box;
use std::time::Instant;

use backend_cpu::neural::{Backend, StoredMatrix, StoredValues};
use backend_cpu::{CpuBackend, SupportedIsa};

const OUTPUTS: usize = 8192;
const INPUTS: usize = 4096;
const RUNS: usize = 7;

fn main() {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    println!("{OUTPUTS} x {INPUTS}, median of {RUNS} runs, {threads} processors");
    let weights: Vec<f32> =
        (0..OUTPUTS * INPUTS).map(|i| ((i * 2_654_435_761) % 2001) as f32 / 1e3 - 1.0).collect();
    for count in [1, threads] {
        let seconds = median(|| read(&weights, count));
        println!("plain read, {count} threads: {:.1} GB/s", (weights.len() * 4) as f64 / seconds / 1e9);
    }
    let wide: Vec<u8> = weights.iter().flat_map(|weight| weight.to_le_bytes()).collect();
    let half: Vec<u8> =
        weights.iter().flat_map(|weight| ((weight.to_bits() >> 16) as u16).to_le_bytes()).collect();
    for (name, values) in [("f32", StoredValues::F32(&wide)), ("bf16", StoredValues::Bf16(&half))] {
        let stored = StoredMatrix::new(OUTPUTS, INPUTS, values).expect("finite weights");
        for isa in SupportedIsa::all() {
            for count in [1, threads] {
                let backend = CpuBackend::new(isa.get()).and_then(|backend| backend.on_threads(count));
                measure(&backend.expect("a detected set"), name, stored);
            }
        }
    }
}

fn measure(backend: &CpuBackend, name: &str, stored: StoredMatrix<'_>) {
    let matrix = backend.pack(stored);
    let bytes = OUTPUTS * INPUTS * if name == "f32" { 4 } else { 2 };
    for rows in [1, 64] {
        let x = backend.rows(INPUTS, (0..rows * INPUTS).map(|i| (i % 97) as f32 / 97.0 - 0.5).collect());
        let seconds = median(|| {
            black_box(backend.matmul(&matrix, &x));
        });
        println!(
            "{:>8} {name:>4} {rows:>2} rows {} threads: {:>6.1} GB/s of weights, {:>6.1} Gflop/s",
            backend.isa(),
            backend.threads(),
            bytes as f64 / seconds / 1e9,
            (2 * rows * OUTPUTS * INPUTS) as f64 / seconds / 1e9,
        );
    }
}

/// Reads all, on `threads` threads.
fn read(values: &[f32], threads: usize) {
    std::thread::scope(|scope| {
        for part in values.chunks(values.len().div_ceil(threads)) {
            scope.spawn(|| black_box(part.iter().fold(0u32, |sum, value| sum.wrapping_add(value.to_bits()))));
        }
    });
}

fn median(mut run: impl FnMut()) -> f64 {
    run();
    let time = |run: &mut dyn FnMut()| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    };
    let mut times: Vec<f64> = (0..RUNS).map(|_| time(&mut run)).collect();
    times.sort_by(f64::total_cmp);
    times[RUNS / 2]
}
