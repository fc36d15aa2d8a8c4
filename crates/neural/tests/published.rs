//! Checkpoints in the forms in which they are published: a head stored beside a tied embedding, stored rotary
//! frequencies, and experts fused into two tensors.
//!
//! A form that is accepted gives the bits of the plain form. A form that says something else is refused by name.

use std::sync::Arc;

use neural::{Model, ModelError, PlainBackend, Session, Want, WeightsError};
use serde_json::Value;
use synthetic::{Checkpoint, Dtype, Tensor, bits, edited, parity};

type Loaded = Result<Arc<Model<PlainBackend>>, WeightsError>;

fn load(config: &[u8], weights: &[u8]) -> Loaded {
    match Model::load(config, weights, PlainBackend) {
        Ok(model) => Ok(Arc::new(model)),
        Err(ModelError::Weights(refusal)) => Err(refusal),
        Err(other) => panic!("refused for another reason: {other}"),
    }
}

/// Loads a checkpoint of one file after an edit of its tensors.
fn load_edited(checkpoint: &Checkpoint, edit: impl FnOnce(&mut Vec<Tensor>)) -> Loaded {
    load(&checkpoint.config, &edited(&checkpoint.shards[0], edit))
}

fn logits(model: &Arc<Model<PlainBackend>>) -> Vec<u32> {
    let mut session = Session::open(model);
    let logits = session.prefill(&[1, 5, 2, 9, 30, 7], Want::All).expect("logits");
    bits(logits.values())
}

fn take(tensors: &mut Vec<Tensor>, name: &str) -> Tensor {
    let at = tensors.iter().position(|tensor| tensor.name == name);
    tensors.swap_remove(at.unwrap_or_else(|| panic!("a tensor {name}")))
}

/// Replaces the matrices of each expert by fused tensors below `to`, with the parts `first` and then `second`
/// in `gate_up_proj`.
fn fuse(tensors: &mut Vec<Tensor>, from: &str, [first, second, down]: [&str; 3], to: &str) {
    for layer in 0..64 {
        let folder = format!("model.layers.{layer}.{from}");
        let mut fused: [Vec<Tensor>; 2] = Default::default();
        let mut expert = 0;
        while tensors.iter().any(|tensor| tensor.name == format!("{folder}.{expert}.{down}.weight")) {
            let mut part = |name: &str| take(tensors, &format!("{folder}.{expert}.{name}.weight"));
            let (mut both, second, down) = (part(first), part(second), part(down));
            both.bytes.extend(second.bytes);
            both.shape[0] *= 2;
            fused[0].push(both);
            fused[1].push(down);
            expert += 1;
        }
        for (name, parts) in
            ["gate_up_proj", "down_proj"].iter().zip(fused).filter(|(_, parts)| !parts.is_empty())
        {
            let mut shape = parts[0].shape.clone();
            shape.insert(0, parts.len());
            let name = format!("model.layers.{layer}.{to}.{name}");
            let dtype = parts[0].dtype;
            tensors.push(Tensor {
                name,
                dtype,
                shape,
                bytes: parts.into_iter().flat_map(|part| part.bytes).collect(),
            });
        }
    }
}

const USUAL: [&str; 3] = ["gate_proj", "up_proj", "down_proj"];
const MIXTRAL: [&str; 3] = ["w1", "w3", "w2"];

#[test]
fn fused_experts_give_the_bits_of_separate_ones() {
    for (family, from, parts) in [
        ("qwen2_moe", "mlp.experts", USUAL),
        ("qwen3_moe", "mlp.experts", USUAL),
        ("olmoe", "mlp.experts", USUAL),
        ("cohere2_moe", "mlp.experts", USUAL),
        ("mixtral", "block_sparse_moe.experts", MIXTRAL),
    ] {
        let checkpoint = parity::checkpoint(family);
        let plain = logits(&load_edited(&checkpoint, |_| {}).expect("the plain form"));
        let half = checkpoint.with_bf16_weights().expect("bf16");
        let plain_half = logits(&load_edited(&half, |_| {}).expect("the plain form in bf16"));
        assert_ne!(plain, plain_half, "{family}: the fixture has more than bf16 holds");
        for to in [from, "mlp.experts"] {
            let fused = |checkpoint: &Checkpoint, parts| {
                logits(
                    &load_edited(checkpoint, |tensors| fuse(tensors, from, parts, to))
                        .expect("the fused form"),
                )
            };
            assert_eq!(fused(&checkpoint, parts), plain, "{family}, {to}");
            assert_eq!(fused(&half, parts), plain_half, "{family}, {to} in bf16");
            let [gate, up, down] = parts;
            assert_ne!(fused(&checkpoint, [up, gate, down]), plain, "{family}: halves that changed places");
        }
    }
}

