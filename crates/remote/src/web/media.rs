//! Media types of pages, and their bytes as text.

use super::WebFault;
use crate::excerpt;

/// The form of a page that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// HTML or XHTML, of which the text is taken.
    Html,
    /// JSON, which is text as it is.
    Json,
    /// Any other text.
    Text,
}

impl Media {
    /// Reads the header `Content-Type`. Fails for a page that is not text, and for a character set that is not read.
    pub(super) fn from_header(header: Option<&str>) -> Result<Self, WebFault> {
        let stated = header.unwrap_or_default().to_ascii_lowercase();
        let mut parts = stated.split(';').map(str::trim);
        let media = match parts.next().unwrap_or_default() {
            "text/html" | "application/xhtml+xml" => Self::Html,
            "application/json" => Self::Json,
            text if text.starts_with("text/") => Self::Text,
            other => return Err(WebFault::Type { stated: excerpt::from_text(other) }),
        };
        let charset = parts
            .find_map(|part| part.strip_prefix("charset="))
            .map(|name| name.trim_matches(['"', '\'', ' ']));
        match charset {
            None | Some("utf-8" | "utf8" | "us-ascii" | "ascii") => Ok(media),
            Some(other) => Err(WebFault::Charset { stated: excerpt::from_text(other) }),
        }
    }
}
