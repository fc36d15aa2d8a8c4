//! The address of a search, with a place for the query.

use super::address::push_encoded;
use super::{AddressError, PageAddress};

/// The mark in the address of a search that stands for the query.
const MARK: &str = "{query}";

/// A checked address of a search, with one mark `{query}` behind the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchAddress {
    before: String,
    after: String,
}

/// The reason why a text is not the address of a search.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SearchAddressError {
    /// The text does not have the mark once, behind the host.
    #[error(
        "it has no place for the query, or several: write {{query}} once behind the host, as in https://search.example/search?q={{query}}&format=json"
    )]
    Mark,
    /// The address is refused.
    #[error(transparent)]
    Address(#[from] AddressError),
}

impl SearchAddress {
    /// Reads the address of a search, for example `https://search.example/search?q={query}&format=json`.
    ///
    /// # Errors
    /// [`SearchAddressError`] names the rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, SearchAddressError> {
        let (before, after) = text.split_once(MARK).ok_or(SearchAddressError::Mark)?;
        let behind_scheme = before.split_once("://").map_or("", |(_, rest)| rest);
        if after.contains(MARK) || !behind_scheme.contains(['/', '?']) || before.contains('#') {
            return Err(SearchAddressError::Mark);
        }
        let search = Self { before: before.to_owned(), after: after.to_owned() };
        search.with_query("q")?;
        Ok(search)
    }

    /// Returns the address of the search for `query`, which is percent-encoded whole.
    ///
    /// # Errors
    /// [`AddressError::TooLong`] if the query is too long for an address.
    pub fn with_query(&self, query: &str) -> Result<PageAddress, AddressError> {
        let mut text = self.before.clone();
        for byte in query.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    text.push(char::from(byte))
                }
                _ => push_encoded(byte, &mut text),
            }
        }
        text += &self.after;
        PageAddress::parse(&text)
    }
}

impl std::fmt::Display for SearchAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{MARK}{}", self.before, self.after)
    }
}
