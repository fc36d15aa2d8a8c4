//! The conditions under which each question is answered.

/// One condition of the evaluation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Arm {
    /// The model alone, once.
    Base,
    /// The verified fact ahead of every question, once.
    Always,
    /// The fact loop on an idle machine.
    GovernedIdle,
    /// The fact loop on a busy machine.
    GovernedBusy,
    /// The fact loop on an idle machine, with one budget for all questions of a seed.
    Budget,
    /// The verified operand ahead of every question whose answer takes a further step, once.
    AlwaysOperandOnly,
    /// The loop of a validator that knows the operand of such a question and not its answer.
    GovernedOperandOnly,
    /// The fact loop under this load, in hundredths.
    Cost(u32),
}

impl Arm {
    /// The arms of the report, in their order.
    pub(crate) const ALL: [Self; 7] = [
        Self::Base,
        Self::Always,
        Self::GovernedIdle,
        Self::GovernedBusy,
        Self::Budget,
        Self::AlwaysOperandOnly,
        Self::GovernedOperandOnly,
    ];
    /// The loads of the rows about the cost, in hundredths.
    pub(crate) const COSTS: [Self; 3] = [Self::Cost(90), Self::Cost(99), Self::Cost(100)];

    /// Returns the word for the arm in reports, for example `governed_idle`.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Always => "always",
            Self::GovernedIdle => "governed_idle",
            Self::GovernedBusy => "governed_busy",
            Self::Budget => "budget",
            Self::AlwaysOperandOnly => "always_operand_only",
            Self::GovernedOperandOnly => "governed_operand_only",
            Self::Cost(_) => "cost",
        }
    }

    /// Returns true if the arm answers only the questions whose answer takes a step beyond the operand.
    pub(crate) fn is_operand_only(self) -> bool {
        matches!(self, Self::AlwaysOperandOnly | Self::GovernedOperandOnly)
    }
}
