//! The decoder for training, with which the shipped forward pass is compared too.

use crate::TrainError;
use crate::config::{Attention, Config, FeedForward};
use crate::ops::linear::linear;
use crate::ops::mixture::{Plan, combine, slot_weights};
use crate::ops::norm::layer_norm;
use crate::ops::rope::{Table, rope};
use crate::ops::softmax::{Mask, softmax};
use crate::ops::swiglu::swiglu;
use crate::params::Tensors;
use candle_core::{DType, Device, Tensor};
use std::sync::Arc;

/// A batch of rows of tokens that all have the same length.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// The token ids, row by row.
    pub ids: &'a [u32],
    /// The number of tokens in each row.
    pub length: usize,
}

/// The result of a forward pass in training: the logits, and the balance of the experts.
pub struct Output {
    /// The logits, one row for each token of the batch.
    pub logits: Tensor,
    /// The load-balance loss, as the mean over the sparse layers. It is 1 if all experts get the same load.
    pub balance: Tensor,
    /// The number of rows that went to each expert, layer by layer of the sparse layers.
    pub loads: Vec<Vec<usize>>,
}

/// A model for training: its configuration and its rotary table. The parameters are passed to each call.
pub struct Model {
    config: Config,
    table: Arc<Table>,
}

/// A forward pass that is under way.
struct Pass<'a> {
    model: &'a Model,
    tensors: &'a Tensors,
    length: usize,
    balance: Vec<Tensor>,
    loads: Vec<Vec<usize>>,
}

impl Model {
    /// Creates the model of a configuration, and its rotary table for all positions.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let table = Table::new(config.max_position_embeddings, config.head_dim, config.rope_theta);
        Self { config, table: Arc::new(table) }
    }

    /// Returns the configuration that the model was created with, unchanged.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Runs a batch through the model with these parameters.
    ///
    /// # Errors
    /// [`TrainError`] if a parameter is missing or has the wrong shape.
    pub fn forward(&self, tensors: &Tensors, rows: Rows<'_>) -> Result<Output, TrainError> {
        self.forward_edited(tensors, rows, &|_, x| Ok(x))
    }

    /// Runs a batch through the model, with `edit` between the blocks: it gets the number of each block and the
    /// residual after it, `[tokens, width]`, and returns the residual that the next block reads.
    ///
    /// # Errors
    /// [`TrainError`] if a parameter is missing or has the wrong shape, and every error of `edit`.
    pub fn forward_edited(
        &self,
        tensors: &Tensors,
        rows: Rows<'_>,
        edit: &dyn Fn(usize, Tensor) -> Result<Tensor, TrainError>,
    ) -> Result<Output, TrainError> {
        let embedding = tensors.get("model.embed_tokens.weight")?;
        let ids = Tensor::new(rows.ids, &Device::Cpu)?;
        let mut x = embedding.index_select(&ids, 0)?;
        let mut pass =
            Pass { model: self, tensors, length: rows.length, balance: Vec::new(), loads: Vec::new() };
        for layer in 0..self.config.num_hidden_layers {
            x = edit(layer, pass.block(&x, layer)?)?;
        }
        let x = layer_norm(&x, tensors.get("model.norm.weight")?, self.config.layer_norm_eps as f32)?;
        let logits = (linear(&x, embedding)? * self.config.logit_scale)?;
        let balance = match pass.balance.as_slice() {
            [] => Tensor::zeros((), DType::F32, &Device::Cpu)?,
            terms => (Tensor::stack(terms, 0)?.sum_all()? / terms.len() as f64)?,
        };
        Ok(Output { logits, balance, loads: pass.loads })
    }
}

