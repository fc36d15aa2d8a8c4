//! Checked reading of safetensors files.
//!
//! A tensor leaves this module only with the name, type and shape that the caller asked for, and with every
//! value finite. A tensor that nobody asked for is an error at the end, because it is a term of the model
//! that is not computed.

mod error;
mod experts;

use std::collections::BTreeSet;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};

pub use error::WeightsError;
pub(crate) use experts::StoredExperts;

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

    /// Returns the values with indices from `from` (inclusive) to `to` (exclusive).
    fn range(&self, from: usize, to: usize) -> Self {
        match self {
            Self::F32(bytes) => Self::F32(&bytes[from * 4..to * 4]),
            Self::Bf16(bytes) => Self::Bf16(&bytes[from * 2..to * 2]),
        }
    }

    /// Returns the index of the first value whose bits, widened to f32, differ from those of `other`. Both
    /// have the same number of values.
    fn first_difference(&self, other: &Self) -> Option<usize> {
        /// The number of values that are widened at once.
        const PART: usize = 1 << 16;
        let (mut mine, mut theirs) = (Vec::new(), Vec::new());
        for from in (0..self.len()).step_by(PART) {
            let to = self.len().min(from + PART);
            mine.clear();
            theirs.clear();
            self.widen_into(from, to, &mut mine);
            other.widen_into(from, to, &mut theirs);
            let differs = |(mine, theirs): (&f32, &f32)| mine.to_bits() != theirs.to_bits();
            if let Some(index) = mine.iter().zip(&theirs).position(differs) {
                return Some(from + index);
            }
        }
        None
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

    /// Returns true if one of the files holds a tensor of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.files.iter().any(|file| file.tensor(name).is_ok())
    }

    /// Returns the names of the tensors that were not read yet and that end with `ending`.
    pub(crate) fn unread_with(&self, ending: &str) -> Vec<String> {
        self.unread.iter().filter(|name| name.ends_with(ending)).cloned().collect()
    }

    /// Reads the matrix `name`, which must have the values of `other`, bit for bit.
    pub(crate) fn same_matrix(&mut self, name: &str, other: &StoredMatrix<'_>) -> Result<(), WeightsError> {
        let matrix = self.matrix(name, other.outputs, other.inputs)?;
        match matrix.values.first_difference(&other.values) {
            Some(index) => Err(WeightsError::TiedHead { name: name.to_owned(), index }),
            None => Ok(()),
        }
    }

    /// Reads the tensor `name`, which must hold one of the lists of rotary frequencies in `allowed`, as
    /// exactly as its number format can. F16 is read here as well, since such a tensor is only compared.
    pub(crate) fn frequencies(&mut self, name: &str, allowed: [&[f32]; 2]) -> Result<(), WeightsError> {
        let view = self.view(name, &[allowed[0].len()])?;
        let Some((found, precision)) = widened(&view) else {
            return Err(WeightsError::Type { name: name.to_owned(), found: view.dtype() });
        };
        // The format F16 has no normal numbers below 2^-14, so low frequencies lose more there.
        let near = |found: f32, expected: f32| (found - expected).abs() <= expected * precision + 6e-8;
        let mut first = None;
        for list in allowed {
            let pair = found.iter().zip(list).position(|(found, expected)| !near(*found, *expected));
            let Some(pair) = pair else { return Ok(()) };
            first.get_or_insert((pair, found[pair], list[pair]));
        }
        let (pair, found, expected) = first.unwrap_or_default();
        Err(WeightsError::Frequency { name: name.to_owned(), pair, found, expected })
    }

    /// Returns the tensor `name`, which must have the shape `[experts, rows, columns]`. A tensor of vectors,
    /// with one row, is stored without that dimension. The same tensor can be asked for again, once for each
    /// expert.
    pub(crate) fn experts(
        &mut self,
        name: &str,
        [experts, rows, columns]: [usize; 3],
    ) -> Result<StoredExperts<'a>, WeightsError> {
        let whole = [experts, rows, columns];
        let shape = if rows == 1 { &[experts, columns][..] } else { &whole[..] };
        Ok(StoredExperts { rows, columns, values: self.take(name, shape)? })
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
        let first = self.unread.contains(name);
        let view = self.view(name, shape)?;
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

    /// Finds the tensor `name`, which must have this shape, and notes that it was read.
    fn view(&mut self, name: &str, shape: &[usize]) -> Result<TensorView<'a>, WeightsError> {
        let Some(view) = self.files.iter().find_map(|file| file.tensor(name).ok()) else {
            return Err(WeightsError::Missing { name: name.to_owned(), expected: shape.to_vec() });
        };
        self.unread.remove(name);
        if view.shape() != shape {
            let found = view.shape().to_vec();
            return Err(WeightsError::Shape { name: name.to_owned(), found, expected: shape.to_vec() });
        }
        Ok(view)
    }
}

/// Returns the values of a tensor widened to f32, and the distance of neighbouring numbers of its format, relative to them; `None` for
/// a format that is not a floating-point number of 16 or 32 bits.
fn widened(view: &TensorView<'_>) -> Option<(Vec<f32>, f32)> {
    let halves = || view.data().as_chunks::<2>().0.iter();
    Some(match view.dtype() {
        Dtype::F32 => (view.data().as_chunks::<4>().0.iter().map(widen_f32).collect(), 1e-5),
        Dtype::BF16 => (halves().map(widen_bf16).collect(), 1.0 / 128.0),
        Dtype::F16 => (halves().map(|bytes| widen_f16(u16::from_le_bytes(*bytes))).collect(), 1.0 / 1024.0),
        _ => return None,
    })
}

/// Widens an IEEE binary16 number, which has 5 bits of exponent and 10 of fraction, exactly.
fn widen_f16(bits: u16) -> f32 {
    let (exponent, fraction) = (i32::from(bits >> 10 & 31), f32::from(bits & 1023));
    let magnitude = match exponent {
        0 => fraction * 2f32.powi(-24),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        _ => (1.0 + fraction / 1024.0) * 2f32.powi(exponent - 15),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}
