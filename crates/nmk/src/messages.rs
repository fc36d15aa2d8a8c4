//! The messages before a prompt, as flags and files state them.

use std::fs::File;
use std::path::{Path, PathBuf};

use abi::{Conversation, ConversationError, Message, Role, Value};
use clap::Args;

use crate::{Error, excerpt};

/// The largest file of messages that is read, in bytes.
const MAX_BYTES: usize = 16 << 20;
/// The key under which a request of the OpenAI API has its messages.
const MESSAGES: &str = "messages";

/// The flags about the messages that a model reads before the prompt.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Messages {
    /// A text that tells the model how to behave, before everything else.
    #[arg(long, value_name = "TEXT")]
    system: Option<String>,
    /// Earlier messages in JSON, each with a role and a content. The prompt follows them; without a prompt,
    /// the last message is the question.
    #[arg(long, value_name = "FILE")]
    messages: Option<PathBuf>,
}

/// A question with the messages before it.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) conversation: Conversation,
    pub(crate) prompt: String,
}

/// The reason why a file of messages cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MessagesError {
    /// The file cannot be read.
    #[error("it cannot be read ({0}): check the path")]
    Unreadable(std::io::Error),
    /// The file is larger than 16 MiB, or not UTF-8.
    #[error("it is {0}: pass a file of UTF-8 text of at most 16 MiB")]
    NotText(&'static str),
    /// The file is not JSON.
    #[error(
        "it is not JSON ({0}): pass a list of messages such as [{{\"role\": \"user\", \"content\": \"Hi\"}}]"
    )]
    Json(det::JsonError),
    /// The file has a part that is not read.
    #[error("{place} has {what}, which is not read: {remedy}")]
    NotRead {
        /// The place in the file, in words.
        place: String,
        /// The part that is not read.
        what: String,
        /// The change that would help.
        remedy: &'static str,
    },
    /// The messages are no conversation that a prompt can follow.
    #[error(transparent)]
    Conversation(#[from] ConversationError),
    /// The file and a flag both have a system message.
    #[error("it has a system message, and --system states another: leave one of them out")]
    TwoSystems,
    /// The file ends with a question, and the command line has one too.
    #[error("its last message is a user's, and a prompt was passed too: leave one of them out")]
    TwoQuestions,
    /// The file does not end with a question, and the command line has none.
    #[error("its last message is not a user's, and there is no prompt: pass the question as the prompt")]
    NoQuestion,
}

impl Messages {
    /// Returns true if a file of messages is named, which may have the question.
    pub(crate) fn has_file(&self) -> bool {
        self.messages.is_some()
    }

    /// Returns the question with the messages before it. The question is `prompt`, or the last message of the file if
    /// there is no prompt.
    ///
    /// # Errors
    /// [`Error::Messages`] if the file or the flags are refused, or if neither has a question.
    pub(crate) fn read(&self, prompt: Option<&str>) -> Result<Asked, Error> {
        let path = self.messages.as_deref();
        let refused = |cause| {
            let path = path.map_or_else(|| PathBuf::from("--system"), Path::to_path_buf);
            Error::Messages { path, cause: Box::new(cause) }
        };
        let mut messages = path.map(from_file).transpose().map_err(refused)?.unwrap_or_default();
        if let Some(system) = &self.system {
            if messages.first().is_some_and(|first| first.role == Role::System) {
                return Err(refused(MessagesError::TwoSystems));
            }
            messages.insert(0, Message { role: Role::System, content: system.clone() });
        }
        let is_asked = messages.last().is_some_and(|last| last.role == Role::User);
        let prompt = match (prompt, is_asked) {
            (Some(_), true) => return Err(refused(MessagesError::TwoQuestions)),
            (Some(prompt), false) => prompt.to_owned(),
            (None, true) => messages.pop().map(|last| last.content).unwrap_or_default(),
            (None, false) => return Err(refused(MessagesError::NoQuestion)),
        };
        let conversation = Conversation::new(messages).map_err(|cause| refused(cause.into()))?;
        Ok(Asked { conversation, prompt })
    }
}

