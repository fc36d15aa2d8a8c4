//! A model behind an OpenAI-compatible endpoint, as a proposer.
//!
//! Speaks `POST {base}/chat/completions` with a streamed reply, and takes a reply in one piece from a
//! server that ignores `stream`. Every wait and every buffer is bounded ([`Limits`]). Nothing is known
//! of the model but the name it was asked for: no token ids, no digest, not reproducible.

mod endpoint;
mod error;
mod http;
mod key;
mod reply;
mod sse;
mod wire;

pub use endpoint::{Endpoint, EndpointError};
pub use error::RemoteError;
pub use http::Limits;
pub use key::{ApiKey, KeyError};

use crate::excerpt;
use abi::{Draft, Identity, Origin, Proposal, Proposer, Request, TrapRecord};

/// A model behind an endpoint.
#[derive(Debug)]
pub struct RemoteProposer {
    connection: http::Connection,
    model: String,
}

impl RemoteProposer {
    /// The model called `model` at `endpoint`. Nothing is sent until something is asked.
    #[must_use]
    pub fn new(endpoint: Endpoint, model: String, key: Option<ApiKey>, limits: Limits) -> Self {
        Self { connection: http::Connection::new(endpoint, key, limits), model }
    }

    fn refusal(&self, status: u16, body: &[u8]) -> RemoteError {
        let said = self.connection.redact(&wire::error_excerpt(body));
        if speaks_of_a_model(status, &said) {
            // The list is a courtesy: where it cannot be had, the status alone is reported.
            if let Ok(known) = self.model_names()
                && !known.contains(&self.model)
            {
                return RemoteError::UnknownModel {
                    endpoint: self.connection.endpoint().clone(),
                    model: self.model.clone(),
                    known,
                };
            }
        }
        self.connection.status_error(status, said)
    }

    fn model_names(&self) -> Result<Vec<String>, RemoteError> {
        let body = self.connection.get("models")?;
        wire::model_names(&body).ok_or_else(|| RemoteError::Garbage {
            endpoint: self.connection.endpoint().clone(),
            said: self.connection.redact(&excerpt::of_bytes(&body)),
        })
    }
}

fn speaks_of_a_model(status: u16, said: &str) -> bool {
    matches!(status, 400 | 404 | 422) && said.to_ascii_lowercase().contains("model")
}

impl Proposer for RemoteProposer {
    type Error = RemoteError;

    fn identity(&self) -> Identity {
        Identity { name: self.model.clone(), model_digest: None, reproducible: false }
    }

    fn propose(
        &mut self,
        request: &Request<'_>,
        progress: &mut dyn FnMut(&str),
    ) -> Result<Proposal<Draft>, RemoteError> {
        let body = wire::chat_request(&self.model, request);
        let mut response = self.connection.post("chat/completions", &body)?;
        if !response.is_success() {
            let said = response.read_excerpt();
            return Err(self.refusal(response.status(), &said));
        }
        let mut reply = reply::Reply::default();
        while let Some(bytes) = response.read_some()? {
            reply.push(bytes, progress).map_err(|fault| self.connection.reply_error(fault))?;
        }
        let (text, stop) = reply.finish(progress).map_err(|fault| self.connection.reply_error(fault))?;
        let (tokens, logit_digests, traps) = (Vec::new(), Vec::new(), TrapRecord::default());
        let draft = Draft { text, tokens, logit_digests, stop, traps };
        Ok(Proposal { value: draft, origin: Origin::RemoteModel { name: self.model.clone() } })
    }
}
