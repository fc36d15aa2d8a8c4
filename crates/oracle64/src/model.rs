//! The decoder: embedding, layers, the final norm and the output projection.

use ndarray::{Array1, Array2, Axis};

use crate::attention::Attention;
use crate::checkpoint::Checkpoint;
use crate::config::Config;
use crate::error::Error;
use crate::experts::FeedForward;
use crate::mask::ExpertMask;

/// A model that was read from its configuration and its tensors. Holding one proves that the two fit
/// together, and that every tensor has a use in the forward pass.
#[derive(Clone, Debug)]
pub struct Model {
    config: Config,
    embedding: Array2<f64>,
    layers: Vec<Layer>,
    norm: Array1<f64>,
    /// The output projection; `None` if it is the embedding.
    head: Option<Array2<f64>>,
}

/// The weights of one layer.
#[derive(Clone, Debug)]
struct Layer {
    norm: Array1<f64>,
    attention: Attention,
    /// The norm before the feed-forward network; `None` if that reads the same norm as attention.
    second_norm: Option<Array1<f64>>,
    feed: FeedForward,
}

impl Model {
    /// Reads a model from a `config.json` and the bytes of one safetensors file.
    ///
    /// # Errors
    /// [`Error`] if the configuration is of an unknown family, has a value that is not allowed, or scales the
    /// rotation by the length of the sequence; and if a tensor is missing, has another shape or number
    /// format, is not finite, or is not asked for by the configuration.
    pub fn read(config: &[u8], weights: &[u8]) -> Result<Self, Error> {
        let config = Config::read(config)?;
        let mut checkpoint = Checkpoint::new(weights)?;
        let embedding = checkpoint.matrix("model.embed_tokens.weight", config.vocab, config.hidden)?;
        let layers = (0..config.layers.len())
            .map(|index| Layer::read(&mut checkpoint, index, &config))
            .collect::<Result<_, _>>()?;
        let norm = checkpoint.vector("model.norm.weight", config.hidden)?;
        let head = match config.tied {
            true => None,
            false => Some(checkpoint.matrix("lm_head.weight", config.vocab, config.hidden)?),
        };
        checkpoint.finish()?;
        Ok(Self { config, embedding, layers, norm, head })
    }

    /// Returns the logits after each token of a sequence that starts at position 0: a row for each token, a
    /// column for each id of the vocabulary.
    ///
    /// # Errors
    /// [`Error`] if a token is not in the vocabulary, if the mask is empty or names an unknown expert, or if
    /// a value becomes infinite or not a number.
    pub fn logits(&self, tokens: &[u32], mask: &ExpertMask) -> Result<Array2<f64>, Error> {
        let mut x = self.embed(tokens)?;
        for (index, (layer, plan)) in self.layers.iter().zip(&self.config.layers).enumerate() {
            let normed = self.config.norm.rows(&x, &layer.norm);
            let attended = layer.attention.rows(&normed, &self.config, plan.window, plan.turned);
            x = match &layer.second_norm {
                None => x + attended + layer.feed.rows(&normed, mask)?,
                Some(weight) => {
                    let between = x + attended;
                    let fed = layer.feed.rows(&self.config.norm.rows(&between, weight), mask)?;
                    between + fed
                }
            };
            if !x.iter().all(|value| value.is_finite()) {
                return Err(Error::NotFinite(index));
            }
        }
        let head = self.head.as_ref().unwrap_or(&self.embedding);
        let logits = self.config.norm.rows(&x, &self.norm).dot(&head.t()) * self.config.logit_scale;
        let finite = logits.iter().all(|value| value.is_finite());
        finite.then_some(logits).ok_or(Error::NotFinite(self.layers.len()))
    }

    /// Returns the embeddings of the tokens, one row for each.
    fn embed(&self, tokens: &[u32]) -> Result<Array2<f64>, Error> {
        let vocab = self.config.vocab;
        let row = |(position, id): (usize, &u32)| {
            let index = usize::try_from(*id).ok().filter(|index| *index < vocab);
            index.ok_or(Error::Token { position, id: *id, vocab })
        };
        let rows: Vec<usize> = tokens.iter().enumerate().map(row).collect::<Result<_, _>>()?;
        Ok(self.embedding.select(Axis(0), &rows))
    }
}

impl Layer {
    fn read(checkpoint: &mut Checkpoint<'_>, index: usize, config: &Config) -> Result<Self, Error> {
        let prefix = format!("model.layers.{index}");
        let norm = checkpoint.vector(&format!("{prefix}.input_layernorm.weight"), config.hidden)?;
        let attention = Attention::read(checkpoint, &format!("{prefix}.self_attn"), config)?;
        let second_norm = match config.parallel {
            true => None,
            false => {
                let name = format!("{prefix}.post_attention_layernorm.weight");
                Some(checkpoint.vector(&name, config.hidden)?)
            }
        };
        let feed = FeedForward::read(checkpoint, &prefix, &config.layers[index].feed, config.hidden)?;
        Ok(Self { norm, attention, second_norm, feed })
    }
}
