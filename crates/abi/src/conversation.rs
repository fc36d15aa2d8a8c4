//! Conversations: the messages that a model reads before a prompt.

use crate::counted;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::Value;
use crate::bounds::MAX_PROMPT_BYTES;
use crate::fields::Fields;

const ROLE: &str = "role";
const CONTENT: &str = "content";

/// The speaker of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The one who tells the model how to behave.
    System,
    /// The person who asks.
    User,
    /// The model.
    Assistant,
}

impl Role {
    const ALL: [Self; 3] = [Self::System, Self::User, Self::Assistant];

    /// Returns the word that stands for the role in templates, requests and the ledger, for example `user`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }

    /// Returns the role that `word` stands for, or None if there is no such role.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }
}

/// A message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// The speaker.
    pub role: Role,
    /// The text, which is not blank inside a [`Conversation`].
    pub content: String,
}

/// The messages that a model reads before a prompt: none, or a system message, turns of user and assistant, or both.
///
/// Holding one proves that a system message is the first one if there is any, that no message is blank, that the last
/// one is not a user's, because the prompt follows, and that all of them together stay within the bounds.
///
/// ```
/// use abi::{Conversation, Message, Role};
///
/// let message = |role, content: &str| Message { role, content: content.to_owned() };
/// let earlier = [message(Role::User, "Hello."), message(Role::Assistant, "Hello!")];
/// assert!(Conversation::new(earlier.to_vec()).is_ok());
/// assert!(Conversation::new(vec![message(Role::User, "Hello.")]).is_err());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conversation(Vec<Message>); // Invariant: as the doc comment of the type says.

/// The reason why messages are no conversation that a prompt can follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConversationError {
    /// There are more messages than [`Conversation::MAX_MESSAGES`].
    TooMany {
        /// The number of messages.
        count: usize,
    },
    /// The messages are longer than a prompt may be.
    TooLarge {
        /// The bytes of all messages together.
        bytes: usize,
    },
    /// A message has nothing but white space.
    Blank {
        /// The number of the message, from 1.
        number: usize,
    },
    /// A system message is not the first message.
    LateSystem {
        /// The number of the message, from 1.
        number: usize,
    },
    /// The last message is a user's, so the prompt has no place.
    Unanswered,
    /// A message is not a map of exactly a role and a text.
    Form {
        /// The number of the message, from 1; 0 for the list itself.
        number: usize,
    },
}

impl fmt::Display for ConversationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany { count } => {
                write!(
                    f,
                    "it has {count}, and {} are read: leave out the oldest",
                    Conversation::MAX_MESSAGES,
                    count = counted(*count, "message")
                )
            }
            Self::TooLarge { bytes } => {
                write!(
                    f,
                    "it has {bytes}, and {MAX_PROMPT_BYTES} are read: leave out the oldest messages",
                    bytes = counted(*bytes, "byte")
                )
            }
            Self::Blank { number } => write!(f, "message {number} is blank: leave it out"),
            Self::LateSystem { number } => {
                write!(
                    f,
                    "message {number} is a system message, and only the first one can be: move it to the front"
                )
            }
            Self::Unanswered => f.write_str(
                "its last message is a user's, which the model has not answered: ask it as the prompt",
            ),
            Self::Form { number: 0 } => f.write_str("it is not a list of messages"),
            Self::Form { number } => write!(f, "message {number} is not a role and a text"),
        }
    }
}

impl core::error::Error for ConversationError {}

impl Conversation {
    /// The most messages of a conversation.
    pub const MAX_MESSAGES: usize = 1024;

    /// Creates a conversation from its messages, in the order in which they were said.
    ///
    /// # Errors
    /// [`ConversationError`] names the first message that breaks a rule of the type.
    pub fn new(messages: Vec<Message>) -> Result<Self, ConversationError> {
        let (count, bytes) = (messages.len(), messages.iter().map(|message| message.content.len()).sum());
        if count > Self::MAX_MESSAGES {
            return Err(ConversationError::TooMany { count });
        }
        if bytes > MAX_PROMPT_BYTES {
            return Err(ConversationError::TooLarge { bytes });
        }
        for (number, message) in (1..).zip(&messages) {
            if message.content.trim().is_empty() {
                return Err(ConversationError::Blank { number });
            }
            if number > 1 && message.role == Role::System {
                return Err(ConversationError::LateSystem { number });
            }
        }
        match messages.last() {
            Some(Message { role: Role::User, .. }) => Err(ConversationError::Unanswered),
            _ => Ok(Self(messages)),
        }
    }

    /// Returns the messages, in the order in which they were said.
    #[must_use]
    pub fn messages(&self) -> &[Message] {
        &self.0
    }

    /// Returns true if there is no message.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the text of the system message. None if there is no system message.
    #[must_use]
    pub fn system(&self) -> Option<&str> {
        self.0.first().filter(|message| message.role == Role::System).map(|message| message.content.as_str())
    }

    /// Returns the messages of user and assistant, in the order in which they were said.
    #[must_use]
    pub fn turns(&self) -> &[Message] {
        &self.0[usize::from(self.system().is_some())..]
    }

    /// Returns the conversation as the list of maps that the ledger stores.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let message = |message: &Message| {
            Value::map([(ROLE, Value::text(message.role.word())), (CONTENT, Value::text(&*message.content))])
        };
        Value::List(self.0.iter().map(message).collect())
    }

    /// Reads a conversation from a value: the inverse of [`to_value`](Self::to_value).
    ///
    /// # Errors
    /// [`ConversationError`] names the first message that is refused.
    pub fn from_value(value: &Value) -> Result<Self, ConversationError> {
        let list = value.as_list().ok_or(ConversationError::Form { number: 0 })?;
        let read = |(number, value): (usize, &Value)| {
            let form = |_| ConversationError::Form { number };
            let fields = Fields::from_value(value, "").map_err(form)?;
            fields.only(&[ROLE, CONTENT]).map_err(form)?;
            let role = fields.word(ROLE, Role::from_word).map_err(form)?;
            let content = fields.read(CONTENT, "a text", Value::as_text).map_err(form)?.to_owned();
            Ok(Message { role, content })
        };
        Self::new((1..).zip(list).map(read).collect::<Result<_, _>>()?)
    }
}
