//! The subcommands. Only this file of the crate reads the clock.

use crate::cli::{RunOptions, USAGE, Verb};
use crate::restart::Failure;
use std::process::ExitCode;
use std::time::Instant;
use synthetic::Scratch;
use train::curve::Point;
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
        Verb::Repro { steps, tiny, threads } => return check(steps, tiny, threads),
        Verb::Help => print!("{USAGE}"),
    }
    Ok(ExitCode::SUCCESS)
}

fn run(options: RunOptions) -> Result<(), Failure> {
    let mut plan = match (options.tiny, options.coder) {
        (true, _) => Plan::tiny(options.threads),
        (false, true) => Plan::coder(options.threads),
        (false, false) => Plan::shipped(options.threads),
    };
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

fn check(steps: u64, tiny: bool, threads: usize) -> Result<ExitCode, Failure> {
    let plan = if tiny { Plan::tiny(threads) } else { Plan::shipped(threads) };
    let scratch = Scratch::new(std::env::temp_dir(), "nmk-train-repro")?;
    let findings = repro::check(&plan, embedded::TOKENIZER, steps, scratch.path())?;
    println!("{steps} steps twice, on {threads} threads and on one, the same bits: {}", findings.repeated);
    println!("saved, dropped and resumed half-way, the same bits: {}", findings.resumed);
    println!("resumed without moments, other bits: {}", findings.forgetful_differs);
    Ok(if findings.hold() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
