//! Checked reading of safetensors files.
//!
//! A tensor leaves this module only with the name, type and shape that the caller asked for, and with every
//! value finite. A tensor that nobody asked for is an error at the end, because it is a term of the model
//! that is not computed.

use std::collections::BTreeSet;

use safetensors::tensor::{Dtype, SafeTensorError, SafeTensors};
use thiserror::Error;

/// The reason why a weights file is refused. The message names the tensor that is at fault.
#[derive(Debug, Error)]
pub enum WeightsError {
    /// The bytes are not a whole safetensors file.
    #[error("the weights are not a whole safetensors file of {length} bytes: {source}; fetch the file again")]
    NotSafetensors {
        /// The number of bytes that were given.
        length: usize,
        /// The error of the safetensors reader.
        source: SafeTensorError,
    },
    /// A tensor that the configuration calls for is absent.
    #[error("tensor `{name}` of shape {expected:?} is missing; the weights belong to another configuration")]
    Missing {
        /// The name of the absent tensor, for example `model.norm.weight`.
        name: String,
        /// The shape that the configuration calls for.
        expected: Vec<usize>,
    },
    /// A tensor has another shape than the configuration calls for.
    #[error("tensor `{name}` has shape {found:?}, the configuration calls for {expected:?}")]
    Shape {
        /// The name of the tensor, for example `model.norm.weight`.
        name: String,
        /// The shape of the tensor in the file.
        found: Vec<usize>,
        /// The shape that the configuration calls for.
        expected: Vec<usize>,
    },
    /// A tensor is stored in a number format that this crate does not read.
    #[error(
        "tensor `{name}` is stored as {found:?}; F32 and BF16 are read, convert the checkpoint to one of them"
    )]
    Type {
        /// The name of the tensor, for example `model.norm.weight`.
        name: String,
        /// The number format of the tensor in the file.
        found: Dtype,
    },
    /// A value of a tensor is infinite or not a number.
    #[error("tensor `{name}` holds {value} at element {index}; weights must be finite, fetch the file again")]
    NonFinite {
        /// The name of the tensor, for example `model.norm.weight`.
        name: String,
        /// The index of the first value that is not finite, counted row by row.
        index: usize,
        /// The value that is not finite.
        value: f32,
    },
    /// Two of the model's files hold a tensor of the same name.
    #[error("tensor `{name}` is in two files of the model; fetch the folder again")]
    Twice {
        /// The name of the tensor, for example `model.norm.weight`.
        name: String,
    },
    /// A file holds a tensor that the configuration does not call for.
    #[error("tensor `{name}` has no place in this configuration; leaving it out would compute another model")]
    Unexpected {
        /// The name of the tensor, for example `model.norm.weight`.
        name: String,
    },
}

/// The values of a tensor as they lie in the file: little-endian bytes, without any alignment.
#[derive(Clone, Copy, Debug)]
pub enum StoredValues<'a> {
    /// IEEE binary32 numbers, four bytes each.
    F32(&'a [u8]),
    /// bf16 numbers, which are the upper half of an IEEE binary32, two bytes each. Widening them to f32 is
    /// exact.
    Bf16(&'a [u8]),
}

impl StoredValues<'_> {
    /// Returns the number of values, which is the number of bytes divided by the width of one value.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::F32(bytes) => bytes.len() / 4,
            Self::Bf16(bytes) => bytes.len() / 2,
        }
    }

    /// Returns true if there are no values, as in a tensor without elements.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends the values with indices from `from` (inclusive) to `to` (exclusive), widened exactly to f32,
    /// to `out`.
    ///
    /// # Panics
    /// If the range is not within `0..len()`, or `from` is above `to`.
    pub fn widen_into(&self, from: usize, to: usize, out: &mut Vec<f32>) {
        match self {
            Self::F32(bytes) => out.extend(bytes[from * 4..to * 4].as_chunks::<4>().0.iter().map(widen_f32)),
            Self::Bf16(bytes) => {
                out.extend(bytes[from * 2..to * 2].as_chunks::<2>().0.iter().map(widen_bf16))
            }
        }
    }

    /// Returns the first value that is infinite or NaN, with its index; `None` if all are finite.
    pub(crate) fn first_non_finite(&self) -> Option<(usize, f32)> {
        match self {
            Self::F32(bytes) => first_non_finite(bytes.as_chunks::<4>().0.iter().map(widen_f32)),
            Self::Bf16(bytes) => first_non_finite(bytes.as_chunks::<2>().0.iter().map(widen_bf16)),
        }
    }
}

