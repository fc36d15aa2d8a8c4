//! The file of an injector: safetensors with one description, and what is refused.
//!
//! The tensors are `down` `[bottleneck, width]`, `up` `[width, bottleneck]` and `projection` `[width, 10 * places]`,
//! f32. The metadata has the one key `nmk.injector.v1`; its value is a JSON object with the keys `bottleneck`,
//! `layer`, `model` (the digest in hexadecimal digits), `places`, `reach` (`prompt` or `everywhere`) and `untaught`
//! (a list of numbers).

use std::collections::HashMap;

use abi::{Digest, counted};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde_json::{Map, Value, json};
use thiserror::Error;

use super::{DIGITS, InjectorParts, Reach};
use crate::backend::Backend;
use crate::model::Model;
use crate::tensors::{Tensors, WeightsError};
use crate::traps::GatewayError;

/// The key of the metadata that holds the description; it names the format.
const FORMAT: &str = "nmk.injector.v1";
/// The keys of the description, all of which must be there.
const KEYS: [&str; 6] = ["bottleneck", "layer", "model", "places", "reach", "untaught"];
/// The most decimal places of a value.
const MOST_PLACES: usize = 9;

/// The reason why an injector is refused: its file is wrong, it does not fit the model, or it cannot hold a value.
#[derive(Debug, Error)]
pub enum InjectorError {
    /// The file is not whole, or a tensor in it is absent, not finite, or of another shape or type.
    #[error("the injector is refused: {0}")]
    Tensors(#[from] WeightsError),
    /// The file has no description of the injector in its metadata.
    #[error("the injector has no description under `{FORMAT}`; write it with `cargo xtask train injector`")]
    Undescribed,
    /// The description is not a JSON object with exactly the keys of the format.
    #[error("the injector's description is not a JSON object with the keys {KEYS:?} and no others")]
    Description,
    /// The value of a key in the description has a wrong form.
    #[error("the injector's `{key}` is {found}, but must be {must}")]
    Field {
        /// The name of the key, for example `layer`.
        key: &'static str,
        /// The value that was found, as JSON.
        found: String,
        /// The form that the value must have, in words.
        must: &'static str,
    },
    /// The injector was trained on another model than the one it was to write into.
    #[error(
        "the injector was trained on the model {}, and this is {}; train one with `cargo xtask train injector`",
        trained.short(), model.short()
    )]
    OtherModel {
        /// The digest of the model that the injector names.
        trained: Digest,
        /// The digest of the model that the injector was to write into.
        model: Digest,
    },
    /// The injector writes after a block that the model does not have.
    #[error("the injector writes after block {layer}, and the model has {layers}, from 0")]
    Layer {
        /// Index of the block that the injector names, from 0.
        layer: usize,
        /// Number of blocks that the model has.
        layers: usize,
    },
    /// The injector has no decimal place, or more than nine.
    #[error("the injector has {}, but must have 1 to {MOST_PLACES}", counted(*places, "decimal place"))]
    Places {
        /// Number of decimal places that the injector names.
        places: usize,
    },
    /// A matrix of the injector does not form a gateway, or holds a value that is not finite.
    #[error("the injector is refused: {0}")]
    Gateway(#[from] GatewayError),
    /// The value has more digits than the injector can tell.
    #[error("the injector tells numbers of at most {}, and {value} has more", counted(*places, "digit"))]
    Value {
        /// The value that was to be told.
        value: u64,
        /// Number of decimal places that the injector has.
        places: usize,
    },
}

/// Checks that `parts` fit each other and the model.
pub(super) fn check<B: Backend>(parts: &InjectorParts, model: &Model<B>) -> Result<(), InjectorError> {
    if parts.model != model.digest() {
        return Err(InjectorError::OtherModel { trained: parts.model, model: model.digest() });
    }
    let (layers, width) = (model.config().layers.len(), model.config().hidden_size);
    if parts.layer >= layers {
        return Err(InjectorError::Layer { layer: parts.layer, layers });
    }
    if !(1..=MOST_PLACES).contains(&parts.places) {
        return Err(InjectorError::Places { places: parts.places });
    }
    let bottleneck = (parts.down.len() / width).max(1);
    let shaped = [
        ("down", &parts.down, bottleneck, width),
        ("up", &parts.up, width, bottleneck),
        ("projection", &parts.projection, width, DIGITS * parts.places),
    ];
    for (part, values, rows, columns) in shaped {
        if values.len() != rows * columns || !values.iter().all(|value| value.is_finite()) {
            return Err(GatewayError { part, rows, columns }.into());
        }
    }
    Ok(())
}

