//! The speed of the kernels, against the speed of the memory.
//!
//! One row reads every weight once, so its figure is bytes of weights a second, beside a plain read of as
//! much memory; many rows use each weight often, so theirs is arithmetic: an element is an addition or a
//! multiplication, and `Gelem/s` are Gflop/s. Portable source has no fused multiply-add of the machine to use
//! and is measured on smaller shapes, which the names say. Threads are one, and with the widest instruction
//! set all.

use std::hint::black_box;
use std::time::Duration;

use backend_cpu::neural::{
    Activation, AttentionSpec, Backend, KvLayout, NormConfig, NormKind, PAGE, PageRun, PageSlots, Pairing,
    StateDtype, StoredMatrix, StoredValues,
};
use backend_cpu::{CpuBackend, Isa, Page, SupportedIsa};
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};

/// Width of a row of activations in the small kernels.
const WIDTH: usize = 2048;

/// Heads of queries, each with keys and values of its own for one in four.
const HEADS: usize = 16;
const LAYOUT: KvLayout = KvLayout { kv_heads: 4, head_dim: 64, state: StateDtype::F32 };

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
        .configure_from_args();
    reading(&mut criterion);
    products(&mut criterion);
    attention(&mut criterion);
    elements(&mut criterion);
    pages(&mut criterion);
    criterion.final_summary();
}

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Returns a backend for each instruction set on one thread, and one with the widest set on all threads.
fn backends() -> Vec<CpuBackend> {
    let of = |isa: SupportedIsa, threads| {
        let backend = CpuBackend::new(isa.get()).and_then(|backend| backend.on_threads(threads));
        backend.expect("a detected set on the threads of this machine")
    };
    let mut all: Vec<CpuBackend> = SupportedIsa::all().into_iter().map(|isa| of(isa, 1)).collect();
    if processors() > 1 {
        all.push(of(SupportedIsa::best(), processors()));
    }
    all
}

fn name(backend: &CpuBackend) -> String {
    match backend.threads() {
        1 => format!("{}, 1 thread", backend.isa()),
        threads => format!("{}, {threads} threads", backend.isa()),
    }
}

/// Numbers in [-1, 1) that look like nothing in particular.
fn numbers(count: usize) -> Vec<f32> {
    (0..count as u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 8) as f32 / (1 << 23) as f32 - 1.0).collect()
}

/// Measures how fast memory is only read, on one thread and on all.
fn reading(criterion: &mut Criterion) {
    let values = numbers(8192 * 4096);
    let mut group = criterion.benchmark_group("plain read");
    group.throughput(Throughput::BytesDecimal(size_of_val(&values[..]) as u64));
    let sum = |part: &[f32]| part.iter().fold(0_u32, |sum, value| sum.wrapping_add(value.to_bits()));
    let mut counts = vec![1, processors()];
    counts.dedup();
    for threads in counts {
        group.bench_function(format!("128 MiB, threads: {threads}"), |bencher| {
            bencher.iter(|| {
                std::thread::scope(|scope| {
                    for part in values.chunks(values.len().div_ceil(threads)) {
                        scope.spawn(move || black_box(sum(part)));
                    }
                });
            });
        });
    }
}

/// Products of one row, which wait for the weights, and of many.
fn products(criterion: &mut Criterion) {
    let wide: Vec<u8> = numbers(8192 * 4096).iter().flat_map(|weight| weight.to_le_bytes()).collect();
    let half: Vec<u8> = wide.chunks_exact(4).flat_map(|bytes| [bytes[2], bytes[3]]).collect();
    for (kind, bytes, size) in [("f32", &wide, 4), ("bf16", &half, 2)] {
        for (rows, throughput) in [(1, "GB/s"), (4, "Gflop/s"), (64, "Gflop/s")] {
            let mut group = criterion.benchmark_group(format!("product {kind}, rows: {rows}"));
            for backend in backends() {
                let (outputs, inputs) = match (backend.isa(), rows) {
                    (Isa::Portable, 1) => (512, 512),
                    (Isa::Portable, _) => (64, 512),
                    (_, 1) => (8192, 4096),
                    _ => (1024, 1024),
                };
                let bytes = &bytes[..outputs * inputs * size];
                let stored = if size == 4 { StoredValues::F32(bytes) } else { StoredValues::Bf16(bytes) };
                let stored = StoredMatrix::new(outputs, inputs, stored).expect("finite weights");
                let matrix = backend.pack(stored);
                let x = backend.rows(inputs, numbers(rows * inputs));
                group.throughput(match throughput {
                    "GB/s" => Throughput::BytesDecimal(bytes.len() as u64),
                    _ => Throughput::Elements((2 * rows * outputs * inputs) as u64),
                });
                group.bench_function(format!("{outputs} x {inputs}, {}", name(&backend)), |bencher| {
                    bencher.iter(|| backend.matmul(&matrix, &x));
                });
            }
        }
    }
}

