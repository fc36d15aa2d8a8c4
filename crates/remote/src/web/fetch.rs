//! Requests for pages, with limits on every wait and every buffer.

use std::fmt;
use std::io::{ErrorKind, Read};
use std::sync::Arc;
use std::time::Duration;

use abi::Digest;
use ureq::config::Config;
use ureq::http::{HeaderMap, Response};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body};

use super::html::as_it_is;
use super::media::Media;
use super::pinned::Pinned;
use super::{
    HostPort, PageAddress, PlainText, SearchResult, WebError, WebFault, plain_text, results_from_html,
    results_from_json,
};
use crate::{Authorities, excerpt};

/// The most redirects that are followed.
const MOST_REDIRECTS: usize = 5;
/// The largest header of a reply, in bytes.
const MOST_HEADER_BYTES: usize = 32 << 10;
/// The types of page that a request asks for.
const ACCEPT: &str = "text/html, application/xhtml+xml, application/json, text/*;q=0.9";

/// Limits on the time and memory that one page may take, with its redirects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebLimits {
    /// The longest time for the page, from the first look at its name to its last byte.
    pub total: Duration,
    /// The largest body of a reply, in bytes, after it was decompressed.
    pub max_bytes: usize,
}

/// A client that fetches pages.
#[derive(Clone)]
pub struct Web {
    limits: WebLimits,
    allowed: Vec<HostPort>,
    authorities: Option<Authorities>,
    elapsed: Arc<dyn Fn() -> Duration + Send + Sync>,
}

/// A page that was fetched. Nothing in it is to be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedPage {
    /// The address from which the page came, after all redirects.
    pub address: PageAddress,
    /// The digest of the body as it came.
    pub digest: Digest,
    /// The length of the body as it came.
    pub bytes: usize,
    /// The text of the page.
    pub content: PlainText,
    /// True if the body is not UTF-8. Its other bytes are `U+FFFD` in the text.
    pub is_lossy: bool,
}

/// The results of a search. Nothing in them is to be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchResults {
    /// The address from which the results came.
    pub address: PageAddress,
    /// The digest of the reply as it came.
    pub digest: Digest,
    /// The results, in the order of the search.
    pub found: Vec<SearchResult>,
}

/// The body of a page with what is known of it.
struct Raw {
    address: PageAddress,
    media: Media,
    body: Vec<u8>,
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limits, allowed, .. } = self;
        f.debug_struct("Web").field("limits", limits).field("allowed", allowed).finish_non_exhaustive()
    }
}

impl Web {
    /// Returns a client that fetches pages from public hosts and from the places in `allowed`, wherever those are.
    ///
    /// `elapsed` returns the time since some moment that stays the same. Without `authorities` the client trusts those
    /// that it was built with.
    #[must_use]
    pub fn new(
        limits: WebLimits,
        allowed: Vec<HostPort>,
        authorities: Option<Authorities>,
        elapsed: impl Fn() -> Duration + Send + Sync + 'static,
    ) -> Self {
        Self { limits, allowed, authorities, elapsed: Arc::new(elapsed) }
    }

    /// Returns the page at `address` with at most `most` characters of its text.
    ///
    /// # Errors
    /// [`WebError`] names the fault and the address at which it showed.
    pub fn page(&self, address: &PageAddress, most: usize) -> Result<FetchedPage, WebError> {
        let Raw { address, media, body } = self.fetch(address)?;
        let text = String::from_utf8_lossy(&body);
        let content = match media {
            Media::Html => plain_text(&text, most),
            Media::Json | Media::Text => as_it_is(&text, most),
        };
        let is_lossy = matches!(text, std::borrow::Cow::Owned(_));
        Ok(FetchedPage { address, digest: Digest::hash_blob(&body), bytes: body.len(), content, is_lossy })
    }

    /// Returns the first `most` results that a search has at `search`, which is its address for one query.
    ///
    /// # Errors
    /// [`WebError`] as [`page`](Self::page) does, and if the reply is no list of results.
    pub fn search(&self, search: &PageAddress, most: usize) -> Result<SearchResults, WebError> {
        let Raw { address, media, body } = self.fetch(search)?;
        let text = String::from_utf8_lossy(&body);
        let found = match media {
            Media::Json => results_from_json(&text, most),
            Media::Html => Some(results_from_html(&text, &address, most)),
            Media::Text => None,
        };
        let found = found.ok_or_else(|| self.error(&address, WebFault::NotResults))?;
        Ok(SearchResults { digest: Digest::hash_blob(&body), address, found })
    }

    fn error(&self, address: &PageAddress, fault: WebFault) -> WebError {
        WebError { address: address.clone(), fault: Box::new(fault), total: self.limits.total }
    }

