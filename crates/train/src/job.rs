//! A run with its folder: model, state to resume from, loss curve.

use crate::TrainError;
use crate::checkpoint;
use crate::codec::{self, Codec};
use crate::curve::{Curve, Point};
use crate::run::{Plan, Progress, Run};
use std::path::{Path, PathBuf};

/// Steps between two savings of the state.
const SAVE_EVERY: u64 = 500;
/// The same in a miniature run.
const SAVE_EVERY_TINY: u64 = 5;

/// What is done with a plan.
pub struct Job<'a> {
    /// What to train.
    pub plan: Plan,
    /// Where `model.safetensors`, its companions, `state.safetensors` and `loss.csv` go.
    pub out: PathBuf,
    /// Whether to go on from the state in the folder.
    pub resume: bool,
    /// Seconds after which the run is saved and left, to be resumed.
    pub limit: Option<f64>,
    /// Seconds since the job began.
    pub clock: &'a dyn Fn() -> f64,
    /// Is told about every step.
    pub watch: &'a mut dyn FnMut(&Progress, &Point),
}

struct Files {
    state: PathBuf,
    curve: PathBuf,
}

impl Files {
    fn of(out: &Path) -> Self {
        Self { state: out.join("state.safetensors"), curve: out.join("loss.csv") }
    }
}

/// Carries a job out. With zero steps the folder gets the model at its random start.
pub fn run(job: Job<'_>) -> Result<(), TrainError> {
    std::fs::create_dir_all(&job.out).map_err(TrainError::file(&job.out))?;
    let files = Files::of(&job.out);
    let tokenizer = codec::train()?;
    let codec = Codec::from_json(tokenizer.as_bytes())?;
    let (plan, every) = (job.plan.clone(), save_every(&job.plan));
    let (mut run, mut curve) = if job.resume {
        let run = Run::resume(job.plan, codec, &files.state)?;
        let curve = Curve::read(&files.curve)?.until(run.state().done);
        (run, curve)
    } else {
        (Run::new(job.plan, codec), Curve::default())
    };
    let (past_seconds, past_tokens) = curve.last().map_or((0.0, 0), |point| (point.seconds, point.tokens));
    let mut tokens = past_tokens;
    while run.state().done < plan.steps && job.limit.is_none_or(|limit| (job.clock)() < limit) {
        let progress = run.step()?;
        tokens += progress.tokens as u64;
        let point = Point::new(&progress, tokens, past_seconds + (job.clock)());
        (job.watch)(&progress, &point);
        curve.push(point);
        if progress.done.is_multiple_of(every) {
            save(&run, &curve, &plan, &tokenizer, &job.out)?;
        }
    }
    save(&run, &curve, &plan, &tokenizer, &job.out)
}

fn save_every(plan: &Plan) -> u64 {
    if plan.is_tiny() { SAVE_EVERY_TINY } else { SAVE_EVERY }
}

/// The state comes last: a run that is killed in between goes on from the older one.
fn save(run: &Run, curve: &Curve, plan: &Plan, tokenizer: &str, out: &Path) -> Result<(), TrainError> {
    let files = Files::of(out);
    checkpoint::save_model(out, &plan.config, tokenizer, run.schema(), &run.state().values)?;
    if plan.steps == 0 {
        return Ok(());
    }
    checkpoint::write_atomically(&files.curve, curve.to_csv().as_bytes())?;
    checkpoint::save_state(&files.state, run.state())
}
