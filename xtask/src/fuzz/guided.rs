//! The guided run of a target: libFuzzer is started, and its output is read.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::Error;
use crate::fuzz::Places;
use crate::fuzz::report::Row;
use crate::process;

/// The seconds that one input may take; an input that takes longer is a finding.
const TIMEOUT_SECONDS: u32 = 10;
/// The memory that a run may hold, in MB; a run that holds more is a finding.
const MEMORY_MB: u32 = 2048;
/// The number of inputs within which the planted bug must be found, from an empty corpus.
const CONTROL_RUNS: u32 = 2_000_000;

/// Returns true if the runner finds a bug that is four branches deep, from an empty corpus. Only an engine
/// that sees which code its inputs reach can do that.
pub(crate) fn control(places: &Places, binary: &Path) -> Result<bool, Error> {
    let log = Log::prepare(places, "planted")?;
    let mut command = log.command(binary, "planted")?;
    command.arg(format!("-runs={CONTROL_RUNS}")).arg("-seed=1");
    let text = log.run(&mut command)?;
    let found = text.contains("the planted bug was found");
    match found {
        true => eprintln!("control: the planted bug was found after {} executions", last_execution(&text)),
        false => eprintln!("control: the planted bug was NOT found; see {}", log.path.display()),
    }
    Ok(found)
}

/// Runs one target for `seconds`, over its corpus and its seeds.
pub(crate) fn hunt(places: &Places, binary: &Path, target: &str, seconds: u64) -> Result<Row, Error> {
    let log = Log::prepare(places, target)?;
    let corpus = places.work.join("corpus").join(target);
    fs::create_dir_all(&corpus).map_err(Error::io(&corpus))?;
    let mut command = log.command(binary, target)?;
    command.arg(format!("-max_total_time={seconds}")).arg("-print_final_stats=1");
    let text = log.run(command.arg(&corpus).arg(places.seeds.join(target)))?;
    Ok(row(&log, target, &text))
}

/// The files to which a run writes its output and its findings.
struct Log {
    path: PathBuf,
    findings: PathBuf,
}

impl Log {
    fn prepare(places: &Places, target: &str) -> Result<Log, Error> {
        let path = places.work.join("log").join(format!("{target}.log"));
        let findings = places.work.join("findings").join(target);
        for folder in [path.parent(), Some(&findings)].into_iter().flatten() {
            fs::create_dir_all(folder).map_err(Error::io(folder))?;
        }
        Ok(Log { path, findings })
    }

    fn command(&self, binary: &Path, target: &str) -> Result<Command, Error> {
        let mut command = Command::new(binary);
        command.env("NMK_FUZZ_TARGET", target).env("RUST_BACKTRACE", "0").stdin(Stdio::null());
        command.arg(format!("-artifact_prefix={}/", self.findings.display()));
        command.arg(format!("-timeout={TIMEOUT_SECONDS}")).arg(format!("-rss_limit_mb={MEMORY_MB}"));
        Ok(command)
    }

    /// Runs the command to its end, whatever its exit code is, and returns its output, which stays in the
    /// file too.
    fn run(&self, command: &mut Command) -> Result<String, Error> {
        let file = fs::File::create(&self.path).map_err(Error::io(&self.path))?;
        let status = command.stdout(Stdio::null()).stderr(file).status();
        let status = status.map_err(|source| Error::Spawn { program: process::words(command), source })?;
        let bytes = fs::read(&self.path).map_err(Error::io(&self.path))?;
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        text.push_str(&format!("\n{ENDED}{}\n", status.code().unwrap_or(-1)));
        Ok(text)
    }
}

/// The beginning of the last line of a log, which has the exit code.
const ENDED: &str = "exit code: ";

fn row(log: &Log, target: &str, text: &str) -> Row {
    let ended = text.lines().find_map(|line| line.strip_prefix(ENDED)).unwrap_or_default();
    let written =
        text.lines().rev().find_map(|line| line.split_once("Test unit written to ").map(|(_, path)| path));
    // A process that ends otherwise and leaves no input is a finding all the same: its log is what there is.
    let finding = written.map(PathBuf::from).or_else(|| (ended != "0").then(|| log.path.clone()));
    let status = text.lines().rev().find(|line| line.contains(" cov: "));
    let status = |name: &str| status.and_then(|line| number_after(line, name));
    Row {
        target: target.to_owned(),
        executions: stat(text, "number_of_executed_units").unwrap_or_else(|| last_execution(text)),
        per_second: stat(text, "average_exec_per_sec").or_else(|| status("exec/s: ")).unwrap_or(0),
        corpus: status("corp: "),
        edges: status("cov: "),
        peak_mb: stat(text, "peak_rss_mb").or_else(|| status("rss: ")),
        finding,
    }
}

fn stat(text: &str, name: &str) -> Option<u64> {
    let start = format!("stat::{name}:");
    text.lines().find_map(|line| line.strip_prefix(start.as_str())?.trim().parse().ok())
}

/// Returns the number after `#` of the last line that has one; 0 if none has.
fn last_execution(text: &str) -> u64 {
    let lines = text.lines().rev().filter_map(|line| line.strip_prefix('#'));
    lines.filter_map(|line| number_after(line, "")).next().unwrap_or(0)
}

/// Returns the number that follows `name` in `line`; `None` if there is none.
fn number_after(line: &str, name: &str) -> Option<u64> {
    let (_, rest) = line.split_once(name)?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DONE: &str = "\
INFO: seed corpus: files: 3 min: 1b max: 30b total: 40b rss: 40Mb
#4\tINITED cov: 119 ft: 123 corp: 3/33b exec/s: 0 rss: 41Mb
#131072\tpulse  cov: 243 ft: 719 corp: 95/4Kb lim: 1320 exec/s: 65536 rss: 50Mb
#200000\tDONE   cov: 250 ft: 730 corp: 97/4Kb lim: 1990 exec/s: 66666 rss: 55Mb
Done 200000 runs in 3 second(s)
stat::number_of_executed_units: 200000
stat::average_exec_per_sec:     66666
stat::new_units_added:          94
stat::slowest_unit_time_sec:    0
stat::peak_rss_mb:              56
exit code: 0
";

    const CRASH: &str = "\
#2\tINITED cov: 5 ft: 6 corp: 1/1b exec/s: 0 rss: 41Mb
#77\tNEW    cov: 6 ft: 7 corp: 2/2b lim: 4 exec/s: 0 rss: 42Mb L: 1/1 MS: 1 ChangeBit-
artifact_prefix='/t/'; Test unit written to /t/crash-0a
exit code: 77
";

    fn log() -> Log {
        Log { path: PathBuf::from("/log"), findings: PathBuf::from("/t") }
    }

    #[test]
    fn what_it_printed_becomes_a_row() {
        let done = row(&log(), "value", DONE);
        assert_eq!((done.executions, done.per_second, done.corpus), (200_000, 66_666, Some(97)));
        assert_eq!((done.edges, done.peak_mb, done.finding), (Some(250), Some(56), None));
    }

    #[test]
    fn a_crash_is_a_finding_with_or_without_an_input() {
        let crash = row(&log(), "value", CRASH);
        assert_eq!((crash.executions, crash.edges, crash.finding), (77, Some(6), Some("/t/crash-0a".into())));
        let silent = row(&log(), "value", "nothing\nexit code: -1\n");
        assert_eq!(silent.finding, Some(PathBuf::from("/log")));
    }
}
