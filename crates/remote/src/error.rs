//! The errors of a request to an endpoint.

use abi::counted;
use std::time::Duration;

use crate::Endpoint;

/// The reason why a request to an endpoint gave no draft.
///
/// The message of each error is one line: what happened, the endpoint in parentheses, and what to do about
/// it. Words of the server are part of it as an excerpt, without the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RemoteError {
    /// The connection was refused, because nothing listens at the address.
    #[error("the endpoint refused the connection ({endpoint}): start the server or correct the address")]
    Refused {
        /// The endpoint that the request went to.
        endpoint: Endpoint,
    },
    /// The proxy through which the endpoint is reached gives no connection to it.
    #[error(
        "the proxy {proxy} gives no connection: {cause} ({endpoint}): {}, or name the endpoint's host in NO_PROXY",
        proxy_remedy(.cause)
    )]
    Proxy {
        /// The endpoint that the request was for.
        endpoint: Endpoint,
        /// The host and the port of the proxy.
        proxy: String,
        /// The reason, in words.
        cause: String,
    },
    /// The host name of the endpoint cannot be resolved to an address.
    #[error("the endpoint's host name does not resolve ({endpoint}): correct it or check the network")]
    HostNotFound {
        /// The endpoint that the request went to.
        endpoint: Endpoint,
    },
    /// No connection was made within [`Limits::connect`](crate::Limits::connect).
    #[error("no connection within {} s ({endpoint}): check that the server runs and is reachable", .waited.as_secs_f64())]
    NoConnection {
        /// The endpoint that the request went to.
        endpoint: Endpoint,
        /// The limit, which is how long the client waited.
        waited: Duration,
    },
    /// The connection failed in another way, for example in the TLS handshake.
    #[error("the connection failed: {cause} ({endpoint}): check the address and the network")]
    Failed {
        /// The endpoint that the request went to.
        endpoint: Endpoint,
        /// The reason of the failure, as the HTTP client states it.
        cause: String,
    },
    /// No authority that is trusted vouches for the server's certificate, or the certificate is not for this server.
    #[error("the endpoint's certificate is not trusted: {cause} ({endpoint}): {}", certificate_remedy(.cause))]
    Certificate {
        /// The endpoint that the request went to.
        endpoint: Endpoint,
        /// The fault, as the HTTP client states it.
        cause: String,
    },
    /// The server at an https address speaks without encryption.
    #[error("the server does not speak https: {cause} ({endpoint}): pass the address with http://")]
    NotEncrypted {
        /// The endpoint that the request went to.
        endpoint: Endpoint,
        /// The fault, as the HTTP client states it.
        cause: String,
    },
    /// The server at an https address closed the connection without a reply.
    #[error(
        "the server closed the connection without a reply ({endpoint}): check the port and whether it speaks https"
    )]
    ClosedEarly {
        /// The endpoint that the request went to.
        endpoint: Endpoint,
    },
    /// The server asks to wait for longer than the request may take.
    #[error(
        "the endpoint asks to wait {} s, HTTP {status}{} ({endpoint}): try again then, use another key, or raise \
         remote.total_timeout_seconds", .wait.as_secs_f64(), quoted(.said)
    )]
    Busy {
        /// The endpoint that the request went to.
        endpoint: Endpoint,
        /// The HTTP status, 429, 503 or 529.
        status: u16,
        /// The start of the server's words, as an excerpt.
        said: String,
        /// The time that the server asks to wait.
        wait: Duration,
    },
    /// The server at the address does not speak HTTP, or expects https.
    #[error("the reply is not HTTP: {cause} ({endpoint}): check the port and whether it wants https")]
    NotHttp {
        /// The endpoint that the request went to.
        endpoint: Endpoint,
        /// The fault, as the HTTP client states it.
        cause: String,
    },
    /// No byte arrived within [`Limits::stall`](crate::Limits::stall).
    #[error(
        "the endpoint stalled: {} s of silence after {received} ({endpoint}): \
         try again, or raise remote.stall_timeout_seconds", .waited.as_secs_f64(), received = counted(*received, "byte"))]
    Stalled {
        /// The endpoint that the request went to.
        endpoint: Endpoint,
        /// The limit, which is how long the client waited.
        waited: Duration,
        /// The number of bytes of the body that had arrived.
        received: usize,
    },
    /// Bytes arrived, but the request took longer than [`Limits::total`](crate::Limits::total).
    #[error(
        "the reply took longer than {} s, {received} came ({endpoint}): \
         lower --max-new, or raise remote.total_timeout_seconds", .waited.as_secs_f64(), received = counted(*received, "byte"))]
    TooSlow {
        /// The endpoint that the request went to.
        endpoint: Endpoint,
        /// The limit, which is how long the client waited.
        waited: Duration,
        /// The number of bytes of the body that had arrived.
        received: usize,
    },
    /// The body of the reply exceeds [`Limits::max_bytes`](crate::Limits::max_bytes).
    #[error(
        "the reply is larger than {limit} ({endpoint}): \
         lower --max-new, or raise remote.max_response_bytes", limit = counted(*limit, "byte"))]
    TooLarge {
        /// The endpoint that the request went to.
        endpoint: Endpoint,
        /// The limit on the body, in bytes.
        limit: usize,
    },
    /// The reply is JSON of another protocol, or no JSON at all.
    #[error(
        "the reply is not a chat completion: `{said}` ({endpoint}): check that the address ends in the API's base path, often /v1"
    )]
    NotACompletion {
        /// The endpoint that the request went to.
        endpoint: Endpoint,
        /// The start of the reply, as an excerpt.
        said: String,
    },
    /// The text of the reply is not UTF-8.
    #[error("the reply is not UTF-8 ({endpoint}): the server is faulty or is not a chat endpoint")]
    NotUtf8 {
        /// The endpoint that the request went to.
        endpoint: Endpoint,
    },
    /// The connection ended before the reply was complete.
    #[error("the reply was cut off before its end ({endpoint}): try again; the server or a proxy closed it")]
    Truncated {
        /// The endpoint that the request went to.
        endpoint: Endpoint,
    },
    /// The reply is complete and contains no text.
    #[error("the reply has no text ({endpoint}): try again or another --model-name")]
    Empty {
        /// The endpoint that the request went to.
        endpoint: Endpoint,
    },
    /// The server reported an error inside a reply that had begun with success.
    #[error("the endpoint reported an error: `{said}` ({endpoint}): try again, or see the server's log")]
    Reported {
        /// The endpoint that the request went to.
        endpoint: Endpoint,
        /// The start of the server's message, as an excerpt.
        said: String,
    },
    /// The server replied with a status other than success.
    #[error("the endpoint answered HTTP {status}{} ({endpoint}): {}", quoted(.said), status_remedy(*.status, .said))]
    Status {
        /// The endpoint that the request went to.
        endpoint: Endpoint,
        /// The HTTP status of the reply, for example 404.
        status: u16,
        /// The start of the body, as an excerpt.
        said: String,
    },
    /// The endpoint demands a key, and none was given.
    #[error(
        "the endpoint wants a key, HTTP {status}{} ({endpoint}): \
         put it into OPENAI_API_KEY, or into the variable that remote.key_variable names",
        quoted(.said)
    )]
    NoKey {
        /// The endpoint that the request went to.
        endpoint: Endpoint,
        /// The HTTP status, 401 or 403.
        status: u16,
        /// The start of the body, as an excerpt.
        said: String,
    },
    /// The endpoint refused the key that was sent.
    #[error(
        "the endpoint refused the key, HTTP {status}{} ({endpoint}): check the variable {variable}",
        quoted(.said)
    )]
    KeyRefused {
        /// The endpoint that the request went to.
        endpoint: Endpoint,
        /// The HTTP status, 401 or 403.
        status: u16,
        /// The name of the environment variable that held the key.
        variable: String,
        /// The start of the body, as an excerpt.
        said: String,
    },
    /// The endpoint demands a key, which was not sent because the connection is not encrypted.
    #[error(
        "the endpoint wants a key, HTTP {status}{}, and it was not sent because the connection is not \
         encrypted ({endpoint}): use https, or reach the server through localhost",
        quoted(.said)
    )]
    KeyHeldBack {
        /// The endpoint that the request went to.
        endpoint: Endpoint,
        /// The HTTP status, 401 or 403.
        status: u16,
        /// The start of the body, as an excerpt.
        said: String,
    },
    /// No name of a model was given, and the endpoint does not serve exactly one.
    #[error(
        "an endpoint serves models by name and none is given ({endpoint}): pass --model-name with one of {}", listed(.known)
    )]
    NoName {
        /// The endpoint that was asked for its models.
        endpoint: Endpoint,
        /// The names of the models that the endpoint lists.
        known: Vec<String>,
    },
    /// The endpoint serves no model of the requested name.
    #[error(
        "the endpoint has no model `{model}`{} ({endpoint}): pass --model-name with one of {}", quoted(.said), listed(.known)
    )]
    UnknownModel {
        /// The endpoint that the request went to.
        endpoint: Endpoint,
        /// The name of the model in the request.
        model: String,
        /// The names of the models that the endpoint lists.
        known: Vec<String>,
        /// The start of the server's words, as an excerpt.
        said: String,
    },
}

