//! What a pass keeps between blocks and between positions.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::numerics::NUMERICS_VERSION;

/// What the residual, and keys and values, are kept in. Weights are widened exactly, and products, sums and
/// logits are f32, in either.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// IEEE binary32: nothing is rounded.
    F32,
    /// bf16, rounded to nearest, ties to even, at two places: the residual after each block, keys and values
    /// where they are written. Other bits than with [`State::F32`], in half the memory for keys and values.
    Bf16,
}

/// A word that names no state.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown state \"{name}\"; use f32 or bf16")]
pub struct UnknownState {
    /// The word.
    pub name: String,
}

/// The end of a numerics version's name where the state is bf16.
const BF16_END: &str = "-bf16";

impl State {
    /// Both.
    pub const ALL: [Self; 2] = [Self::F32, Self::Bf16];

    /// The numerics version of a pass that keeps this: [`NUMERICS_VERSION`], or that and `-bf16`.
    #[must_use]
    pub fn numerics(self) -> String {
        match self {
            Self::F32 => NUMERICS_VERSION.to_owned(),
            Self::Bf16 => format!("{NUMERICS_VERSION}{BF16_END}"),
        }
    }

    /// What passes of this numerics version keep, be it this version or another.
    pub(crate) fn of_numerics(version: &str) -> Self {
        if version.ends_with(BF16_END) { Self::Bf16 } else { Self::F32 }
    }

    /// Bytes of a number that is kept.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::Bf16 => 2,
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
        })
    }
}

impl FromStr for State {
    type Err = UnknownState;

    fn from_str(name: &str) -> Result<Self, UnknownState> {
        let named = Self::ALL.into_iter().find(|state| state.to_string() == name);
        named.ok_or_else(|| UnknownState { name: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_versions_lead_back() {
        for state in State::ALL {
            assert_eq!(state.to_string().parse(), Ok(state));
            assert_eq!(State::of_numerics(&state.numerics()), state);
        }
        let refusal = "f16".parse::<State>().expect_err("no such state").to_string();
        assert!(refusal.contains("\"f16\"") && refusal.contains("bf16"), "{refusal}");
    }
}
