//! The two norms of the families, which are applied to rows.

use ndarray::{Array1, Array2, ArrayView1, ArrayViewMut1, Axis};

/// The kind of a norm with its epsilon, without its weight.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Norm {
    /// The values are divided by the root of their mean square; the epsilon is added under the root.
    Rms(f64),
    /// The mean is subtracted, and the result is divided by the standard deviation; the epsilon is added
    /// under the root.
    Layer(f64),
}

impl Norm {
    /// Returns each row normalised and multiplied by `weight`.
    pub(crate) fn rows(self, x: &Array2<f64>, weight: &Array1<f64>) -> Array2<f64> {
        let mut normed = x.clone();
        for row in normed.axis_iter_mut(Axis(0)) {
            self.in_place(row, weight.view());
        }
        normed
    }

    /// Normalises one row and multiplies it by `weight`, in place.
    pub(crate) fn in_place(self, mut row: ArrayViewMut1<'_, f64>, weight: ArrayView1<'_, f64>) {
        let (mean, epsilon) = match self {
            Norm::Rms(epsilon) => (0.0, epsilon),
            Norm::Layer(epsilon) => (row.mean().unwrap_or(0.0), epsilon),
        };
        row -= mean;
        let variance = row.dot(&row) / row.len() as f64;
        row /= (variance + epsilon).sqrt();
        row *= &weight;
    }
}
