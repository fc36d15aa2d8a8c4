//! The tensors of a checkpoint, widened to f64, each of which must be read.

use std::collections::BTreeSet;

use ndarray::{Array1, Array2, Array3};
use safetensors::{Dtype, SafeTensors};

use crate::error::Error;

/// An open checkpoint, which remembers the tensors that were not read yet.
pub(crate) struct Checkpoint<'data> {
    tensors: SafeTensors<'data>,
    unread: BTreeSet<String>,
}

impl<'data> Checkpoint<'data> {
    /// Opens the bytes of a safetensors file; fails if they are not one.
    pub(crate) fn new(bytes: &'data [u8]) -> Result<Self, Error> {
        let tensors = SafeTensors::deserialize(bytes)?;
        let unread = tensors.names().into_iter().map(str::to_owned).collect();
        Ok(Self { tensors, unread })
    }

    /// Reads the tensor with this name as a vector of `length` values.
    pub(crate) fn vector(&mut self, name: &str, length: usize) -> Result<Array1<f64>, Error> {
        Ok(Array1::from_vec(self.values(name, &[length])?))
    }

    /// Reads the tensor with this name as a matrix.
    pub(crate) fn matrix(&mut self, name: &str, rows: usize, columns: usize) -> Result<Array2<f64>, Error> {
        let values = self.values(name, &[rows, columns])?;
        Ok(Array2::from_shape_vec((rows, columns), values).expect("the shape was compared"))
    }

    /// Reads the tensor with this name as an array with three axes.
    pub(crate) fn cube(&mut self, name: &str, shape: [usize; 3]) -> Result<Array3<f64>, Error> {
        let values = self.values(name, &shape)?;
        Ok(Array3::from_shape_vec(shape, values).expect("the shape was compared"))
    }

    /// Ends the reading; fails if a tensor was not read, because the configuration does not ask for it.
    pub(crate) fn finish(self) -> Result<(), Error> {
        self.unread.into_iter().next().map_or(Ok(()), |name| Err(Error::Unread(name)))
    }

    /// Reads the values of a tensor; fails if it is missing, has another shape, or holds a value that is not
    /// finite.
    fn values(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f64>, Error> {
        let view = self.tensors.tensor(name).map_err(|_| Error::NoTensor(name.to_owned()))?;
        if view.shape() != shape {
            let (expected, found) = (shape.to_vec(), view.shape().to_vec());
            return Err(Error::Shape { name: name.to_owned(), expected, found });
        }
        let values = widen(view.dtype(), view.data())
            .ok_or_else(|| Error::Type { name: name.to_owned(), found: view.dtype().to_string() })?;
        if !values.iter().all(|value| value.is_finite()) {
            return Err(Error::Weight(name.to_owned()));
        }
        self.unread.remove(name);
        Ok(values)
    }
}

/// Returns the exact values of little-endian bytes; `None` if the number format is not read.
fn widen(dtype: Dtype, data: &[u8]) -> Option<Vec<f64>> {
    match dtype {
        Dtype::F64 => Some(data.as_chunks().0.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect()),
        Dtype::F32 => {
            Some(data.as_chunks().0.iter().map(|bytes| f64::from(f32::from_le_bytes(*bytes))).collect())
        }
        Dtype::BF16 => {
            let upper = |bytes: &[u8; 2]| u32::from(u16::from_le_bytes(*bytes)) << 16;
            Some(data.as_chunks().0.iter().map(|bytes| f64::from(f32::from_bits(upper(bytes)))).collect())
        }
        _ => None,
    }
}
