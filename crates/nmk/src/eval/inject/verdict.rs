//! The causal controls, the differences of the two modes, and the verdict that follows from them.

use serde_json::{Value as Json, json};

use super::{Arm, Bits, Difference, Given, Mode, Operation, Sums};
use crate::eval::finding::Finding;

/// The arms of an evaluation, found by mode and value.
pub(crate) struct Measured<'a>(pub(crate) &'a [Sums]);

impl Measured<'_> {
    fn arm(&self, mode: Mode, given: Given) -> &Sums {
        let found = self.0.iter().find(|sums| sums.arm == Arm { mode, given });
        found.expect("each mode is tried with the value")
    }

    /// Returns the difference of mode A and a mode over the residual, on the questions that `of` accepts: the answers that
    /// follow from the value.
    fn difference(&self, residual: Mode, given: Given, of: fn(Operation) -> bool) -> Difference {
        let [tokens, residual] = [Mode::Tokens, residual].map(|mode| &self.arm(mode, given).outcomes);
        let both = tokens.iter().zip(residual).filter(|(one, _)| of(one.operation));
        Difference::new(&both.map(|(one, other)| (one.follows, other.follows)).collect::<Vec<_>>())
    }

    /// Returns the controls, all of which must hold for the differences to mean anything.
    pub(crate) fn findings(
        &self,
        bits: Bits,
        base_states_other: &Sums,
        wrong: (usize, usize),
    ) -> Vec<Finding> {
        let answer = |operation: Operation| !operation.is_operand();
        let follows = |mode, given| self.arm(mode, given).share(answer, |it| it.follows);
        let chance = base_states_other.share(answer, |it| it.follows);
        let placebo = follows(Mode::Placebo, Given::Other);
        let trained = follows(Mode::Residual, Given::Other);
        let apart = |name, mode, given| {
            let share = follows(mode, given);
            let figures = format!("{share} of the answers follow, {chance} without a value");
            Finding { name, holds: share.interval()[0] > chance.interval()[1], figures }
        };
        let same = |name, differing: usize| Finding {
            name,
            holds: differing == 0 && bits.compared > 0,
            figures: format!("{differing} of {} logits differ", bits.compared),
        };
        let (wrong, committed) = wrong;
        vec![
            same("disarmed_is_identical", bits.disarmed),
            same("zero_up_is_identical", bits.zero_up),
            Finding {
                name: "armed_changes_logits",
                holds: bits.armed > 0,
                figures: format!("{} of {} logits differ", bits.armed, bits.compared),
            },
            apart("mode_a_follows_wrong_values", Mode::Tokens, Given::Other),
            apart("mode_b_follows_wrong_values", Mode::Residual, Given::Other),
            apart("mode_a_follows_shuffled_values", Mode::Tokens, Given::Shuffled),
            apart("mode_b_follows_shuffled_values", Mode::Residual, Given::Shuffled),
            Finding {
                name: "placebo_follows_less",
                holds: placebo.interval()[1] < trained.interval()[0],
                figures: format!("{placebo} of the answers follow, {trained} in mode B"),
            },
            Finding {
                name: "nothing_wrong_committed",
                holds: wrong == 0 && committed > 0,
                figures: format!("{wrong} of {committed} satisfied verdicts are about wrong answers"),
            },
        ]
    }

    /// Returns the differences of the modes with their names, and the verdict.
    pub(crate) fn differences(&self) -> (Vec<(&'static str, Difference)>, &'static str) {
        let answer: fn(Operation) -> bool = |operation| !operation.is_operand();
        let operand: fn(Operation) -> bool = Operation::is_operand;
        let all = vec![
            ("answers", self.difference(Mode::Residual, Given::Own, answer)),
            ("answers_other", self.difference(Mode::Residual, Given::Other, answer)),
            ("answers_far", self.difference(Mode::Residual, Given::Far, answer)),
            ("operands", self.difference(Mode::Residual, Given::Own, operand)),
            ("operands_other", self.difference(Mode::Residual, Given::Other, operand)),
            ("operands_far", self.difference(Mode::Residual, Given::Far, operand)),
            (
                "subtract_other_sums",
                self.difference(Mode::Sums, Given::Other, |it| it == Operation::Subtract),
            ),
        ];
        let words = match all[4].1.interval {
            [low, _] if low > 0.0 => "mode A is better on operands",
            [_, high] if high < 0.0 => "mode B is better on operands",
            _ => "no difference shown on operands",
        };
        (all, words)
    }
}

/// Returns the object of the differences for programs.
pub(crate) fn differences_json(differences: &[(&'static str, Difference)]) -> Json {
    differences
        .iter()
        .map(|(name, difference)| {
            let mut object = difference.json();
            object["name"] = json!(name);
            object
        })
        .collect()
}
