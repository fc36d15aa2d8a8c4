//! The meaning of the configuration keys in each of the six families.

use crate::config::fields::Fields;
use crate::config::{
    Activation, AttentionKind, Config, Feed, HeadNorm, Join, LayerPlan, Layout, Scores, Sparse, rotation,
};
use crate::error::Error;
use crate::norm::Norm;
use crate::rope::Pairs;

/// Reads the configuration of a model of any of the six families.
pub(crate) fn read(fields: &Fields<'_>) -> Result<Config, Error> {
    let fields = *fields;
    match fields.maybe_word("hidden_act")? {
        None | Some("silu") => {}
        Some(_) => return Err(fields.refuse("hidden_act", "\"silu\"")),
    }
    match fields.maybe_word("model_type")?.ok_or(Error::Missing("model_type"))? {
        "mixtral" => mixtral(fields),
        "qwen2_moe" => qwen2(fields),
        "qwen3_moe" => qwen3(fields),
        "olmoe" => olmoe(fields),
        "cohere2_moe" => cohere2(fields),
        "gpt_oss" => gpt_oss(fields),
        other => Err(Error::Family(other.to_owned())),
    }
}

/// The kind of attention that has none of the special properties.
const PLAIN: AttentionKind = AttentionKind {
    input_bias: false,
    output_bias: false,
    head_norm: HeadNorm::None,
    clip: None,
    sinks: false,
};

fn mixtral(fields: Fields<'_>) -> Result<Config, Error> {
    let sparse = Sparse {
        renormalised: true,
        layout: Layout::Mixtral,
        ..softmax(fields, fields.size("intermediate_size")?)?
    };
    let window = fields.maybe_size("sliding_window")?;
    let layers = same_layers(fields, window, &sparse)?;
    sequential(fields, PLAIN, layers)
}

fn olmoe(fields: Fields<'_>) -> Result<Config, Error> {
    let sparse = softmax(fields, fields.size("intermediate_size")?)?;
    let sparse = Sparse { renormalised: fields.flag_or("norm_topk_prob", false)?, ..sparse };
    let bias = fields.flag_or("attention_bias", false)?;
    let attention = AttentionKind {
        input_bias: bias,
        output_bias: bias,
        head_norm: HeadNorm::Together,
        clip: fields.maybe_number("clip_qkv")?,
        sinks: false,
    };
    sequential(fields, attention, same_layers(fields, None, &sparse)?)
}

fn qwen2(fields: Fields<'_>) -> Result<Config, Error> {
    let shared = (fields.size("shared_expert_intermediate_size")?, Join::Gated);
    let attention = AttentionKind { input_bias: fields.flag_or("qkv_bias", true)?, ..PLAIN };
    let windows = if fields.flag_or("use_sliding_window", false)? {
        let window = fields.size("sliding_window")?;
        let below = fields.maybe_count("max_window_layers")?.ok_or(Error::Missing("max_window_layers"))?;
        let count = fields.size("num_hidden_layers")?;
        let listed = fields.maybe_kinds("layer_types", ATTENTION, count)?;
        // Without a list, every other layer below the bound has a window, starting with the first.
        let slides = |layer: usize| layer.is_multiple_of(2) && layer < below;
        let sliding = listed.unwrap_or_else(|| (0..count).map(slides).collect());
        sliding.into_iter().map(|sliding| sliding.then_some(window)).collect()
    } else {
        vec![None; fields.size("num_hidden_layers")?]
    };
    sequential(fields, attention, stepped_layers(fields, &windows, Some(shared))?)
}

fn qwen3(fields: Fields<'_>) -> Result<Config, Error> {
    let bias = fields.flag_or("attention_bias", false)?;
    let head_norm = HeadNorm::Each;
    let attention = AttentionKind { input_bias: bias, output_bias: bias, head_norm, ..PLAIN };
    let window = match fields.flag_or("use_sliding_window", false)? {
        true => Some(fields.size("sliding_window")?),
        false => None,
    };
    let windows = vec![window; fields.size("num_hidden_layers")?];
    sequential(fields, attention, stepped_layers(fields, &windows, None)?)
}