#[test]
fn a_router_under_the_usual_name_is_found() {
    let checkpoint = parity::checkpoint("mixtral");
    let plain = logits(&load_edited(&checkpoint, |_| {}).expect("the plain form"));
    let renamed = load_edited(&checkpoint, |tensors| {
        fuse(tensors, "block_sparse_moe.experts", MIXTRAL, "mlp.experts");
        for tensor in tensors {
            tensor.name = tensor.name.replace("block_sparse_moe.gate", "mlp.gate");
        }
    });
    assert_eq!(logits(&renamed.expect("the usual names")), plain);
}

#[test]
fn fused_experts_of_another_shape_are_refused() {
    let checkpoint = parity::checkpoint("qwen3_moe");
    let refusal = load_edited(&checkpoint, |tensors| {
        fuse(tensors, "mlp.experts", USUAL, "mlp.experts");
        for tensor in tensors.iter_mut().filter(|tensor| tensor.name.ends_with("gate_up_proj")) {
            tensor.shape.swap(1, 2);
        }
    });
    let refusal = refusal.err().expect("inputs first are another layout");
    assert!(
        matches!(&refusal, WeightsError::Shape { name, .. } if name.ends_with("gate_up_proj")),
        "{refusal}"
    );
    let missing = load_edited(&checkpoint, |tensors| {
        fuse(tensors, "mlp.experts", USUAL, "mlp.experts");
        tensors.retain(|tensor| !tensor.name.ends_with("1.mlp.experts.down_proj"));
    });
    let refusal = missing.err().expect("one half is not enough");
    assert!(
        matches!(&refusal, WeightsError::Missing { name, .. } if name.ends_with("experts.down_proj")),
        "{refusal}"
    );
}

/// Returns the checkpoint of a family whose embedding is the head.
fn tied(family: &str) -> Checkpoint {
    let checkpoint = parity::checkpoint(family);
    let mut config: Value = serde_json::from_slice(&checkpoint.config).expect("a configuration");
    config["tie_word_embeddings"] = true.into();
    let shards = vec![edited(&checkpoint.shards[0], |tensors| {
        tensors.retain(|tensor| tensor.name != "lm_head.weight")
    })];
    Checkpoint { config: config.to_string().into_bytes(), shards }
}

fn with_head(tensors: &mut Vec<Tensor>, change: impl FnOnce(&mut Tensor)) {
    let embedding = tensors.iter().find(|tensor| tensor.name == "model.embed_tokens.weight");
    let mut head = Tensor { name: "lm_head.weight".to_owned(), ..embedding.expect("an embedding").clone() };
    change(&mut head);
    tensors.push(head);
}

#[test]
fn a_head_beside_a_tied_embedding_must_be_equal() {
    for family in ["qwen3_moe", "mixtral", "cohere2_moe"] {
        let checkpoint = tied(family);
        let plain = logits(&load_edited(&checkpoint, |_| {}).expect("without a head"));
        let equal = load_edited(&checkpoint, |tensors| with_head(tensors, |_| {}));
        assert_eq!(logits(&equal.expect("an equal head")), plain, "{family}");
        for element in [0, 77] {
            let other = load_edited(&checkpoint, |tensors| {
                with_head(tensors, |head| head.bytes[element * 4] ^= 1);
            });
            let refusal = other.err().expect("one bit is another model");
            assert!(
                matches!(&refusal, WeightsError::TiedHead { index, .. } if *index == element)
                    && refusal.to_string().contains("tie_word_embeddings"),
                "{family}: {refusal}"
            );
        }
        let shorter = load_edited(&checkpoint, |tensors| {
            with_head(tensors, |head| {
                let row = head.bytes.len() / head.shape[0];
                head.shape[0] -= 1;
                head.bytes.truncate(head.bytes.len() - row);
            });
        });
        assert!(matches!(shorter.err(), Some(WeightsError::Shape { .. })), "{family}");
    }
}

#[test]
fn an_equal_head_may_have_a_wider_number_format() {
    let checkpoint = tied("qwen3_moe").with_bf16_weights().expect("bf16");
    let plain = logits(&load_edited(&checkpoint, |_| {}).expect("without a head"));
    let widened = |head: &mut Tensor| {
        head.bytes =
            head.bytes.as_chunks::<2>().0.iter().flat_map(|[low, high]| [0, 0, *low, *high]).collect();
        head.dtype = Dtype::F32;
    };
    let equal = load_edited(&checkpoint, |tensors| with_head(tensors, widened));
    assert_eq!(logits(&equal.expect("an equal head")), plain);
}

