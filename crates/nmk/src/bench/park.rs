//! The benchmark of parking: the cost to leave a sequence and to come back, by forks, rewinds and snapshots.

use std::path::Path;
use std::sync::Arc;

use abi::Digest;
use backend_cpu::CpuBackend;
use neural::{Model, Session, SessionError, Snapshot, SnapshotFileError};
use serde_json::json;

use super::clock::{Took, slope, timed, tried};
use super::subject::{after, prefill};
use super::{Cell, Effort, Figure, Group, Report, Row, Subject};
use crate::Error;
use crate::selftest::noise;

/// The numbers of positions in the session that is parked.
const LENGTHS: [usize; 9] = [64, 128, 256, 384, 512, 1024, 2048, 4096, 8192];

/// The number of forks, and of rewinds by one position, in one timing.
const MANY: usize = 32;

/// Measures parking on `threads` threads. Snapshots are written to `file`. `watch` is called with a
/// description of each step.
pub(crate) fn measure(
    subject: &Subject,
    threads: usize,
    file: &Path,
    effort: Effort,
    watch: &mut dyn FnMut(&str),
) -> Result<Report, Error> {
    let failed = |cause| subject.failed(cause);
    let model = subject.on(threads)?;
    let capacity = model.config().max_positions.min(effort.choose(usize::MAX, 128));
    let lengths: Vec<usize> = LENGTHS.into_iter().filter(|length| *length <= capacity).collect();
    let tokens = noise(model.config().vocab_size, lengths.last().copied().unwrap_or(0));
    let repeats = effort.choose(9, 1);
    let mut sessions = Vec::new();
    for length in &lengths {
        watch(&format!("a history of {length}"));
        sessions.push(after(&model, &tokens[..*length]).map_err(failed)?);
    }
    let mut moves: Vec<Moves> = lengths.iter().map(|_| Moves::default()).collect();
    let mut kept: Vec<Kept> = lengths.iter().map(|_| Kept::default()).collect();
    for repeat in 0..repeats {
        watch(&format!("{} of {repeats}", repeat + 1));
        for (((length, session), moves), kept) in
            lengths.iter().zip(&mut sessions).zip(&mut moves).zip(&mut kept)
        {
            moves.time(session, &tokens[..*length]).map_err(failed)?;
            kept.time(&model, session, file)?;
        }
    }
    let growth = growth(&lengths, &moves);
    let moves = lengths.iter().zip(moves).map(|(length, moves)| moves.row(*length));
    let moves = Group { name: "park", rows: moves.collect() };
    let kept = lengths.iter().zip(kept).map(|(length, kept)| kept.row(*length));
    let kept = Group { name: "snapshot", rows: kept.collect() };
    let mut conditions = subject.conditions(&model);
    conditions.extend([("threads", json!(threads)), ("repeats", json!(repeats))]);
    Ok(Report { conditions, groups: vec![moves, growth, kept] })
}

/// The times of operations that copy no keys and no values, in nanoseconds.
#[derive(Default)]
struct Moves {
    fork: Vec<f64>,
    rewind: Vec<f64>,
}

impl Moves {
    /// Times forks and rewinds of `session`, whose history is `tokens` before and after.
    fn time(&mut self, session: &mut Session<CpuBackend>, tokens: &[u32]) -> Result<(), SessionError> {
        let mut forks = Vec::with_capacity(MANY);
        let (took, ()) = timed(|| (0..MANY).for_each(|_| forks.push(session.fork())));
        self.fork.push(took.seconds * 1e9 / MANY as f64);
        // A page that a fork holds too is copied when it is written to; here are no forks.
        drop(forks);
        let length = tokens.len();
        let (took, ()) = tried(|| (1..=MANY).try_for_each(|back| session.rewind(length - back)))?;
        self.rewind.push(took.seconds * 1e9 / MANY as f64);
        prefill(session, &tokens[length - MANY..], MANY)
    }

    fn row(self, length: usize) -> Row {
        Row {
            settings: vec![("history", json!(length))],
            cells: vec![
                ("fork_ns", Cell::Figure(Figure::from_runs(self.fork))),
                ("rewind_ns", Cell::Figure(Figure::from_runs(self.rewind))),
            ],
        }
    }
}

fn growth(lengths: &[usize], moves: &[Moves]) -> Group {
    let of = |times: fn(&Moves) -> &Vec<f64>| {
        let medians = moves.iter().map(|moves| Figure::from_runs(times(moves).clone()).median);
        let points: Vec<(f64, f64)> = lengths.iter().map(|length| *length as f64).zip(medians).collect();
        Cell::Number(slope(&points))
    };
    let cells = vec![
        ("fork_ns_per_position", of(|moves| &moves.fork)),
        ("rewind_ns_per_position", of(|moves| &moves.rewind)),
    ];
    let settings = vec![("from", json!(lengths.first())), ("to", json!(lengths.last()))];
    Group { name: "growth", rows: vec![Row { settings, cells }] }
}

/// The rates of operations that copy all keys and values, in gigabytes per second: by the clock of the
/// processor in memory, and by elapsed time to and from a file.
#[derive(Default)]
struct Kept {
    bytes: usize,
    snapshot: Vec<f64>,
    check: Vec<f64>,
    restore: Vec<f64>,
    write: Vec<f64>,
    read: Vec<f64>,
    digest: Vec<f64>,
    copy: Vec<f64>,
    fresh_copy: Vec<f64>,
}

impl Kept {
    fn time(
        &mut self,
        model: &Arc<Model<CpuBackend>>,
        session: &Session<CpuBackend>,
        file: &Path,
    ) -> Result<(), SnapshotFileError> {
        let (took, snapshot) = timed(|| session.snapshot());
        let bytes = snapshot.as_bytes();
        self.bytes = bytes.len();
        let rate = |took: Took| bytes.len() as f64 / took.busy_seconds() / 1e9;
        let passed = |took: Took| bytes.len() as f64 / took.seconds / 1e9;
        self.snapshot.push(rate(took));
        let (took, restored) = timed(|| Session::restore(model, &snapshot));
        self.restore.push(rate(took));
        restored.expect("it was taken of a session of this model");
        self.write.push(passed(tried(|| snapshot.write(file))?.0));
        self.read.push(passed(tried(|| Snapshot::read(file))?.0));
        let (took, mut copy) = timed(|| bytes.to_vec());
        self.fresh_copy.push(rate(took));
        self.copy.push(rate(timed(|| copy.copy_from_slice(bytes)).0));
        self.digest.push(rate(timed(|| Digest::hash("nmk.bench.v1", bytes)).0));
        let (took, checked) = timed(|| Snapshot::from_bytes(copy));
        self.check.push(rate(took));
        checked.expect("these are the bytes of a snapshot");
        Ok(())
    }

    fn row(self, length: usize) -> Row {
        let cell = |rates: Vec<f64>| Cell::Figure(Figure::from_runs(rates));
        Row {
            settings: vec![("history", json!(length)), ("bytes", json!(self.bytes))],
            cells: vec![
                ("memory_copy_gb_per_processor_second", cell(self.copy)),
                ("memory_copy_into_fresh_memory_gb_per_processor_second", cell(self.fresh_copy)),
                ("digest_gb_per_processor_second", cell(self.digest)),
                ("snapshot_gb_per_processor_second", cell(self.snapshot)),
                ("check_gb_per_processor_second", cell(self.check)),
                ("restore_gb_per_processor_second", cell(self.restore)),
                ("file_write_gb_per_second", cell(self.write)),
                ("file_read_and_check_gb_per_second", cell(self.read)),
            ],
        }
    }
}
