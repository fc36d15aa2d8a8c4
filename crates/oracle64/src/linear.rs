//! A linear map with an optional bias.
//!
//! The product is a plain matrix product of `ndarray`.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};

use crate::checkpoint::Checkpoint;
use crate::error::Error;

/// The linear map `x W^T + b`. The matrix W has one row for each output, as Hugging Face checkpoints store
/// it.
#[derive(Clone, Debug)]
pub(crate) struct Linear {
    pub(crate) weight: Array2<f64>,
    pub(crate) bias: Option<Array1<f64>>,
}

impl Linear {
    /// Reads the matrix `{prefix}.weight` and, if `biased` is true, the vector `{prefix}.bias`.
    pub(crate) fn read(
        checkpoint: &mut Checkpoint<'_>,
        prefix: &str,
        (outputs, inputs): (usize, usize),
        biased: bool,
    ) -> Result<Self, Error> {
        let weight = checkpoint.matrix(&format!("{prefix}.weight"), outputs, inputs)?;
        let bias = match biased {
            true => Some(checkpoint.vector(&format!("{prefix}.bias"), outputs)?),
            false => None,
        };
        Ok(Self { weight, bias })
    }

    /// Returns the output of the map for each row.
    pub(crate) fn rows(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        let product = x.dot(&self.weight.t());
        self.bias.as_ref().map_or_else(|| product.clone(), |bias| &product + bias)
    }

    /// Returns the output of the map for one row.
    pub(crate) fn row(&self, x: ArrayView1<'_, f64>) -> Array1<f64> {
        let product = self.weight.dot(&x);
        self.bias.as_ref().map_or_else(|| product.clone(), |bias| &product + bias)
    }
}
