//! The result injector: a trained gateway that tells the model a whole number through the residual.
//!
//! An [`Injector`] is the data of a [`Gateway`] after one block: two learned matrices, and a projection of the
//! digits of a value. [`Injector::gateway`] makes the gateway that tells one value. The weights of the model stay
//! as they are, and no token is added to the prompt.
//!
//! An injector proposes and grants nothing. The text that a model writes under it is an ordinary proposal, which
//! the kernel judges as any other, so a wrong value can spoil an answer and never raise its level.

mod file;

use abi::Digest;

use crate::backend::Backend;
use crate::model::Model;
use crate::traps::{Gateway, GatewayWeights};

pub use file::InjectorError;

/// Number of values that encode one decimal digit.
const DIGITS: usize = 10;

/// The positions of a sequence at which an injector adds to the residual.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The positions of the prompt alone. The answer sees the value through attention.
    Prompt,
    /// All positions, those of the answer too.
    Everywhere,
}

impl Reach {
    /// Returns the word for the positions in files and reports: `prompt` or `everywhere`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Everywhere => "everywhere",
        }
    }
}

/// The parts of an injector as they are stored: plain numbers that nobody has checked yet.
/// [`Injector::new`] checks them.
#[derive(Clone, Debug, PartialEq)]
pub struct InjectorParts {
    /// The digest of the model that the injector was trained on. Other models refuse it, because their residuals
    /// mean nothing to it.
    pub model: Digest,
    /// Index of the block after which the gateway adds, from 0.
    pub layer: usize,
    /// The positions at which the gateway adds.
    pub reach: Reach,
    /// Number of decimal places of the values that can be told, from 1 to 9.
    pub places: usize,
    /// The values that no training step injected, in ascending order, so that an evaluation can tell what was
    /// learnt from what was learnt by heart.
    pub untaught: Vec<u64>,
    /// The matrix into the bottleneck, `[bottleneck, width]`, row by row.
    pub down: Vec<f32>,
    /// The matrix out of the bottleneck, `[width, bottleneck]`, row by row.
    pub up: Vec<f32>,
    /// The matrix from the digits of a value to the condition, `[width, 10 * places]`, row by row.
    pub projection: Vec<f32>,
}

/// A checked injector of whole numbers. Holding one proves that every number in it is finite, that the shapes
/// agree, and that it names this model and one of its blocks. It says nothing about how well the model follows.
#[derive(Clone, Debug, PartialEq)]
pub struct Injector {
    parts: InjectorParts,
    width: usize,
}

impl Injector {
    /// Creates an injector from `parts`, after a check against the model that it will write into.
    ///
    /// # Errors
    /// [`InjectorError`] if the parts name another model or a block that it does not have, if a size is wrong, or
    /// if a value is not finite.
    pub fn new<B: Backend>(parts: InjectorParts, model: &Model<B>) -> Result<Self, InjectorError> {
        file::check(&parts, model)?;
        Ok(Self { parts, width: model.config().hidden_size })
    }

    /// Reads an injector from the bytes of its safetensors file, and checks it against the model that it will
    /// write into.
    ///
    /// # Errors
    /// [`InjectorError`] if the file is not whole, if its description is wrong, or if the injector does not fit
    /// the model.
    pub fn from_safetensors<B: Backend>(bytes: &[u8], model: &Model<B>) -> Result<Self, InjectorError> {
        Self::new(Self::parts_of(bytes, model.config().hidden_size)?, model)
    }

    /// Reads the parts of an injector for a model of this width from the bytes of its safetensors file.
    /// [`new`](Self::new) checks them against a model.
    ///
    /// # Errors
    /// [`InjectorError`] if the file is not whole, or if its description is wrong.
    pub fn parts_of(bytes: &[u8], width: usize) -> Result<InjectorParts, InjectorError> {
        file::read(bytes, width)
    }

    /// Returns the injector as the bytes of a safetensors file, which [`from_safetensors`](Self::from_safetensors)
    /// reads. Equal injectors give equal bytes.
    #[must_use]
    pub fn to_safetensors(&self) -> Vec<u8> {
        file::write(&self.parts, self.width)
    }

    /// Returns the numbers that the injector is made of, all of them checked.
    #[must_use]
    pub fn parts(&self) -> &InjectorParts {
        &self.parts
    }

    /// Returns the same injector with an `up` of zeros, which adds nothing and changes no bit: a control for
    /// evaluations.
    #[must_use]
    pub fn with_zero_up(&self) -> Self {
        let mut silent = self.clone();
        silent.parts.up.fill(0.0);
        silent
    }

    /// Returns the gateway that tells the model `value`, for a sequence whose prompt has `prompt` tokens.
    ///
    /// # Errors
    /// [`InjectorError::Value`] if the value has more digits than the injector has places.
    pub fn gateway<B: Backend>(
        &self,
        backend: &B,
        value: u64,
        prompt: usize,
    ) -> Result<Gateway<B>, InjectorError> {
        let InjectorParts { layer, reach, places, down, up, projection, .. } = &self.parts;
        let digits = value_digits(value, *places).ok_or(InjectorError::Value { value, places: *places })?;
        let end = match reach {
            Reach::Prompt => prompt,
            Reach::Everywhere => usize::MAX,
        };
        let weights = GatewayWeights { down, up, scale: 1.0 };
        let sizes = (self.width, down.len() / self.width);
        let gateway = Gateway::new(backend, (*layer, 0..end), sizes, weights)?;
        Ok(gateway.conditioned(backend, projection, &digits)?)
    }
}

/// Returns the encoding of a value, `[10 * places]`: for each decimal place, from the units on, ten numbers of
/// which the one of the digit is 1. A place before the first digit is all zero, so `7` differs from `07`. Returns
/// `None` if the value has more digits than places.
#[must_use]
pub fn value_digits(value: u64, places: usize) -> Option<Vec<f32>> {
    let text = value.to_string();
    if text.len() > places {
        return None;
    }
    let mut encoded = vec![0.0; DIGITS * places];
    for (place, digit) in text.bytes().rev().enumerate() {
        encoded[DIGITS * place + usize::from(digit - b'0')] = 1.0;
    }
    Some(encoded)
}

#[cfg(test)]
mod tests {
    use super::value_digits;

    #[test]
    fn each_digit_has_its_place_and_leading_places_are_empty() {
        let ones = |value, places| -> Option<Vec<usize>> {
            let encoded = value_digits(value, places)?;
            assert_eq!(encoded.len(), 10 * places);
            Some((0..encoded.len()).filter(|at| encoded[*at] == 1.0).collect())
        };
        assert_eq!(ones(0, 2), Some(vec![0]));
        assert_eq!(ones(7, 2), Some(vec![7]));
        assert_eq!(ones(10, 2), Some(vec![0, 11]));
        assert_eq!(ones(99, 2), Some(vec![9, 19]));
        assert_eq!(ones(100, 2), None);
    }
}
