//! The conditions under which each question is answered.

use super::Question;

/// The way in which the model is given a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Not at all.
    Base,
    /// Mode A: as a fact block ahead of the prompt.
    Tokens,
    /// Mode B: as an addition to the residual, by the injector that was trained on bare counts.
    Residual,
    /// As in mode B, by the injector whose training had random values that had nothing to do with the answers.
    Placebo,
    /// As in mode B, by the injector whose training had counts to which a number is added too.
    Sums,
}

/// The value that is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    /// The right one.
    Own,
    /// A random wrong one of those that the model's own facts have: a digit for a count.
    Other,
    /// A random wrong one of two digits, which the model's own facts about counts never have.
    Far,
    /// The value of another question.
    Shuffled,
}

impl Given {
    /// Returns the value that `question` is given.
    pub(crate) fn value(self, question: &Question) -> i64 {
        match self {
            Self::Own => question.known,
            Self::Other => question.other,
            Self::Far => question.far,
            Self::Shuffled => question.shuffled,
        }
    }
}

/// One condition of the evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arm {
    pub(crate) mode: Mode,
    pub(crate) given: Given,
}

impl Arm {
    /// The arms of the report, in their order.
    pub(crate) const ALL: [Self; 13] = [
        Self { mode: Mode::Base, given: Given::Own },
        Self { mode: Mode::Tokens, given: Given::Own },
        Self { mode: Mode::Residual, given: Given::Own },
        Self { mode: Mode::Sums, given: Given::Own },
        Self { mode: Mode::Tokens, given: Given::Other },
        Self { mode: Mode::Residual, given: Given::Other },
        Self { mode: Mode::Sums, given: Given::Other },
        Self { mode: Mode::Placebo, given: Given::Other },
        Self { mode: Mode::Tokens, given: Given::Far },
        Self { mode: Mode::Residual, given: Given::Far },
        Self { mode: Mode::Sums, given: Given::Far },
        Self { mode: Mode::Tokens, given: Given::Shuffled },
        Self { mode: Mode::Residual, given: Given::Shuffled },
    ];

    /// Returns the word for the arm in reports, for example `mode_b_other`.
    pub(crate) fn word(self) -> String {
        let mode = match self.mode {
            Mode::Base => "base",
            Mode::Tokens => "mode_a",
            Mode::Residual => "mode_b",
            Mode::Placebo => "placebo",
            Mode::Sums => "mode_b_sums",
        };
        match self.given {
            Given::Own => mode.to_owned(),
            Given::Other => format!("{mode}_other"),
            Given::Far => format!("{mode}_far"),
            Given::Shuffled => format!("{mode}_shuffled"),
        }
    }
}
