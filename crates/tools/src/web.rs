//! The tools `web_search` and `web_fetch`, which read pages of the web.
//!
//! Nothing that comes from the web is trusted. Each result says so under `trust`, names its source with the digest of
//! the bytes that came, and has the origin [`Origin::Fetched`], which whoever passes the value on keeps. A contract can
//! show that a result is well formed, never that a page is right.

use std::sync::Arc;

use abi::{Digest, Origin, Proposal, Value};
use det::ContractError;

use crate::sysinfo::schema;
use crate::{Tool, ToolError};

/// The mark of every result under `trust`.
const UNTRUSTED: &str = "untrusted";
/// The most characters of a page that are returned if the arguments do not say how many.
const USUAL_CHARS: usize = 2500;

/// The JSON Schema of the arguments of `web_search`.
const TAKES_QUERY: &str = r#"{"type": "object", "additionalProperties": false, "required": ["query"],
  "properties": {"query": {"type": "string", "minLength": 1, "maxLength": 300, "pattern": "\\S"}}}"#;

/// The JSON Schema of the results of `web_search`.
const RETURNS_RESULTS: &str = r##"{"type": "object", "additionalProperties": false,
  "required": ["query", "results", "source", "trust"],
  "properties": {"query": {"type": "string"}, "trust": {"const": "untrusted"},
    "source": {"$ref": "#/$defs/source"},
    "results": {"type": "array", "maxItems": 4, "items": {"type": "object", "additionalProperties": false,
      "required": ["title", "address", "snippet"],
      "properties": {"title": {"type": "string", "maxLength": 200}, "address": {"type": "string", "maxLength": 1024},
        "snippet": {"type": "string", "maxLength": 500}}}}},
  "$defs": {"source": {"type": "object", "additionalProperties": false, "required": ["address", "digest"],
    "properties": {"address": {"type": "string", "maxLength": 1024}, "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"}}}}}"##;

/// The JSON Schema of the arguments of `web_fetch`.
const TAKES_ADDRESS: &str = r#"{"type": "object", "additionalProperties": false, "required": ["url"],
  "properties": {"url": {"type": "string", "minLength": 1},
    "max_chars": {"type": "integer", "minimum": 1, "maximum": 20000}}}"#;

/// The JSON Schema of the results of `web_fetch`.
const RETURNS_PAGE: &str = r##"{"type": "object", "additionalProperties": false,
  "required": ["title", "text", "cut", "lossy", "source", "trust"],
  "properties": {"title": {"type": ["string", "null"]}, "text": {"type": "string", "maxLength": 20000},
    "cut": {"type": "boolean"}, "lossy": {"type": "boolean"}, "trust": {"const": "untrusted"},
    "source": {"type": "object", "additionalProperties": false, "required": ["address", "digest", "bytes"],
      "properties": {"address": {"type": "string", "maxLength": 1024},
        "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"}, "bytes": {"type": "integer", "minimum": 0}}}}}"##;

/// The web, as far as the tools read it. The application supplies it, and decides which hosts are reached.
pub trait Web: Send + Sync {
    /// Returns the first results of a search for `query`, at most 4.
    ///
    /// # Errors
    /// [`WebRefusal`] names the fault and what to do.
    fn search(&self, query: &str) -> Result<WebResults, WebRefusal>;

    /// Returns the page at `address`, with at most `most` characters of its text.
    ///
    /// # Errors
    /// [`WebRefusal`] names the fault and what to do.
    fn fetch(&self, address: &str, most: usize) -> Result<WebPage, WebRefusal>;
}

/// The results of a search, none of which is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebResults {
    /// The address from which the results came.
    pub address: String,
    /// The digest of the bytes that came.
    pub digest: Digest,
    /// The results, in the order of the search.
    pub found: Vec<WebResult>,
}

/// One result of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebResult {
    /// The title, in the words of the search.
    pub title: String,
    /// The address of the page.
    pub address: String,
    /// The part of the page that the search shows.
    pub snippet: String,
}

