//! The subcommands. Only this file of the crate reads the clock.

use crate::cli::{RunOptions, USAGE, Verb};
use crate::restart::Failure;
use crate::root::Root;
use std::process::ExitCode;
use std::time::Instant;
use synthetic::Scratch;
use train::coder::solve::{self, Row};
use train::curve::Point;
use train::injector::{Candidate, Site};
use train::run::{Plan, Progress};
use train::shipped::Shipped;
use train::{accuracy, calibrate, job, repro, ship};

/// Performs a command and returns the exit code.
pub(crate) fn perform(verb: Verb) -> Result<ExitCode, Failure> {
    match verb {
        Verb::Run(options) => run(options)?,
        Verb::Eval { folder, items, threads } => eval(&Shipped::open(&folder)?, items, threads)?,
        Verb::Ship { run, conditions, threads } => ship::ship(&run, &conditions, threads)?,
        Verb::Report { threads } => ship::report(threads)?,
        Verb::Entry { out, plan, threads } => println!("{}", ship::entry(out.as_deref(), &plan, threads)?),
        Verb::Injector { out, plan, threads } => {
            println!("{}", ship::injector(out.as_deref(), &plan, threads, &trained)?);
        }
        Verb::ShipCoder { run, conditions } => ship::coder(&run, &conditions)?,
        Verb::Solve { folder, items, threads } => {
            solve::table(&folder, items, threads, &Root, &show)?;
        }
        Verb::ReportCoder { items, threads } => ship::coder_report(items, threads, &Root, &show)?,
        Verb::Repro { steps, tiny, coder, threads } => return check(steps, tiny, coder, threads),
        Verb::Help => print!("{USAGE}"),
    }
    Ok(ExitCode::SUCCESS)
}

fn run(options: RunOptions) -> Result<(), Failure> {
    let mut plan = plan(options.tiny, options.coder, options.threads);
    plan.steps = options.steps.unwrap_or(plan.steps);
    plan.seed = options.seed.unwrap_or(plan.seed);
    let start = Instant::now();
    let mut meter = Meter::default();
    job::run(job::Job {
        plan,
        out: options.out,
        resume: options.resume,
        limit: options.minutes.map(|minutes| minutes * 60.0),
        clock: &|| start.elapsed().as_secs_f64(),
        watch: &mut |progress, point| meter.show(progress, point),
    })?;
    Ok(())
}

/// A meter that smooths the loss, and prints a line from time to time.
#[derive(Default)]
struct Meter {
    loss: Option<f64>,
}

impl Meter {
    const PERIOD: u64 = 20;

    fn show(&mut self, progress: &Progress, point: &Point) {
        let loss = self.loss.map_or(point.loss, |loss| 0.98 * loss + 0.02 * point.loss);
        self.loss = Some(loss);
        if progress.done.is_multiple_of(Self::PERIOD) {
            let idle = progress.loads.iter().flatten().filter(|load| **load == 0).count();
            let Point { step, norm, rate, .. } = point;
            let speed = point.tokens as f64 / point.seconds;
            println!(
                "step {step} loss {loss:.4} norm {norm:.3} rate {rate:.5} idle experts {idle} tokens/s {speed:.0}"
            );
        }
    }
}

fn eval(model: &Shipped, items: usize, threads: usize) -> Result<(), Failure> {
    for row in accuracy::table(model, items, threads)? {
        let fact = if row.with_fact { "with fact" } else { "" };
        println!("{:20} {fact:10} {}", row.task.name(), row.share);
    }
    println!("{}", serde_json::to_string(&calibrate::calibrate(model, threads)?)?);
    Ok(())
}

/// Prints a candidate for an injector.
fn trained(candidate: &Candidate) {
    let Site { layer, reach, rate, lesson } = candidate.site;
    let [bare, sum] = [0, 1].map(|place| candidate.calibration[place].followed);
    let loss = candidate.loss;
    println!(
        "{:18} block {layer} {:10} rate {rate:.3} loss {loss:.3} counts {bare}, sums {sum}",
        lesson.words(),
        reach.word()
    );
}

/// Prints the outcomes of one set of gaps.
fn show(row: &Row) {
    let greedy = row.share(|solved| solved.rung.is_some() && solved.attempts == 1);
    let all = row.share(|solved| solved.rung.is_some());
    let exact = row.share(|solved| solved.is_exact);
    let unsound = row.solved.iter().filter(|solved| solved.is_unsound).count();
    println!(
        "{:12} first attempt {greedy}, own code {exact}, whole ladder {all}, refused specifications {unsound}",
        row.set.word()
    );
}

fn plan(tiny: bool, coder: bool, threads: usize) -> Plan {
    match (tiny, coder) {
        (true, false) => Plan::tiny(threads),
        (true, true) => Plan::tiny_coder(threads),
        (false, true) => Plan::coder(threads),
        (false, false) => Plan::shipped(threads),
    }
}

fn check(steps: u64, tiny: bool, coder: bool, threads: usize) -> Result<ExitCode, Failure> {
    let plan = plan(tiny, coder, threads);
    let scratch = Scratch::new(std::env::temp_dir(), "nmk-train-repro")?;
    let tokenizer = if coder { embedded::coder::TOKENIZER } else { embedded::TOKENIZER };
    let findings = repro::check(&plan, tokenizer, steps, scratch.path())?;
    println!("{steps} steps twice, on {threads} threads and on one, the same bits: {}", findings.repeated);
    println!("saved, dropped and resumed half-way, the same bits: {}", findings.resumed);
    println!("resumed without moments, other bits: {}", findings.forgetful_differs);
    Ok(if findings.hold() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
