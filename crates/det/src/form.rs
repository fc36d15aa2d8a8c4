//! The form in which a subject states its result.

use abi::Value;

/// The form in which a subject states its result, and so the way in which a validator reads the result.
///
/// A contract fixes one form. The subject of [`Integer`](Form::Integer), [`YesNo`](Form::YesNo),
/// [`Number`](Form::Number), [`Word`](Form::Word), [`Integers`](Form::Integers) and [`Value`](Form::Value) is the result itself: what is judged, and later
/// committed, is the value alone. An executor with a reply reads the answer from it with
/// [`extract`](crate::extract) and proposes that. Every other form takes text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Conversation: the contract demands nothing, and a verdict under it has level `None`.
    Free,
    /// Text that is not blank. The whole text is the result; nothing is trimmed before it is compared.
    Text,
    /// An integer: a [`Value::Int`].
    Integer,
    /// Yes or no: a [`Value::Bool`].
    YesNo,
    /// A number: a [`Value::Int`] or a [`Value::Float`].
    Number,
    /// A word: a [`Value::Text`] of letters, digits and inner hyphens, such as a name of a day or a date. A capital
    /// letter is another character than a small one.
    Word,
    /// A list of integers in their order: a [`Value::List`] of [`Value::Int`].
    Integers,
    /// Text that is one JSON document and nothing else. The result is the document's value.
    Json,
    /// Text that is one well-formed XML document without a document type.
    Xml,
    /// The value itself, not text about it. An expected value must match in type too: 3.0 is not the int 3.
    Value,
}

impl Form {
    const ALL: [Self; 10] = [
        Self::Free,
        Self::Text,
        Self::Integer,
        Self::YesNo,
        Self::Number,
        Self::Word,
        Self::Integers,
        Self::Json,
        Self::Xml,
        Self::Value,
    ];

    /// Returns the word that stands for the form in the canonical encoding of a contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Text => "text",
            Self::Integer => "integer",
            Self::YesNo => "yes_no",
            Self::Number => "number",
            Self::Word => "word",
            Self::Integers => "integers",
            Self::Json => "json",
            Self::Xml => "xml",
            Self::Value => "value",
        }
    }

    /// Returns true if the result of the form is read from a reply by [`extract`](crate::extract).
    pub(crate) fn is_read(self) -> bool {
        matches!(self, Self::Integer | Self::YesNo | Self::Number | Self::Word | Self::Integers)
    }

    /// Returns true if a subject of the form is the result itself, and not text that is read.
    pub(crate) fn is_the_value(self) -> bool {
        self.is_read() || self == Self::Value
    }

    /// Returns true if `subject` is a result of the form, for the forms whose subject is the result itself.
    pub(crate) fn takes(self, subject: &Value) -> bool {
        match self {
            Self::Integer => matches!(subject, Value::Int(_)),
            Self::YesNo => matches!(subject, Value::Bool(_)),
            Self::Number => matches!(subject, Value::Int(_) | Value::Float(_) | Value::Decimal(_)),
            Self::Word => subject.as_text().is_some_and(is_word),
            Self::Integers => {
                subject.as_list().is_some_and(|items| items.iter().all(|item| matches!(item, Value::Int(_))))
            }
            _ => self == Self::Value,
        }
    }

    /// Returns the form that `word` stands for: the inverse of [`word`](Self::word).
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.word() == word)
    }
}

/// Returns true for a word: letters and digits, with single hyphens between them.
pub(crate) fn is_word(text: &str) -> bool {
    text.split('-').all(|part| !part.is_empty() && part.chars().all(char::is_alphanumeric))
}
