//! Pages of the web, fetched for references and never trusted.
//!
//! A [`Web`] fetches a page with one `GET` over http or https. The host is resolved once, each of its addresses is
//! checked ([`SpecialAddress`]), and the connection is made to the addresses that were checked: a name that resolves
//! to something else a moment later changes nothing. Each redirect is checked in the same way. A host and port of
//! which an address is special is reached only if the caller allows exactly that [`HostPort`].
//!
//! A request has no cookies, no credentials and no referer. No proxy is used: behind one, the proxy resolves the name,
//! and nothing here could check the address. [`WebLimits`] bound the header, the body and the time.

mod address;
mod error;
mod fetch;
mod html;
mod media;
mod pinned;
mod results;
mod search;
mod special;
mod text;

pub use address::{AddressError, HostPort, PageAddress};
pub use error::{WebError, WebFault};
pub use fetch::{FetchedPage, SearchResults, Web, WebLimits};
pub use html::{Link, PlainText, links, plain_text};
pub use results::{SearchResult, results_from_html, results_from_json};
pub use search::{SearchAddress, SearchAddressError};
pub use special::SpecialAddress;
