//! The number of parameters of a model, from its configuration.

use super::{Combine, ExpertNames, HeadNorm, LayerConfig, MlpConfig, ModelConfig};

/// The number of parameters of a model, which is the number of values in its weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// The number of all parameters. An embedding that is the head as well counts once.
    pub all: u64,
    /// The number of parameters that take part in the pass of one token: all but those of the experts that the
    /// router does not choose.
    pub active: u64,
}

impl ModelConfig {
    /// Returns the number of parameters of a model of this shape.
    #[must_use]
    pub fn parameters(&self) -> Parameters {
        let (vocab, hidden) = (self.vocab_size as u64, self.hidden_size as u64);
        let tables = if self.head.tied { 1 } else { 2 };
        let outside = tables * vocab * hidden + hidden;
        let layers =
            |experts: usize| self.layers.iter().map(|layer| self.layer(layer, experts as u64)).sum::<u64>();
        Parameters {
            all: outside + layers(self.router.experts),
            active: outside + layers(self.router.chosen),
        }
    }

    /// Returns the number of parameters of a layer, if it has so many experts beside its router.
    fn layer(&self, layer: &LayerConfig, experts: u64) -> u64 {
        let hidden = self.hidden_size as u64;
        let norms = match self.block {
            super::Block::Parallel => 1,
            super::Block::Sequential => 2,
        };
        let feed_forward = match layer.mlp {
            MlpConfig::Dense { width } => 3 * hidden * width as u64,
            MlpConfig::Sparse { width } => self.router_and_shared() + experts * self.expert(width as u64),
        };
        norms * hidden + self.attention_parameters() + feed_forward
    }

    fn attention_parameters(&self) -> u64 {
        let attention = &self.attention;
        let (hidden, head) = (self.hidden_size as u64, attention.head_dim as u64);
        let (wide, narrow) = (attention.heads as u64 * head, attention.kv_heads as u64 * head);
        let norms = match attention.norm {
            None => 0,
            Some(HeadNorm::Each) => 2 * head,
            Some(HeadNorm::Whole) => wide + narrow,
        };
        let biases = if attention.bias { wide + 2 * narrow } else { 0 }
            + if attention.output_bias { hidden } else { 0 };
        let sinks = if attention.sinks { attention.heads as u64 } else { 0 };
        2 * hidden * (wide + narrow) + biases + norms + sinks
    }

    fn router_and_shared(&self) -> u64 {
        let (hidden, experts) = (self.hidden_size as u64, self.router.experts as u64);
        let bias = if self.router.bias { experts } else { 0 };
        let shared = self.shared.map_or(0, |shared| {
            let gate = if shared.combine == Combine::Gated { hidden } else { 0 };
            3 * hidden * shared.width as u64 + gate
        });
        experts * hidden + bias + shared
    }

    fn expert(&self, width: u64) -> u64 {
        let hidden = self.hidden_size as u64;
        let biases = match self.tensors.experts {
            ExpertNames::Separate { .. } => 0,
            ExpertNames::Interleaved { .. } => 2 * width + hidden,
        };
        3 * hidden * width + biases
    }
}
