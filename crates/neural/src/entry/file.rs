//! The file of a head: safetensors with one description, and what is refused.
//!
//! The tensors are `mean` and `scale` `[width]`, `hidden.weight` `[hidden, width]`, `hidden.bias` `[hidden]`,
//! `output.weight` `[1 + classes, hidden]` and `output.bias` `[1 + classes]`, f32. The metadata has the one
//! key `nmk.entry.v1`, so that equal heads are equal bytes; its value is a JSON object with the keys
//! `classes` (pairs of a capability and its threshold, a decimal number as text, which reads back to the same
//! bits), `hidden`, `layer` and `model` (the digest in hexadecimal digits).

use std::collections::{BTreeSet, HashMap};

use abi::{Digest, counted};
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde_json::{Map, Value};
use thiserror::Error;

use super::{EntryClass, EntryParts};
use crate::backend::Backend;
use crate::model::Model;
use crate::tensors::{Tensors, WeightsError};

/// The key of the metadata that holds the description; it names the format.
const FORMAT: &str = "nmk.entry.v1";

/// The keys of the description, all of which must be there.
const KEYS: [&str; 4] = ["classes", "hidden", "layer", "model"];

/// The most bytes of a capability's name.
const LONGEST_NAME: usize = 128;

/// The reason why an entry head is refused: its file is wrong, or does not fit the model.
#[derive(Debug, Error)]
pub enum EntryError {
    /// The file is not whole, or a tensor in it is absent, not finite, or of another shape or type.
    #[error("the entry head is refused: {0}")]
    Tensors(#[from] WeightsError),
    /// The file has no description of the head in its metadata.
    #[error("the entry head has no description under `{FORMAT}`; write it with `cargo xtask train entry`")]
    Undescribed,
    /// The description is not a JSON object with exactly the keys of the format.
    #[error("the entry head's description is not a JSON object with the keys {KEYS:?} and no others")]
    Description,
    /// The value of a key in the description has a wrong form.
    #[error("the entry head's `{key}` is {found}, but must be {must}")]
    Field {
        /// The name of the key: `classes`, `hidden`, `layer` or `model`.
        key: &'static str,
        /// The value that was found, as JSON.
        found: String,
        /// The form that the value must have, in words.
        must: &'static str,
    },
    /// The head was trained on another model than the one it was to read.
    #[error(
        "the entry head was trained on the model {}, and this is {}; train one with `cargo xtask train entry`",
        trained.short(), model.short()
    )]
    OtherModel {
        /// The digest of the model that the head names.
        trained: Digest,
        /// The digest of the model that the head was to read.
        model: Digest,
    },
    /// The head reads the residual after a layer that the model does not have.
    #[error("the entry head reads the residual after layer {layer}, and the model has {layers}, from 0")]
    Layer {
        /// Index of the layer that the head names, from 0.
        layer: usize,
        /// Number of layers that the model has.
        layers: usize,
    },
    /// The head has no classes, or two for one capability, or a capability whose name is refused.
    #[error("the entry head's classes are refused: {why}")]
    Classes {
        /// The rule that the classes break, in words.
        why: &'static str,
    },
    /// The threshold of a class is not above 0 and at most 1.
    #[error("the entry head's threshold of `{capability}` is {threshold}, but must be above 0 and at most 1")]
    Threshold {
        /// The name of the capability that the class asks for.
        capability: String,
        /// The threshold that was given.
        threshold: f64,
    },
    /// A part of the head has another number of values than the other parts call for.
    #[error("the entry head's {part} has {found}, the other parts call for {expected}", found = counted(*found, "value"))]
    Size {
        /// The name of the part, for example `hidden bias`.
        part: &'static str,
        /// Number of values that the part has.
        found: usize,
        /// Number of values that the model's width, the hidden layer and the classes call for.
        expected: usize,
    },
    /// A value of the head is infinite or not a number.
    #[error("value {index} of the entry head's {part} is not finite")]
    NonFinite {
        /// The name of the part that holds the value, for example `hidden bias`.
        part: &'static str,
        /// Index of the first such value in its part, from 0.
        index: usize,
    },
}

/// Checks that `parts` fit each other and the model.
pub(super) fn check<B: Backend>(parts: &EntryParts, model: &Model<B>) -> Result<(), EntryError> {
    if parts.model != model.digest() {
        return Err(EntryError::OtherModel { trained: parts.model, model: model.digest() });
    }
    let layers = model.config().layers.len();
    if parts.layer >= layers {
        return Err(EntryError::Layer { layer: parts.layer, layers });
    }
    check_classes(&parts.classes)?;
    check_sizes(parts, model.config().hidden_size)
}

fn check_classes(classes: &[EntryClass]) -> Result<(), EntryError> {
    let different: BTreeSet<&String> = classes.iter().map(|class| &class.capability).collect();
    let named =
        |name: &String| !name.is_empty() && name.len() <= LONGEST_NAME && !name.chars().any(char::is_control);
    let why = if classes.is_empty() {
        "there is none"
    } else if different.len() < classes.len() {
        "one is there twice"
    } else if !different.into_iter().all(named) {
        "a name has 1 to 128 bytes and no control characters"
    } else {
        let wrong = classes.iter().find(|class| !(class.threshold > 0.0 && class.threshold <= 1.0));
        return wrong.cloned().map_or(Ok(()), |EntryClass { capability, threshold }| {
            Err(EntryError::Threshold { capability, threshold })
        });
    };
    Err(EntryError::Classes { why })
}

