//! The severity of a failure: the share of the development draws that a refused candidate gets wrong.

use super::Experiment;
use super::asking::Asked;
use super::stages::DEVELOPMENT_DRAWS;
use crate::{ExperimentError, Notary, Share, Stage};

/// The most processes that a candidate may end while its severity is measured. After that it counts as wrong throughout.
const MOST_ENDED: u32 = 5;

impl<N: Notary> Experiment<'_, N> {
    /// Measures the share of the development draws that the candidate, refused at `stage`, gets wrong. None if it was
    /// refused before anything could be asked, or only after the exam.
    ///
    /// The draws are those of the development split, so that the figure tells nothing of an exam.
    ///
    /// # Errors
    /// [`ExperimentError`] if the oracle has no result.
    pub(super) fn severity(&mut self, stage: Stage) -> Result<Option<Share>, ExperimentError> {
        if !matches!(stage, Stage::Samples | Stage::Development | Stage::Exam) {
            return Ok(None);
        }
        let seed = self.development_seed();
        self.source.as_mut().expect("loaded").reseed(seed);
        let trials = DEVELOPMENT_DRAWS.min(self.spec.terms().draws);
        let (mut right, mut ended) = (0, 0);
        self.running = self.fresh()?.ok();
        for _ in 0..trials {
            if self.running.is_none() || ended == MOST_ENDED {
                break;
            }
            let instance = self.draw()?;
            match self.ask(&instance)? {
                Asked::Right(_) => right += 1,
                Asked::Wrong { .. } => {}
                Asked::Fault { fault, .. } if fault.ends_worker() => {
                    ended += 1;
                    self.running = self.fresh()?.ok();
                }
                Asked::Fault { .. } => {}
                Asked::OutOfTime => break,
            }
        }
        let trials = trials as usize;
        Ok(Some(Share { hits: trials - right, trials }))
    }
}
