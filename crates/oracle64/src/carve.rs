//! The removal of experts from a checkpoint, to make a model that never had them.
//!
//! A mask that restricts routing must have the same effect as the absence of the other experts, and this
//! module makes the model to compare with.

use std::borrow::Cow;
use std::collections::BTreeSet;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView, serialize};
use serde_json::{Map, Value};

use crate::error::Error;

/// A checkpoint that has fewer experts than the one it was carved from, in the same layout.
#[derive(Clone, Debug)]
pub struct Carved {
    /// The text of its `config.json`, with the new number of experts.
    pub config: Vec<u8>,
    /// The bytes of its safetensors file.
    pub weights: Vec<u8>,
}

/// The name, the number format, the shape and the bytes of a tensor.
type NamedTensor<'data> = (String, Dtype, Vec<usize>, Cow<'data, [u8]>);

/// Removes all experts from every layer, except those named in `experts`, counted from 0. The remaining
/// experts are renumbered in ascending order.
///
/// Tensors are copied as bytes, whatever their number format. In the new model a token is routed to as many
/// experts as before, or to all that are left if they are fewer.
///
/// # Errors
/// [`Error`] if the bytes are not a configuration or a checkpoint, if no expert is named, or if a named
/// expert does not exist.
pub fn carve(config: &[u8], weights: &[u8], experts: &[usize]) -> Result<Carved, Error> {
    let left: BTreeSet<usize> = experts.iter().copied().collect();
    let left: Vec<usize> = left.into_iter().collect();
    let config = carve_config(config, &left)?;
    let file = SafeTensors::deserialize(weights)?;
    let mut kept: Vec<NamedTensor<'_>> = Vec::new();
    for (name, view) in file.iter() {
        let shape = view.shape().to_vec();
        match place(name) {
            Place::Elsewhere => kept.push((name.to_owned(), view.dtype(), shape, view.data().into())),
            Place::Rows => {
                let (shape, data) = select(name, &view, &left)?;
                kept.push((name.to_owned(), view.dtype(), shape, data.into()));
            }
            Place::Expert { before, index, after } => {
                if let Ok(rank) = left.binary_search(&index) {
                    kept.push((format!("{before}{rank}{after}"), view.dtype(), shape, view.data().into()));
                }
            }
        }
    }
    let view = |(name, dtype, shape, data)| Ok::<_, Error>((name, TensorView::new(dtype, shape, data)?));
    let views = kept.iter().map(|(name, dtype, shape, data)| view((name, *dtype, shape.clone(), &**data)));
    Ok(Carved { config, weights: serialize(views.collect::<Result<Vec<_>, _>>()?, None)? })
}

/// Returns the configuration with the new number of experts.
fn carve_config(config: &[u8], left: &[usize]) -> Result<Vec<u8>, Error> {
    let mut json: Map<String, Value> = serde_json::from_slice(config).map_err(Error::Json)?;
    let last = *left.last().ok_or(Error::NoExpertLeft)?;
    let mut counted = false;
    for key in ["num_experts", "num_local_experts"] {
        let Some(count) = json.get(key).and_then(Value::as_u64) else { continue };
        let experts = usize::try_from(count).unwrap_or(usize::MAX);
        if last >= experts {
            return Err(Error::Expert { expert: last, experts });
        }
        json.insert(key.to_owned(), left.len().into());
        counted = true;
    }
    if !counted {
        return Err(Error::Missing("num_experts"));
    }
    let key = "num_experts_per_tok";
    let chosen = json.get(key).and_then(Value::as_u64).ok_or(Error::Missing(key))?;
    json.insert(key.to_owned(), chosen.min(left.len() as u64).into());
    Ok(Value::Object(json).to_string().into_bytes())
}

/// The relation of a tensor to the experts of its layer.
enum Place<'name> {
    /// The tensor has nothing to do with experts.
    Elsewhere,
    /// The tensor has one row for each expert.
    Rows,
    /// The tensor belongs to one expert, whose number is between two parts of the name.
    Expert { before: &'name str, index: usize, after: &'name str },
}

/// Returns the relation of the tensor with this name to the experts.
fn place(name: &str) -> Place<'_> {
    const INFIX: &str = ".experts.";
    const ROUTERS: [&str; 4] =
        [".mlp.gate.weight", ".block_sparse_moe.gate.weight", ".mlp.router.weight", ".mlp.router.bias"];
    if let Some(at) = name.find(INFIX) {
        let (before, rest) = name.split_at(at + INFIX.len());
        let digits = rest.find('.').unwrap_or(rest.len());
        return match rest[..digits].parse() {
            Ok(index) => Place::Expert { before, index, after: &rest[digits..] },
            Err(_) => Place::Rows,
        };
    }
    if ROUTERS.iter().any(|router| name.ends_with(router)) { Place::Rows } else { Place::Elsewhere }
}

/// Returns the shape and the bytes of a tensor that keeps only the rows of the experts that are left.
fn select(name: &str, view: &TensorView<'_>, left: &[usize]) -> Result<(Vec<usize>, Vec<u8>), Error> {
    let shape = view.shape();
    let count = shape.first().copied().filter(|count| left.iter().all(|expert| expert < count));
    let Some(count) = count else {
        let last = left.last().map_or(0, |last| last + 1);
        return Err(Error::Shape { name: name.to_owned(), expected: vec![last], found: shape.to_vec() });
    };
    let row = view.data().len() / count;
    let bytes = left.iter().flat_map(|expert| &view.data()[expert * row..(expert + 1) * row]).copied();
    Ok(([&[left.len()], &shape[1..]].concat(), bytes.collect()))
}
