//! The format of the numbers that a pass keeps between blocks and between positions.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::numerics::NUMERICS_VERSION;

/// The format in which a pass keeps the residual, the keys and the values. In both formats weights are
/// widened exactly, and products, sums and logits are f32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateDtype {
    /// Residual, keys and values are IEEE binary32, without any extra rounding.
    F32,
    /// Residual, keys and values are bf16, rounded to nearest with ties to even at two places: the residual
    /// after each block, and keys and values when they are written. The bits differ from those of
    /// [`StateDtype::F32`]; keys and values take half the memory.
    Bf16,
}

/// The error for a word that names no format of the state. The words `f32` and `bf16` do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("unknown state \"{name}\"; use f32 or bf16")]
pub struct UnknownStateDtype {
    /// The word that was given instead, for example `fp16`.
    pub name: String,
}

/// The text at the end of a numerics version's name if the state is bf16.
const BF16_END: &str = "-bf16";

impl StateDtype {
    /// Both formats, f32 first, for callers that try each of them.
    pub const ALL: [Self; 2] = [Self::F32, Self::Bf16];

    /// Returns the name of the numerics version under which passes in this format run: [`NUMERICS_VERSION`]
    /// for f32, and the same followed by `-bf16` for bf16.
    #[must_use]
    pub fn numerics(self) -> String {
        match self {
            Self::F32 => NUMERICS_VERSION.to_owned(),
            Self::Bf16 => format!("{NUMERICS_VERSION}{BF16_END}"),
        }
    }

    /// Returns the format that a numerics version stands for, of this version and of others.
    pub(crate) fn from_numerics(version: &str) -> Self {
        if version.ends_with(BF16_END) { Self::Bf16 } else { Self::F32 }
    }

    /// Returns the number of bytes that one stored number takes in this format: 4 or 2.
    #[must_use]
    pub fn bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::Bf16 => 2,
        }
    }
}

impl fmt::Display for StateDtype {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
        })
    }
}

impl FromStr for StateDtype {
    type Err = UnknownStateDtype;

    fn from_str(name: &str) -> Result<Self, UnknownStateDtype> {
        let named = Self::ALL.into_iter().find(|state| state.to_string() == name);
        named.ok_or_else(|| UnknownStateDtype { name: name.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_versions_lead_back() {
        for state in StateDtype::ALL {
            assert_eq!(state.to_string().parse(), Ok(state));
            assert_eq!(StateDtype::from_numerics(&state.numerics()), state);
        }
        let refusal = "f16".parse::<StateDtype>().expect_err("no such state").to_string();
        assert!(refusal.contains("\"f16\"") && refusal.contains("bf16"), "{refusal}");
    }
}
