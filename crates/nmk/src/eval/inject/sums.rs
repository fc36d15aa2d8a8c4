//! The outcomes of one arm, by operation, with their intervals.

use holdout::Share;
use serde_json::{Value as Json, json};

use super::{Arm, Operation};

/// The headings of the lines of [`Sums`].
pub(crate) const HEADINGS: &str = "arm                letter_count            gcd                     count_then_add          count_then_subtract     tokens seconds";

/// One answer under an arm.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome {
    pub(crate) operation: Operation,
    /// True if the answer is the one that follows from the value that was given.
    pub(crate) follows: bool,
    /// True if the answer is the right one.
    pub(crate) is_right: bool,
    /// True if the answer is the value that was given, whatever was asked.
    pub(crate) states_value: bool,
    /// The value that was given.
    pub(crate) value: i64,
}

/// The outcomes of one arm, in the order of the questions.
#[derive(Clone, Debug)]
pub(crate) struct Sums {
    pub(crate) arm: Arm,
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) tokens: u64,
    pub(crate) seconds: f64,
}

impl Sums {
    /// Creates the sums of an arm that answered nothing yet.
    pub(crate) fn new(arm: Arm) -> Self {
        Self { arm, outcomes: Vec::new(), tokens: 0, seconds: 0.0 }
    }

    /// Returns the share of the outcomes of some questions that `hit` accepts.
    pub(crate) fn share(&self, of: impl Fn(Operation) -> bool, hit: impl Fn(&Outcome) -> bool) -> Share {
        let chosen = self.outcomes.iter().filter(|outcome| of(outcome.operation));
        Share::from_outcomes(&chosen.map(hit).collect::<Vec<_>>())
    }

    /// Returns the line for people: for each operation, the answers that follow from the value.
    pub(crate) fn line(&self) -> String {
        let follows = Operation::IN_REPORTS
            .map(|operation| self.share(|it| it == operation, |it| it.follows).to_string());
        let columns: Vec<String> = follows.iter().map(|share| format!("{share:<24}")).collect();
        format!("{:<19}{}{:>6} {:>7.1}", self.arm.word(), columns.concat(), self.tokens, self.seconds)
    }

    /// Returns the object for programs.
    pub(crate) fn json(&self) -> Json {
        let share = |share: Share| json!({ "rate": share.rate(), "ci": share.interval() });
        let row = |operation: Operation| {
            let of = |it: Operation| it == operation;
            let follows = self.share(of, |it| it.follows);
            json!({
                "operation": operation.word(),
                "items": follows.trials,
                "follows": share(follows),
                "right": share(self.share(of, |it| it.is_right)),
                "states_value": share(self.share(of, |it| it.states_value)),
            })
        };
        json!({
            "name": self.arm.word(),
            "operations": Operation::IN_REPORTS.map(row),
            "tokens": self.tokens,
            "seconds": self.seconds,
        })
    }
}
