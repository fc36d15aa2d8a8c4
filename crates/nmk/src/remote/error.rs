//! What can go wrong with an endpoint.

use std::time::Duration;

use abi::Stop;

use super::Endpoint;

/// Why an endpoint gave no answer. Displayed as one line: what happened (where): what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RemoteError {
    /// Nothing listens there.
    #[error("the endpoint refused the connection ({endpoint}): start the server or correct the address")]
    Refused {
        /// The endpoint.
        endpoint: Endpoint,
    },
    /// The name has no address.
    #[error("the endpoint's host name does not resolve ({endpoint}): correct it or check the network")]
    HostNotFound {
        /// The endpoint.
        endpoint: Endpoint,
    },
    /// No connection came about in time.
    #[error("no connection within {} s ({endpoint}): check that the server runs and is reachable", .waited.as_secs_f64())]
    NoConnection {
        /// The endpoint.
        endpoint: Endpoint,
        /// The limit.
        waited: Duration,
    },
    /// Any other failure below HTTP.
    #[error(
        "the connection failed: {cause} ({endpoint}): check the address, its certificate and the network"
    )]
    Failed {
        /// The endpoint.
        endpoint: Endpoint,
        /// What failed.
        cause: String,
    },
    /// The server does not speak HTTP.
    #[error("the reply is not HTTP: {cause} ({endpoint}): check the port and whether it wants https")]
    NotHttp {
        /// The endpoint.
        endpoint: Endpoint,
        /// What was wrong with it.
        cause: String,
    },
    /// Silence for longer than the limit.
    #[error(
        "the endpoint stalled: {} s of silence after {received} bytes ({endpoint}): \
         try again, or raise remote.stall_timeout_seconds", .waited.as_secs_f64()
    )]
    Stalled {
        /// The endpoint.
        endpoint: Endpoint,
        /// The limit.
        waited: Duration,
        /// Bytes of the body that had come.
        received: usize,
    },
    /// Bytes come, but the whole takes too long.
    #[error(
        "the reply took longer than {} s, {received} bytes came ({endpoint}): \
         lower --max-new, or raise remote.total_timeout_seconds", .waited.as_secs_f64()
    )]
    TooSlow {
        /// The endpoint.
        endpoint: Endpoint,
        /// The limit.
        waited: Duration,
        /// Bytes of the body that had come.
        received: usize,
    },
    /// The reply is larger than the limit.
    #[error(
        "the reply is larger than {limit} bytes ({endpoint}): \
         lower --max-new, or raise remote.max_response_bytes"
    )]
    TooLarge {
        /// The endpoint.
        endpoint: Endpoint,
        /// The limit.
        limit: usize,
    },
    /// The reply is not the protocol's.
    #[error(
        "the reply is not a chat completion: `{said}` ({endpoint}): check that the address ends in the API's base path, often /v1"
    )]
    Garbage {
        /// The endpoint.
        endpoint: Endpoint,
        /// How it starts.
        said: String,
    },
    /// The reply's text is not UTF-8.
    #[error("the reply is not UTF-8 ({endpoint}): the server is faulty or is not a chat endpoint")]
    NotUtf8 {
        /// The endpoint.
        endpoint: Endpoint,
    },
    /// The reply stops in the middle.
    #[error("the reply was cut off before its end ({endpoint}): try again; the server or a proxy closed it")]
    Truncated {
        /// The endpoint.
        endpoint: Endpoint,
    },
    /// The reply has no text.
    #[error("the reply has no text ({endpoint}): {}", empty_remedy(.stop))]
    Empty {
        /// The endpoint.
        endpoint: Endpoint,
        /// Why generation stopped.
        stop: Stop,
    },
    /// The server reports an error in a reply that began well.
    #[error("the endpoint reported an error: `{said}` ({endpoint}): try again, or see the server's log")]
    Reported {
        /// The endpoint.
        endpoint: Endpoint,
        /// Its words.
        said: String,
    },
    /// A status other than success.
    #[error("the endpoint answered HTTP {status}{} ({endpoint}): {}", quoted(.said), status_remedy(*.status))]
    Status {
        /// The endpoint.
        endpoint: Endpoint,
        /// The status.
        status: u16,
        /// How the body starts.
        said: String,
    },
    /// A key is needed and there is none.
    #[error(
        "the endpoint wants a key, HTTP {status}{} ({endpoint}): \
         put it into OPENAI_API_KEY, or into the variable that remote.key_variable names",
        quoted(.said)
    )]
    NoKey {
        /// The endpoint.
        endpoint: Endpoint,
        /// The status.
        status: u16,
        /// How the body starts.
        said: String,
    },
    /// The key was sent and refused.
    #[error(
        "the endpoint refused the key, HTTP {status}{} ({endpoint}): check the variable {variable}",
        quoted(.said)
    )]
    KeyRefused {
        /// The endpoint.
        endpoint: Endpoint,
        /// The status.
        status: u16,
        /// Where the key came from.
        variable: String,
        /// How the body starts.
        said: String,
    },
    /// The key was not sent, because it would have travelled in the clear.
    #[error(
        "the endpoint wants a key, HTTP {status}, and it was not sent because the connection is not \
         encrypted ({endpoint}): use https, or reach the server through localhost"
    )]
    KeyHeldBack {
        /// The endpoint.
        endpoint: Endpoint,
        /// The status.
        status: u16,
    },
    /// The endpoint has no model of that name.
    #[error("the endpoint has no model `{model}` ({endpoint}): pass --model-name with one of {}", listed(.known))]
    UnknownModel {
        /// The endpoint.
        endpoint: Endpoint,
        /// The name that was asked for.
        model: String,
        /// The names that exist.
        known: Vec<String>,
    },
}

fn empty_remedy(stop: &Stop) -> &'static str {
    match stop {
        Stop::Length => "all tokens went elsewhere, into reasoning perhaps; raise --max-new",
        Stop::End => "try again or another --model-name",
    }
}

/// What the server said, if it said anything.
fn quoted(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": `{said}`") }
}

fn status_remedy(status: u16) -> &'static str {
    match status {
        300..=399 => "redirects are not followed; pass the address it leads to",
        404 => "check that the address ends in the API's base path, often /v1",
        429 => "wait, or use another key",
        500.. => "try again, or see the server's log",
        _ => "check --model-name and the address",
    }
}

fn listed(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let shown = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => "the names that it serves; it lists none".to_owned(),
        count if count > SHOWN => format!("{shown}, or {} more", count - SHOWN),
        _ => shown,
    }
}
