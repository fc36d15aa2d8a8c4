//! The parameters of a model: their names and shapes, and their values as one flat vector in the order of the
//! names.

use crate::TrainError;
use crate::config::{Attention, Config, FeedForward};
use crate::rng::Rng;
use candle_core::{Device, Tensor, Var};
use std::collections::BTreeMap;

/// The place of one tensor in the flat vector that holds the values of all parameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The name of the tensor in the checkpoint.
    pub name: String,
    /// The shape of the tensor, outermost dimension first.
    pub shape: Vec<usize>,
    /// Index in the flat vector at which the values of the tensor begin.
    pub offset: usize,
    /// The standard deviation of the tensor's random first values; 0 means that all are one.
    pub deviation: f32,
}

impl Entry {
    /// Returns the number of values of the tensor, which all parameters hold one after the other in one
    /// vector.
    #[must_use]
    pub fn size(&self) -> usize {
        self.shape.iter().product()
    }

    /// Returns the indices of the tensor's values in the flat vector of all parameters.
    #[must_use]
    pub fn range(&self) -> std::ops::Range<usize> {
        self.offset..self.offset + self.size()
    }

    /// Returns true if weight decay applies to the tensor, which it does to matrices and not to norms.
    #[must_use]
    pub fn decays(&self) -> bool {
        self.shape.len() > 1
    }
}

/// The layout of the flat vector that holds the values of all parameters: one tensor after the other, in the
/// order of their names.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    entries: Vec<Entry>,
}

/// The shape of each tensor, and the standard deviation of its first values.
type Shapes = BTreeMap<String, (Vec<usize>, f32)>;

/// Adds the three tensors of a gated network.
fn gated(shapes: &mut Shapes, prefix: &str, hidden: usize, width: usize, layers: usize) {
    let (inward, outward) = ((hidden as f32).powf(-0.5), (width as f32 * 2.0 * layers as f32).powf(-0.5));
    shapes.insert(format!("{prefix}.gate_proj.weight"), (vec![width, hidden], inward));
    shapes.insert(format!("{prefix}.up_proj.weight"), (vec![width, hidden], inward));
    shapes.insert(format!("{prefix}.down_proj.weight"), (vec![hidden, width], outward));
}

/// Adds the tensors of one layer.
fn layer(shapes: &mut Shapes, config: &Config, at: usize) {
    let (hidden, layers, prefix) =
        (config.hidden_size, config.num_hidden_layers, format!("model.layers.{at}"));
    let queries = config.num_attention_heads * config.head_dim;
    let keys = config.num_key_value_heads * config.head_dim;
    let inward = (hidden as f32).powf(-0.5);
    let outward = (queries as f32 * 2.0 * layers as f32).powf(-0.5);
    shapes.insert(format!("{prefix}.input_layernorm.weight"), (vec![hidden], 0.0));
    for (name, rows) in [("q", queries), ("k", keys), ("v", keys)] {
        shapes.insert(format!("{prefix}.self_attn.{name}_proj.weight"), (vec![rows, hidden], inward));
    }
    shapes.insert(format!("{prefix}.self_attn.o_proj.weight"), (vec![hidden, queries], outward));
    match config.mlp_layer_types[at] {
        FeedForward::Dense => {
            gated(shapes, &format!("{prefix}.mlp"), hidden, config.prefix_dense_intermediate_size, layers);
        }
        FeedForward::Sparse => {
            shapes.insert(format!("{prefix}.mlp.gate.weight"), (vec![config.num_experts, hidden], 0.02));
            for expert in 0..config.num_experts {
                let prefix = format!("{prefix}.mlp.experts.{expert}");
                gated(shapes, &prefix, hidden, config.intermediate_size, layers);
            }
        }
    }
}

