//! HTTP requests to one endpoint, with limits on every wait and every buffer.

use std::io::{ErrorKind, Read};
use std::time::Duration;

use ureq::http::Response;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body, BodyReader, Timeout};

use crate::refusal::Refusal;
use crate::reply::Fault;
use crate::{ApiKey, Authorities, Endpoint, Limits, Proxy, RemoteError, excerpt, retry};

/// A client of one endpoint, with the key and the limits of its requests.
#[derive(Debug)]
pub(crate) struct Connection {
    agent: Agent,
    endpoint: Endpoint,
    key: Option<ApiKey>,
    limits: Limits,
    /// True if the key is sent in the header `api-key` instead of `Authorization`.
    has_other_header: bool,
    /// The host and the port of the proxy through which the endpoint is reached, if there is one.
    via: Option<String>,
}

/// A reply whose status has arrived and whose body is still to be read.
pub(crate) struct Incoming<'a> {
    connection: &'a Connection,
    status: u16,
    /// The time that the server asks to wait before the next request.
    wait: Option<Duration>,
    /// The address to which the server sends the client, if it does.
    location: Option<String>,
    body: BodyReader<'static>,
    received: usize,
    buffer: Box<[u8; 8192]>,
}

impl Connection {
    pub(crate) fn new(
        endpoint: Endpoint,
        key: Option<ApiKey>,
        limits: Limits,
        proxy: Option<&Proxy>,
        authorities: Option<&Authorities>,
    ) -> Self {
        let proxy = proxy.and_then(|proxy| proxy.for_endpoint(&endpoint));
        let via = proxy.as_ref().map(|proxy| format!("{}:{}", proxy.host(), proxy.port()));
        // A redirect could carry the prompt to a host that nobody named, so none is followed. The proxy is always
        // set, because the client's default is the proxy of the environment.
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(limits.connect))
            .timeout_per_read(Some(limits.stall))
            .timeout_per_write(Some(limits.stall))
            .timeout_global(Some(limits.total))
            .proxy(proxy.clone());
        let roots = authorities.map_or(RootCerts::WebPki, Authorities::roots);
        let config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
        Self { agent: config.build().new_agent(), endpoint, key, limits, has_other_header: false, via }
    }

    /// Returns the same connection with other authorities for certificates.
    pub(crate) fn trusting(self, authorities: &Authorities, proxy: Option<&Proxy>) -> Self {
        Self::new(self.endpoint, self.key, self.limits, proxy, Some(authorities))
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Sends later requests to `endpoint`, which is at the same server.
    pub(crate) fn move_to(&mut self, endpoint: Endpoint) {
        self.endpoint = endpoint;
    }

    /// Sends the key in the header `api-key` from now on. Returns false if it was sent there already, or if there is none.
    pub(crate) fn use_other_header(&mut self) -> bool {
        self.sendable_key().is_some() && !std::mem::replace(&mut self.has_other_header, true)
    }

    /// Returns the header with the key, as name and value. None if no key is sent.
    fn key_header(&self) -> Option<(&'static str, String)> {
        let key = self.sendable_key()?;
        Some(if self.has_other_header {
            ("api-key", key.bare().to_owned())
        } else {
            ("Authorization", key.header())
        })
    }

    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Sends `body` as JSON to `path` below the base address, and returns once the reply's head has arrived.
    pub(crate) fn post(&self, path: &str, body: &[u8]) -> Result<Incoming<'_>, RemoteError> {
        let mut request = self.agent.post(self.endpoint.at(path)).header("Content-Type", "application/json");
        if let Some((name, value)) = self.key_header() {
            request = request.header(name, value);
        }
        request.send(body).map(|response| self.incoming(response)).map_err(|error| self.error(&error, 0))
    }

    /// Returns the whole body at `path` below the base address. Fails for a status other than success.
    pub(crate) fn get(&self, path: &str) -> Result<Vec<u8>, RemoteError> {
        let mut request = self.agent.get(self.endpoint.at(path));
        if let Some((name, value)) = self.key_header() {
            request = request.header(name, value);
        }
        let response = request.call().map_err(|error| self.error(&error, 0))?;
        let mut response = self.incoming(response);
        let mut body = Vec::new();
        while let Some(bytes) = response.read_some()? {
            body.extend_from_slice(bytes);
        }
        if response.is_success() {
            return Ok(body);
        }
        Err(self.status_error(response.status, self.redact(&Refusal::read(response.status, &body).said)))
    }

    /// Returns the key, or `None` if there is none or if the connection would carry it unencrypted to another
    /// machine.
    fn sendable_key(&self) -> Option<&ApiKey> {
        self.key.as_ref().filter(|_| self.endpoint.keeps_secrets())
    }

    /// Returns `text` with the key replaced, because a server may repeat the key in its reply.
    pub(crate) fn redact(&self, text: &str) -> String {
        self.key.as_ref().map_or_else(|| text.to_owned(), |key| key.strip_from(text))
    }

    /// Returns the error for a status other than success, with `said` as the start of the reply's body.
    pub(crate) fn status_error(&self, status: u16, said: String) -> RemoteError {
        let endpoint = self.endpoint.clone();
        if !matches!(status, 401 | 403) {
            return RemoteError::Status { endpoint, status, said };
        }
        match &self.key {
            None => RemoteError::NoKey { endpoint, status, said },
            Some(_) if !self.endpoint.keeps_secrets() => RemoteError::KeyHeldBack { endpoint, status, said },
            Some(key) => {
                RemoteError::KeyRefused { endpoint, status, variable: key.variable().to_owned(), said }
            }
        }
    }

    /// Returns the error for a reply that is not a complete chat completion.
    pub(crate) fn reply_error(&self, fault: Fault) -> RemoteError {
        let endpoint = self.endpoint.clone();
        match fault {
            Fault::Garbage(bytes) => {
                RemoteError::NotACompletion { endpoint, said: self.redact(&excerpt::from_bytes(&bytes)) }
            }
            Fault::NotUtf8 => RemoteError::NotUtf8 { endpoint },
            Fault::Reported(message) => {
                RemoteError::Reported { endpoint, said: self.redact(&excerpt::from_message(&message)) }
            }
            Fault::Truncated => RemoteError::Truncated { endpoint },
            Fault::Empty => RemoteError::Empty { endpoint },
        }
    }

    fn incoming(&self, response: Response<Body>) -> Incoming<'_> {
        let status = response.status().as_u16();
        let headers = response.headers();
        let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let (wait, location) = (retry::wait(header), header("location").map(str::to_owned));
        let body = response.into_body().into_reader();
        Incoming { connection: self, status, wait, location, body, received: 0, buffer: Box::new([0; 8192]) }
    }

    /// Returns the error of this crate for an error of the HTTP client, after `received` bytes of the body
    /// had arrived.
    fn error(&self, error: &ureq::Error, received: usize) -> RemoteError {
        let endpoint = self.endpoint.clone();
        if let Some(proxy) = self.via.clone().filter(|_| received == 0)
            && let Some(cause) = proxy_cause(error)
        {
            return RemoteError::Proxy { endpoint, proxy, cause: excerpt::from_text(&cause) };
        }
        match error {
            ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => {
                RemoteError::NoConnection { endpoint, waited: self.limits.connect }
            }
            ureq::Error::Timeout(Timeout::Global) => {
                RemoteError::TooSlow { endpoint, waited: self.limits.total, received }
            }
            ureq::Error::Timeout(_) => RemoteError::Stalled { endpoint, waited: self.limits.stall, received },
            ureq::Error::HostNotFound => RemoteError::HostNotFound { endpoint },
            ureq::Error::Io(cause) => match cause.kind() {
                ErrorKind::ConnectionRefused => RemoteError::Refused { endpoint },
                ErrorKind::UnexpectedEof | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => {
                    match self.endpoint.is_encrypted() && received == 0 {
                        // A server without encryption may close such a connection without a word.
                        true => RemoteError::ClosedEarly { endpoint },
                        false => RemoteError::Truncated { endpoint },
                    }
                }
                // The client reports faults of the encryption as such errors too.
                _ => Self::io_error(endpoint, &cause.to_string()),
            },
            ureq::Error::Protocol(cause) => {
                RemoteError::NotHttp { endpoint, cause: excerpt::from_text(&cause.to_string()) }
            }
            other => Self::io_error(endpoint, &other.to_string()),
        }
    }

    /// Returns the error for a connection that failed, for example in the TLS handshake.
    fn io_error(endpoint: Endpoint, cause: &str) -> RemoteError {
        let (cause, words) = (excerpt::from_text(cause), cause.to_ascii_lowercase());
        if words.contains("corrupt message") {
            return RemoteError::NotEncrypted { endpoint, cause };
        }
        if words.contains("certificate") || words.contains("issuer") {
            return RemoteError::Certificate { endpoint, cause };
        }
        RemoteError::Failed { endpoint, cause }
    }
}

