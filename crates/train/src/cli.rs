//! Subcommands of `nmk-train`.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;
use train::TrainError;
use train::checkpoint;
use train::codec::{self, Codec};
use train::corpus::{self, Task};
use train::evaluate;
use train::model::Model;
use train::params::{Schema, Tensors};
use train::run::{Plan, Progress, Run};

/// Runs the command line.
pub(crate) fn main() -> ExitCode {
    match dispatch() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("nmk-train: {error}");
            ExitCode::from(2)
        }
    }
}

type Failure = Box<dyn std::error::Error>;

struct Options {
    out: PathBuf,
    steps: Option<u64>,
    stop: Option<u64>,
    seed: u64,
    threads: usize,
    resume: bool,
    peak: Option<f64>,
    tokens: Option<usize>,
}

fn dispatch() -> Result<ExitCode, Failure> {
    if std::env::var_os("RAYON_NUM_THREADS").is_none() {
        return restart();
    }
    use lexopt::prelude::*;
    let mut parser = lexopt::Parser::from_env();
    let Some(Value(command)) = parser.next()? else { return Err("usage: nmk-train run|eval".into()) };
    let mut folder = None;
    let mut options = Options {
        out: "target/train".into(),
        steps: None,
        stop: None,
        seed: 1,
        threads: 2,
        resume: false,
        peak: None,
        tokens: None,
    };
    while let Some(argument) = parser.next()? {
        match argument {
            Long("out") => options.out = parser.value()?.into(),
            Long("steps") => options.steps = Some(parser.value()?.parse()?),
            Long("stop") => options.stop = Some(parser.value()?.parse()?),
            Long("seed") => options.seed = parser.value()?.parse()?,
            Long("threads") => options.threads = parser.value()?.parse()?,
            Long("peak") => options.peak = Some(parser.value()?.parse()?),
            Long("tokens") => options.tokens = Some(parser.value()?.parse()?),
            Long("resume") => options.resume = true,
            Value(value) => folder = Some(PathBuf::from(value)),
            other => return Err(other.unexpected().into()),
        }
    }
    match command.to_str() {
        Some("run") => run(&options)?,
        Some("eval") => eval(&folder.ok_or("eval needs a folder")?)?,
        Some("sample") => sample(options.seed)?,
        _ => return Err("unknown command".into()),
    }
    Ok(ExitCode::SUCCESS)
}

/// Starts the command again with one thread per matrix product and an allocator that keeps its pages.
fn restart() -> Result<ExitCode, Failure> {
    let status = std::process::Command::new(std::env::current_exe()?)
        .args(std::env::args_os().skip(1))
        .env("RAYON_NUM_THREADS", "1")
        .env("MALLOC_MMAP_THRESHOLD_", "4294967296")
        .env("MALLOC_TRIM_THRESHOLD_", "8589934592")
        .env("MALLOC_TOP_PAD_", "268435456")
        .env("MALLOC_ARENA_MAX", "1")
        .status()?;
    Ok(ExitCode::from(u8::try_from(status.code().unwrap_or(2)).unwrap_or(2)))
}

fn sample(seed: u64) -> Result<(), TrainError> {
    let codec = Codec::from_json(codec::train()?.as_bytes())?;
    let mut tokens = 0;
    for index in 0..2000 {
        let item = corpus::training(seed, index);
        let encoded = codec.item(&item)?;
        tokens += encoded.ids.len();
        if index < 60 {
            println!(
                "{:3} {:?} | {} | {:?}",
                encoded.ids.len(),
                item.facts.iter().map(|f| &f.label).collect::<Vec<_>>(),
                item.prompt,
                item.answer
            );
        }
    }
    println!("mean {}", tokens as f64 / 2000.0);
    Ok(())
}

fn run(options: &Options) -> Result<(), TrainError> {
    let tokenizer = codec::train()?;
    let mut plan = Plan::shipped(options.threads);
    plan.seed = options.seed;
    plan.steps = options.steps.unwrap_or(plan.steps);
    plan.settings.peak = options.peak.unwrap_or(plan.settings.peak);
    plan.cut.tokens = options.tokens.unwrap_or(plan.cut.tokens);
    std::fs::create_dir_all(&options.out).map_err(TrainError::file(&options.out))?;
    let state = options.out.join("state.safetensors");
    let codec = Codec::from_json(tokenizer.as_bytes())?;
    let config = plan.config.clone();
    let steps = options.stop.unwrap_or(plan.steps);
    let mut run = if options.resume { Run::resume(plan, codec, &state)? } else { Run::new(plan, codec) };
    let mut log = Log::open(&options.out)?;
    while run.state().done < steps {
        let progress = run.step()?;
        log.step(&progress)?;
        if progress.done % 500 == 0 {
            checkpoint::save_state(&state, run.state())?;
            checkpoint::save_model(
                &options.out.join("model"),
                &config,
                &tokenizer,
                run.schema(),
                &run.state().values,
            )?;
        }
    }
    checkpoint::save_state(&state, run.state())?;
    checkpoint::save_model(&options.out.join("model"), &config, &tokenizer, run.schema(), &run.state().values)
}

struct Log {
    file: std::fs::File,
    path: PathBuf,
    start: Instant,
    tokens: usize,
    smooth: f64,
}

impl Log {
    fn open(out: &Path) -> Result<Self, TrainError> {
        let path = out.join("loss.csv");
        let file = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(TrainError::file(&path))?;
        Ok(Self { file, path, start: Instant::now(), tokens: 0, smooth: 0.0 })
    }

    fn step(&mut self, p: &Progress) -> Result<(), TrainError> {
        self.tokens += p.tokens;
        self.smooth = if self.smooth == 0.0 { p.loss } else { 0.98 * self.smooth + 0.02 * p.loss };
        let seconds = self.start.elapsed().as_secs_f64();
        writeln!(self.file, "{},{:.5},{:.4},{:.6},{},{seconds:.1}", p.done, p.loss, p.norm, p.rate, p.tokens)
            .map_err(TrainError::file(&self.path))?;
        if p.done % 20 == 0 {
            let lowest = p.loads.iter().flatten().min().copied().unwrap_or(0);
            println!(
                "step {} loss {:.4} norm {:.3} rate {:.5} least load {lowest} tokens/s {:.0}",
                p.done,
                self.smooth,
                p.norm,
                p.rate,
                self.tokens as f64 / seconds
            );
        }
        Ok(())
    }
}

fn eval(folder: &Path) -> Result<(), TrainError> {
    let config: train::config::Config =
        serde_json::from_slice(&checkpoint::read(&folder.join("config.json"))?)?;
    let schema = Schema::new(&config);
    let values = checkpoint::load_values(&schema, &checkpoint::read(&folder.join("model.safetensors"))?)?;
    let tensors = Tensors::new(&schema, &values, false)?;
    let codec = Codec::from_json(&checkpoint::read(&folder.join("tokenizer.json"))?)?;
    let model = Model::new(config);
    for (task, _) in Task::MIX {
        for with_fact in [false, true] {
            if with_fact && !task.has_fact() {
                continue;
            }
            let items = corpus::held_out(task, 400, with_fact);
            let right = evaluate::correct(&model, &tensors, &codec, &items)?;
            let hits = right.iter().filter(|r| **r).count();
            println!("{:20} fact {with_fact:5} {hits}/{}", task.name(), items.len());
        }
    }
    Ok(())
}
