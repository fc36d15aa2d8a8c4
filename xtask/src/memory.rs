//! `cargo xtask memory`: processes that write to a memory at its quota are killed at random moments.
//!
//! A second thread looks at the size of the memory's folder all the time, also while the next process undoes what was
//! killed. What was acknowledged must be there afterwards, unless a later write removed it to make room.

mod history;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use lexopt::prelude::*;

use crate::Outcome;
use crate::error::Error;
use crate::findings::Findings;
use crate::process;
use crate::programs::Programs;
use crate::scratch::Scratch;
use history::{Found, History};

pub(crate) const ABOUT: &str =
    "kill processes that write to a memory at its quota; --moments N (500 is the full form)";

/// Moments of the quick form.
const MOMENTS: usize = 24;
/// The quota of the memory in bytes, which a process fills in a second.
const QUOTA: u64 = 2 << 20;
/// Milliseconds within which the moment of a kill is drawn, and those of the first moment, which fills the memory.
const WITHIN_MS: u64 = 150;
const FILL_MS: u64 = 1500;
/// The longest time that opening the memory again may take, in microseconds.
const MOST_OPENING_US: u64 = 1_000_000;
/// The time between two looks at the folder.
const PAUSE: Duration = Duration::from_micros(500);

pub(crate) fn run(mut parser: lexopt::Parser, programs: Programs) -> Result<Outcome, Error> {
    let mut moments = MOMENTS;
    while let Some(argument) = parser.next()? {
        match argument {
            Long("moments") => moments = parser.value()?.parse()?,
            other => return Err(other.unexpected().into()),
        }
    }
    let program = programs.example(&process::workspace_root(), "nmk-memory", "writer")?;
    let scratch = Scratch::new("memory")?;
    let place = Place { program, folder: scratch.path().join("memory") };
    let sampler = Sampler::start(&place.folder);
    let (mut checks, mut history) = (Findings::new(), History::default());
    let (mut torn, mut slowest, mut state) = (0, 0, 0x9e37_79b9_7f4a_7c15_u64);
    for moment in 0..moments {
        state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
        let after = if moment == 0 { FILL_MS } else { 5 + (state >> 33) % WITHIN_MS };
        // Every third time two processes write, and both are killed.
        let writers = if moment % 3 == 2 { 2 } else { 1 };
        place.killed_after(Duration::from_millis(after), writers, moment, &mut history)?;
        let journal = place.folder.join("memory.sqlite-journal");
        torn += usize::from(std::fs::metadata(journal).is_ok_and(|found| found.len() > 0));
        let found = place.show()?;
        let when = format!("killed after {after} ms, moment {moment}");
        slowest = slowest.max(found.opening_us.unwrap_or(u64::MAX));
        history.check(&found, &when, &mut checks);
    }
    let (most, looks) = sampler.end();
    println!(
        "{moments} moments: {} writes acknowledged, {} removed to make room, {torn} killed within a write, reopened \
         within {slowest} us; at most {most} bytes of {QUOTA} in {looks} looks",
        history.acknowledged, history.evicted
    );
    checks.check(most <= QUOTA, || format!("not so: the folder stays within its quota ({most} bytes)"));
    checks.check(slowest <= MOST_OPENING_US, || "not so: the memory opens again within a second".to_owned());
    checks.check(history.evicted > 0, || "not so: the memory was at its quota".to_owned());
    checks.print("memory");
    Ok(if checks.broken.is_empty() { Outcome::Done } else { Outcome::Refused })
}

/// A memory, and the program that writes to it.
struct Place {
    program: PathBuf,
    folder: PathBuf,
}

impl Place {
    fn command(&self, verb: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(verb).arg(&self.folder).arg(QUOTA.to_string()).env_clear();
        command
    }

    /// Starts writers, kills them after a while, and takes down what they acknowledged.
    fn killed_after(
        &self,
        after: Duration,
        writers: usize,
        moment: usize,
        history: &mut History,
    ) -> Result<(), Error> {
        let spawn = |source| Error::Spawn { program: "writer".to_owned(), source };
        let mut running: Vec<(Child, JoinHandle<Vec<String>>)> = Vec::new();
        for writer in 0..writers {
            let mut command = self.command("write");
            // Times go on from moment to moment, so that the entries of earlier ones are worth less.
            command.args([format!("w{writer}"), (moment * 100_000).to_string()]);
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
            let mut child = command.spawn().map_err(spawn)?;
            let out = child.stdout.take();
            let lines = move || {
                let lines = out.map(|out| BufReader::new(out).lines().map_while(Result::ok).collect());
                lines.unwrap_or_default()
            };
            running.push((child, thread::spawn(lines)));
        }
        thread::sleep(after);
        for (child, _) in &mut running {
            // One that has ended by itself cannot be killed, and is noticed by what it did not write.
            let _ = child.kill();
        }
        let mut all = Vec::new();
        for (mut child, reader) in running {
            let status = child.wait().map_err(spawn)?;
            let lines = reader.join().unwrap_or_default();
            history.ended_by_itself |= status.code().is_some();
            all.push(lines);
        }
        history.add(&all);
        Ok(())
    }

    /// Opens the memory in a process of its own, and returns what it has.
    fn show(&self) -> Result<Found, Error> {
        let output = process::output(&mut self.command("show"))?;
        if !output.status.success() {
            eprintln!("memory: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(Found::parse(&String::from_utf8_lossy(&output.stdout)))
    }
}

/// A thread that looks at the size of a folder all the time.
struct Sampler {
    ends: Arc<AtomicBool>,
    most: Arc<AtomicU64>,
    thread: JoinHandle<u64>,
}

impl Sampler {
    fn start(folder: &Path) -> Self {
        let (ends, most) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (folder, ending, largest) = (folder.to_owned(), Arc::clone(&ends), Arc::clone(&most));
        let thread = thread::spawn(move || {
            let mut looks = 0;
            while !ending.load(Ordering::Relaxed) {
                largest.fetch_max(bytes_of(&folder), Ordering::Relaxed);
                looks += 1;
                thread::sleep(PAUSE);
            }
            looks
        });
        Self { ends, most, thread }
    }

    /// Returns the largest size that was seen, and the number of looks.
    fn end(self) -> (u64, u64) {
        self.ends.store(true, Ordering::Relaxed);
        let looks = self.thread.join().unwrap_or(0);
        (self.most.load(Ordering::Relaxed), looks)
    }
}

/// Returns the bytes of all files in a folder together.
fn bytes_of(folder: &Path) -> u64 {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files.filter_map(|file| std::fs::metadata(file.path()).ok()).map(|found| found.len()).sum()
}
