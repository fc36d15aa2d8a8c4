//! The benchmark of the memory: operations per second and their slowest, by size, at the quota, and shared.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use abi::Value;
use memory::{Draft, Key, MemoryError, Options, Quota, Store};
use serde_json::json;

use super::{Cell, Group, Report, Row};

/// The sizes of memories that are measured, in entries.
const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// The room that an entry of the benchmark needs at most, in bytes, with the share of the journal.
const QUOTA_EACH: u64 = 2048;
/// The words from which texts are drawn.
const WORDS: u64 = 20_000;
/// The threads that share one memory.
const THREADS: u64 = 8;
/// The processes that share one memory.
const PROCESSES: u64 = 2;

/// The number of operations of each kind.
struct Effort {
    sizes: &'static [usize],
    writes: u64,
    reads: u64,
    consults: u64,
    /// The quota of the memory that is measured full.
    full: u64,
}

const FULL: Effort = Effort { sizes: &SIZES, writes: 1_000, reads: 10_000, consults: 300, full: 16 << 20 };
const QUICK: Effort = Effort { sizes: &[1_000], writes: 60, reads: 500, consults: 30, full: 1 << 20 };

/// The reason why there is no measurement.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MemoryBenchError {
    #[error(transparent)]
    Memory(#[from] MemoryError),
    #[error("the second process did not end well ({0})")]
    Process(String),
}

/// Measures everything in memories below `folder`.
pub(crate) fn measure(
    folder: &Path,
    quick: bool,
    watch: &mut dyn FnMut(&str),
) -> Result<Report, MemoryBenchError> {
    let effort = if quick { QUICK } else { FULL };
    let mut by_size = Vec::new();
    for size in effort.sizes {
        watch(&format!("{size} entries"));
        by_size.push(sized(&folder.join(format!("size-{size}")), *size, &effort)?);
    }
    watch("at the quota");
    let full = folder.join("full");
    let at_quota = at_quota(&full, &effort)?;
    watch("threads");
    let threads = shared_by_threads(&full, &effort)?;
    watch("processes");
    let processes = shared_by_processes(&full, &effort)?;
    Ok(Report {
        conditions: vec![("quick", json!(quick)), ("text_words", json!(WORDS))],
        groups: vec![
            Group { name: "by_size", rows: by_size },
            Group { name: "at_quota", rows: vec![at_quota] },
            Group { name: "shared", rows: vec![threads, processes] },
        ],
    })
}

/// Runs the part of the second process: operations on the memory in `folder`.
pub(crate) fn run_beside(folder: &Path, quick: bool) -> Result<(), MemoryError> {
    let effort = if quick { QUICK } else { FULL };
    let store = Store::open(folder, &options(effort.full)?, 0)?;
    mixed(&store, effort.writes / PROCESSES, 1_000).map(drop)
}

fn options(quota: u64) -> Result<Options, MemoryError> {
    Ok(Options { quota: Quota::new(quota)?, busy: Duration::from_secs(60) })
}

/// Returns the text of entry `number`: a dozen words that depend on nothing else.
fn text(number: u64) -> String {
    let word = |place: u64| {
        let mixed = (number * 31 + place).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        format!("w{}", (mixed >> 33) % WORDS)
    };
    (0..12).map(word).collect::<Vec<_>>().join(" ")
}

fn draft(number: u64) -> Draft {
    let key = Key::new(format!("entry {number}")).expect("the key of the benchmark is sound");
    Draft::note(key, Value::text(text(number)))
}

/// Fills a memory with `size` entries, and measures each kind of operation.
fn sized(folder: &Path, size: usize, effort: &Effort) -> Result<Row, MemoryBenchError> {
    let size = size as u64;
    let store = Store::open(folder, &options((QUOTA_EACH * size).max(4 << 20))?, 0)?;
    let line = |number| format!("{{\"key\":\"entry {number}\",\"value\":\"{}\"}}", text(number));
    let lines: Vec<String> = (0..size).map(line).collect();
    let begun = Instant::now();
    store.import(lines.iter().map(String::as_str), None)?;
    let filled = begun.elapsed();
    drop(lines);
    let spread = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15) % size;
    let mut cells = vec![("imported_per_second", Cell::Number(size as f64 / filled.as_secs_f64()))];
    cells.extend(timed(effort.writes, PUT, |number| store.put(&draft(spread(number)), 1).map(drop))?);
    cells.extend(timed(effort.reads, GET, |number| {
        store.get(&format!("entry {}", spread(number)), 2).map(drop)
    })?);
    cells.extend(timed(effort.consults, CONSULT, |number| {
        let words = text(spread(number));
        let request: Vec<&str> = words.split(' ').take(4).collect();
        store.consult(&request.join(" "), 1_000, 3).map(drop)
    })?);
    cells.extend(timed(effort.writes / 4, DELETE, |number| {
        store.delete(&format!("entry {}", spread(number))).map(drop)
    })?);
    let bytes = store.stats()?.file_bytes;
    drop(store);
    let begun = Instant::now();
    Store::open(folder, &options((QUOTA_EACH * size).max(4 << 20))?, 0)?.list(1)?;
    cells.push(("opening_us", Cell::Number(microseconds(begun.elapsed()))));
    cells.push(("file_bytes_each", Cell::Number(bytes as f64 / size as f64)));
    // A million entries take a gigabyte, which the next size does not need.
    drop(std::fs::remove_dir_all(folder));
    Ok(Row { settings: vec![("entries", json!(size))], cells })
}