fn widen_f32(bytes: &[u8; 4]) -> f32 {
    f32::from_le_bytes(*bytes)
}

fn widen_bf16(bytes: &[u8; 2]) -> f32 {
    f32::from_bits(u32::from(u16::from_le_bytes(*bytes)) << 16)
}

fn first_non_finite(values: impl Iterator<Item = f32>) -> Option<(usize, f32)> {
    values.enumerate().find(|(_, value)| !value.is_finite())
}

/// A weight matrix as it is stored in a file: `outputs` rows of `inputs` values. Holding one proves that all
/// values are finite and that their number is `outputs * inputs`.
#[derive(Clone, Copy, Debug)]
pub struct StoredMatrix<'a> {
    outputs: usize,
    inputs: usize,
    values: StoredValues<'a>,
}

impl<'a> StoredMatrix<'a> {
    /// Creates a matrix from its shape and its values. Returns `None` if the number of values is not `outputs
    /// * inputs`, or if a value is not finite.
    #[must_use]
    pub fn new(outputs: usize, inputs: usize, values: StoredValues<'a>) -> Option<Self> {
        let fits = outputs.checked_mul(inputs) == Some(values.len()) && values.first_non_finite().is_none();
        fits.then_some(Self { outputs, inputs, values })
    }

    /// Returns the number of rows; each gives one output of a product.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.outputs
    }

    /// Returns the number of columns; each reads one input of a product.
    #[must_use]
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// Returns the values of the matrix as they are stored, row by row.
    #[must_use]
    pub fn values(&self) -> StoredValues<'a> {
        self.values
    }
}

/// A tensor `[experts, inputs, columns]` that holds the matrices of all experts of a layer, inputs first.
pub(crate) struct StoredExperts<'a> {
    inputs: usize,
    columns: usize,
    values: StoredValues<'a>,
}

impl StoredExperts<'_> {
    /// Returns the columns `from, from + step, ...` of an expert's matrix, each turned into a row.
    pub(crate) fn transposed(&self, expert: usize, from: usize, step: usize) -> Transposed {
        let (bytes, size) = match self.values {
            StoredValues::F32(bytes) => (bytes, 4),
            StoredValues::Bf16(bytes) => (bytes, 2),
        };
        let first = expert * self.inputs * self.columns;
        let columns = (from..self.columns).step_by(step);
        let outputs = columns.len();
        let mut turned = Vec::with_capacity(outputs * self.inputs * size);
        for column in columns {
            for input in 0..self.inputs {
                let at = (first + input * self.columns + column) * size;
                turned.extend_from_slice(&bytes[at..at + size]);
            }
        }
        Transposed { outputs, inputs: self.inputs, wide: size == 4, bytes: turned }
    }
}

/// A matrix that was turned so that its outputs come first.
pub(crate) struct Transposed {
    outputs: usize,
    inputs: usize,
    /// True for f32, false for bf16.
    wide: bool,
    bytes: Vec<u8>,
}