fn gpt_oss(fields: Fields<'_>) -> Result<Config, Error> {
    let alpha = fields.maybe_number("swiglu_alpha")?.unwrap_or(1.702);
    let limit = fields.maybe_number("swiglu_limit")?.unwrap_or(7.0);
    let sparse = Sparse {
        renormalised: true,
        activation: Activation::Clamped { alpha, limit },
        layout: Layout::Stacked,
        ..softmax(fields, fields.size("intermediate_size")?)?
    };
    let bias = fields.flag_or("attention_bias", true)?;
    let attention = AttentionKind { input_bias: bias, output_bias: bias, sinks: true, ..PLAIN };
    let count = fields.size("num_hidden_layers")?;
    let window = fields.size("sliding_window")?;
    let listed = fields.maybe_kinds("layer_types", ATTENTION, count)?;
    let sliding = listed.unwrap_or_else(|| (0..count).map(|layer| layer.is_multiple_of(2)).collect());
    let layer = |sliding: bool| LayerPlan {
        window: sliding.then_some(window),
        turned: true,
        feed: Feed::Sparse(sparse.clone()),
    };
    sequential(fields, attention, sliding.into_iter().map(layer).collect())
}

/// Reads the configuration of a model of this family. Layers with full attention do not rotate by position,
/// except for dense layers of a prefix for which the configuration asks for it.
fn cohere2(fields: Fields<'_>) -> Result<Config, Error> {
    let norm = match fields.maybe_number("rms_norm_eps")? {
        Some(epsilon) => Norm::Rms(epsilon),
        None => Norm::Layer(fields.number("layer_norm_eps")?),
    };
    let bias = fields.flag_or("attention_bias", false)?;
    let count = fields.size("num_hidden_layers")?;
    let prefix = fields.maybe_count("first_k_dense_replace")?.unwrap_or(0);
    let listed = fields.maybe_kinds("mlp_layer_types", ["dense", "sparse"], count)?;
    let dense = listed.unwrap_or_else(|| (0..count).map(|layer| layer < prefix).collect());
    let prefix_period = fields.maybe_size("prefix_dense_sliding_window_pattern")?.unwrap_or(1);
    let listed = fields.maybe_kinds("layer_types", ATTENTION, count)?;
    let sliding = match listed {
        Some(sliding) => sliding,
        None => {
            let period = fields.maybe_size("sliding_window_pattern")?.unwrap_or(4);
            let in_prefix = (1..=prefix.min(count)).map(|layer| !layer.is_multiple_of(prefix_period));
            let after = (1..=count - prefix.min(count)).map(|layer| !layer.is_multiple_of(period));
            in_prefix.chain(after).collect()
        }
    };
    let window = if sliding.contains(&true) { Some(fields.size("sliding_window")?) } else { None };
    let sparse = cohere2_experts(fields)?;
    let dense_width = match fields.maybe_size("prefix_dense_intermediate_size")? {
        Some(width) => width,
        None => fields.size("intermediate_size")?,
    };
    let layer = |(sliding, dense): (bool, bool)| LayerPlan {
        window: window.filter(|_| sliding),
        turned: sliding || (dense && prefix_period == 1),
        feed: if dense { Feed::Dense { width: dense_width } } else { Feed::Sparse(sparse.clone()) },
    };
    let layers = sliding.into_iter().zip(dense).map(layer).collect();
    let attention = AttentionKind { input_bias: bias, output_bias: bias, ..PLAIN };
    let base = base(fields, norm, Pairs::Neighbours, attention, layers)?;
    let logit_scale = fields.number("logit_scale")?;
    Ok(Config { parallel: true, tied: fields.flag_or("tie_word_embeddings", true)?, logit_scale, ..base })
}

/// Reads the router and the experts of the Cohere family.
fn cohere2_experts(fields: Fields<'_>) -> Result<Sparse, Error> {
    let width = fields.size("intermediate_size")?;
    let shared = fields.maybe_count("num_shared_experts")?.unwrap_or(0);
    let join = match fields.maybe_word("shared_expert_combination_strategy")? {
        None | Some("average") => Join::Average,
        Some("sum") => Join::Sum,
        Some(_) => return Err(fields.refuse("shared_expert_combination_strategy", "\"average\" or \"sum\"")),
    };
    let scores = match fields.maybe_word("expert_selection_fn")? {
        None | Some("softmax") => Scores::Softmax,
        Some("sigmoid") => Scores::Sigmoid,
        Some(_) => return Err(fields.refuse("expert_selection_fn", "\"softmax\" or \"sigmoid\"")),
    };
    // The flag is only for the sigmoid: this family's softmax is over the chosen experts in any case.
    let flagged = fields.flag_or("norm_topk_prob", true)?;
    Ok(Sparse {
        scores,
        renormalised: flagged || scores == Scores::Softmax,
        shared: (shared > 0).then_some((shared * width, join)),
        ..softmax(fields, width)?
    })
}