impl RemoteError {
    /// Returns true if the protocol may be spoken below another path of the same server.
    pub(crate) fn may_lack_the_path(&self) -> bool {
        match self {
            Self::NotACompletion { .. } => true,
            // One server answers success to a wrong path, and says so in words.
            Self::Reported { said, .. } => said.to_ascii_lowercase().contains("endpoint"),
            Self::Status { status, .. } => matches!(status, 404 | 405),
            _ => false,
        }
    }
}

/// Returns the server's words in quotes after a colon, or nothing if there are none.
fn quoted(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": `{said}`") }
}

/// The words of servers about a cause, each with the advice for it. The first that fits counts.
const ADVICE: [(&[&str], &str); 5] = [
    (
        &[
            "content_filter",
            "content filter",
            "content management policy",
            "content policy",
            "flagged",
            "safety",
        ],
        "word the question differently, or pass another model",
    ),
    (
        &["failed to generate json", "json_validate_failed", "failed to validate json"],
        "ask again, or pass another model, because this one did not keep to the schema",
    ),
    (
        &["no models loaded", "no model loaded", "model is not loaded", "load a model"],
        "load a model at the server",
    ),
    (
        &["credit", "payment", "billing", "insufficient_quota", "insufficient quota"],
        "raise the credit of the account, or lower --max-new",
    ),
    (
        &["have access to it", "no access to", "not have access"],
        "pass --model-name with a model that the key may use",
    ),
];

