//! The way from the tools of the web to the client that fetches pages.

use std::sync::Arc;
use std::time::Instant;

use abi::Value;
use factloop::operations::CHILD;
use sched::TaskSpec;
use tools::{Web, WebPage, WebRefusal, WebResult, WebResults};

use crate::config::{Config, WebConfig};
use crate::remote::web::{self, AddressError, PageAddress, SearchAddress, WebError};
use crate::{Error, authorities};

/// The operation that searches.
pub(crate) const SEARCH: &str = "tool.web_search";
/// The operation that fetches a page.
pub(crate) const FETCH: &str = "tool.web_fetch";
/// The most results of a search, as the contract of the tool has it.
const MOST_RESULTS: usize = 4;

/// The remedy where no address of a search is stated.
pub(crate) const NO_SEARCH: &str = "no search is configured; state the address of one under [web] search in your \
    configuration (nmk config --documented)";

/// The web, as far as a configuration opens it.
#[derive(Clone, Debug)]
pub(crate) struct WebAccess {
    client: web::Web,
    search: Option<SearchAddress>,
}

impl WebAccess {
    /// Returns the access that `config` opens. Nothing is fetched yet.
    ///
    /// # Errors
    /// [`Error`] if a file of certificates that the user names cannot be used.
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let WebConfig { search, allow, limits } = config.web.clone();
        let authorities = authorities::trusted(config.remote.ca_file.as_deref())?;
        let started = Instant::now();
        let client = web::Web::new(limits, allow, authorities, move || started.elapsed());
        Ok(Self { client, search })
    }
}

impl Web for WebAccess {
    fn search(&self, query: &str) -> Result<WebResults, WebRefusal> {
        let closed = || WebRefusal { word: "no_search", message: NO_SEARCH.to_owned() };
        let at = self
            .search
            .as_ref()
            .ok_or_else(closed)?
            .with_query(query)
            .map_err(|error| bad_address(&error))?;
        let results = self.client.search(&at, MOST_RESULTS).map_err(|error| refusal(&error))?;
        let found = results.found.into_iter().map(|result| WebResult {
            title: result.title,
            address: result.address.to_string(),
            snippet: result.snippet,
        });
        Ok(WebResults {
            address: results.address.to_string(),
            digest: results.digest,
            found: found.collect(),
        })
    }

    fn fetch(&self, address: &str, most: usize) -> Result<WebPage, WebRefusal> {
        let address = PageAddress::parse(address).map_err(|error| bad_address(&error))?;
        let page = self.client.page(&address, most).map_err(|error| refusal(&error))?;
        Ok(WebPage {
            address: page.address.to_string(),
            digest: page.digest,
            bytes: page.bytes,
            title: page.content.title,
            text: page.content.text,
            is_cut: page.content.is_cut,
            is_lossy: page.is_lossy,
        })
    }
}

/// The web of a command that opens none: everything is refused.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoWeb;

impl Web for NoWeb {
    fn search(&self, _: &str) -> Result<WebResults, WebRefusal> {
        Err(closed())
    }

    fn fetch(&self, _: &str, _: usize) -> Result<WebPage, WebRefusal> {
        Err(closed())
    }
}

fn closed() -> WebRefusal {
    let message = "this command opens no web; write a graph for nmk run and pass --grant".to_owned();
    WebRefusal { word: "no_web", message }
}

fn bad_address(error: &AddressError) -> WebRefusal {
    WebRefusal { word: "bad_address", message: error.to_string() }
}

fn refusal(error: &WebError) -> WebRefusal {
    WebRefusal { word: error.fault.word(), message: error.to_string() }
}

/// Returns true if a task runs `operation`, by itself or by its child.
pub(crate) fn runs(task: &TaskSpec, operation: &str) -> bool {
    task.operation == operation || task.input.get(CHILD).and_then(Value::as_text) == Some(operation)
}

/// Returns the access for a job with these tasks, or None if no task needs it.
///
/// # Errors
/// [`Error`] as [`WebAccess::open`] does.
pub(crate) fn for_tasks(tasks: &[TaskSpec], config: &Config) -> Result<Option<Arc<dyn Web>>, Error> {
    if !tasks.iter().any(|task| runs(task, SEARCH) || runs(task, FETCH)) {
        return Ok(None);
    }
    let access: Arc<dyn Web> = Arc::new(WebAccess::open(config)?);
    Ok(Some(access))
}