/// The plain frequencies of a configuration, `1 / theta^(2 pair / width)`.
fn frequencies(config: &[u8], width: usize) -> Vec<f32> {
    let config: Value = serde_json::from_slice(config).expect("a configuration");
    let theta =
        config["rope_theta"].as_f64().or(config["rope_parameters"]["rope_theta"].as_f64()).expect("theta");
    (0..width / 2).map(|pair| (1.0 / theta.powf((2 * pair) as f64 / width as f64)) as f32).collect()
}

fn frequency_tensor(name: &str, dtype: Dtype, values: &[f32]) -> Tensor {
    let bytes = match dtype {
        Dtype::F32 => values.iter().flat_map(|value| value.to_le_bytes()).collect(),
        Dtype::BF16 => values
            .iter()
            .flat_map(|value| ((value.to_bits() + 0x8000) >> 16).to_le_bytes()[..2].to_vec())
            .collect(),
        Dtype::F16 => values.iter().flat_map(|value| half(*value).to_le_bytes()).collect(),
        other => panic!("no frequencies in {other:?}"),
    };
    Tensor { name: name.to_owned(), dtype, shape: vec![values.len()], bytes }
}

/// Cuts a positive number below 2 to a binary16 number.
fn half(value: f32) -> u16 {
    assert!(value > 0.0 && value < 2.0, "{value} is a frequency");
    let bits = value.to_bits();
    // Below 2^-14 the format has no exponent, and counts in steps of 2^-24.
    let subnormal = (value * 16_777_216.0) as u16;
    if value < 6.2e-5 {
        subnormal
    } else {
        (((bits >> 23) + 15 - 127) << 10) as u16 | (bits >> 13 & 1023) as u16
    }
}

#[test]
fn stored_rotary_frequencies_are_compared_and_not_used() {
    for family in ["qwen3_moe", "mixtral", "gpt_oss"] {
        let checkpoint = parity::checkpoint(family);
        let model = load_edited(&checkpoint, |_| {}).expect("the plain form");
        let (plain, width) = (logits(&model), model.config().attention.head_dim);
        let values = frequencies(&checkpoint.config, width);
        for dtype in [Dtype::F32, Dtype::BF16, Dtype::F16] {
            let with = load_edited(&checkpoint, |tensors| {
                tensors.push(frequency_tensor("model.rotary_emb.inv_freq", dtype, &values));
                tensors.push(frequency_tensor(
                    "model.layers.1.self_attn.rotary_emb.inv_freq",
                    dtype,
                    &values,
                ));
            });
            let with = with.unwrap_or_else(|refusal| panic!("{family}, {dtype:?}: {refusal}"));
            assert_eq!(logits(&with), plain, "{family}, {dtype:?}");
        }
        let mut other = values.clone();
        other[1] *= 1.01;
        let name = "model.layers.0.self_attn.rotary_emb.inv_freq";
        let refusal =
            load_edited(&checkpoint, |tensors| tensors.push(frequency_tensor(name, Dtype::F32, &other)));
        let refusal = refusal.err().expect("another frequency");
        assert!(
            matches!(&refusal, WeightsError::Frequency { pair: 1, .. }) && refusal.to_string().contains(name),
            "{refusal}"
        );
        let longer = load_edited(&checkpoint, |tensors| {
            tensors.push(frequency_tensor(name, Dtype::F32, &[&values[..], &[0.5]].concat()));
        });
        assert!(matches!(longer.err(), Some(WeightsError::Shape { .. })), "{family}");
    }
}

#[test]
fn the_parameters_are_the_values_of_the_weights() {
    for family in parity::FAMILIES {
        let checkpoint = parity::checkpoint(family);
        let (mut all, mut of_experts) = (0, 0);
        let _same = edited(&checkpoint.shards[0], |tensors| {
            for tensor in tensors {
                let values: usize = tensor.shape.iter().product();
                all += values;
                of_experts += if tensor.name.contains(".experts.") { values } else { 0 };
            }
        });
        let config = neural::ModelConfig::from_json(&checkpoint.config).expect("a configuration");
        let found = config.parameters();
        let idle = config.router.experts - config.router.chosen;
        let active = all - of_experts / config.router.experts * idle;
        assert!(idle > 0 && of_experts > 0, "{family} has experts that are not chosen");
        assert_eq!((found.all, found.active), (all as u64, active as u64), "{family}");
    }
}
