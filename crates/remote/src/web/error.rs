//! The errors of fetching a page.

use std::net::IpAddr;
use std::time::Duration;

use abi::counted;

use super::{AddressError, HostPort, PageAddress, SpecialAddress};

/// The reason why a page was not fetched, with the address at which that showed.
///
/// The message is one line: the fault, the address in parentheses, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{fault} ({address}): {}", .fault.remedy(*.total))]
pub struct WebError {
    /// The address of the request that failed, which may be that of a redirect.
    pub address: PageAddress,
    /// The fault.
    pub fault: Box<WebFault>,
    /// The limit of the whole fetch, for the message.
    pub total: Duration,
}

/// A fault of a page, of its server, or of the way to it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WebFault {
    /// The host has an address that is not that of a public host.
    #[error("{} is at {address}, {}", .place.name(), .kind.words())]
    Special {
        /// The host and the port.
        place: HostPort,
        /// The address.
        address: IpAddr,
        /// The kind of the address.
        kind: SpecialAddress,
    },
    /// The host name does not resolve to an address.
    #[error("the host {name} does not resolve")]
    HostNotFound {
        /// The name of the host.
        name: String,
    },
    /// No connection came about, or it broke before a reply.
    #[error("the connection failed: {cause}")]
    Failed {
        /// The cause, as the operating system or the HTTP client states it.
        cause: String,
    },
    /// The certificate of the server is not trusted.
    #[error("the certificate is not trusted: {cause}")]
    Certificate {
        /// The cause, as the HTTP client states it.
        cause: String,
    },
    /// The reply is not HTTP, or breaks its rules.
    #[error("the reply is not HTTP: {cause}")]
    NotHttp {
        /// The cause, as the HTTP client states it.
        cause: String,
    },
    /// The status is neither success nor a redirect that can be followed.
    #[error("the server answered HTTP {status}")]
    Status {
        /// The status.
        status: u16,
    },
    /// A redirect has no address that can be fetched.
    #[error("it redirects to what is no page: {cause}")]
    Redirect {
        /// The fault of the address.
        cause: AddressError,
    },
    /// A redirect leads from https to http.
    #[error("it redirects from https to http, where anybody on the way could change the page: {to}")]
    Downgrade {
        /// The address that the redirect names.
        to: PageAddress,
    },
    /// The chain of redirects is too long.
    #[error("it redirects more than {limit} times")]
    TooManyRedirects {
        /// The most redirects that are followed.
        limit: usize,
    },
    /// The header of the reply is too large.
    #[error("the header of the reply has more than {}", counted(*.limit, "byte"))]
    LargeHeader {
        /// The largest header that is read.
        limit: usize,
    },
    /// The body of the reply is too large, as it states or as it came.
    #[error("the page has more than {}", counted(*.limit, "byte"))]
    TooLarge {
        /// The largest body that is read, after it was decompressed.
        limit: usize,
    },
    /// The body of the reply ended before the length that its header states.
    #[error("the page ended after {}, before the length that its header states", counted(*.received, "byte"))]
    Truncated {
        /// The bytes that came.
        received: usize,
    },
    /// The fetch took too long.
    #[error("the page did not come in time, after {}", counted(*.received, "byte"))]
    TooSlow {
        /// The bytes that came.
        received: usize,
    },
    /// The page is of a type that is not read.
    #[error("the page is of the type `{stated}`, and no text")]
    Type {
        /// The type, as an excerpt. Empty if the reply states none.
        stated: String,
    },
    /// The page is in a character set that is not read.
    #[error("the page is in the character set `{stated}`")]
    Charset {
        /// The character set, as an excerpt.
        stated: String,
    },
    /// The page is compressed in a way that was not asked for.
    #[error("the page is compressed as `{stated}`, which was not asked for")]
    Encoding {
        /// The compression, as an excerpt.
        stated: String,
    },
    /// The reply to a search has no results that can be read.
    #[error("the reply is no list of results")]
    NotResults,
}

impl WebFault {
    /// Returns the name of the fault, which stays the same when the message is worded better.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Special { .. } => "refused_address",
            Self::HostNotFound { .. } => "host_not_found",
            Self::Failed { .. } => "no_connection",
            Self::Certificate { .. } => "certificate",
            Self::NotHttp { .. } => "not_http",
            Self::Status { .. } => "status",
            Self::Redirect { .. } => "bad_redirect",
            Self::Downgrade { .. } => "downgrade",
            Self::TooManyRedirects { .. } => "too_many_redirects",
            Self::LargeHeader { .. } => "large_header",
            Self::TooLarge { .. } => "too_large",
            Self::Truncated { .. } => "truncated",
            Self::TooSlow { .. } => "timeout",
            Self::Type { .. } => "wrong_type",
            Self::Charset { .. } => "wrong_charset",
            Self::Encoding { .. } => "wrong_encoding",
            Self::NotResults => "no_results",
        }
    }

    fn remedy(&self, total: Duration) -> String {
        let fixed = match self {
            Self::Special { place, .. } => {
                return format!(
                    "pages come from public hosts; if you trust this one, add \"{place}\" to web.allow in your configuration"
                );
            }
            Self::TooSlow { .. } => {
                let seconds = total.as_secs_f64();
                return format!("try again, or raise web.timeout_seconds, which is {seconds}");
            }
            Self::TooLarge { .. } => "give another page, or raise web.max_page_bytes",
            Self::HostNotFound { .. } => {
                "correct the address, or check the network; no proxy is used for pages"
            }
            Self::Failed { .. } => "check the address and the network; no proxy is used for pages",
            Self::Certificate { .. } => {
                "give another page, or trust its authority with endpoint.ca_file or SSL_CERT_FILE"
            }
            Self::NotHttp { .. } => "check the port, and whether it wants https",
            Self::Downgrade { .. } => "give the http address itself if that is enough",
            Self::NotResults => {
                "give web.search an address that answers JSON with `results`, or HTML with links"
            }
            Self::Status { .. } => "correct the address, or try again later",
            Self::Type { .. } => "give the address of a page of HTML, JSON or text",
            Self::Charset { .. } => "give the address of a page in UTF-8",
            Self::Redirect { .. }
            | Self::TooManyRedirects { .. }
            | Self::LargeHeader { .. }
            | Self::Truncated { .. }
            | Self::Encoding { .. } => "give the address of another page",
        };
        fixed.to_owned()
    }
}