/// Reads a file of messages: a list of them, or an object with such a list under `messages`.
fn from_file(path: &Path) -> Result<Vec<Message>, MessagesError> {
    let file = File::open(path).map_err(MessagesError::Unreadable)?;
    let bytes = crate::bounded::read(file, MAX_BYTES).map_err(MessagesError::Unreadable)?;
    let bytes = bytes.ok_or(MessagesError::NotText("too large"))?;
    let text = String::from_utf8(bytes).map_err(|_| MessagesError::NotText("not UTF-8"))?;
    from_json(text.trim_start_matches('\u{feff}'))
}

fn from_json(text: &str) -> Result<Vec<Message>, MessagesError> {
    let value = det::parse_json(text).map_err(MessagesError::Json)?;
    let list = match &value {
        Value::Map(map) => {
            if let Some(key) = map.keys().find(|key| *key != MESSAGES) {
                return Err(unread("the object", key, "keep the key `messages` alone"));
            }
            map.get(MESSAGES).ok_or(ConversationError::Form { number: 0 })?
        }
        list => list,
    };
    let Value::List(list) = list else { return Err(ConversationError::Form { number: 0 }.into()) };
    (1..).zip(list).map(|(number, value)| message(number, value)).collect()
}

fn message(number: usize, value: &Value) -> Result<Message, MessagesError> {
    let place = format!("message {number}");
    let form = || MessagesError::from(ConversationError::Form { number });
    let map = value.as_map().ok_or_else(form)?;
    if let Some(key) = map.keys().find(|key| !["role", "content"].contains(&key.as_str())) {
        return Err(unread(&place, key, "keep role and content"));
    }
    let role = map.get("role").and_then(Value::as_text).ok_or_else(form)?;
    // The newer word of one API for the same.
    let role = if role == "developer" { "system" } else { role };
    let role = Role::from_word(role)
        .ok_or_else(|| unread(&place, &format!("role {role}"), "the roles are system, user and assistant"))?;
    let content = match map.get("content") {
        Some(Value::Text(text)) => text.clone(),
        Some(Value::List(parts)) => {
            parts.iter().map(|part| text_part(&place, part)).collect::<Result<Vec<_>, _>>()?.concat()
        }
        _ => return Err(form()),
    };
    Ok(Message { role, content })
}

/// Returns the text of a part of a content that is a list.
fn text_part<'v>(place: &str, part: &'v Value) -> Result<&'v str, MessagesError> {
    let kind = part.get("type").and_then(Value::as_text);
    let text = part.get("text").and_then(Value::as_text);
    text.filter(|_| kind == Some("text"))
        .ok_or_else(|| unread(place, kind.unwrap_or("a part without a type"), "pass text alone"))
}

fn unread(place: &str, what: &str, remedy: &'static str) -> MessagesError {
    MessagesError::NotRead {
        place: place.to_owned(),
        what: format!("`{}`", excerpt::from_text(what)),
        remedy,
    }
}

#[cfg(test)]
mod tests {
    use super::from_json;

    #[test]
    fn messages_are_read_in_the_forms_of_the_api() {
        let expected = "[Message { role: System, content: \"S\" }, Message { role: User, content: \"ab\" }]";
        for text in [
            r#"[{"role": "system", "content": "S"}, {"role": "user", "content": "ab"}]"#,
            r#"{"messages": [{"role": "developer", "content": "S"}, {"role": "user", "content": "ab"}]}"#,
            r#"[{"content": "S", "role": "system"}, {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]"#,
        ] {
            assert_eq!(format!("{:?}", from_json(text).expect(text)), expected, "{text}");
        }
        for (text, words) in [
            ("", "not JSON"),
            ("3", "not a list of messages"),
            ("{}", "not a list of messages"),
            (r#"{"messages": [], "model": "m"}"#, "the object has `model`"),
            (r#"["hi"]"#, "message 1 is not a role and a text"),
            (r#"[{"role": "user"}]"#, "message 1 is not a role and a text"),
            (r#"[{"role": "tool", "content": "a"}]"#, "message 1 has `role tool`"),
            (r#"[{"role": "user", "content": "a", "name": "b"}]"#, "message 1 has `name`"),
            (r#"[{"role": "user", "content": [{"type": "image_url"}]}]"#, "message 1 has `image_url`"),
        ] {
            let error = from_json(text).expect_err(text).to_string();
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
