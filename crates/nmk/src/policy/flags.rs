//! The numbers of the policy that flags state.

/// A text that is no budget.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("state a finite number from 0")]
pub(crate) struct NotABudget;

/// Returns the budget that `text` states: a finite number that is not negative.
pub(crate) fn budget(text: &str) -> Result<f64, NotABudget> {
    let number = text.parse().ok().filter(|number: &f64| *number >= 0.0 && number.is_finite());
    number.ok_or(NotABudget)
}
