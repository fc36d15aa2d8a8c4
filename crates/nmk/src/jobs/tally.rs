//! Bounded counts of runs, with the interval in which the rate of success lies.

use holdout::Share;

/// The most runs that a tally has. Before the next one, both counts are halved, so that old runs fade.
const MOST: u32 = 64;

/// The runs of one template for one kind of job: how many committed an answer, and how many were refuted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// The runs that committed an answer.
    pub(crate) passes: u32,
    /// The runs whose proposals were judged, and that ended without an answer.
    pub(crate) failures: u32,
}

impl Tally {
    /// Returns the number of runs that the tally has, at most 64.
    pub(crate) fn runs(self) -> u32 {
        self.passes.saturating_add(self.failures)
    }

    /// Adds a run. Both counts are halved and rounded up first if the tally is full, which favours neither.
    pub(crate) fn add(&mut self, passed: bool) {
        if self.runs() >= MOST {
            (self.passes, self.failures) = (self.passes.div_ceil(2), self.failures.div_ceil(2));
        }
        *(if passed { &mut self.passes } else { &mut self.failures }) += 1;
    }

    /// Returns the lower and the upper end of the 95 % interval of the rate of success, by Wilson's formula. Without a run
    /// nothing is known, so the interval is that from 0 to 1.
    pub(crate) fn interval(self) -> [f64; 2] {
        if self.runs() == 0 { [0.0, 1.0] } else { self.share().interval() }
    }

    /// Returns the share of the runs that committed an answer.
    pub(crate) fn share(self) -> Share {
        Share { hits: self.passes as usize, trials: self.runs() as usize }
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Tally};

    #[test]
    fn old_runs_fade_and_the_counts_stay_bounded() {
        let mut tally = Tally::default();
        (0..1000).for_each(|_| tally.add(true));
        assert!(tally.runs() <= MOST && tally.failures == 0, "{tally:?}");
        let [before, _] = tally.interval();
        (0..MOST).for_each(|_| tally.add(false));
        let [_, after] = tally.interval();
        assert!(tally.runs() <= MOST && after < before, "{tally:?}");
    }

    #[test]
    fn nothing_is_known_without_a_run() {
        assert_eq!(Tally::default().interval(), [0.0, 1.0]);
        let [low, high] = Tally { passes: 10, failures: 0 }.interval();
        assert!((low - 0.7225).abs() < 1e-4 && (high - 1.0).abs() < 1e-9, "{low} {high}");
    }
}
