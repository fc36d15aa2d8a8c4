//! An OpenAI-compatible endpoint as a proposer of text.
//!
//! [`RemoteProposer`] implements [`abi::Proposer`]: each request becomes one `POST {base}/chat/completions`,
//! and the streamed reply becomes a draft. A server that ignores `stream` and replies in one piece is
//! understood too. [`Limits`] bound every wait and every buffer, redirects are not followed, and a reply that
//! is cut off before its end is an error and never a draft.
//!
//! A draft from an endpoint has no token ids, no digests of logits and no model digest, because the endpoint
//! reports none of them; its origin is [`abi::Origin::RemoteModel`] and it is never reproducible.
//!
//! Servers differ in what they take. A refusal that names a parameter leads to a [`Dialect`] without it, and the next
//! request is sent in that. A server that asks to wait is waited for within the limits.
//!
//! The crate reads no environment, no file and no clock. The caller passes the address ([`Endpoint`]), the key
//! ([`ApiKey`]), the proxy ([`Proxy`]) and the limits. The key is sent only over https or to this machine,
//! and no error repeats it.

#![forbid(unsafe_code)]

mod authorities;
mod completion;
mod connection;
mod dialect;
mod endpoint;
mod error;
pub mod events;
pub mod excerpt;
mod key;
mod limits;
mod proposer;
mod proxy;
mod refusal;
mod reply;
mod retry;
pub mod web;
mod wire;

pub use abi;
pub use authorities::{Authorities, AuthoritiesError};
pub use dialect::{Dialect, SystemRole, TokenLimit};
pub use endpoint::{Endpoint, EndpointError};
pub use error::RemoteError;
pub use key::{ApiKey, ApiKeyError};
pub use limits::Limits;
pub use proposer::{Between, RemoteProposer};
pub use proxy::{Proxy, ProxyError};