/// A page as text, which is not trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebPage {
    /// The address from which the page came, after all redirects.
    pub address: String,
    /// The digest of the bytes that came.
    pub digest: Digest,
    /// The number of the bytes that came.
    pub bytes: usize,
    /// The title of the page. None if it has none.
    pub title: Option<String>,
    /// The text of the page.
    pub text: String,
    /// True if the text was longer.
    pub is_cut: bool,
    /// True if bytes that are not UTF-8 were replaced.
    pub is_lossy: bool,
}

/// The reason why a page or a search was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message} [{word}]")]
pub struct WebRefusal {
    /// The name of the fault, for example `refused_address`.
    pub word: &'static str,
    /// The fault and its remedy, in words for the user.
    pub message: String,
}

/// Returns the tool `web_search`. The argument `query` is what to search for; the result has at most 4 pages, each with
/// title, address and snippet.
///
/// # Errors
/// Fails if the contract of its results cannot be made, which the tests of this crate rule out.
pub fn web_search(web: Arc<dyn Web>) -> Result<Tool, ContractError> {
    let about = "pages that a search names for a query";
    let (takes, returns) = (schema(TAKES_QUERY), schema(RETURNS_RESULTS));
    let tool = Tool::with_origin("web_search", about, takes, returns, move |arguments| {
        let query = text(arguments, "query");
        Ok(results(query, web.search(query).map_err(refused("web_search"))?))
    })?;
    Ok(tool.used_as(r#"{ query = "…" }"#))
}

/// Returns the tool `web_fetch`. The argument `url` is the address of a page; `max_chars` is the most characters of its
/// text, 2500 without it.
///
/// # Errors
/// Fails if the contract of its results cannot be made, which the tests of this crate rule out.
pub fn web_fetch(web: Arc<dyn Web>) -> Result<Tool, ContractError> {
    let about = "the text of a page of the web";
    let (takes, returns) = (schema(TAKES_ADDRESS), schema(RETURNS_PAGE));
    let tool = Tool::with_origin("web_fetch", about, takes, returns, move |arguments| {
        let most = arguments.get("max_chars").and_then(Value::as_int);
        let most = most.and_then(|most| usize::try_from(most).ok()).unwrap_or(USUAL_CHARS);
        Ok(page(web.fetch(text(arguments, "url"), most).map_err(refused("web_fetch"))?))
    })?;
    Ok(tool.used_as(r#"{ url = "https://…" }"#))
}

/// Returns the text under `key`, which the schema of the arguments demands.
fn text<'a>(arguments: &'a Value, key: &str) -> &'a str {
    arguments.get(key).and_then(Value::as_text).unwrap_or_default()
}

fn refused(tool: &'static str) -> impl Fn(WebRefusal) -> ToolError {
    move |refusal| ToolError::Web { tool: tool.to_owned(), refusal }
}

fn results(query: &str, results: WebResults) -> Proposal<Value> {
    let WebResults { address, digest, found } = results;
    let found = found.into_iter().map(|WebResult { title, address, snippet }| {
        Value::map([
            ("title", Value::Text(title)),
            ("address", Value::Text(address)),
            ("snippet", Value::Text(snippet)),
        ])
    });
    let source =
        Value::map([("address", Value::text(address.as_str())), ("digest", Value::text(digest.to_string()))]);
    let value = Value::map([
        ("query", Value::text(query)),
        ("results", Value::List(found.collect())),
        ("source", source),
        ("trust", Value::text(UNTRUSTED)),
    ]);
    Proposal { value, origin: Origin::Fetched { address, digest } }
}

fn page(page: WebPage) -> Proposal<Value> {
    let WebPage { address, digest, bytes, title, text, is_cut, is_lossy } = page;
    let source = Value::map([
        ("address", Value::text(address.as_str())),
        ("digest", Value::text(digest.to_string())),
        ("bytes", Value::Int(i64::try_from(bytes).unwrap_or(i64::MAX))),
    ]);
    let value = Value::map([
        ("title", title.map_or(Value::Null, Value::Text)),
        ("text", Value::Text(text)),
        ("cut", Value::Bool(is_cut)),
        ("lossy", Value::Bool(is_lossy)),
        ("source", source),
        ("trust", Value::text(UNTRUSTED)),
    ]);
    Proposal { value, origin: Origin::Fetched { address, digest } }
}
