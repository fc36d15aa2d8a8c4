//! The chat template that the files of a model folder hold.

use serde_json::Value;

use crate::chat::ChatError;

/// The name of the template that is used if a checkpoint has several.
const DEFAULT: &str = "default";

/// The chat template of a checkpoint, and the two special tokens that it may name, as they are in its files.
/// Nothing is checked until [`ChatTemplate::from_source`](crate::ChatTemplate::from_source) runs the
/// template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatSource {
    /// The name of the file that held the template: [`TEMPLATE_FILE`](Self::TEMPLATE_FILE) or
    /// [`CONFIG_FILE`](Self::CONFIG_FILE).
    pub file: &'static str,
    /// The text of the template, in Jinja.
    pub template: String,
    /// The spelling of the token that begins a text; empty if the checkpoint names none.
    pub bos_token: String,
    /// The spelling of the token that ends an answer; empty if the checkpoint names none.
    pub eos_token: String,
}

impl ChatSource {
    /// The name of a file in a model folder that holds only a chat template.
    pub const TEMPLATE_FILE: &'static str = "chat_template.jinja";

    /// The name of a file in a model folder that may hold a chat template among other keys.
    pub const CONFIG_FILE: &'static str = "tokenizer_config.json";

    /// Reads the template from the bytes of the two files of a model folder, each `None` if the folder does
    /// not have it. The template is the whole of `chat_template.jinja`, or else the key `chat_template` of
    /// `tokenizer_config.json`. The value of that key is a text, or a list of `{name, template}` with one
    /// named `default`. Returns `None` if neither file has a template.
    ///
    /// # Errors
    /// The name of the file that is at fault, with [`ChatError::Config`] if it is not JSON of the right form,
    /// or [`ChatError::NotText`] if it is not UTF-8.
    pub fn from_files(
        config: Option<&[u8]>,
        template: Option<&[u8]>,
    ) -> Result<Option<Self>, (&'static str, ChatError)> {
        let in_config = |error| (Self::CONFIG_FILE, error);
        let config: Value = match config {
            None => Value::Null,
            Some(bytes) => serde_json::from_slice(bytes)
                .map_err(|error| in_config(ChatError::Config { why: format!("it is not JSON: {error}") }))?,
        };
        let found = match template {
            Some(bytes) => {
                let text = str::from_utf8(bytes);
                let text = text
                    .map_err(|error| (Self::TEMPLATE_FILE, ChatError::NotText { at: error.valid_up_to() }))?;
                Some((Self::TEMPLATE_FILE, text.to_owned()))
            }
            None => named(&config).map_err(in_config)?.map(|template| (Self::CONFIG_FILE, template)),
        };
        let Some((file, template)) = found else { return Ok(None) };
        let bos_token = token(&config, "bos_token").map_err(in_config)?;
        let eos_token = token(&config, "eos_token").map_err(in_config)?;
        Ok(Some(Self { file, template, bos_token, eos_token }))
    }
}

fn named(config: &Value) -> Result<Option<String>, ChatError> {
    let wrong = |why: &str| ChatError::Config { why: why.to_owned() };
    let templates = match config.get("chat_template") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(template)) => return Ok(Some(template.clone())),
        Some(Value::Array(templates)) => templates,
        Some(_) => return Err(wrong("`chat_template` is neither a text nor a list")),
    };
    let default = templates.iter().find(|item| item.get("name").and_then(Value::as_str) == Some(DEFAULT));
    let default = default.ok_or_else(|| wrong("of the list `chat_template`, none has the name `default`"))?;
    let template = default.get("template").and_then(Value::as_str);
    template
        .map(|text| Some(text.to_owned()))
        .ok_or_else(|| wrong("the default of `chat_template` has no text `template`"))
}

/// Returns the spelling of a special token. The value of its key is a text, or an object whose `content` is a
/// text.
fn token(config: &Value, key: &str) -> Result<String, ChatError> {
    let stated = config.get(key).map(|stated| stated.get("content").unwrap_or(stated));
    match stated {
        None | Some(Value::Null) => Ok(String::new()),
        Some(Value::String(token)) => Ok(token.clone()),
        Some(_) => {
            Err(ChatError::Config { why: format!("`{key}` is neither a text nor an object with `content`") })
        }
    }
}
