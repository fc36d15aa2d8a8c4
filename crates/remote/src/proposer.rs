//! The proposer: from requests to drafts or errors.

use abi::{Draft, Identity, Origin, Proposal, Proposer, Request, Thinking, TrapRecord, Usage};

use crate::connection::Connection;
use crate::reply::Whole;
use crate::{ApiKey, Endpoint, Limits, Proxy, RemoteError, excerpt, reply, wire};

/// A model behind an OpenAI-compatible endpoint, of which only the name is known.
#[derive(Debug)]
pub struct RemoteProposer {
    connection: Connection,
    model: String,
    thinking: Thinking,
}

impl RemoteProposer {
    /// Returns a proposer for the model named `model` at `endpoint`. No connection is made until the first
    /// request.
    ///
    /// The key is sent only if the connection is encrypted or stays on this machine. An endpoint on this
    /// machine is reached without the proxy.
    #[must_use]
    pub fn new(
        endpoint: Endpoint,
        model: String,
        key: Option<ApiKey>,
        limits: Limits,
        proxy: Option<&Proxy>,
    ) -> Self {
        Self { connection: Connection::new(endpoint, key, limits, proxy), model, thinking: Thinking::Auto }
    }

    /// Tells the model from now on whether to think before it answers, as far as the endpoint takes it.
    pub fn set_thinking(&mut self, thinking: Thinking) {
        self.thinking = thinking;
    }

    /// Returns the error for a reply with a status other than success.
    fn refusal(&self, status: u16, body: &[u8]) -> RemoteError {
        let said = self.connection.redact(&wire::error_excerpt(body));
        if speaks_of_a_model(status, &said) {
            // The list of names only helps the user. If it cannot be fetched, the status alone is reported.
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

    /// Returns the names of the models that the endpoint serves.
    fn model_names(&self) -> Result<Vec<String>, RemoteError> {
        let body = self.connection.get("models")?;
        wire::model_names(&body).ok_or_else(|| RemoteError::NotACompletion {
            endpoint: self.connection.endpoint().clone(),
            said: self.connection.redact(&excerpt::from_bytes(&body)),
        })
    }
}

/// Returns true if a refusal with this status and these words may mean that the endpoint has no such model.
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
        let whole = reply.finish(progress).map_err(|fault| self.connection.reply_error(fault))?;
        let Whole { text, thoughts, stop, used, prompted } = whole;
        let (tokens, logit_digests, traps) = (Vec::new(), Vec::new(), TrapRecord::default());
        // A count of zero for a text is no count.
        let usage = used.filter(|used| *used > 0).map_or_else(
            || Usage::estimate(&[&*thoughts, &*text].concat(), stop, request.max_new),
            Usage::Stated,
        );
        let draft = Draft {
            text,
            thoughts,
            thinking: self.thinking,
            tokens,
            logit_digests,
            stop,
            usage,
            prompt_tokens: prompted,
            traps,
        };
        Ok(Proposal { value: draft, origin: Origin::RemoteModel { name: self.model.clone() } })
    }
}
