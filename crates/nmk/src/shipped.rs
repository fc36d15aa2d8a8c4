//! The models that are shipped in the binary, by their names.

use std::path::Path;

/// A model that is shipped in the binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shipped {
    /// The model that answers where no other one is chosen.
    Embedded,
    /// The model that writes Python functions.
    Coder,
}

impl Shipped {
    const ALL: [Self; 2] = [Self::Embedded, Self::Coder];

    /// Returns the model of this name. None if the binary has none, and `place` is a folder.
    pub(crate) fn named(place: &Path) -> Option<Self> {
        Self::ALL.into_iter().find(|model| place == Path::new(model.name()))
    }

    /// Returns the name by which a user chooses the model.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Coder => "coder",
        }
    }

    /// Returns the content of `config.json`.
    pub(crate) fn config(self) -> &'static [u8] {
        match self {
            Self::Embedded => embedded::CONFIG.as_bytes(),
            Self::Coder => embedded::coder::CONFIG.as_bytes(),
        }
    }

    /// Returns the content of `tokenizer.json`.
    pub(crate) fn tokenizer(self) -> &'static [u8] {
        match self {
            Self::Embedded => embedded::TOKENIZER,
            Self::Coder => embedded::coder::TOKENIZER,
        }
    }

    /// Returns the content of `model.safetensors`.
    pub(crate) fn weights(self) -> &'static [u8] {
        match self {
            Self::Embedded => embedded::WEIGHTS,
            Self::Coder => embedded::coder::WEIGHTS,
        }
    }
}
