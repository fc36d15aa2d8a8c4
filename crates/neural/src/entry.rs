//! The entry head: a request for a capability, read from the residual of a prompt's last position.
//!
//! An [`EntryTap`] watches one layer of the pass that generates the answer anyway, and an [`EntryHead`], a
//! small learned network, reads the remembered row. The result is a request for one capability, which grants
//! nothing: the owner of the rights decides, because the head may be wrong.
//!
//! A reading is a pure function of the head's file and of the bits of one row. Those bits do not depend on
//! the schedule, so the request does not either. All sums are f64 with one accumulator in ascending order,
//! and the only function beyond IEEE arithmetic is the pinned `exp`.

mod file;
mod tap;

use abi::Digest;

use crate::backend::Backend;
use crate::model::Model;

pub use file::EntryError;
pub use tap::EntryTap;

/// A class of prompts: those that ask for one capability, and the confidence that a request for it needs.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryClass {
    /// The name of the capability that prompts of this class ask for, for example `fact:count_then_add`.
    pub capability: String,
    /// The least confidence at which the head requests this capability, above 0 and at most 1.
    pub threshold: f64,
}

/// The parts of an entry head as they are stored: plain numbers that nobody has checked yet.
/// [`EntryHead::new`] checks them.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryParts {
    /// The digest of the model that the head was trained on. A head is refused for any other model, whose
    /// residuals mean nothing to it.
    pub model: Digest,
    /// Index of the block after which the residual is read, from 0.
    pub layer: usize,
    /// The classes from number 1 on, one at least. Class 0, of prompts that ask for no capability, is not
    /// listed.
    pub classes: Vec<EntryClass>,
    /// The mean of each value of the residual in training, which is subtracted first, `[width]`.
    pub mean: Vec<f32>,
    /// The factor on the difference of each value from its mean, `[width]`.
    pub scale: Vec<f32>,
    /// The weights of the hidden layer, `[hidden, width]`, row by row.
    pub hidden: Vec<f32>,
    /// The bias of the hidden layer, `[hidden]`.
    pub hidden_bias: Vec<f32>,
    /// The weights of the output layer, `[1 + classes, hidden]`, row by row.
    pub output: Vec<f32>,
    /// The bias of the output layer, `[1 + classes]`.
    pub output_bias: Vec<f32>,
}

/// A checked entry head: a small network that reads the capability a prompt asks for from the model's
/// residual. Holding one proves that every number is finite, that the shapes agree, and that the head names
/// this model, one of its layers, and capabilities that differ. It says nothing about how often the head is
/// right.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryHead {
    parts: EntryParts,
}

/// The class that an [`EntryHead`] finds most likely for a prompt, with its probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EntryReading {
    /// The number of the class: 0 asks for no capability, 1 is the first of [`EntryParts::classes`]. Of
    /// equally likely classes it is the first.
    pub class: usize,
    /// The class's share of the softmax over all classes, from 0 to 1.
    pub confidence: f64,
}

/// A request for one use of one capability, which a prompt seems to ask for. The request grants nothing;
/// whoever owns the rights decides about it.
#[derive(Clone, Debug, PartialEq)]
pub struct EntryRequest {
    /// The name of the requested capability, for example `fact:count_then_add`.
    pub capability: String,
    /// The confidence of the head, which is at least `threshold` and at most 1.
    pub confidence: f64,
    /// The least confidence at which the head requests this capability.
    pub threshold: f64,
}

impl EntryHead {
    /// Creates a head from `parts`, after a check against the model whose residuals it will read.
    ///
    /// # Errors
    /// [`EntryError`] if the parts name another model or a layer that it does not have, if a size is wrong,
    /// if a value is not finite, or if a capability or a threshold is refused.
    pub fn new<B: Backend>(parts: EntryParts, model: &Model<B>) -> Result<Self, EntryError> {
        file::check(&parts, model)?;
        Ok(Self { parts })
    }

    /// Reads a head from the bytes of its safetensors file, and checks it against the model whose residuals
    /// it will read.
    ///
    /// # Errors
    /// [`EntryError`] if the file is not whole, if its description is wrong, or if the head does not fit the
    /// model.
    pub fn from_safetensors<B: Backend>(bytes: &[u8], model: &Model<B>) -> Result<Self, EntryError> {
        Self::new(file::read(bytes, model)?, model)
    }

    /// Returns the head as the bytes of a safetensors file, which
    /// [`from_safetensors`](Self::from_safetensors) reads. Equal heads give equal bytes.
    #[must_use]
    pub fn to_safetensors(&self) -> Vec<u8> {
        file::write(&self.parts)
    }

    /// Returns the numbers that the head is made of, all of them checked.
    #[must_use]
    pub fn parts(&self) -> &EntryParts {
        &self.parts
    }

    /// Returns the most likely class of the prompt whose last position has this residual. Returns `None` if
    /// the residual has another width than the model, or holds a value that is not finite.
    #[must_use]
    pub fn read(&self, residual: &[f32]) -> Option<EntryReading> {
        let parts = &self.parts;
        if residual.len() != parts.mean.len() || !residual.iter().all(|value| value.is_finite()) {
            return None;
        }
        let centred = residual.iter().zip(parts.mean.iter().zip(&parts.scale));
        let scaled = |(value, (mean, scale)): (&f32, (&f32, &f32))| {
            (f64::from(*value) - f64::from(*mean)) * f64::from(*scale)
        };
        let inputs: Vec<f64> = centred.map(scaled).collect();
        let mut hidden = linear(&parts.hidden, &parts.hidden_bias, &inputs);
        hidden.iter_mut().for_each(|value| *value = if *value > 0.0 { *value } else { 0.0 });
        most_likely(&linear(&parts.output, &parts.output_bias, &hidden))
    }

    /// Returns the request that follows from a reading. Returns `None` for class 0, for a class that the head
    /// does not have, and if the confidence is below the threshold of the class.
    #[must_use]
    pub fn request(&self, reading: EntryReading) -> Option<EntryRequest> {
        let EntryClass { capability, threshold } = self.parts.classes.get(reading.class.checked_sub(1)?)?;
        let request = EntryRequest {
            capability: capability.clone(),
            confidence: reading.confidence,
            threshold: *threshold,
        };
        (request.confidence >= request.threshold).then_some(request)
    }
}

/// Returns `bias + weights * inputs`; each sum has one accumulator, in ascending order.
fn linear(weights: &[f32], bias: &[f32], inputs: &[f64]) -> Vec<f64> {
    let rows = weights.chunks_exact(inputs.len()).zip(bias);
    rows.map(|(row, bias)| {
        let terms = row.iter().zip(inputs);
        terms.fold(f64::from(*bias), |sum, (weight, input)| sum + f64::from(*weight) * input)
    })
    .collect()
}

/// Returns the class with the largest share of the softmax. The outputs are finite: four factors of f32 do
/// not overflow f64.
fn most_likely(outputs: &[f64]) -> Option<EntryReading> {
    let (class, largest) =
        outputs.iter().copied().enumerate().reduce(|best, next| if next.1 > best.1 { next } else { best })?;
    let sum: f64 = outputs.iter().map(|output| libm::exp(output - largest)).sum();
    Some(EntryReading { class, confidence: 1.0 / sum })
}
