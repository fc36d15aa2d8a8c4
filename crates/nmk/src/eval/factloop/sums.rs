//! The sums over the questions of one arm, with their intervals.

use holdout::Share;
use serde_json::{Value as Json, json};

use super::Course;

/// The headings of the lines of [`Sums`].
pub(crate) const HEADINGS: &str =
    "arm                                   accuracy   gens  spent   tokens seconds";

/// The sums over the questions of one arm.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sums {
    /// The outcomes, seed by seed, in the order of the questions.
    pub(crate) by_seed: Vec<Vec<bool>>,
    pub(crate) committed: usize,
    /// The answers that were committed and are wrong.
    pub(crate) wrong_commits: usize,
    pub(crate) generations: u64,
    pub(crate) spent: u64,
    pub(crate) tokens: u64,
    pub(crate) seconds: f64,
}

impl Sums {
    /// Begins the questions of another seed.
    pub(crate) fn next_seed(&mut self) {
        self.by_seed.push(Vec::new());
    }

    /// Adds one question.
    pub(crate) fn add(&mut self, course: &Course) {
        if let Some(last) = self.by_seed.last_mut() {
            last.push(course.is_right);
        }
        self.committed += usize::from(course.is_committed);
        self.wrong_commits += usize::from(course.is_committed && !course.is_right);
        self.generations += u64::from(course.generations);
        self.spent += u64::from(course.spent);
        self.tokens += course.tokens;
        self.seconds += course.seconds;
    }

    /// Returns the share of right answers over all seeds.
    pub(crate) fn share(&self) -> Share {
        Share::from_outcomes(&self.by_seed.concat())
    }

    /// Returns the mean number of generations of a question.
    pub(crate) fn mean_generations(&self) -> f64 {
        self.generations as f64 / self.share().trials.max(1) as f64
    }

    /// Returns the line of the table.
    pub(crate) fn line(&self, name: &str) -> String {
        let share = self.share();
        format!(
            "{name:<22}{share:>24} {:>6.3} {:>6} {:>8} {:>7.2}",
            self.mean_generations(),
            self.spent,
            self.tokens,
            self.seconds
        )
    }

    /// Returns the sums as JSON.
    pub(crate) fn json(&self, name: &str) -> Json {
        let share = self.share();
        let seeds: Vec<f64> = self.by_seed.iter().map(|seed| Share::from_outcomes(seed).rate()).collect();
        json!({
            "name": name,
            "items": share.trials,
            "accuracy": share.rate(),
            "ci": share.interval(),
            "by_seed": seeds,
            "avg_generations": self.mean_generations(),
            "spent": self.spent,
            "committed": self.committed,
            "wrong_commits": self.wrong_commits,
            "tokens": self.tokens,
            "seconds": self.seconds,
        })
    }
}