/// Reads the parts of an injector for a model of this width from a file. [`check`] does the rest.
pub(super) fn read(bytes: &[u8], width: usize) -> Result<InjectorParts, InjectorError> {
    let mut tensors = Tensors::open(&[bytes])?;
    let fields = described(bytes)?;
    let number = |key| field(&fields, key, "a whole number that is not negative", whole);
    let (bottleneck, places) = (number("bottleneck")?, number("places")?);
    if !(1..=MOST_PLACES).contains(&places) {
        return Err(InjectorError::Places { places });
    }
    let mut matrix = |name, rows, columns| -> Result<Vec<f32>, WeightsError> {
        let stored = tensors.matrix(name, rows, columns)?.values();
        let mut values = Vec::with_capacity(stored.len());
        stored.widen_into(0, stored.len(), &mut values);
        Ok(values)
    };
    let parts = InjectorParts {
        model: field(&fields, "model", "a digest of 64 hexadecimal digits in lower case", |value| {
            value.as_str()?.parse().ok()
        })?,
        layer: number("layer")?,
        reach: field(&fields, "reach", "`prompt` or `everywhere`", |value| {
            [Reach::Prompt, Reach::Everywhere].into_iter().find(|reach| value.as_str() == Some(reach.word()))
        })?,
        places,
        untaught: field(&fields, "untaught", "a list of whole numbers", |value| {
            value.as_array()?.iter().map(Value::as_u64).collect()
        })?,
        down: matrix("down", bottleneck, width)?,
        up: matrix("up", width, bottleneck)?,
        projection: matrix("projection", width, DIGITS * places)?,
    };
    tensors.finish()?;
    Ok(parts)
}

fn whole(value: &Value) -> Option<usize> {
    usize::try_from(value.as_u64()?).ok()
}

fn field<T>(
    fields: &Map<String, Value>,
    key: &'static str,
    must: &'static str,
    read: impl FnOnce(&Value) -> Option<T>,
) -> Result<T, InjectorError> {
    let value = &fields[key];
    read(value).ok_or_else(|| InjectorError::Field { key, found: value.to_string(), must })
}

/// Returns the JSON object of the metadata, which has exactly the keys of the format.
fn described(bytes: &[u8]) -> Result<Map<String, Value>, InjectorError> {
    let (_, metadata) = SafeTensors::read_metadata(bytes)
        .map_err(|source| WeightsError::NotSafetensors { length: bytes.len(), source })?;
    let text = metadata.metadata().as_ref().and_then(|metadata| metadata.get(FORMAT));
    let fields: Map<String, Value> = serde_json::from_str(text.ok_or(InjectorError::Undescribed)?)
        .map_err(|_| InjectorError::Description)?;
    let is_whole = fields.len() == KEYS.len() && KEYS.iter().all(|key| fields.contains_key(*key));
    is_whole.then_some(fields).ok_or(InjectorError::Description)
}

/// Returns the bytes of a file with these parts, which were checked before, for a model of this width.
pub(super) fn write(parts: &InjectorParts, width: usize) -> Vec<u8> {
    let bottleneck = parts.down.len() / width;
    let description = json!({
        "bottleneck": bottleneck,
        "layer": parts.layer,
        "model": parts.model.to_string(),
        "places": parts.places,
        "reach": parts.reach.word(),
        "untaught": parts.untaught,
    });
    let tensors = [
        ("down", vec![bottleneck, width], &parts.down),
        ("up", vec![width, bottleneck], &parts.up),
        ("projection", vec![width, DIGITS * parts.places], &parts.projection),
    ]
    .map(|(name, shape, values)| {
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        (name, shape, bytes)
    });
    let views = tensors.iter().map(|(name, shape, bytes)| {
        (*name, TensorView::new(Dtype::F32, shape.clone(), bytes).expect("the sizes were checked"))
    });
    let metadata = HashMap::from([(FORMAT.to_owned(), description.to_string())]);
    safetensors::serialize(views, Some(metadata)).expect("three tensors of checked shapes")
}