impl Schema {
    /// Returns the layout for the parameters of a model with this configuration.
    #[must_use]
    pub fn new(config: &Config) -> Self {
        let mut shapes = Shapes::new();
        shapes.insert(
            "model.embed_tokens.weight".to_owned(),
            (vec![config.vocab_size, config.hidden_size], 0.08),
        );
        shapes.insert("model.norm.weight".to_owned(), (vec![config.hidden_size], 0.0));
        for at in 0..config.num_hidden_layers {
            layer(&mut shapes, config, at);
        }
        Self::from_shapes(shapes)
    }

    /// Returns the layout of these tensors: by name, their shape and the standard deviation of their first values.
    #[must_use]
    pub fn from_shapes(shapes: BTreeMap<String, (Vec<usize>, f32)>) -> Self {
        let mut offset = 0;
        let place = |(name, (shape, deviation)): (String, (Vec<usize>, f32))| {
            let entry = Entry { name, shape, offset, deviation };
            offset += entry.size();
            entry
        };
        Self { entries: shapes.into_iter().map(place).collect() }
    }

    /// Returns the tensors of the layout, in the order of their names.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns the number of all parameters, which is the length of the flat vector.
    #[must_use]
    pub fn total(&self) -> usize {
        self.entries.iter().map(Entry::size).sum()
    }

    /// Returns the number of parameters that one token uses. The embedding counts in whole, because the
    /// output projection uses all of it.
    #[must_use]
    pub fn active(&self, config: &Config) -> usize {
        let (routed, shared): (Vec<&Entry>, Vec<&Entry>) =
            self.entries.iter().partition(|e| e.name.contains(".experts."));
        let routed: usize = routed.into_iter().map(Entry::size).sum();
        let shared: usize = shared.into_iter().map(Entry::size).sum();
        shared + routed * config.num_experts_per_tok / config.num_experts
    }

    /// Returns the random first values of all parameters as a flat vector; they depend only on the layout and
    /// the seed.
    #[must_use]
    pub fn initial(&self, seed: u64) -> Vec<f32> {
        let mut values = Vec::with_capacity(self.total());
        for (index, entry) in self.entries.iter().enumerate() {
            let mut rng = Rng::keyed(seed ^ 0x696e_6974, index as u64);
            let ones = entry.deviation == 0.0;
            values.extend((0..entry.size()).map(|_| if ones { 1.0 } else { rng.normal() * entry.deviation }));
        }
        values
    }
}

/// The parameters as tensors by name, in the form in which the model takes them.
pub struct Tensors {
    by_name: BTreeMap<String, Tensor>,
}

impl Tensors {
    /// Creates tensors from the values in a flat vector. They record gradients if `train` is true.
    pub fn new(schema: &Schema, values: &[f32], train: bool) -> Result<Self, TrainError> {
        let make = |entry: &Entry| -> Result<(String, Tensor), TrainError> {
            let plain = Tensor::from_slice(&values[entry.range()], &*entry.shape, &Device::Cpu)?;
            let tensor = if train { Var::from_tensor(&plain)?.into_inner() } else { plain };
            Ok((entry.name.clone(), tensor))
        };
        let by_name = schema.entries.iter().map(make).collect::<Result<_, TrainError>>()?;
        Ok(Self { by_name })
    }

    /// Wraps tensors that were read from another source, for example from a checkpoint.
    #[must_use]
    pub fn from_map(by_name: BTreeMap<String, Tensor>) -> Self {
        Self { by_name }
    }

    /// Returns the tensor with this name.
    ///
    /// # Errors
    /// [`TrainError`] if there is no tensor of this name.
    pub fn get(&self, name: &str) -> Result<&Tensor, TrainError> {
        self.by_name.get(name).ok_or_else(|| TrainError::Parameter { name: name.to_owned() })
    }
}

/// Returns true if the attention of this layer sees all earlier positions.
#[must_use]
pub fn is_full(config: &Config, layer: usize) -> bool {
    config.layer_types[layer] == Attention::FullAttention
}
