//! Gateways: learned additions to the residual after a block.

use std::ops::Range;

use abi::Digest;
use thiserror::Error;

use crate::backend::Backend;
use crate::config::{Activation, NormConfig, NormKind};
use crate::tensors::{StoredMatrix, StoredValues};
use crate::traps::{PassSite, Traps, added};

/// Domain of the digest of a gateway's additions.
const EDIT_DOMAIN: &str = "nmk.edit.gateway.v1";

/// The norm before the bottleneck.
const NORM: NormConfig = NormConfig { kind: NormKind::RootMeanSquare, epsilon: 1e-6 };

/// The weights of a [`Gateway`] as plain f32 values, row by row. Nothing is checked yet.
#[derive(Clone, Copy, Debug)]
pub struct GatewayWeights<'a> {
    /// The matrix into the bottleneck, `[bottleneck, width]`.
    pub down: &'a [f32],
    /// The matrix out of the bottleneck, `[width, bottleneck]`.
    pub up: &'a [f32],
    /// The factor that every addition to the residual is multiplied by; with 0 the gateway adds nothing.
    pub scale: f32,
}

/// The error for weights that do not form a gateway: a wrong shape, or a value that is not finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the gateway's weights {part} are not {rows} rows of {columns} finite values")]
pub struct GatewayError {
    /// The name of the weights that are at fault: `down`, `up`, `projection` or `result`.
    pub part: &'static str,
    /// Number of rows that the weights must have.
    pub rows: usize,
    /// Number of finite values that each row must have.
    pub columns: usize,
}

/// A [trap](Traps) that adds `scale * up(silu(down(norm(x) + condition)))` to the residual `x` after one
/// block, at a range of positions. `down` and `up` are learned matrices.
///
/// The norm has no weights. There is no condition until [`conditioned`](Self::conditioned) sets one. If `up`
/// is all zero, the gateway changes no bit, whatever the condition is.
pub struct Gateway<B: Backend> {
    layer: usize,
    positions: Range<usize>,
    width: usize,
    bottleneck: usize,
    down: B::Matrix,
    up: B::Matrix,
    scale: f32,
    /// The weights of the norm, all ones.
    ones: B::Vector,
    condition: Option<B::Vector>,
    /// The digest of what the gateway adds; `None` if it never adds anything.
    edit: Option<Digest>,
}

impl<B: Backend> Gateway<B> {
    /// Creates a gateway after block `layer` at the range `positions`, for a model of the width `width`, with
    /// a bottleneck of `bottleneck` values. It has no condition yet.
    ///
    /// # Errors
    /// [`GatewayError`] if weights have another shape, or are not finite.
    pub fn new(
        backend: &B,
        (layer, positions): (usize, Range<usize>),
        (width, bottleneck): (usize, usize),
        weights: GatewayWeights<'_>,
    ) -> Result<Self, GatewayError> {
        let pack = |part, rows, columns, values: &[f32]| {
            let refused = GatewayError { part, rows, columns };
            pack(backend, rows, columns, values).ok_or(refused)
        };
        let down = pack("down", bottleneck, width, weights.down)?;
        let up = pack("up", width, bottleneck, weights.up)?;
        let alive = weights.scale != 0.0 && weights.up.iter().any(|value| *value != 0.0);
        let edit = alive.then(|| {
            let shape = [layer, bottleneck].map(|size| (size as u64).to_le_bytes());
            let values = [weights.down, weights.up, &[weights.scale]].concat();
            let values: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            Digest::hash_parts(EDIT_DOMAIN, [shape.as_flattened(), &values])
        });
        let ones = backend.vector(&vec![1.0; width]);
        Ok(Self {
            layer,
            positions,
            width,
            bottleneck,
            down,
            up,
            scale: weights.scale,
            ones,
            condition: None,
            edit,
        })
    }

    /// Returns this gateway with a condition: the product of `projection`, `[width, result]`, and `result`,
    /// which is a value from outside that the model is told, for example a computed fact.
    ///
    /// # Errors
    /// [`GatewayError`] if the projection has another shape, if `result` is empty, or if values are not
    /// finite.
    pub fn conditioned(
        mut self,
        backend: &B,
        projection: &[f32],
        result: &[f32],
    ) -> Result<Self, GatewayError> {
        let refused = |part, rows, columns| GatewayError { part, rows, columns };
        let packed = pack(backend, self.width, result.len(), projection).ok_or(refused(
            "projection",
            self.width,
            result.len(),
        ))?;
        if result.is_empty() || !result.iter().all(|value| value.is_finite()) {
            return Err(refused("result", 1, result.len().max(1)));
        }
        let condition = backend.read(&backend.matmul(&packed, &backend.rows(result.len(), result.to_vec())));
        let bytes: Vec<u8> = condition.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.edit = self.edit.map(|edit| Digest::hash_parts(EDIT_DOMAIN, [&edit.as_bytes()[..], &bytes]));
        self.condition = Some(backend.vector(&condition));
        Ok(self)
    }
}

/// Packs a matrix. Returns `None` if it has another shape, or values that are not finite.
fn pack<B: Backend>(backend: &B, rows: usize, columns: usize, values: &[f32]) -> Option<B::Matrix> {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    let shaped = rows > 0 && columns > 0;
    let stored = StoredMatrix::new(rows, columns, StoredValues::F32(&bytes)).filter(|_| shaped)?;
    Some(backend.pack(stored))
}

impl<B: Backend> Traps<B> for Gateway<B> {
    fn ignores(&self, site: PassSite) -> bool {
        site != PassSite::Block(self.layer)
    }

    fn block(&mut self, backend: &B, layer: usize, first: usize, rows: &mut B::Rows) {
        if layer != self.layer {
            return;
        }
        let mut values = backend.read(rows);
        let end = (first + values.len() / self.width).min(self.positions.end);
        let start = first.max(self.positions.start);
        if start >= end {
            return;
        }
        let chosen: Vec<usize> = (start - first..end - first).collect();
        let mut told = backend.norm(&NORM, &self.ones, &backend.gather(rows, &chosen));
        if let Some(condition) = &self.condition {
            backend.add_bias(&mut told, condition);
        }
        let narrow = backend.matmul(&self.down, &told);
        let ones = backend.rows(self.bottleneck, vec![1.0; chosen.len() * self.bottleneck]);
        let mut deltas = backend.matmul(&self.up, &backend.activate(&Activation::Silu, &narrow, &ones));
        backend.scale(&mut deltas, self.scale);
        let place = &mut values[(start - first) * self.width..];
        place.iter_mut().zip(backend.read(&deltas)).for_each(|(value, delta)| *value = added(*value, delta));
        *rows = backend.rows(self.width, values);
    }

    fn edit(&self, position: usize) -> Option<Digest> {
        self.edit.filter(|_| self.positions.contains(&position))
    }
}