/// The names of attention with a window and of full attention in `layer_types`.
const ATTENTION: [&str; 2] = ["sliding_attention", "full_attention"];

/// Returns experts that are scored by softmax without renormalisation, each a gated network of this width.
fn softmax(fields: Fields<'_>, width: usize) -> Result<Sparse, Error> {
    let experts = match fields.maybe_size("num_experts")? {
        Some(experts) => experts,
        None => fields.maybe_size("num_local_experts")?.ok_or(Error::Missing("num_experts"))?,
    };
    let chosen = fields.size("num_experts_per_tok")?;
    if chosen > experts {
        return Err(fields.refuse("num_experts_per_tok", "at most the number of experts"));
    }
    Ok(Sparse {
        experts,
        chosen,
        width,
        scores: Scores::Softmax,
        renormalised: false,
        activation: Activation::Silu,
        layout: Layout::Separate,
        shared: None,
    })
}

/// Returns layers that all have the same window and the same experts.
fn same_layers(fields: Fields<'_>, window: Option<usize>, sparse: &Sparse) -> Result<Vec<LayerPlan>, Error> {
    let layer = LayerPlan { window, turned: true, feed: Feed::Sparse(sparse.clone()) };
    Ok(vec![layer; fields.size("num_hidden_layers")?])
}

/// Returns the layers of the Qwen families: one layer in every `decoder_sparse_step` is sparse, except those
/// that the configuration names as dense.
fn stepped_layers(
    fields: Fields<'_>,
    windows: &[Option<usize>],
    shared: Option<(usize, Join)>,
) -> Result<Vec<LayerPlan>, Error> {
    let sparse = softmax(fields, fields.size("moe_intermediate_size")?)?;
    let sparse = Sparse { renormalised: fields.flag_or("norm_topk_prob", false)?, shared, ..sparse };
    let step = fields.maybe_size("decoder_sparse_step")?.unwrap_or(1);
    let named = fields.maybe_indices("mlp_only_layers")?;
    let width = fields.size("intermediate_size")?;
    let layer = |(index, window): (usize, &Option<usize>)| {
        let dense = named.contains(&(index as u64)) || !(index + 1).is_multiple_of(step);
        let feed = if dense { Feed::Dense { width } } else { Feed::Sparse(sparse.clone()) };
        LayerPlan { window: *window, turned: true, feed }
    };
    Ok(windows.iter().enumerate().map(layer).collect())
}

/// Returns a model in which attention and feed-forward network come one after the other, with RMS norms.
fn sequential(fields: Fields<'_>, attention: AttentionKind, layers: Vec<LayerPlan>) -> Result<Config, Error> {
    let norm = Norm::Rms(fields.number("rms_norm_eps")?);
    base(fields, norm, Pairs::Halves, attention, layers)
}

/// Reads the part of a configuration that all families share.
fn base(
    fields: Fields<'_>,
    norm: Norm,
    pairs: Pairs,
    attention: AttentionKind,
    layers: Vec<LayerPlan>,
) -> Result<Config, Error> {
    let (hidden, heads) = (fields.size("hidden_size")?, fields.size("num_attention_heads")?);
    let head_dim = match fields.maybe_size("head_dim")? {
        Some(head_dim) => head_dim,
        None if hidden.is_multiple_of(heads) => hidden / heads,
        None => return Err(fields.refuse("num_attention_heads", "a divisor of hidden_size")),
    };
    if !head_dim.is_multiple_of(2) {
        return Err(fields.refuse("head_dim", "even"));
    }
    Ok(Config {
        vocab: fields.size("vocab_size")?,
        hidden,
        heads,
        kv_heads: fields.maybe_size("num_key_value_heads")?.unwrap_or(heads),
        head_dim,
        norm,
        parallel: false,
        tied: fields.flag_or("tie_word_embeddings", false)?,
        logit_scale: 1.0,
        rope: rotation::read(fields, head_dim, pairs)?,
        attention,
        layers,
    })
}
