//! The growth of time: the largest instances that the types declare, and how much longer they take.

use std::time::Duration;

use super::Experiment;
use super::asking::{Staged, faulted};
use crate::{Notary, Refusal, Stage};

/// The sizes that are tried, in eighths of the greatest, each twice the one before.
const SIZES: [u32; 3] = [2, 4, 8];
/// The instances of each size.
const OF_EACH: usize = 12;
/// The part of an exponent that is put down to the noise of the machine. With it a linear program is no quadratic one yet.
const NOISE: f64 = 0.7;
/// The least time of a call at the greatest size, that says something about growth.
const LEAST: Duration = Duration::from_millis(2);

impl<N: Notary> Experiment<'_, N> {
    pub(super) fn growth(&mut self) -> Staged {
        let seed = self.development_seed();
        self.source.as_mut().expect("loaded").reseed(seed);
        match self.fresh()? {
            Ok(running) => self.running = Some(running),
            Err(fault) => return Ok(Some(faulted(Stage::Growth, &fault, None))),
        }
        let mut medians = Vec::new();
        for eighths in SIZES {
            let mut took = Vec::new();
            for instance in self.source.as_mut().expect("loaded").sized(eighths, OF_EACH)? {
                // An instance without a result in the oracle's own time is held against nobody.
                if self.unanswered(&instance)?.is_some() {
                    continue;
                }
                if let Some(refusal) = self.pass(Stage::Growth, instance, false)? {
                    return Ok(Some(refusal));
                }
                took.extend(self.running.as_ref().map(|running| running.last_request()));
            }
            took.sort_unstable();
            let Some(median) = took.get(took.len() / 2) else { return Ok(None) };
            medians.push(*median);
        }
        let [.., half, whole] = medians.as_slice() else { return Ok(None) };
        if *whole < LEAST {
            return Ok(None);
        }
        let exponent = (whole.as_secs_f64() / half.as_secs_f64()).log2();
        self.growth = Some(exponent);
        let most = self.spec.most_growth().filter(|most| exponent > *most + NOISE);
        Ok(most.map(|most| {
            let what = format!(
                "twice the size takes 2^{exponent:.1} times as long ({} ms at the greatest), and 2^{most} is allowed, beside 2^{NOISE} for noise",
                whole.as_millis()
            );
            Refusal::of_candidate(Stage::Growth, "growth", what)
        }))
    }
}
