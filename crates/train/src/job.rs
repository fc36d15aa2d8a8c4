//! A training run with its folder: the model, the state to resume from, and the loss curve.

use crate::TrainError;
use crate::checkpoint;
use crate::codec::{self, Codec};
use crate::curve::{Curve, Point};
use crate::run::{Plan, Progress, Run};
use std::path::{Path, PathBuf};

/// The number of steps between two savings of the state.
const SAVE_EVERY: u64 = 500;
/// The number of steps between two savings in a miniature run.
const SAVE_EVERY_TINY: u64 = 5;

/// A training run to carry out: its plan, its folder, its time limit, and its listener.
pub struct Job<'a> {
    /// The plan of the run.
    pub plan: Plan,
    /// The folder for `model.safetensors`, its companions, `state.safetensors` and `loss.csv`.
    pub out: PathBuf,
    /// True to continue from the state in the folder, false to start anew.
    pub resume: bool,
    /// The seconds after which the run is saved and left, to be resumed later; `None` to run to the end.
    pub limit: Option<f64>,
    /// A function that returns the seconds since the job began.
    pub clock: &'a dyn Fn() -> f64,
    /// A function that is called after every step with its results and its point of the curve.
    pub watch: &'a mut dyn FnMut(&Progress, &Point),
}

/// The paths of the saved state and of the loss curve.
struct Files {
    state: PathBuf,
    curve: PathBuf,
}

impl Files {
    fn in_folder(out: &Path) -> Self {
        Self { state: out.join("state.safetensors"), curve: out.join("loss.csv") }
    }
}

/// Carries out a job. If the plan has zero steps, the folder gets the model with its random first values.
///
/// # Errors
/// [`TrainError`] if a file cannot be read or written, or if the loss diverges.
pub fn run(job: Job<'_>) -> Result<(), TrainError> {
    std::fs::create_dir_all(&job.out).map_err(TrainError::file(&job.out))?;
    let files = Files::in_folder(&job.out);
    let tokenizer = codec::train(job.plan.cut.corpus)?;
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

/// Writes the model, the curve, and the state last. A run that is killed in between continues from the older
/// state.
fn save(run: &Run, curve: &Curve, plan: &Plan, tokenizer: &str, out: &Path) -> Result<(), TrainError> {
    let files = Files::in_folder(out);
    checkpoint::save_model(out, &plan.config, tokenizer, run.schema(), &run.state().values)?;
    if plan.steps == 0 {
        return Ok(());
    }
    checkpoint::write_atomically(&files.curve, curve.to_csv().as_bytes())?;
    checkpoint::save_state(&files.state, run.state())
}