fn check_sizes(parts: &EntryParts, width: usize) -> Result<(), EntryError> {
    let (outputs, hidden) = (1 + parts.classes.len(), parts.hidden_bias.len());
    if hidden == 0 {
        return Err(EntryError::Size { part: "hidden bias", found: 0, expected: 1 });
    }
    let all = [
        ("mean", &parts.mean, width),
        ("scale", &parts.scale, width),
        ("hidden layer", &parts.hidden, hidden.saturating_mul(width)),
        ("hidden bias", &parts.hidden_bias, hidden),
        ("output layer", &parts.output, outputs.saturating_mul(hidden)),
        ("output bias", &parts.output_bias, outputs),
    ];
    for (part, values, expected) in all {
        if values.len() != expected {
            return Err(EntryError::Size { part, found: values.len(), expected });
        }
        if let Some(index) = values.iter().position(|value| !value.is_finite()) {
            return Err(EntryError::NonFinite { part, index });
        }
    }
    Ok(())
}

/// Reads the parts of a head from a file. Of the model only its width is checked here; [`check`] does the
/// rest.
pub(super) fn read<B: Backend>(bytes: &[u8], model: &Model<B>) -> Result<EntryParts, EntryError> {
    let mut tensors = Tensors::open(&[bytes])?;
    let description = described(bytes)?;
    let classes = description.classes()?;
    let outputs = 1 + classes.len();
    let (hidden, width) = (description.number("hidden")?, model.config().hidden_size);
    let mut matrix = |name, outputs, inputs| -> Result<Vec<f32>, WeightsError> {
        let values = tensors.matrix(name, outputs, inputs)?.values();
        let mut widened = Vec::with_capacity(values.len());
        values.widen_into(0, values.len(), &mut widened);
        Ok(widened)
    };
    let (hidden_weights, output) =
        (matrix("hidden.weight", hidden, width)?, matrix("output.weight", outputs, hidden)?);
    let parts = EntryParts {
        model: description.model()?,
        layer: description.number("layer")?,
        mean: tensors.vector("mean", width)?,
        scale: tensors.vector("scale", width)?,
        hidden: hidden_weights,
        hidden_bias: tensors.vector("hidden.bias", hidden)?,
        output,
        output_bias: tensors.vector("output.bias", outputs)?,
        classes,
    };
    tensors.finish()?;
    Ok(parts)
}

fn described(bytes: &[u8]) -> Result<Description, EntryError> {
    let (_, metadata) = SafeTensors::read_metadata(bytes)
        .map_err(|source| WeightsError::NotSafetensors { length: bytes.len(), source })?;
    let text = metadata.metadata().as_ref().and_then(|metadata| metadata.get(FORMAT));
    let value = serde_json::from_str(text.ok_or(EntryError::Undescribed)?);
    match value {
        Ok(Value::Object(fields))
            if fields.len() == KEYS.len() && KEYS.iter().all(|key| fields.contains_key(*key)) =>
        {
            Ok(Description(fields))
        }
        _ => Err(EntryError::Description),
    }
}

/// The JSON object of the metadata. It has exactly the keys of the format.
struct Description(Map<String, Value>);

impl Description {
    fn field<T>(
        &self,
        key: &'static str,
        must: &'static str,
        read: impl FnOnce(&Value) -> Option<T>,
    ) -> Result<T, EntryError> {
        let value = self.0.get(key).unwrap_or(&Value::Null);
        read(value).ok_or_else(|| EntryError::Field { key, found: value.to_string(), must })
    }

    fn number(&self, key: &'static str) -> Result<usize, EntryError> {
        let read = |value: &Value| usize::try_from(value.as_u64()?).ok();
        self.field(key, "a whole number that is not negative", read)
    }

    fn classes(&self) -> Result<Vec<EntryClass>, EntryError> {
        let class = |value: &Value| match value.as_array()?.as_slice() {
            [Value::String(capability), Value::String(threshold)] => {
                Some(EntryClass { capability: capability.clone(), threshold: threshold.parse().ok()? })
            }
            _ => None,
        };
        self.field("classes", "a list of pairs of a capability and a decimal number, both text", |value| {
            value.as_array()?.iter().map(class).collect()
        })
    }

    fn model(&self) -> Result<Digest, EntryError> {
        let read = |value: &Value| value.as_str()?.parse().ok();
        self.field("model", "a digest of 64 hexadecimal digits in lower case", read)
    }
}

/// Returns the bytes of a file with these parts, which were checked before.
pub(super) fn write(parts: &EntryParts) -> Vec<u8> {
    let (width, hidden, outputs) = (parts.mean.len(), parts.hidden_bias.len(), parts.output_bias.len());
    let class = |class: &EntryClass| [class.capability.clone(), class.threshold.to_string()];
    let description = serde_json::json!({
        "classes": parts.classes.iter().map(class).collect::<Vec<_>>(),
        "hidden": hidden,
        "layer": parts.layer,
        "model": parts.model.to_string(),
    });
    let bytes = |values: &[f32]| values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>();
    let tensors = [
        ("mean", vec![width], bytes(&parts.mean)),
        ("scale", vec![width], bytes(&parts.scale)),
        ("hidden.weight", vec![hidden, width], bytes(&parts.hidden)),
        ("hidden.bias", vec![hidden], bytes(&parts.hidden_bias)),
        ("output.weight", vec![outputs, hidden], bytes(&parts.output)),
        ("output.bias", vec![outputs], bytes(&parts.output_bias)),
    ];
    let views = tensors.iter().map(|(name, shape, bytes)| {
        (*name, TensorView::new(Dtype::F32, shape.clone(), bytes).expect("the sizes were checked"))
    });
    let metadata = HashMap::from([(FORMAT.to_owned(), description.to_string())]);
    safetensors::serialize(views, Some(metadata)).expect("six tensors of checked shapes")
}