/// Measures writes that each have to make room.
fn at_quota(folder: &Path, effort: &Effort) -> Result<Row, MemoryBenchError> {
    let store = Store::open(folder, &options(effort.full)?, 0)?;
    let mut number = 0;
    while store.put(&draft(number), number as i64)?.evicted.is_empty() {
        number += 1;
    }
    let mut evicted = 0;
    let mut cells = timed(effort.writes, PUT, |more| {
        let number = number + 1 + more;
        store.put(&draft(number), number as i64).map(|stored| evicted += stored.evicted.len())
    })?;
    let stats = store.stats()?;
    cells.push(("evicted", Cell::Number(evicted as f64)));
    cells.push(("content_percent", Cell::Number(100.0 * stats.bytes as f64 / stats.quota as f64)));
    Ok(Row { settings: vec![("quota_bytes", json!(effort.full))], cells })
}

fn shared_by_threads(folder: &Path, effort: &Effort) -> Result<Row, MemoryBenchError> {
    let store = Store::open(folder, &options(effort.full)?, 0)?;
    let begun = Instant::now();
    let times = std::thread::scope(|scope| {
        let work = |thread| {
            let store = &store;
            scope.spawn(move || mixed(store, effort.writes / THREADS, thread))
        };
        let running: Vec<_> = (0..THREADS).map(work).collect();
        let ended = running.into_iter().map(|thread| thread.join().expect("a thread of the benchmark"));
        ended.collect::<Result<Vec<_>, _>>()
    })?;
    let cells = summary(times.concat(), begun.elapsed(), MIXED);
    Ok(Row { settings: vec![("threads", json!(THREADS)), ("processes", json!(1))], cells })
}

fn shared_by_processes(folder: &Path, effort: &Effort) -> Result<Row, MemoryBenchError> {
    let failed = |error: std::io::Error| MemoryBenchError::Process(error.to_string());
    let program = std::env::current_exe().map_err(failed)?;
    let mut command = Command::new(program);
    command.args(["bench", "memory", "--beside"]).arg(folder);
    if effort.full == QUICK.full {
        command.arg("--quick");
    }
    let store = Store::open(folder, &options(effort.full)?, 0)?;
    let begun = Instant::now();
    let mut other = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().map_err(failed)?;
    let times = mixed(&store, effort.writes / PROCESSES, 2_000);
    let ended = other.wait().map_err(failed)?;
    if !ended.success() {
        return Err(MemoryBenchError::Process(ended.to_string()));
    }
    let mut cells = summary(times?, begun.elapsed(), MIXED);
    // Only the times of this process are known; both did as much.
    if let Some((_, Cell::Number(rate))) = cells.first_mut() {
        *rate *= PROCESSES as f64;
    }
    Ok(Row { settings: vec![("threads", json!(1)), ("processes", json!(PROCESSES))], cells })
}

/// Runs pairs of a write and a read, and returns the times of all operations in microseconds.
fn mixed(store: &Store, pairs: u64, stream: u64) -> Result<Vec<f64>, MemoryError> {
    let mut times = Vec::new();
    for pair in 0..pairs {
        let number = stream * 1_000_000 + pair;
        let begun = Instant::now();
        store.put(&draft(number), number as i64)?;
        times.push(microseconds(begun.elapsed()));
        let begun = Instant::now();
        store.get(&format!("entry {}", number.saturating_sub(5)), number as i64)?;
        times.push(microseconds(begun.elapsed()));
    }
    Ok(times)
}

/// The names of the measured values of one kind: operations per second, the median, the 99th percentile and the slowest.
type Names = [&'static str; 4];
const PUT: Names = ["puts_per_second", "put_median_us", "put_p99_us", "put_most_us"];
const GET: Names = ["gets_per_second", "get_median_us", "get_p99_us", "get_most_us"];
const CONSULT: Names = ["consults_per_second", "consult_median_us", "consult_p99_us", "consult_most_us"];
const DELETE: Names = ["deletes_per_second", "delete_median_us", "delete_p99_us", "delete_most_us"];
const MIXED: Names = ["operations_per_second", "median_us", "p99_us", "most_us"];

fn timed(
    count: u64,
    names: Names,
    mut operation: impl FnMut(u64) -> Result<(), MemoryError>,
) -> Result<Vec<(&'static str, Cell)>, MemoryError> {
    let (mut times, whole) = (Vec::new(), Instant::now());
    for number in 0..count {
        let begun = Instant::now();
        operation(number)?;
        times.push(microseconds(begun.elapsed()));
    }
    Ok(summary(times, whole.elapsed(), names))
}

/// Returns the measured values of operations that took `times` microseconds each, and `whole` together.
fn summary(mut times: Vec<f64>, whole: Duration, names: Names) -> Vec<(&'static str, Cell)> {
    times.sort_by(f64::total_cmp);
    let at = |part: usize| times.get(times.len() * part / 100).or(times.last()).copied().unwrap_or(0.0);
    let [rate, median, p99, most] = names;
    vec![
        (rate, Cell::Number(times.len() as f64 / whole.as_secs_f64())),
        (median, Cell::Number(at(50))),
        (p99, Cell::Number(at(99))),
        (most, Cell::Number(at(100))),
    ]
}

fn microseconds(elapsed: Duration) -> f64 {
    elapsed.as_secs_f64() * 1e6
}
