//! `nmk model inspect`: what a checkpoint is.

use proposer::GenerationDefaults;
use serde_json::{Value as Json, json};

use super::InspectArguments;
use crate::Error;
use crate::checkpoint::Loaded;
use crate::cli::Outcome;
use crate::console::Console;

pub(super) fn run(arguments: &InspectArguments, console: &mut Console<'_>) -> Result<Outcome, Error> {
    let Loaded { model, tokenizer, weight_bytes, end_tokens, generation, chat_file, chat } =
        arguments.common.load()?;
    let thinking = match (&chat, &tokenizer) {
        (Some(Ok(chat)), Some(tokenizer)) => json!({
            "switch": chat.has_thinking_switch(tokenizer),
            "tags": chat.thinking_tags(),
        }),
        _ => Json::Null,
    };
    let (chat, refused) = match chat {
        None => (None, None),
        Some(Ok(_)) => (Some(chat_file.unwrap_or("special tokens of the tokenizer")), None),
        Some(Err(refused)) => (None, Some(refused.to_string())),
    };
    let config = model.config();
    let sparse = config.layers.iter().filter(|layer| matches!(layer.mlp, neural::MlpConfig::Sparse { .. }));
    let windows: Vec<usize> = config.layers.iter().filter_map(|layer| layer.window).collect();
    let parameters = config.parameters();
    let positions = arguments.positions.unwrap_or(config.max_positions);
    if positions > config.max_positions {
        let context = config.max_positions;
        let what = format!("--positions {positions} is more than the model's context of {context}");
        return Err(Error::Usage { what, help: "nmk model inspect --help".to_owned() });
    }
    let (attention, router) = (&config.attention, &config.router);
    let object = json!({
        "family": config.family.name(),
        "parameters": parameters.all,
        "active_parameters": parameters.active,
        "weight_bytes": weight_bytes,
        "session_bytes": model.session_bytes(positions, positions),
        "session_positions": positions,
        "layers": config.layers.len(),
        "sparse_layers": sparse.count(),
        "windowed_layers": windows.len(),
        "window": windows.first(),
        "hidden": config.hidden_size,
        "heads": attention.heads,
        "kv_heads": attention.kv_heads,
        "head_dim": attention.head_dim,
        "experts": router.experts,
        "experts_per_token": router.chosen,
        "vocab": config.vocab_size,
        "context": config.max_positions,
        "end_tokens": end_tokens,
        "tokenizer": tokenizer.is_some(),
        "chat_template": chat,
        "chat_template_refused": refused,
        "thinking": thinking,
        "unsupported": unsupported(&generation, refused.as_deref(), tokenizer.is_some()),
        "generation": defaults(&generation),
        "state": model.state().to_string(),
        "numerics": model.state().numerics(),
        "digest": model.digest().to_string(),
    });
    if arguments.json {
        console.result(&object.to_string())?;
        return Ok(Outcome::Done);
    }
    let object: &serde_json::Map<String, Json> = object.as_object().expect("it was made as one");
    for (key, value) in object {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        console.prose(&format!("{key}: {value}"))?;
    }
    Ok(Outcome::Done)
}

/// Returns what of a checkpoint is not followed, as sentences for people.
fn unsupported(generation: &GenerationDefaults, chat: Option<&str>, has_tokenizer: bool) -> Vec<String> {
    let settings = generation
        .not_applied
        .iter()
        .map(|(key, value)| format!("generation_config.json states {key} = {value}, which is not applied"));
    let template =
        chat.map(|why| format!("the chat template is refused, so nmk ask does not take this model: {why}"));
    let tokenizer =
        (!has_tokenizer).then(|| "the folder has no tokenizer.json, so texts cannot be asked".to_owned());
    settings.chain(template).chain(tokenizer).collect()
}

/// Returns the settings of decoding of a checkpoint, in the way in which they are applied.
fn defaults(generation: &GenerationDefaults) -> Json {
    let not_applied: serde_json::Map<String, Json> = generation
        .not_applied
        .iter()
        .map(|(key, value)| ((*key).to_owned(), Json::String(value.clone())))
        .collect();
    json!({
        "temperature": generation.stated_temperature(),
        "top_k": generation.top_k,
        "top_p": generation.top_p,
        "min_p": generation.min_p,
        "max_new_tokens": generation.max_new_tokens,
        "not_applied": not_applied,
    })
}
