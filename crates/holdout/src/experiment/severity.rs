//! The severity of a failure: the share of the development draws that a refused candidate gets wrong.

use super::Experiment;
use super::asking::Asked;
use super::stages::DEVELOPMENT_DRAWS;
use crate::{ExperimentError, Notary, Share, Stage};

/// The failures after which enough is known. They settle the share as well as all the draws do, in a fraction of the time.
const MOST_FAILURES: usize = 20;
/// The most processes that a candidate may end while its severity is measured, because each may take the whole time of a call.
const MOST_ENDED: u32 = 3;

impl<N: Notary> Experiment<'_, N> {
    /// Measures the share of the development draws that the candidate, refused at `stage`, gets wrong. None if it was
    /// refused before anything could be asked, or only after the exam.
    ///
    /// The draws end with the twentieth failure, with the third process that the candidate ended, or with its time. The
    /// share is that of the draws made until then. They are those of the development split, so that the figure tells
    /// nothing of an exam.
    ///
    /// # Errors
    /// [`ExperimentError`] if the oracle has no result.
    pub(super) fn severity(&mut self, stage: Stage) -> Result<Option<Share>, ExperimentError> {
        if !matches!(stage, Stage::Samples | Stage::Development | Stage::Exam) {
            return Ok(None);
        }
        let seed = self.development_seed();
        self.source.as_mut().expect("loaded").reseed(seed);
        let most = DEVELOPMENT_DRAWS.min(self.spec.terms().draws) as usize;
        let mut share = Share { hits: 0, trials: 0 };
        let mut ended = 0;
        self.running = self.fresh()?.ok();
        while share.trials < most && share.hits < MOST_FAILURES && ended < MOST_ENDED {
            share.trials += 1;
            if self.running.is_none() {
                share.hits += 1;
                break;
            }
            let instance = self.draw()?;
            match self.ask(&instance)? {
                Asked::Right(_) => continue,
                Asked::Wrong { .. } => {}
                Asked::Fault { fault, .. } if fault.ends_worker() => {
                    ended += 1;
                    self.running = self.fresh()?.ok();
                }
                Asked::Fault { .. } => {}
                Asked::OutOfTime => ended = MOST_ENDED,
            }
            share.hits += 1;
        }
        Ok(Some(share))
    }
}
