//! The time that `nmk ask` takes beside a short and a long history, in processor time of the whole process.
//!
//! `cargo bench -p nmk --bench opening`, with `-- --quick` for fewer samples and `-- --entries N` for another long history.
//! A sample is forty runs of `nmk ask --direct`, which generates nothing, so that opening the ledger weighs most. Samples of
//! both histories alternate, and each pair gives one ratio. The short history is made anew after every fifth run. A third series
//! removes the checkpoint before each run, so that every entry is read.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use ledger::{
    Digest, Entry, EntryKind, JobId, Journal, Ledger, MemoryDisk, SigningKey, SizeLimits, TaskId, Value,
};
use lexopt::prelude::*;

/// Entries of the short history.
const SHORT: u64 = 100;
/// Entries of the long history, unless an argument says otherwise.
const LONG: u64 = 100_000;
/// Runs of one sample. The system counts processor time in hundredths of a second.
const RUNS: u32 = 40;
/// Runs after which the short history is made anew.
const REFILL: u32 = 5;
const PAIRS: usize = 15;
const SEED: [u8; 32] = [7; 32];

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<ExitCode, Failure> {
    let (mut pairs, mut long) = (PAIRS, LONG);
    let mut parser = lexopt::Parser::from_env();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("bench") => {}
            Long("quick") => pairs = 3,
            Long("entries") => long = parser.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    if processor_seconds().is_none() {
        println!("UNPROVEN: this machine has no /proc, which tells the processor time of ended processes");
        return Ok(ExitCode::from(3));
    }
    let root = synthetic::Scratch::new(env!("CARGO_TARGET_TMPDIR"), "opening")?;
    let (short_place, long_place) = (Place::new(root.join("short"))?, Place::new(root.join("long"))?);
    long_place.fill(long)?;
    let (mut short, mut whole, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 0..pairs {
        // The order within a pair changes, so that a drift of the machine's speed evens out.
        let (few, many) = if pair % 2 == 0 {
            let few = short_place.sample(Some(SHORT), false)?;
            (few, long_place.sample(None, false)?)
        } else {
            let many = long_place.sample(None, false)?;
            (short_place.sample(Some(SHORT), false)?, many)
        };
        short.push(few);
        whole.push(many);
        ratios.push(many / few);
    }
    let unaided = long_place.sample(None, true)?;
    println!(
        "processor milliseconds of one `nmk ask --direct`, median (least to most) of {pairs} samples of {RUNS} runs"
    );
    println!("{SHORT:>9} entries: {}", spread(&short, 1e3 / f64::from(RUNS)));
    println!("{long:>9} entries: {}", spread(&whole, 1e3 / f64::from(RUNS)));
    println!("            ratio: {}", spread(&ratios, 1.0));
    println!("{long:>9} entries without a checkpoint: {:.1}", unaided * 1e3 / f64::from(RUNS));
    Ok(ExitCode::SUCCESS)
}

/// A home folder with a ledger and its key.
struct Place {
    home: PathBuf,
}

impl Place {
    fn new(home: PathBuf) -> Result<Self, Failure> {
        let config = home.join(".config/nmk");
        std::fs::create_dir_all(&config)?;
        std::fs::create_dir_all(home.join("work"))?;
        std::fs::write(config.join("key"), SEED)?;
        private(&config.join("key"))?;
        Ok(Self { home })
    }

    fn ledger(&self) -> PathBuf {
        self.home.join(".local/state/nmk")
    }

    /// Makes a ledger of `count` entries, a fifth of which name a blob of their own.
    fn fill(&self, count: u64) -> Result<(), Failure> {
        let (folder, disk) = (self.ledger(), MemoryDisk::default());
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        let key = SigningKey::from_seed(SEED)?;
        let (mut ledger, _) = Ledger::open_on(disk.clone(), &folder, &key, SizeLimits::default())?;
        let mut next = 0;
        while next < count {
            let until = count.min(next + 10);
            let entries =
                (next..until).map(|number| entry(&mut ledger, number)).collect::<Result<Vec<_>, _>>()?;
            ledger.append(&entries)?;
            next = until;
        }
        drop(ledger);
        for (path, bytes) in disk.files() {
            let parent = path.parent().ok_or("a folder")?;
            std::fs::create_dir_all(parent)?;
            std::fs::write(&path, bytes)?;
            private(&path)?;
        }
        Ok(())
    }

    /// Returns the processor-seconds of some runs of `nmk ask`. With `refill`, the history is kept near that length.
    fn sample(&self, refill: Option<u64>, without_checkpoint: bool) -> Result<f64, Failure> {
        let before = processor_seconds().ok_or("no /proc")?;
        for run in 0..RUNS {
            if let Some(count) = refill.filter(|_| run % REFILL == 0) {
                self.fill(count)?;
            }
            if without_checkpoint {
                std::fs::remove_file(self.ledger().join("checkpoint"))?;
            }
            let mut command = Command::new(env!("CARGO_BIN_EXE_nmk"));
            command.args(["ask", "--direct", "--json", "Is 7 a prime number?"]);
            command.current_dir(self.home.join("work")).env_clear().env("HOME", &self.home);
            let output = command.output()?;
            if !output.status.success() {
                return Err(String::from_utf8_lossy(&output.stderr).into());
            }
        }
        Ok(processor_seconds().ok_or("no /proc")? - before)
    }
}

fn entry(ledger: &mut Ledger<MemoryDisk>, number: u64) -> Result<Entry, ledger::LedgerError> {
    use EntryKind::{Admitted, Committed, Judged, Opened, Proposed};
    let kinds = [Opened, Admitted, Proposed, Judged, Committed];
    let kind = kinds[(number % 5) as usize];
    let mut body = vec![("level", Value::text("oracle")), ("said", Value::text("x".repeat(200)))];
    if kind == Proposed {
        let blob = ledger.store_blob(format!("the text of proposal {number}").as_bytes())?;
        body.push(("blobs", Value::List(vec![blob.to_value()])));
    }
    let task = TaskId { job: JobId(number / 5 + 1), number: 0 };
    let inputs = vec![Digest::hash("nmk.bench.v1", &number.to_le_bytes())];
    Ok(Entry { kind, task, inputs, body: Value::map(body) })
}

/// Closes a file to other users, as the program demands it.
fn private(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    Ok(())
}

/// Returns the processor-seconds of all processes that this one started and that have ended.
fn processor_seconds() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program stands in parentheses and may have blanks.
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks: Vec<f64> =
        fields.split_whitespace().skip(13).take(2).filter_map(|time| time.parse().ok()).collect();
    (ticks.len() == 2).then(|| ticks.iter().sum::<f64>() / 100.0)
}

/// Returns the median of some figures, with the least and the most, each times `scale`.
fn spread(figures: &[f64], scale: f64) -> String {
    let mut sorted: Vec<f64> = figures.iter().map(|figure| figure * scale).collect();
    sorted.sort_by(f64::total_cmp);
    let (least, most) = (sorted[0], sorted[sorted.len() - 1]);
    format!("{:.3} ({least:.3} to {most:.3})", sorted[sorted.len() / 2])
}
