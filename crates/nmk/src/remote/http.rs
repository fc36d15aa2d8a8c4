//! Requests to one endpoint, every wait and every buffer bounded.

use std::io::{ErrorKind, Read};
use std::time::Duration;

use ureq::http::Response;
use ureq::{Agent, Body, BodyReader, Timeout};

use super::reply::Fault;
use super::{ApiKey, Endpoint, RemoteError, wire};
use crate::excerpt;

/// What an endpoint may cost in time and memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The longest wait for a connection.
    pub connect: Duration,
    /// The longest silence: until the first byte, and between any two.
    pub stall: Duration,
    /// The longest that one request may take, however steadily the bytes drip.
    pub total: Duration,
    /// The largest reply.
    pub max_bytes: usize,
}

/// An agent that talks to one endpoint.
#[derive(Debug)]
pub(crate) struct Connection {
    agent: Agent,
    endpoint: Endpoint,
    key: Option<ApiKey>,
    limits: Limits,
}

/// A reply whose body is still to be read.
pub(crate) struct Incoming<'a> {
    connection: &'a Connection,
    status: u16,
    body: BodyReader<'static>,
    received: usize,
    buffer: Box<[u8; 8192]>,
}

impl Connection {
    pub(crate) fn new(endpoint: Endpoint, key: Option<ApiKey>, limits: Limits) -> Self {
        // A redirect could carry the prompt to a place that nobody named, so none is followed.
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(limits.connect))
            .timeout_per_read(Some(limits.stall))
            .timeout_per_write(Some(limits.stall))
            .timeout_global(Some(limits.total));
        if endpoint.is_loopback() {
            config = config.proxy(None);
        }
        Self { agent: config.build().new_agent(), endpoint, key, limits }
    }

    pub(crate) fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    pub(crate) fn post(&self, path: &str, body: &[u8]) -> Result<Incoming<'_>, RemoteError> {
        let mut request = self.agent.post(self.endpoint.at(path)).header("Content-Type", "application/json");
        if let Some(key) = self.sendable_key() {
            request = request.header("Authorization", key.header());
        }
        request.send(body).map(|response| self.incoming(response)).map_err(|error| self.error(&error, 0))
    }

    pub(crate) fn get(&self, path: &str) -> Result<Vec<u8>, RemoteError> {
        let mut request = self.agent.get(self.endpoint.at(path));
        if let Some(key) = self.sendable_key() {
            request = request.header("Authorization", key.header());
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
        Err(self.status_error(response.status, self.redact(&wire::error_excerpt(&body))))
    }

    /// The key, unless it would travel in the clear.
    fn sendable_key(&self) -> Option<&ApiKey> {
        self.key.as_ref().filter(|_| self.endpoint.keeps_secrets())
    }

    /// `text` without the key, in case the server repeats it.
    pub(crate) fn redact(&self, text: &str) -> String {
        self.key.as_ref().map_or_else(|| text.to_owned(), |key| key.strip_from(text))
    }

    pub(crate) fn status_error(&self, status: u16, said: String) -> RemoteError {
        let endpoint = self.endpoint.clone();
        if !matches!(status, 401 | 403) {
            return RemoteError::Status { endpoint, status, said };
        }
        match &self.key {
            None => RemoteError::NoKey { endpoint, status, said },
            Some(_) if !self.endpoint.keeps_secrets() => RemoteError::KeyHeldBack { endpoint, status },
            Some(key) => {
                RemoteError::KeyRefused { endpoint, status, variable: key.variable().to_owned(), said }
            }
        }
    }

    pub(crate) fn reply_error(&self, fault: Fault) -> RemoteError {
        let endpoint = self.endpoint.clone();
        match fault {
            Fault::Garbage(bytes) => {
                RemoteError::Garbage { endpoint, said: self.redact(&excerpt::of_bytes(&bytes)) }
            }
            Fault::NotUtf8 => RemoteError::NotUtf8 { endpoint },
            Fault::Reported(message) => {
                RemoteError::Reported { endpoint, said: self.redact(&excerpt::of_text(&message)) }
            }
            Fault::Truncated => RemoteError::Truncated { endpoint },
            Fault::Empty(stop) => RemoteError::Empty { endpoint, stop },
        }
    }

    fn incoming(&self, response: Response<Body>) -> Incoming<'_> {
        let status = response.status().as_u16();
        let body = response.into_body().into_reader();
        Incoming { connection: self, status, body, received: 0, buffer: Box::new([0; 8192]) }
    }

    fn error(&self, error: &ureq::Error, received: usize) -> RemoteError {
        let endpoint = self.endpoint.clone();
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
                    RemoteError::Truncated { endpoint }
                }
                _ => RemoteError::Failed { endpoint, cause: excerpt::of_text(&cause.to_string()) },
            },
            ureq::Error::Protocol(cause) => {
                RemoteError::NotHttp { endpoint, cause: excerpt::of_text(&cause.to_string()) }
            }
            other => RemoteError::Failed { endpoint, cause: excerpt::of_text(&other.to_string()) },
        }
    }
}

impl Incoming<'_> {
    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The next bytes of the body, or none at its end.
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

    /// The start of a body of which only an excerpt is wanted; a failure ends it.
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