/// Measures one query after as many positions, as bytes of keys and values that it reads, those of each head
/// once.
fn attention(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("attention of one query");
    for backend in backends() {
        for positions in [512, 8192] {
            if backend.isa() == Isa::Portable && positions > 512 {
                continue;
            }
            let pages = filled(&backend, positions);
            let pages: Vec<&Page> = pages.iter().collect();
            let queries = backend.rows(HEADS * LAYOUT.head_dim, numbers(HEADS * LAYOUT.head_dim));
            let spec = AttentionSpec {
                heads: HEADS,
                layout: LAYOUT,
                scale: 0.125,
                window: None,
                first_query: positions - 1,
            };
            group.throughput(Throughput::BytesDecimal((pages.len() * LAYOUT.page_bytes()) as u64));
            group.bench_function(format!("{positions} positions, {}", name(&backend)), |bencher| {
                bencher
                    .iter(|| backend.attend(&spec, &queries, PageRun { first_page: 0, pages: &pages }, None));
            });
        }
    }
}

fn filled(backend: &CpuBackend, positions: usize) -> Vec<Page> {
    let width = LAYOUT.kv_heads * LAYOUT.head_dim;
    let rows = backend.rows(width, numbers(PAGE * width));
    let slots = PageSlots { first_row: 0, first_slot: 0, count: PAGE };
    let page = |_| {
        let mut page = backend.page(LAYOUT);
        backend.store(&mut page, LAYOUT, slots, &rows, &rows);
        page
    };
    (0..positions.div_ceil(PAGE)).map(page).collect()
}

/// Kernels that work on each element of a row by itself, or nearly: elements a second.
fn elements(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("elements");
    group.throughput(Throughput::Elements(WIDTH as u64));
    for backend in backends().iter().filter(|backend| backend.threads() == 1) {
        let mut add = |what: &str, run: &mut dyn FnMut()| element(&mut group, what, backend, run);
        let (x, y) = (backend.rows(WIDTH, numbers(WIDTH)), backend.rows(WIDTH, numbers(WIDTH)));
        let weight = backend.vector(&numbers(WIDTH));
        for (what, kind) in [("layer norm", NormKind::Layer), ("rms norm", NormKind::RootMeanSquare)] {
            let norm = NormConfig { kind, epsilon: 1e-5 };
            add(what, &mut || drop(black_box(backend.norm(&norm, &weight, &x))));
        }
        add("silu", &mut || drop(black_box(backend.activate(&Activation::Silu, &x, &y))));
        let rotation = backend.rotation(&numbers(32), 1.0, std::slice::from_ref(&(100..101)));
        let mut rotated = backend.rows(WIDTH, numbers(WIDTH));
        for (what, pairing) in [("rope, halves", Pairing::Halves), ("rope, pairs", Pairing::Interleaved)] {
            add(what, &mut || backend.rotate(&mut rotated, pairing, &rotation));
        }
        add("finite", &mut || {
            let mut record = backend.finite_record(1);
            backend.record_finite(&mut record, 0, &x);
            black_box(backend.first_non_finite(&record));
        });
    }
}

fn element(
    group: &mut BenchmarkGroup<'_, WallTime>,
    what: &str,
    backend: &CpuBackend,
    run: &mut dyn FnMut(),
) {
    group.bench_function(format!("{what}, {}", backend.isa()), |bencher| bencher.iter(&mut *run));
}

/// Pages on their way into a snapshot and out of one.
fn pages(criterion: &mut Criterion) {
    let backend = CpuBackend::best().expect("this thread computes IEEE arithmetic");
    let pages = filled(&backend, 8192);
    let mut bits = Vec::with_capacity(pages.len() * LAYOUT.page_bytes());
    let mut group = criterion.benchmark_group("pages of 8192 positions");
    group.throughput(Throughput::BytesDecimal((pages.len() * LAYOUT.page_bytes()) as u64));
    group.bench_function("to bits", |bencher| {
        bencher.iter(|| {
            bits.clear();
            pages.iter().for_each(|page| backend.page_bits(page, &mut bits));
        });
    });
    group.bench_function("of bits", |bencher| {
        bencher.iter(|| {
            let pages = bits.chunks_exact(LAYOUT.page_bytes());
            pages.map(|bits| backend.page_from_bits(LAYOUT, bits)).collect::<Vec<Page>>()
        });
    });
}