impl Pass<'_> {
    fn weight(&self, layer: usize, name: &str) -> Result<&Tensor, TrainError> {
        self.tensors.get(&format!("model.layers.{layer}.{name}.weight"))
    }

    /// Computes one block: attention and feed-forward network both read one norm, and both results are added.
    fn block(&mut self, x: &Tensor, layer: usize) -> Result<Tensor, TrainError> {
        let eps = self.model.config.layer_norm_eps as f32;
        let normed = layer_norm(x, self.weight(layer, "input_layernorm")?, eps)?;
        let attended = self.attention(&normed, layer)?;
        let fed = match self.model.config.mlp_layer_types[layer] {
            FeedForward::Dense => self.gated(&normed, layer, "mlp")?,
            FeedForward::Sparse => self.mixture(&normed, layer)?,
        };
        Ok(((x + attended)? + fed)?)
    }

    /// Reshapes rows to `[batch, kv heads, group * length, head]`, with the heads of a group stacked.
    fn split(&self, x: &Tensor) -> Result<Tensor, TrainError> {
        let config = &self.model.config;
        let (rows, width) = x.dims2()?;
        let batch = rows / self.length;
        let group = width / config.head_dim / config.num_key_value_heads;
        let x = x.reshape((batch, self.length, config.num_key_value_heads * group, config.head_dim))?;
        let x = x.transpose(1, 2)?.contiguous()?;
        Ok(x.reshape((batch, config.num_key_value_heads, group * self.length, config.head_dim))?)
    }

    fn attention(&self, x: &Tensor, layer: usize) -> Result<Tensor, TrainError> {
        let config = &self.model.config;
        let sliding = config.layer_types[layer] == Attention::SlidingAttention;
        let turned = sliding || config.rotates_prefix(layer);
        let turn = |t: Tensor| if turned { rope(&t, &self.model.table, self.length) } else { Ok(t) };
        let q = self.split(&turn(linear(x, self.weight(layer, "self_attn.q_proj")?)?)?)?;
        let k = self.split(&turn(linear(x, self.weight(layer, "self_attn.k_proj")?)?)?)?;
        let v = self.split(&linear(x, self.weight(layer, "self_attn.v_proj")?)?)?;
        let window = if sliding { config.sliding_window } else { usize::MAX };
        let mask = Mask::Causal { length: self.length, window };
        let scores = q.matmul(&k.t()?)?;
        let weights = softmax(&scores, (config.head_dim as f32).powf(-0.5), mask)?;
        let mixed = weights.matmul(&v)?;
        let (rows, _) = x.dims2()?;
        let (batch, heads) = (rows / self.length, config.num_attention_heads);
        let mixed = mixed.reshape((batch, heads, self.length, config.head_dim))?;
        let mixed = mixed.transpose(1, 2)?.contiguous()?.reshape((rows, heads * config.head_dim))?;
        Ok(linear(&mixed, self.weight(layer, "self_attn.o_proj")?)?)
    }

    fn gated(&self, x: &Tensor, layer: usize, prefix: &str) -> Result<Tensor, TrainError> {
        let gate = linear(x, self.weight(layer, &format!("{prefix}.gate_proj"))?)?;
        let up = linear(x, self.weight(layer, &format!("{prefix}.up_proj"))?)?;
        Ok(linear(&swiglu(&gate, &up)?, self.weight(layer, &format!("{prefix}.down_proj"))?)?)
    }

    fn mixture(&mut self, x: &Tensor, layer: usize) -> Result<Tensor, TrainError> {
        let probabilities = softmax(&linear(x, self.weight(layer, "mlp.gate")?)?, 1.0, Mask::None)?;
        let plan = Arc::new(Plan::new(&probabilities, self.model.config.num_experts_per_tok)?);
        let weights = slot_weights(&probabilities, &plan)?;
        let mut outputs = Vec::new();
        for (expert, rows) in plan.rows()?.into_iter().enumerate() {
            if let Some(rows) = rows {
                let x = x.index_select(&rows, 0)?;
                outputs.push(self.gated(&x, layer, &format!("mlp.experts.{expert}"))?);
            }
        }
        self.balance.push(self.balance_term(&probabilities, &plan)?);
        self.loads.push(plan.counts().to_vec());
        Ok(combine(&Tensor::cat(&outputs, 0)?, &weights, &plan, x.dim(0)?)?)
    }

    /// Returns the load-balance loss of one layer: the number of experts times the inner product of load
    /// shares and mean probabilities.
    fn balance_term(&self, probabilities: &Tensor, plan: &Plan) -> Result<Tensor, TrainError> {
        let slots: usize = plan.counts().iter().sum();
        let factor = plan.counts().len() as f32 / slots as f32;
        let shares: Vec<f32> = plan.counts().iter().map(|c| *c as f32 * factor).collect();
        let shares = Tensor::new(shares, &Device::Cpu)?;
        Ok((probabilities.mean(0)? * shares)?.sum_all()?)
    }
}
