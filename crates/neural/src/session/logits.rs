//! The logits of consecutive positions, with their digests.

use abi::Digest;
use safetensors::tensor::{Dtype, TensorView};

use crate::sampling::largest;

/// Domain of the digest of one position's logits.
const LOGITS_DOMAIN: &str = "nmk.logits.v1";

/// Domain of the digest of several positions' logits.
const TENSOR_DOMAIN: &str = "nmk.logits.tensor.v1";

/// The logits of consecutive positions, `[rows, vocab_size]`: a score of each token as the next one. Holding
/// them proves that all values are finite.
#[derive(Clone, Debug, PartialEq)]
pub struct Logits {
    vocab_size: usize,
    values: Vec<f32>,
}

impl Logits {
    pub(crate) fn new(vocab_size: usize, values: Vec<f32>) -> Self {
        Self { vocab_size, values }
    }

    /// Returns the number of rows, one for each position whose logits were wanted.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.values.len() / self.vocab_size
    }

    /// Returns the logits of one row: a score for each token of the vocabulary, in ascending order of the
    /// ids.
    ///
    /// # Panics
    /// If `row` is not below [`rows`](Self::rows).
    #[must_use]
    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.vocab_size..(row + 1) * self.vocab_size]
    }

    /// Returns the logits of all rows as one slice, row after row, `[rows, vocab_size]`.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Returns the digest of all rows together: BLAKE3 under `nmk.logits.tensor.v1` over the number of rows
    /// and the vocabulary's size (u64 each) and all values row by row (f32), little-endian.
    #[must_use]
    pub fn tensor_digest(&self) -> Digest {
        let shape = [self.rows() as u64, self.vocab_size as u64].map(u64::to_le_bytes);
        Digest::hash_parts(TENSOR_DOMAIN, [&shape[0][..], &shape[1], &self.bytes()])
    }

    /// Returns the logits as the bytes of a safetensors file with one tensor, `logits`, f32, `[rows,
    /// vocab_size]`.
    ///
    /// # Panics
    /// Never: the shape is that of the values.
    #[must_use]
    pub fn to_safetensors(&self) -> Vec<u8> {
        let bytes = self.bytes();
        let view = TensorView::new(Dtype::F32, vec![self.rows(), self.vocab_size], &bytes);
        let view = view.expect("the shape is that of the values");
        safetensors::serialize([("logits", view)], None).expect("one tensor of a checked shape")
    }

    fn bytes(&self) -> Vec<u8> {
        self.values.iter().flat_map(|value| value.to_le_bytes()).collect()
    }

    /// Returns the rows of `self` followed by those of `next`, which must come from the same model.
    ///
    /// # Panics
    /// If the two have vocabularies of different size.
    #[must_use]
    pub fn followed_by(mut self, next: &Self) -> Self {
        assert_eq!(self.vocab_size, next.vocab_size, "logits of one model");
        self.values.extend_from_slice(&next.values);
        self
    }

    /// Returns the token id with the largest logit in a row. Of equal logits it is the lowest id.
    ///
    /// # Panics
    /// If `row` is not below [`rows`](Self::rows).
    #[must_use]
    pub fn argmax(&self, row: usize) -> u32 {
        largest(self.row(row))
    }

    /// Returns the digest of one row: BLAKE3 under `nmk.logits.v1` over its values, f32 little-endian. The
    /// ledger records it for each generated token.
    ///
    /// # Panics
    /// If `row` is not below [`rows`](Self::rows).
    #[must_use]
    pub fn digest(&self, row: usize) -> Digest {
        let bytes: Vec<u8> = self.row(row).iter().flat_map(|value| value.to_le_bytes()).collect();
        Digest::hash(LOGITS_DOMAIN, &bytes)
    }
}
