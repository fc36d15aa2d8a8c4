//! The flags by which a command line says what may be spent, and what is granted.

use clap::Args;
use kpolicy::{Mode, Unit};

use crate::config::{CostSource, Spending};

/// A text that is no budget.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("state a finite number from 0")]
pub(crate) struct NotABudget;

/// A text that is no share.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("state a number from 0 to 1")]
pub(crate) struct NotAShare;

/// Returns the budget that `text` states: a finite number that is not negative.
pub(crate) fn budget(text: &str) -> Result<f64, NotABudget> {
    let number = text.parse().ok().filter(|number: &f64| *number >= 0.0 && number.is_finite());
    number.ok_or(NotABudget)
}

/// Returns the share that `text` states: a number from 0 to 1.
pub(crate) fn share(text: &str) -> Result<Unit, NotAShare> {
    let number = text.parse().map_err(|_| NotAShare)?;
    Unit::new(number).map_err(|_| NotAShare)
}

/// The flags about what may be spent. One that is not passed leaves the configuration's setting in force.
#[derive(Args, Clone, Copy, Debug, Default, PartialEq)]
pub struct SpendingFlags {
    /// The load of the machine, from 0 (idle) to 1 (busy), or `machine` to measure it; at 1 nothing more is spent
    /// than must be.
    #[arg(long, value_name = "X", allow_negative_numbers = true)]
    pub cost: Option<CostSource>,
    /// The worth of a right answer, from 0 to 1.
    #[arg(long, value_name = "X", value_parser = share, allow_negative_numbers = true)]
    pub importance: Option<Unit>,
    /// The most that may be spent beyond the first attempt; another attempt costs 1.
    #[arg(long, value_name = "N", value_parser = budget, allow_negative_numbers = true)]
    pub budget: Option<f64>,
    /// The rule of every decision: reference, which is the formula, or improved, which plans and pays mandated work first.
    #[arg(long, value_name = "MODE")]
    pub policy_mode: Option<Mode>,
}

impl SpendingFlags {
    /// Returns the name of the first flag that is passed.
    pub(crate) fn stated(&self) -> Option<&'static str> {
        let Self { cost, importance, budget, policy_mode } = self;
        let stated = [
            ("cost", cost.is_some()),
            ("importance", importance.is_some()),
            ("budget", budget.is_some()),
            ("policy-mode", policy_mode.is_some()),
        ];
        stated.into_iter().find(|(_, is_stated)| *is_stated).map(|(flag, _)| flag)
    }

    /// Puts what the flags state in the place of what the configuration states.
    pub(crate) fn apply(&self, spending: &mut Spending) {
        spending.cost = self.cost.unwrap_or(spending.cost);
        spending.importance = self.importance.unwrap_or(spending.importance);
        spending.budget = self.budget.or(spending.budget);
        spending.mode = self.policy_mode.unwrap_or(spending.mode);
    }
}
