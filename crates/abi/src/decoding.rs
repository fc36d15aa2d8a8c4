//! The rule by which a generation chooses its tokens.

use crate::fields::Fields;
use crate::{FieldError, Value};

/// The path of a rule in the map of a record or of a task's input, for errors.
const DECODING: &str = "decoding";
const TEMPERATURE: &str = "temperature_ppm";
const SEED: &str = "seed";
/// The word that stands for [`Decoding::Greedy`].
const GREEDY: &str = "greedy";
/// The parts of one that a temperature is counted in.
const PARTS: f64 = 1e6;

/// The rule by which a generation chooses its next token from the logits.
///
/// The rule is a part of the request, and the record of the generation has it, so that a replay chooses the same
/// tokens. A temperature is a whole number of millionths, because a record has one exact form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Decoding {
    /// The token with the largest logit; of two that are equal, the one with the lower id.
    #[default]
    Greedy,
    /// A token drawn at random, with the logits divided by the temperature. The draw at a position is a function of the
    /// seed and the position, so the same seed gives the same text again.
    Sampled {
        /// The temperature in parts per million, from 1 to [`Decoding::MAX_TEMPERATURE_PPM`].
        temperature_ppm: u32,
        /// The seed of the draws.
        seed: u64,
    },
}

impl Decoding {
    /// The highest temperature, in parts per million: 2.0.
    pub const MAX_TEMPERATURE_PPM: u32 = 2_000_000;

    /// Returns true if the temperature is one that a generation may have. A value that was read by
    /// [`from_value`](Self::from_value) always is in range.
    #[must_use]
    pub fn is_in_range(self) -> bool {
        match self {
            Self::Greedy => true,
            Self::Sampled { temperature_ppm, .. } => {
                (1..=Self::MAX_TEMPERATURE_PPM).contains(&temperature_ppm)
            }
        }
    }

    /// Returns the divisor of the logits, for example 0.8; 0 for a greedy choice.
    #[must_use]
    pub fn temperature(self) -> f64 {
        match self {
            Self::Greedy => 0.0,
            Self::Sampled { temperature_ppm, .. } => f64::from(temperature_ppm) / PARTS,
        }
    }

    /// Returns the seed of the draws; 0 for a greedy choice, which draws nothing.
    #[must_use]
    pub fn seed(self) -> u64 {
        match self {
            Self::Greedy => 0,
            Self::Sampled { seed, .. } => seed,
        }
    }

    /// Returns the rule as the ledger and the input of a task state it: the text `greedy`, or a map of
    /// `temperature_ppm` and `seed`. The integer under `seed` has the 64 bits of the seed, so a seed of 2^63 or more is
    /// a negative number there.
    ///
    /// ```
    /// use abi::{Decoding, Value};
    ///
    /// let rule = Decoding::Sampled { temperature_ppm: 800_000, seed: 7 };
    /// assert_eq!(rule.to_value().get("seed").and_then(Value::as_int), Some(7));
    /// assert_eq!(Decoding::from_value(&rule.to_value()), Ok(rule));
    /// ```
    #[must_use]
    pub fn to_value(self) -> Value {
        match self {
            Self::Greedy => Value::text(GREEDY),
            Self::Sampled { temperature_ppm, seed } => Value::map([
                (TEMPERATURE, Value::Int(i64::from(temperature_ppm))),
                (SEED, Value::Int(seed.cast_signed())),
            ]),
        }
    }

    /// Reads a rule from a value: the inverse of [`to_value`](Self::to_value).
    ///
    /// # Errors
    /// [`FieldError`] with the key, if the text is another word, if a key is missing, ill-typed or unknown, or if the
    /// temperature is out of its range.
    pub fn from_value(value: &Value) -> Result<Self, FieldError> {
        match value {
            Value::Text(word) if word == GREEDY => Ok(Self::Greedy),
            Value::Text(word) => Err(FieldError::UnknownWord { key: DECODING.into(), found: word.clone() }),
            map => {
                let fields = Fields::from_value(map, DECODING)?;
                fields.only(&[TEMPERATURE, SEED])?;
                let in_range = |value: &Value| {
                    let temperature_ppm = u32::try_from(value.as_int()?).ok()?;
                    (1..=Self::MAX_TEMPERATURE_PPM).contains(&temperature_ppm).then_some(temperature_ppm)
                };
                Ok(Self::Sampled {
                    temperature_ppm: fields.read(
                        TEMPERATURE,
                        "an integer from 1 to 2000000, the temperature in parts per million",
                        in_range,
                    )?,
                    seed: fields.read(SEED, "an integer of 64 bits", Value::as_int)?.cast_unsigned(),
                })
            }
        }
    }
}
