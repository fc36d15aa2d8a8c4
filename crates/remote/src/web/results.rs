//! Results of a search, read from JSON or from the links of a page.

use serde_json::Value;

use super::text::Collected;
use super::{PageAddress, links};

/// The longest title of a result, in characters.
const MOST_TITLE: usize = 200;
/// The longest snippet of a result, in characters.
const MOST_SNIPPET: usize = 500;
/// The most results of a reply that are looked at.
const MOST_LOOKED_AT: usize = 500;

/// A result of a search: a page that the search names, of which nothing is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchResult {
    /// The title, in the words of the search.
    pub title: String,
    /// The address of the page.
    pub address: PageAddress,
    /// The part of the page that the search shows. Empty if it shows none.
    pub snippet: String,
}

/// Returns the results of a JSON reply as SearXNG writes it: the list `results`, whose items have `url`, and may have
/// `title` and `content` or `snippet`. Items without an address that can be fetched are passed over, and so are
/// addresses that came before. Returns None if the reply is not JSON or has no such list.
#[must_use]
pub fn results_from_json(json: &str, most: usize) -> Option<Vec<SearchResult>> {
    let reply: Value = serde_json::from_str(json).ok()?;
    let items = reply.get("results")?.as_array()?;
    let found = items.iter().take(MOST_LOOKED_AT).filter_map(|item| {
        let text = |keys: &[&str]| keys.iter().find_map(|key| item.get(*key)?.as_str()).unwrap_or_default();
        let address = PageAddress::parse(text(&["url"]).trim()).ok()?;
        let (title, snippet) =
            (words(text(&["title"]), MOST_TITLE), words(text(&["content", "snippet"]), MOST_SNIPPET));
        Some(SearchResult { title, address, snippet })
    });
    Some(distinct(found, most))
}

/// Returns the results of a page of results: its links to other hosts, with their texts as titles. A link to the search
/// itself that carries an address in its query, as some searches count clicks, stands for that address.
#[must_use]
pub fn results_from_html(html: &str, page: &PageAddress, most: usize) -> Vec<SearchResult> {
    let found = links(html).into_iter().filter_map(|link| {
        let address = page.join(&link.reference).ok()?;
        let address =
            if address.place().name() == page.place().name() { carried(&address)? } else { address };
        let is_result = address.place().name() != page.place().name() && !link.title.is_empty();
        is_result.then(|| SearchResult { title: link.title, address, snippet: String::new() })
    });
    distinct(found, most)
}

/// Returns the first `most` results whose addresses differ.
fn distinct(found: impl Iterator<Item = SearchResult>, most: usize) -> Vec<SearchResult> {
    let mut kept: Vec<SearchResult> = Vec::new();
    for result in found {
        if kept.len() >= most {
            break;
        }
        if kept.iter().all(|known| known.address != result.address) {
            kept.push(result);
        }
    }
    kept
}

/// Returns the address that the query of another one carries as the value of a parameter.
fn carried(address: &PageAddress) -> Option<PageAddress> {
    let (_, query) = address.path().split_once('?')?;
    let values = query.split('&').filter_map(|part| part.split_once('='));
    values.filter_map(|(_, value)| PageAddress::parse(&decoded(value)).ok()).next()
}

/// Returns a text without its percent-encoding. Bytes that are not UTF-8 become `U+FFFD`.
fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digit = |offset: usize| {
            char::from(*bytes.get(at + offset)?).to_digit(16).and_then(|d| u8::try_from(d).ok())
        };
        match (bytes[at], digit(1), digit(2)) {
            (b'%', Some(high), Some(low)) => {
                out.push(high << 4 | low);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn words(text: &str, most: usize) -> String {
    let mut collected = Collected::new(most);
    collected.push_words(text);
    collected.into_text()
}
