//! The parameters of the rotary embedding, from either of the two places where configurations keep them.

use crate::config::fields::Fields;
use crate::error::Error;
use crate::rope::{Pairs, Rope, Scaling};

/// Reads the rotary embedding of a model.
pub(crate) fn read(fields: Fields<'_>, head_dim: usize, pairs: Pairs) -> Result<Rope, Error> {
    let newer = fields.maybe_object("rope_parameters")?;
    let parameters = match newer {
        Some(parameters) => Some(parameters),
        None => fields.maybe_object("rope_scaling")?,
    };
    let theta = match newer.map(|newer| newer.maybe_number("rope_theta")).transpose()?.flatten() {
        Some(theta) => theta,
        None => fields.number("rope_theta")?,
    };
    if theta <= 1.0 {
        return Err(fields.refuse("rope_theta", "above 1"));
    }
    let partial = [Some(fields), parameters].into_iter().flatten();
    for place in partial {
        if place.maybe_number("partial_rotary_factor")?.is_some_and(|factor| factor != 1.0) {
            return Err(place.refuse("partial_rotary_factor", "1, or absent"));
        }
    }
    let scaling = match parameters {
        Some(parameters) => scaling(fields, parameters)?,
        None => Scaling::None,
    };
    Ok(Rope::new(head_dim, theta, scaling, pairs))
}

/// Reads the scaling of the rotary frequencies.
fn scaling(fields: Fields<'_>, parameters: Fields<'_>) -> Result<Scaling, Error> {
    let kind = match parameters.maybe_word("rope_type")? {
        Some(kind) => Some(kind),
        None => parameters.maybe_word("type")?,
    };
    match kind {
        None | Some("default") => Ok(Scaling::None),
        Some("linear") => Ok(Scaling::Linear { factor: parameters.number("factor")? }),
        Some("llama3") => {
            let (low, high) = (parameters.number("low_freq_factor")?, parameters.number("high_freq_factor")?);
            if high <= low {
                return Err(parameters.refuse("high_freq_factor", "above low_freq_factor"));
            }
            let factor = parameters.number("factor")?;
            Ok(Scaling::Llama3 { factor, low, high, original: original(fields, parameters)? })
        }
        Some("yarn") => yarn(fields, parameters),
        Some(other) => Err(Error::Rope(other.to_owned())),
    }
}

/// Reads the scaling of the type `yarn`.
fn yarn(fields: Fields<'_>, parameters: Fields<'_>) -> Result<Scaling, Error> {
    for key in ["mscale", "mscale_all_dim"] {
        if parameters.has(key) {
            return Err(parameters.refuse(key, "absent"));
        }
    }
    let factor = parameters.number("factor")?;
    let natural = if factor > 1.0 { 0.1 * factor.ln() + 1.0 } else { 1.0 };
    Ok(Scaling::Yarn {
        factor,
        fast: parameters.maybe_number("beta_fast")?.unwrap_or(32.0),
        slow: parameters.maybe_number("beta_slow")?.unwrap_or(1.0),
        original: original(fields, parameters)?,
        truncate: parameters.flag_or("truncate", true)?,
        magnitude: parameters.maybe_number("attention_factor")?.unwrap_or(natural),
    })
}

/// Returns the length of the context in training, in tokens.
fn original(fields: Fields<'_>, parameters: Fields<'_>) -> Result<f64, Error> {
    match parameters.maybe_number("original_max_position_embeddings")? {
        Some(original) => Ok(original),
        None => fields.number("max_position_embeddings"),
    }
}
