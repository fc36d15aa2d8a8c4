//! One run of the suites: the one build, the suites that run side by side, and what each of them printed.

use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use crate::Outcome;
use crate::build::{self, Built, Test};
use crate::error::Error;
use crate::process::{self, Metered, children_processor_seconds};
use crate::verify::count::{Checks, count};
use crate::verify::report::{Row, Status};
use crate::verify::suite::{Share, Suite, TestsOf, Work};

/// The number of suites that run at the same time. Most test programs keep one processor busy.
const WORKERS: usize = 2;

/// The state of one run of all suites.
pub(super) struct Session {
    root: PathBuf,
    /// The path of this program. It is looked up before the build, which may replace the file.
    program: PathBuf,
    /// The result of the one build; `None` until a suite needs it.
    built: Option<Built>,
}

impl Session {
    pub(super) fn new(root: PathBuf, program: PathBuf) -> Session {
        Session { root, program, built: None }
    }

    /// Runs the suites, and returns their rows in the same order. Each row is given to `ended` when its suite
    /// has ended. An error of one suite ends the run when the suites that have begun have ended.
    pub(super) fn measure(
        mut self,
        suites: &[Suite],
        ended: &(dyn Fn(&Row) + Sync),
    ) -> Result<Vec<Row>, Error> {
        let mut rows: Vec<Option<Row>> = suites.iter().map(|_| None).collect();
        let (alone, shared): (Vec<_>, Vec<_>) =
            suites.iter().zip(&mut rows).partition(|(suite, _)| suite.share == Share::Alone);
        for (suite, row) in alone {
            let (start, before) = (Instant::now(), children_processor_seconds());
            if matches!(suite.work, Work::Build) {
                self.build()?;
            }
            let mut result = self.row(suite, start)?;
            // The compilers are children of cargo, so the build is counted here and not by a meter.
            result.processor = children_processor_seconds().zip(before).map(|(now, before)| now - before);
            ended(&result);
            *row = Some(result);
        }
        if shared.iter().any(|(suite, _)| suite.work.follows_build()) {
            self.build()?;
        }
        self.side_by_side(Queue::new(shared), ended)?;
        Ok(rows.into_iter().flatten().collect())
    }

    fn build(&mut self) -> Result<(), Error> {
        if self.built.is_none() {
            self.built = Some(build::everything(&self.root)?);
        }
        Ok(())
    }

    fn side_by_side(&self, queue: Queue<'_>, ended: &(dyn Fn(&Row) + Sync)) -> Result<(), Error> {
        let queue = Mutex::new(queue);
        let work = || -> Result<(), Error> {
            loop {
                let Some((suite, row)) = locked(&queue).take() else { return Ok(()) };
                let result = self.row(suite, Instant::now());
                let mut queue = locked(&queue);
                queue.release(suite);
                match result {
                    Ok(result) => {
                        ended(&result);
                        *row = Some(result);
                    }
                    Err(error) => {
                        queue.waiting.clear();
                        return Err(error);
                    }
                }
            }
        };
        thread::scope(|scope| {
            let workers: Vec<_> = (0..WORKERS).map(|_| scope.spawn(work)).collect();
            let join = |worker: thread::ScopedJoinHandle<'_, _>| {
                worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            workers.into_iter().try_for_each(join)
        })
    }

    fn row(&self, suite: &Suite, start: Instant) -> Result<Row, Error> {
        let mut cost = Some(0.0);
        let (checks, status) = self.judge(suite, &mut cost)?;
        Ok(Row { suite: suite.name.clone(), checks, status, time: start.elapsed(), processor: cost })
    }

    fn judge(&self, suite: &Suite, cost: &mut Option<f64>) -> Result<(Checks, Status), Error> {
        if let Some(probe) = suite.needs {
            let words: Vec<String> = probe.iter().map(|word| (*word).to_owned()).collect();
            if !process::output(&mut self.command(&words))?.status.success() {
                let tool = probe[..2].join(" ");
                return Ok((Checks::default(), Status::Unproven(format!("{tool} is not installed"))));
            }
        }
        let checks = match &suite.work {
            Work::Commands(commands) | Work::AfterBuild(commands) => match self.run(suite, commands, cost)? {
                Ran::Checked(checks) => checks,
                Ran::Unproven(reason) => return Ok((Checks::default(), Status::Unproven(reason))),
            },
            Work::Build => self.compiled(),
            Work::Tests(selections) => {
                let mut checks = Checks::default();
                for tests in selections {
                    checks += self.test(suite, tests, cost)?;
                }
                checks
            }
        };
        let status = match checks {
            Checks { failed: 1.., .. } => Status::Fail,
            Checks { passed: 0, .. } => Status::Unproven("nothing was checked".to_owned()),
            _ => Status::Pass,
        };
        Ok((checks, status))
    }

    /// Runs the commands of a suite, up to one that this machine cannot run.
    fn run(&self, suite: &Suite, commands: &[Vec<String>], cost: &mut Option<f64>) -> Result<Ran, Error> {
        let mut checks = Checks::default();
        for words in commands {
            let output = charged(&mut self.command(words), cost)?;
            if output.status.code() == Some(i32::from(Outcome::UNPROVEN)) {
                let stdout = String::from_utf8_lossy(&output.stdout);
                return Ok(Ran::Unproven(stdout.lines().last().unwrap_or("no reason given").to_owned()));
            }
            checks += tally(suite, &words.join(" "), &output);
        }
        Ok(Ran::Checked(checks))
    }