    /// Follows the redirects from `address` and returns the body at their end.
    fn fetch(&self, address: &PageAddress) -> Result<Raw, WebError> {
        let end = (self.elapsed)().saturating_add(self.limits.total);
        let mut address = address.clone();
        for _ in 0..=MOST_REDIRECTS {
            let response = self.request(&address, end).map_err(|fault| self.error(&address, fault))?;
            match next(&address, &response).map_err(|fault| self.error(&address, fault))? {
                Some(to) => address = to,
                None => {
                    let read = self.read(response);
                    let (media, body) = read.map_err(|fault| self.error(&address, fault))?;
                    return Ok(Raw { address, media, body });
                }
            }
        }
        Err(self.error(&address, WebFault::TooManyRedirects { limit: MOST_REDIRECTS }))
    }

    /// Sends one request and returns once the header of the reply has arrived.
    fn request(&self, address: &PageAddress, end: Duration) -> Result<Response<Body>, WebFault> {
        let left = || match end.saturating_sub((self.elapsed)()) {
            Duration::ZERO => Err(WebFault::TooSlow { received: 0 }),
            left => Ok(left),
        };
        let is_allowed = self.allowed.contains(address.place());
        let pinned = Pinned::resolve(address.place(), is_allowed, left()?)?;
        // A client for one request: it has no connection, no cookie and no name that another request left behind.
        let agent = Agent::with_parts(self.config(left()?), DefaultConnector::default(), pinned);
        agent.get(address.to_string()).call().map_err(|error| fault(&error, None))
    }

    fn config(&self, left: Duration) -> Config {
        let roots = self.authorities.as_ref().map_or(RootCerts::WebPki, Authorities::roots);
        // The proxy is always set, because the client's default is the proxy of the environment.
        Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(left))
            .max_response_header_size(MOST_HEADER_BYTES)
            .max_idle_connections(0)
            .user_agent("nmk")
            .accept(ACCEPT)
            .accept_encoding("identity")
            .proxy(None)
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .build()
    }

    /// Reads the body of a reply that is no redirect.
    fn read(&self, response: Response<Body>) -> Result<(Media, Vec<u8>), WebFault> {
        let status = response.status().as_u16();
        if !response.status().is_success() {
            return Err(WebFault::Status { status });
        }
        let media = Media::from_header(header(response.headers(), "content-type"))?;
        let encoding = header(response.headers(), "content-encoding").unwrap_or("identity");
        if !encoding.trim().eq_ignore_ascii_case("identity") {
            return Err(WebFault::Encoding { stated: excerpt::from_text(encoding) });
        }
        let limit = self.limits.max_bytes;
        let stated =
            header(response.headers(), "content-length").and_then(|length| length.parse::<u64>().ok());
        if stated.is_some_and(|stated| stated > limit as u64) {
            return Err(WebFault::TooLarge { limit });
        }
        let (mut body, mut buffer) = (Vec::new(), [0; 8192]);
        let mut reader = response.into_body().into_reader();
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok((media, body)),
                Ok(count) => body.extend_from_slice(&buffer[..count]),
                Err(error) => return Err(fault(&ureq::Error::from(error), Some(body.len()))),
            }
            if body.len() > limit {
                return Err(WebFault::TooLarge { limit });
            }
        }
    }
}

/// Returns the address to which a reply redirects, or None if it does not.
fn next(address: &PageAddress, response: &Response<Body>) -> Result<Option<PageAddress>, WebFault> {
    let location = header(response.headers(), "location");
    let (301 | 302 | 303 | 307 | 308, Some(location)) = (response.status().as_u16(), location) else {
        return Ok(None);
    };
    let to = address.join(location).map_err(|cause| WebFault::Redirect { cause })?;
    if address.is_encrypted() && !to.is_encrypted() {
        return Err(WebFault::Downgrade { to });
    }
    Ok(Some(to))
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Returns the fault for an error of the HTTP client. `received` is the number of bytes of the body that had arrived, and
/// None before the body.
fn fault(error: &ureq::Error, received: Option<usize>) -> WebFault {
    let words = |error: &dyn fmt::Display| excerpt::from_text(&error.to_string());
    match error {
        ureq::Error::Timeout(_) => WebFault::TooSlow { received: received.unwrap_or(0) },
        ureq::Error::LargeResponseHeader(..) => WebFault::LargeHeader { limit: MOST_HEADER_BYTES },
        // The parser's own error is of a crate that is not linked here, so its words tell it.
        ureq::Error::Protocol(cause) if cause.to_string().contains("too many headers") => {
            WebFault::LargeHeader { limit: MOST_HEADER_BYTES }
        }
        ureq::Error::Protocol(cause) => WebFault::NotHttp { cause: words(cause) },
        ureq::Error::Io(cause) => match (cause.kind(), received) {
            (ErrorKind::TimedOut | ErrorKind::WouldBlock, _) => {
                WebFault::TooSlow { received: received.unwrap_or(0) }
            }
            (
                ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted,
                Some(received),
            ) => WebFault::Truncated { received },
            _ => failed(words(cause)),
        },
        other => failed(words(other)),
    }
}

fn failed(cause: String) -> WebFault {
    let lower = cause.to_ascii_lowercase();
    match lower.contains("certificate") || lower.contains("issuer") {
        true => WebFault::Certificate { cause },
        false => WebFault::Failed { cause },
    }
}
