//! The form in which a subject states its result.

/// The form in which a subject states its result, for example an integer or a JSON document.
///
/// A contract fixes one form, and the form decides how a validator reads the result: [`Form::Value`] takes
/// the subject itself; every other form takes text and reads the result from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Conversation: the contract demands nothing, and a verdict under it has level `None`.
    Free,
    /// Text that is not blank. The whole text is the result; nothing is trimmed before it is compared.
    Text,
    /// A reply from which [`extract`](crate::extract) reads an integer.
    Integer,
    /// A reply from which [`extract`](crate::extract) reads yes or no.
    YesNo,
    /// A reply from which [`extract`](crate::extract) reads a number.
    Number,
    /// Text that is one JSON document and nothing else. The result is the document's value.
    Json,
    /// Text that is one well-formed XML document without a document type.
    Xml,
    /// The value itself, not text about it. An expected value must match in type too: 3.0 is not the int 3.
    Value,
}

impl Form {
    const ALL: [Self; 8] = [
        Self::Free,
        Self::Text,
        Self::Integer,
        Self::YesNo,
        Self::Number,
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
            Self::Json => "json",
            Self::Xml => "xml",
            Self::Value => "value",
        }
    }

    /// Returns the form that `word` stands for, the inverse of [`word`](Self::word), or None if there is
    /// none.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.word() == word)
    }
}