/// Returns the advice for an HTTP status and the words of the server.
fn status_remedy(status: u16, said: &str) -> &'static str {
    let words = said.to_ascii_lowercase();
    let is_about_length = ["context", "max_tokens", "max_completion_tokens", "too long", "maximum"];
    let advised = ADVICE.iter().find(|(known, _)| known.iter().any(|known| words.contains(known)));
    match (status, advised) {
        (400..=499, Some((_, advice))) if status != 429 => advice,
        (400 | 422, _) if is_about_length.iter().any(|word| words.contains(word)) => {
            "shorten the prompt, or lower --max-new"
        }
        (300..=399, _) => "redirects are not followed; pass the address it leads to",
        (402, _) => "raise the credit of the account, or lower --max-new",
        (403, _) if !said.is_empty() => "another account or another network may be let in",
        (404, _) => "check that the address ends in the API's base path, often /v1, and check --model-name",
        (407, _) => "the proxy wants a name and a password; put them into the address of the proxy",
        (413, _) => "shorten the prompt",
        (429, _) => "wait, or use another key",
        (500.., _) => "try again, or see the server's log",
        _ if said.is_empty() => "check --model-name and the address",
        _ => "the server's words say what it does not take",
    }
}

/// Returns the advice for a proxy that gives no connection.
fn proxy_remedy(cause: &str) -> &'static str {
    match cause.contains("407") {
        true => "put a name and a password into the proxy's address, as in http://NAME:PASSWORD@HOST:PORT",
        false => "correct HTTPS_PROXY, HTTP_PROXY or ALL_PROXY",
    }
}

/// Returns the advice for a certificate that is not trusted.
fn certificate_remedy(cause: &str) -> &'static str {
    if cause.contains("CaUsedAsEndEntity") {
        "the certificate is one of an authority, so make another one for the server, with basicConstraints=CA:FALSE"
    } else if cause.contains("not valid for name") {
        "pass the address with a name that the certificate has"
    } else if cause.to_ascii_lowercase().contains("expired") {
        "renew the server's certificate, or correct this machine's clock"
    } else {
        "pass --ca-file FILE with the certificate of its authority, or set SSL_CERT_FILE"
    }
}

/// Returns up to eight names in one text, and how many more there are.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 8;
    let shown = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => "the names that it serves; it lists none".to_owned(),
        count if count > SHOWN => format!("{shown}, or {} more", count - SHOWN),
        _ => shown,
    }
}