impl Transposed {
    fn values(&self) -> StoredValues<'_> {
        if self.wide { StoredValues::F32(&self.bytes) } else { StoredValues::Bf16(&self.bytes) }
    }

    pub(crate) fn matrix(&self) -> StoredMatrix<'_> {
        StoredMatrix { outputs: self.outputs, inputs: self.inputs, values: self.values() }
    }

    /// Returns the values, widened to f32.
    pub(crate) fn vector(&self) -> Vec<f32> {
        let (values, mut widened) = (self.values(), Vec::new());
        values.widen_into(0, values.len(), &mut widened);
        widened
    }
}

/// The open files of one model, with the names of tensors that were not read yet.
pub(crate) struct Tensors<'a> {
    files: Vec<SafeTensors<'a>>,
    unread: BTreeSet<String>,
}

impl<'a> Tensors<'a> {
    pub(crate) fn open(files: &[&'a [u8]]) -> Result<Self, WeightsError> {
        let mut unread = BTreeSet::new();
        let mut open = Vec::with_capacity(files.len());
        for bytes in files {
            let file = SafeTensors::deserialize(bytes)
                .map_err(|source| WeightsError::NotSafetensors { length: bytes.len(), source })?;
            for name in file.names() {
                if !unread.insert(name.to_owned()) {
                    return Err(WeightsError::Twice { name: name.to_owned() });
                }
            }
            open.push(file);
        }
        Ok(Self { files: open, unread })
    }

    /// Returns the matrix `name`, which must have `outputs` rows and `inputs` columns.
    pub(crate) fn matrix(
        &mut self,
        name: &str,
        outputs: usize,
        inputs: usize,
    ) -> Result<StoredMatrix<'a>, WeightsError> {
        let values = self.take(name, &[outputs, inputs])?;
        Ok(StoredMatrix { outputs, inputs, values })
    }

    /// Returns the tensor `name`, which must have the shape `[experts, inputs, columns]`. A tensor of
    /// vectors, with one input, is stored without that dimension. The same tensor can be asked for again,
    /// once for each expert.
    pub(crate) fn experts(
        &mut self,
        name: &str,
        [experts, inputs, columns]: [usize; 3],
    ) -> Result<StoredExperts<'a>, WeightsError> {
        let whole = [experts, inputs, columns];
        let shape = if inputs == 1 { &[experts, columns][..] } else { &whole[..] };
        Ok(StoredExperts { inputs, columns, values: self.take(name, shape)? })
    }

    /// Returns the vector `name` of `length` values, widened to f32.
    pub(crate) fn vector(&mut self, name: &str, length: usize) -> Result<Vec<f32>, WeightsError> {
        let values = self.take(name, &[length])?;
        let mut widened = Vec::with_capacity(length);
        values.widen_into(0, length, &mut widened);
        Ok(widened)
    }

    /// Ends the reading. Files with a tensor that nobody asked for are refused.
    pub(crate) fn finish(mut self) -> Result<(), WeightsError> {
        match self.unread.pop_first() {
            Some(name) => Err(WeightsError::Unexpected { name }),
            None => Ok(()),
        }
    }

    fn take(&mut self, name: &str, shape: &[usize]) -> Result<StoredValues<'a>, WeightsError> {
        let Some(view) = self.files.iter().find_map(|file| file.tensor(name).ok()) else {
            return Err(WeightsError::Missing { name: name.to_owned(), expected: shape.to_vec() });
        };
        let first = self.unread.remove(name);
        if view.shape() != shape {
            let found = view.shape().to_vec();
            return Err(WeightsError::Shape { name: name.to_owned(), found, expected: shape.to_vec() });
        }
        let values = match view.dtype() {
            Dtype::F32 => StoredValues::F32(view.data()),
            Dtype::BF16 => StoredValues::Bf16(view.data()),
            found => return Err(WeightsError::Type { name: name.to_owned(), found }),
        };
        // A tensor that was read before is known to be finite.
        match if first { values.first_non_finite() } else { None } {
            Some((index, value)) => Err(WeightsError::NonFinite { name: name.to_owned(), index, value }),
            None => Ok(values),
        }
    }
}
