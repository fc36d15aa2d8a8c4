//! Checkpoints as bytes, and other checkpoints that are made from them.

use safetensors::tensor::Dtype;
use serde_json::Value;

use crate::tensors::{Tensor, read, write};

/// A checkpoint in the Hugging Face layout, as the bytes of its files.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    /// The bytes of the checkpoint's `config.json`.
    pub config: Vec<u8>,
    /// The bytes of each safetensors file; most checkpoints have one.
    pub shards: Vec<Vec<u8>>,
}

impl Checkpoint {
    /// Returns this checkpoint with its f32 weights cut to bf16, which makes it another model. Each weight
    /// keeps the upper half of its bits. Returns `None` if a file is not a whole safetensors file.
    #[must_use]
    pub fn with_bf16_weights(&self) -> Option<Self> {
        let cut = |bytes: &Vec<u8>| {
            let mut tensors = read(bytes)?;
            for tensor in tensors.iter_mut().filter(|tensor| tensor.dtype == Dtype::F32) {
                let upper_halves = tensor.bytes.as_chunks::<4>().0.iter();
                tensor.bytes = upper_halves.flat_map(|[.., low, high]| [*low, *high]).collect();
                tensor.dtype = Dtype::BF16;
            }
            write(&tensors)
        };
        let shards = self.shards.iter().map(cut).collect::<Option<_>>()?;
        Some(Self { config: self.config.clone(), shards })
    }

    /// Returns this checkpoint with only the experts `kept`, whose numbers must ascend. Returns `None` if the
    /// weights are in several files, or if a tensor does not have the shape that it should.
    #[must_use]
    pub fn only_experts(&self, kept: &[usize]) -> Option<Self> {
        let mut config: Value = serde_json::from_slice(&self.config).ok()?;
        for key in ["num_experts", "num_local_experts"] {
            if config.get(key).is_some() {
                config[key] = kept.len().into();
            }
        }
        let [bytes] = self.shards.as_slice() else { return None };
        let mut left = Vec::new();
        for mut tensor in read(bytes)? {
            if has_a_row_for_each_expert(&tensor.name) {
                keep_rows(&mut tensor, kept)?;
            }
            if let Some(name) = renumbered(&tensor.name, kept) {
                left.push(Tensor { name, ..tensor });
            }
        }
        Some(Self { config: config.to_string().into_bytes(), shards: vec![write(&left)?] })
    }
}

fn has_a_row_for_each_expert(name: &str) -> bool {
    let router = [".mlp.gate.weight", "_moe.gate.weight", ".router.weight", ".router.bias"];
    let stacked = [".experts.gate_up_proj", ".experts.down_proj"];
    // Experts by themselves have a number in between, so `stacked` does not match them.
    router.iter().any(|end| name.ends_with(end)) || stacked.iter().any(|part| name.contains(part))
}

fn keep_rows(tensor: &mut Tensor, kept: &[usize]) -> Option<()> {
    let rows = tensor.shape.first().copied().filter(|rows| *rows > 0)?;
    let width = tensor.bytes.len() / rows;
    let mut bytes = Vec::with_capacity(kept.len() * width);
    for expert in kept {
        bytes.extend_from_slice(tensor.bytes.get(expert * width..(expert + 1) * width)?);
    }
    tensor.bytes = bytes;
    tensor.shape[0] = kept.len();
    Some(())
}

/// Returns the name that a tensor gets if only the experts `kept` are left; `None` for a tensor of another
/// expert.
fn renumbered(name: &str, kept: &[usize]) -> Option<String> {
    let parts = name.split_once(".experts.").and_then(|(before, after)| {
        let (number, rest) = after.split_once('.')?;
        Some((before, number.parse::<usize>().ok()?, rest))
    });
    match parts {
        None => Some(name.to_owned()),
        Some((before, number, rest)) => {
            let place = kept.iter().position(|expert| *expert == number)?;
            Some(format!("{before}.experts.{place}.{rest}"))
        }
    }
}
