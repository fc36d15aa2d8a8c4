//! Well-formedness of XML.

use alloc::string::{String, ToString};
use core::fmt;

use roxmltree::{Document, ParsingOptions};

/// The most elements, attributes and texts of a document.
const MAX_NODES: u32 = 1_000_000;

/// Why a text is not a well-formed XML document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XmlError(String);

impl fmt::Display for XmlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::error::Error for XmlError {}

/// Whether `text` is one well-formed document. One with a document type is refused: its entities could
/// make a small text a large one.
pub(crate) fn check(text: &str) -> Result<(), XmlError> {
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    match Document::parse_with_options(text, options) {
        Ok(_) => Ok(()),
        Err(error) => Err(XmlError(error.to_string())),
    }
}