/// Returns in words why the proxy could not be used, for an error before any reply. None if the error may be that of the
/// endpoint behind it.
fn proxy_cause(error: &ureq::Error) -> Option<String> {
    match error {
        ureq::Error::Io(cause) if cause.kind() == ErrorKind::ConnectionRefused => {
            Some("it refused the connection".to_owned())
        }
        ureq::Error::HostNotFound => Some("its host name does not resolve".to_owned()),
        ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => {
            Some("it did not answer in time".to_owned())
        }
        ureq::Error::ConnectProxyFailed(cause) => Some(cause.clone()),
        _ => None,
    }
}

impl Incoming<'_> {
    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    /// Returns the address to which a redirect leads. None if the reply is none.
    pub(crate) fn leads_to(&self) -> Option<String> {
        self.location.clone().filter(|_| (300..400).contains(&self.status))
    }

    pub(crate) fn wait(&self) -> Option<Duration> {
        self.wait
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns the next bytes of the body, or `None` at its end. Fails once a limit is exceeded.
    pub(crate) fn read_some(&mut self) -> Result<Option<&[u8]>, RemoteError> {
        let count = match self.body.read(&mut self.buffer[..]) {
            Ok(count) => count,
            Err(error) => {
                return Err(self.connection.error(&ureq::Error::from(error), self.received));
            }
        };
        self.received += count;
        let Connection { limits, endpoint, .. } = self.connection;
        if self.received > limits.max_bytes {
            return Err(RemoteError::TooLarge { endpoint: endpoint.clone(), limit: limits.max_bytes });
        }
        Ok((count > 0).then_some(&self.buffer[..count]))
    }

    /// Returns the start of the body, for an excerpt in an error message. If reading fails, the excerpt is
    /// shorter.
    pub(crate) fn read_excerpt(&mut self) -> Vec<u8> {
        let mut start = Vec::new();
        while start.len() < self.buffer.len()
            && let Ok(Some(bytes)) = self.read_some()
        {
            start.extend_from_slice(bytes);
        }
        start
    }
}