    /// Returns a check for each test program of the workspace: passed if it compiled.
    fn compiled(&self) -> Checks {
        let mut checks = Checks::default();
        for test in self.built.iter().flat_map(|built| &built.tests) {
            match test.program {
                Some(_) => checks.passed += 1,
                None => checks.failed += 1,
            }
        }
        checks
    }

    /// Runs the test programs of a package as `cargo test` would, in the folder of the package. All of them
    /// are run, even if one fails.
    fn test(&self, suite: &Suite, tests: &TestsOf, cost: &mut Option<f64>) -> Result<Checks, Error> {
        let TestsOf { package, kinds, names } = tests;
        let mut checks = Checks::default();
        let wanted = |test: &&Test| names.is_none_or(|names| names.contains(&test.name.as_str()));
        for test in self.built.iter().flat_map(|built| built.tests_of(package, kinds)).filter(wanted) {
            let Some(program) = &test.program else {
                eprintln!("--- {}: {} of {package} did not compile", suite.name, test.name);
                checks.failed += 1;
                continue;
            };
            let mut command = Command::new(program);
            command.current_dir(&test.folder).env("CARGO", process::cargo());
            command.env("CARGO_MANIFEST_DIR", &test.folder).env("CARGO_PKG_NAME", package);
            command.env("CARGO_PKG_VERSION", &test.version);
            checks += tally(suite, &test.name, &charged(&mut command, cost)?);
        }
        Ok(checks)
    }

    fn command(&self, words: &[String]) -> Command {
        let mut command = match words[0].as_str() {
            "cargo" => Command::new(process::cargo()),
            _ => Command::new(&self.program),
        };
        command.args(&words[1..]).current_dir(&self.root);
        command
    }
}

/// The result of the commands of a suite.
enum Ran {
    /// All of them ran.
    Checked(Checks),
    /// One of them cannot run on this machine, for this reason.
    Unproven(String),
}

/// A suite, and the place of its row in the table.
type Waiting<'a> = (&'a Suite, &'a mut Option<Row>);

/// The suites that run side by side and have not begun.
struct Queue<'a> {
    waiting: Vec<Waiting<'a>>,
    /// True while a suite runs that compiles in the workspace's target folder.
    compiling: bool,
}

impl<'a> Queue<'a> {
    /// Makes a queue in which long work comes first, so that no worker is idle at the end: the suites that
    /// compile, which follow one another, and then the others from the end of the table, where whole programs
    /// run, to its beginning.
    fn new(mut waiting: Vec<Waiting<'a>>) -> Queue<'a> {
        waiting.reverse();
        waiting.sort_by_key(|(suite, _)| suite.share != Share::Compiles);
        Queue { waiting, compiling: false }
    }

    /// Takes the first suite that may begin. Returns `None` if no suite is left for this worker: those that
    /// compile are left to the worker that compiles.
    fn take(&mut self) -> Option<Waiting<'a>> {
        let may_begin = |(suite, _): &Waiting<'_>| !self.compiling || suite.share != Share::Compiles;
        let next = self.waiting.iter().position(may_begin)?;
        let taken = self.waiting.remove(next);
        self.compiling |= taken.0.share == Share::Compiles;
        Some(taken)
    }

    /// Says that a suite has ended.
    fn release(&mut self, suite: &Suite) {
        self.compiling &= suite.share != Share::Compiles;
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs a command to its end, and adds what it cost to the cost of its suite.
fn charged(command: &mut Command, cost: &mut Option<f64>) -> Result<Output, Error> {
    let Metered { output, processor } = process::metered(command)?;
    *cost = cost.zip(processor).map(|(sum, more)| sum + more);
    Ok(output)
}

/// Returns the checks that a command printed. The output of a command that failed is printed in full.
fn tally(suite: &Suite, name: &str, output: &Output) -> Checks {
    let stdout = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        eprintln!("--- {}: {name}\n{stdout}{stderr}---", suite.name);
    }
    count(suite.count, output.status.success(), &stdout)
}

#[cfg(test)]
mod tests {
    use super::{Queue, Row};
    use crate::verify::suite::{Count, Share, Suite, Work};

    fn suite(name: &str, share: Share) -> Suite {
        Suite { name: name.to_owned(), count: Count::Tests, needs: None, work: Work::Build, share }
    }

    #[test]
    fn one_suite_compiles_at_a_time() {
        let suites = [
            suite("det", Share::Free),
            suite("doc", Share::Compiles),
            suite("neon", Share::Compiles),
            suite("sim", Share::Free),
        ];
        let mut rows: Vec<Option<Row>> = suites.iter().map(|_| None).collect();
        let mut queue = Queue::new(suites.iter().zip(&mut rows).collect());
        let mut next = || queue.take().map(|(suite, _)| suite.name.as_str());
        assert_eq!(next(), Some("neon"));
        assert_eq!(next(), Some("sim"));
        assert_eq!(next(), Some("det"));
        assert_eq!(next(), None, "doc waits while neon compiles");
        queue.release(&suites[3]);
        assert!(queue.take().is_none(), "the end of a suite that does not compile changes nothing");
        queue.release(&suites[2]);
        assert_eq!(queue.take().map(|(suite, _)| suite.name.as_str()), Some("doc"));
    }
}
