//! Attention over the whole sequence, one head after the other, as matrices.

use ndarray::{Array1, Array2, ArrayView2, ArrayViewMut1, Axis, Slice};

use crate::checkpoint::Checkpoint;
use crate::config::{Config, HeadNorm};
use crate::error::Error;
use crate::linear::Linear;
use crate::norm::Norm;

/// The weights of the attention of one layer.
#[derive(Clone, Debug)]
pub(crate) struct Attention {
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    query_norm: Option<Array1<f64>>,
    key_norm: Option<Array1<f64>>,
    /// The score of each head's sink, which takes a share of the weights and adds no value; `None` if there
    /// are no sinks.
    sinks: Option<Array1<f64>>,
}

impl Attention {
    /// Reads the tensors of the attention of one layer.
    pub(crate) fn read(
        checkpoint: &mut Checkpoint<'_>,
        prefix: &str,
        config: &Config,
    ) -> Result<Self, Error> {
        let (wide, narrow) = (config.heads * config.head_dim, config.kv_heads * config.head_dim);
        let hidden = config.hidden;
        let kind = config.attention;
        let mut linear = |name: &str, outputs, inputs, biased| {
            Linear::read(checkpoint, &format!("{prefix}.{name}"), (outputs, inputs), biased)
        };
        let query = linear("q_proj", wide, hidden, kind.input_bias)?;
        let key = linear("k_proj", narrow, hidden, kind.input_bias)?;
        let value = linear("v_proj", narrow, hidden, kind.input_bias)?;
        let output = linear("o_proj", hidden, wide, kind.output_bias)?;
        let lengths = match kind.head_norm {
            HeadNorm::None => None,
            HeadNorm::Each => Some((config.head_dim, config.head_dim)),
            HeadNorm::Together => Some((wide, narrow)),
        };
        let mut vector = |name: &str, length| checkpoint.vector(&format!("{prefix}.{name}"), length);
        let query_norm = lengths.map(|(length, _)| vector("q_norm.weight", length)).transpose()?;
        let key_norm = lengths.map(|(_, length)| vector("k_norm.weight", length)).transpose()?;
        let sinks = kind.sinks.then(|| vector("sinks", config.heads)).transpose()?;
        Ok(Self { query, key, value, output, query_norm, key_norm, sinks })
    }

    /// Returns the output of attention for each row of `x`, a sequence that starts at position 0. A window
    /// counts the position itself. Queries and keys are rotated if `turned` is true.
    pub(crate) fn rows(
        &self,
        x: &Array2<f64>,
        config: &Config,
        window: Option<usize>,
        turned: bool,
    ) -> Array2<f64> {
        let prepare = |projection: &Linear, norm: &Option<Array1<f64>>| {
            let mut rows = projection.rows(x.view());
            if let Some(weight) = norm {
                norm_heads(&mut rows, weight, config);
            }
            clip(&mut rows, config.attention.clip);
            if turned {
                turn_heads(&mut rows, config);
            }
            rows
        };
        let queries = prepare(&self.query, &self.query_norm);
        let keys = prepare(&self.key, &self.key_norm);
        let mut values = self.value.rows(x.view());
        clip(&mut values, config.attention.clip);

        let width = config.head_dim;
        let mut joined = Array2::zeros(queries.raw_dim());
        for head in 0..config.heads {
            let group = head / (config.heads / config.kv_heads);
            let columns = |head: usize| Slice::from(head * width..(head + 1) * width);
            let query = queries.slice_axis(Axis(1), columns(head));
            let key = keys.slice_axis(Axis(1), columns(group));
            let value = values.slice_axis(Axis(1), columns(group));
            let sink = self.sinks.as_ref().map(|sinks| sinks[head]);
            let mixed = weights(query, key, window, sink).dot(&value);
            joined.slice_axis_mut(Axis(1), columns(head)).assign(&mixed);
        }
        self.output.rows(joined.view())
    }
}

/// Returns the attention weights: a row for each position, a column for each position that it sees. The
/// weight is 0 for later positions and outside the window.
fn weights(
    queries: ArrayView2<'_, f64>,
    keys: ArrayView2<'_, f64>,
    window: Option<usize>,
    sink: Option<f64>,
) -> Array2<f64> {
    let mut scores = queries.dot(&keys.t()) / (queries.ncols() as f64).sqrt();
    for (position, mut row) in scores.axis_iter_mut(Axis(0)).enumerate() {
        let first = window.map_or(0, |window| (position + 1).saturating_sub(window));
        row.slice_axis_mut(Axis(0), Slice::from(..first)).fill(0.0);
        row.slice_axis_mut(Axis(0), Slice::from(position + 1..)).fill(0.0);
        softmax(row.slice_axis_mut(Axis(0), Slice::from(first..=position)), sink);
    }
    scores
}

/// Replaces a row by its softmax. If there is a sink, it takes part and its share is dropped.
fn softmax(mut row: ArrayViewMut1<'_, f64>, sink: Option<f64>) {
    let largest = row.iter().copied().chain(sink).fold(f64::NEG_INFINITY, f64::max);
    row.mapv_inplace(|score| (score - largest).exp());
    row /= row.sum() + sink.map_or(0.0, |sink| (sink - largest).exp());
}

/// Normalises the heads of each row, each by itself or all together, as the length of `weight` says.
fn norm_heads(rows: &mut Array2<f64>, weight: &Array1<f64>, config: &Config) {
    // Heads always use the root mean square, even in families whose blocks use another norm.
    let norm = match config.norm {
        Norm::Rms(epsilon) | Norm::Layer(epsilon) => Norm::Rms(epsilon),
    };
    for mut row in rows.axis_iter_mut(Axis(0)) {
        for part in row.exact_chunks_mut(weight.len()) {
            norm.in_place(part, weight.view());
        }
    }
}

/// Clamps every element to the range from `-limit` to `limit`; without a limit nothing changes.
fn clip(rows: &mut Array2<f64>, limit: Option<f64>) {
    if let Some(limit) = limit {
        rows.mapv_inplace(|value| value.clamp(-limit, limit));
    }
}

/// Rotates every head of each row by the position of the row.
fn turn_heads(rows: &mut Array2<f64>, config: &Config) {
    for (position, mut row) in rows.axis_iter_mut(Axis(0)).enumerate() {
        for head in row.exact_chunks_mut(config.head_dim) {
            config.rope.turn(head, position);
        }
    }
}
