//! The making of the injectors: candidates are trained, two are chosen on the calibration side, and measured.

use neural::{Injector, Reach};

use super::fit::{Fit, Frozen, fit};
use super::items::{Lesson, Operation, Values};
use super::judge::{Followed, judge};
use crate::TrainError;
use crate::checkpoint::load_values;
use crate::config::Config;
use crate::entry::Side;
use crate::model::Model;
use crate::params::{Schema, Tensors};
use crate::shipped::{Shipped, each};

/// The inputs of the injectors beside the model: sizes and a seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Number of optimiser steps of each candidate.
    pub steps: u64,
    /// Number of questions of each operation by which a candidate is measured.
    pub items: u64,
    /// The seed of every draw; the same plan gives the same injectors.
    pub seed: u64,
}

impl Plan {
    /// The plan of the shipped injectors, with which they can be made again.
    pub const SHIPPED: Self = Self { steps: 800, items: 200, seed: 7 };
}

/// The place, the rate and the lesson of a candidate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Site {
    /// Index of the block after which the gateway adds, from 0.
    pub layer: usize,
    /// The positions at which the gateway adds.
    pub reach: Reach,
    /// The highest learning rate.
    pub rate: f64,
    /// The questions of the training.
    pub lesson: Lesson,
}

/// The blocks, positions and rates that are tried for each lesson. For the lesson with sums there are fewer of them, because
/// it is for comparison only.
const LESSONS: [(Lesson, &[usize], &[f64]); 3] = [
    (Lesson::Counts, &[0, 2, 4], &[3e-3, 1e-2]),
    (Lesson::CountsAndOthers, &[0, 2, 4], &[3e-3, 1e-2]),
    (Lesson::CountsAndSums, &[0, 2], &[1e-2]),
];

/// The questions of the test side: digits, which are the counts that the model's own facts have, and any value where the
/// answer is the value.
const TESTED: [(Operation, Values); 5] = [
    (Operation::Count, Values::Digits),
    (Operation::Count, Values::Any),
    (Operation::Divisor, Values::Any),
    (Operation::Add, Values::Digits),
    (Operation::Subtract, Values::Digits),
];

/// A trained candidate with its results on the calibration side.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The place, the rate and the lesson.
    pub site: Site,
    /// The mean loss of the last steps, in nats per token of an answer.
    pub loss: f64,
    /// The injector itself.
    pub injector: Injector,
    /// The answers that follow the value: bare counts, then counts to which a number is added.
    pub calibration: Vec<Followed>,
}

impl Candidate {
    /// Returns the answers that follow the value, of bare counts and of those with a step after them together.
    fn hits(&self) -> usize {
        self.calibration.iter().map(|row| row.followed.hits).sum()
    }
}

/// A candidate that ships, with the answers that follow the value on the test side, kind by kind.
#[derive(Clone, Debug)]
pub struct Chosen {
    /// The candidate.
    pub candidate: Candidate,
    /// The results on the test side.
    pub test: Vec<Followed>,
}

/// The injectors that ship, with the candidates and their results.
#[derive(Debug)]
pub struct TrainedInjectors {
    /// The plan that they were made with.
    pub plan: Plan,
    /// The candidates, lesson by lesson.
    pub candidates: Vec<Candidate>,
    /// The injector of mode B: the best of those whose lesson has bare counts as the only questions about the value.
    pub bare: Chosen,
    /// The best of those whose lesson has sums of counts too.
    pub sums: Chosen,
    /// The injector of mode B again, trained with random values that have nothing to do with the answers.
    pub placebo: Chosen,
}

/// Returns the places, rates and lessons that are tried, in their order.
fn sites() -> Vec<Site> {
    let mut sites = Vec::new();
    for (lesson, layers, rates) in LESSONS {
        for layer in layers {
            for reach in [Reach::Prompt, Reach::Everywhere] {
                sites.extend(rates.iter().map(|rate| Site { layer: *layer, reach, rate: *rate, lesson }));
            }
        }
    }
    sites
}

/// Makes the injectors for the model `shipped`, whose `config.json` and weights are passed besides, and measures them.
/// `tell` gets each candidate. The result does not depend on `threads`.
///
/// # Errors
/// [`TrainError`] if the weights are refused, or if a fit diverges.
pub fn make(
    shipped: &Shipped,
    (config, weights): (&[u8], &[u8]),
    plan: &Plan,
    threads: usize,
    tell: &(dyn Fn(&Candidate) + Sync),
) -> Result<TrainedInjectors, TrainError> {
    let config: Config = serde_json::from_slice(config)?;
    let schema = Schema::new(&config);
    let weights = Tensors::new(&schema, &load_values(&schema, weights)?, false)?;
    let frozen = Frozen { shipped, model: Model::new(config), weights };
    let candidates = each(&sites(), threads, |site| {
        let candidate = candidate(&frozen, plan, *site, false)?;
        tell(&candidate);
        Ok(candidate)
    })?;
    let is_sums = |candidate: &&Candidate| candidate.site.lesson == Lesson::CountsAndSums;
    let bare = best(candidates.iter().filter(|candidate| !is_sums(candidate)));
    let sums = best(candidates.iter().filter(is_sums));
    let placebo = candidate(&frozen, plan, bare.site, true)?;
    let chosen = |candidate: Candidate| {
        let test = judge(shipped, &candidate.injector, (Side::Test, &TESTED), plan)?;
        Ok::<_, TrainError>(Chosen { candidate, test })
    };
    Ok(TrainedInjectors {
        plan: *plan,
        bare: chosen(bare)?,
        sums: chosen(sums)?,
        placebo: chosen(placebo)?,
        candidates,
    })
}

fn candidate(
    frozen: &Frozen<'_>,
    plan: &Plan,
    site: Site,
    is_placebo: bool,
) -> Result<Candidate, TrainError> {
    let Site { layer, reach, rate, lesson } = site;
    let settings = Fit { layer, reach, rate, lesson, steps: plan.steps, seed: plan.seed, is_placebo };
    let (parts, loss) = fit(frozen, &settings)?;
    let injector = Injector::new(parts, frozen.shipped.local().model())?;
    let tried = [(Operation::Count, Values::Digits), (Operation::Add, Values::Digits)];
    let calibration = judge(frozen.shipped, &injector, (Side::Calibrate, &tried), plan)?;
    Ok(Candidate { site, loss, injector, calibration })
}

/// Returns the first candidate with the most answers that follow the value, of both kinds together.
fn best<'a>(candidates: impl Iterator<Item = &'a Candidate>) -> Candidate {
    let first =
        |best: &'a Candidate, next: &'a Candidate| if next.hits() > best.hits() { next } else { best };
    candidates.reduce(first).expect("every lesson has candidates").clone()
}
