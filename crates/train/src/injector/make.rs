//! The making of the injectors: candidates are tried, one is chosen on the calibration side, and trained to the end.

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
    /// Number of optimiser steps by which a candidate is tried.
    pub trial: u64,
    /// Number of optimiser steps of an injector that ships.
    pub steps: u64,
    /// Number of questions of each operation by which a candidate is measured.
    pub items: u64,
    /// The seed of every draw; the same plan gives the same injectors.
    pub seed: u64,
}

impl Plan {
    /// The plan of the shipped injectors, with which they can be made again.
    pub const SHIPPED: Self = Self { trial: 300, steps: 1600, items: 200, seed: 7 };
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

/// The blocks, positions and rates that are tried.
const LAYERS: [usize; 3] = [0, 2, 4];
const REACHES: [Reach; 2] = [Reach::Prompt, Reach::Everywhere];
const RATES: [f64; 2] = [3e-3, 1e-2];

/// The questions of the test side: digits, which are the counts that the model's own facts have, and any value where the
/// answer is the value.
const TESTED: [(Operation, Values); 5] = [
    (Operation::Count, Values::Digits),
    (Operation::Count, Values::Any),
    (Operation::Divisor, Values::Any),
    (Operation::Add, Values::Digits),
    (Operation::Subtract, Values::Digits),
];

/// A tried candidate with its results on the calibration side.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The place, the rate and the lesson.
    pub site: Site,
    /// The mean loss of the last steps, in nats per token of an answer.
    pub loss: f64,
    /// The answers that follow the value: bare counts, then counts to which a number is added.
    pub calibration: Vec<Followed>,
}

impl Candidate {
    /// Returns the answers that follow the value, of bare counts and of those with a step after them together.
    fn hits(&self) -> usize {
        self.calibration.iter().map(|row| row.followed.hits).sum()
    }
}

/// An injector that was trained to the end, with its results.
#[derive(Clone, Debug)]
pub struct Finished {
    /// The place, the rate and the lesson.
    pub site: Site,
    /// The mean loss of the last steps, in nats per token of an answer.
    pub loss: f64,
    /// The injector itself.
    pub injector: Injector,
    /// The answers that follow the value on the test side, operation by operation.
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
    pub bare: Finished,
    /// The best of those whose lesson has sums of counts too.
    pub sums: Finished,
    /// The injector of mode B again, trained with random values that have nothing to do with the answers.
    pub placebo: Finished,
}

/// Returns the places, rates and lessons that are tried, in their order.
fn sites() -> Vec<Site> {
    let lessons = Lesson::ALL.into_iter().flat_map(|lesson| LAYERS.map(|layer| (lesson, layer)));
    let places = lessons.flat_map(|(lesson, layer)| REACHES.map(|reach| (lesson, layer, reach)));
    places.flat_map(|(lesson, layer, reach)| RATES.map(|rate| Site { layer, reach, rate, lesson })).collect()
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
        let candidate = candidate(&frozen, plan, *site)?;
        tell(&candidate);
        Ok(candidate)
    })?;
    let site = |is_sums: bool| {
        best(
            candidates.iter().filter(|candidate| (candidate.site.lesson == Lesson::CountsAndSums) == is_sums),
        )
    };
    let ends = [(site(false), false), (site(true), false), (site(false), true)];
    let mut finished = each(&ends, threads, |(site, is_placebo)| finish(&frozen, plan, *site, *is_placebo))?;
    let (Some(placebo), Some(sums), Some(bare)) = (finished.pop(), finished.pop(), finished.pop()) else {
        return Err(TrainError::Diverged { step: 0 });
    };
    Ok(TrainedInjectors { plan: *plan, candidates, bare, sums, placebo })
}

fn settings(plan: &Plan, Site { layer, reach, rate, lesson }: Site, steps: u64, is_placebo: bool) -> Fit {
    Fit { layer, reach, rate, lesson, steps, seed: plan.seed, is_placebo }
}

fn candidate(frozen: &Frozen<'_>, plan: &Plan, site: Site) -> Result<Candidate, TrainError> {
    let (parts, loss) = fit(frozen, &settings(plan, site, plan.trial, false))?;
    let injector = Injector::new(parts, frozen.shipped.local().model())?;
    let tried = [(Operation::Count, Values::Digits), (Operation::Add, Values::Digits)];
    let calibration = judge(frozen.shipped, &injector, (Side::Calibrate, &tried), plan)?;
    Ok(Candidate { site, loss, calibration })
}

fn finish(frozen: &Frozen<'_>, plan: &Plan, site: Site, is_placebo: bool) -> Result<Finished, TrainError> {
    let (parts, loss) = fit(frozen, &settings(plan, site, plan.steps, is_placebo))?;
    let injector = Injector::new(parts, frozen.shipped.local().model())?;
    let test = judge(frozen.shipped, &injector, (Side::Test, &TESTED), plan)?;
    Ok(Finished { site, loss, injector, test })
}

/// Returns the place of the first candidate with the most answers that follow the value, of both kinds together.
fn best<'a>(candidates: impl Iterator<Item = &'a Candidate>) -> Site {
    let first =
        |best: &'a Candidate, next: &'a Candidate| if next.hits() > best.hits() { next } else { best };
    candidates.reduce(first).expect("every lesson has candidates").site
}
