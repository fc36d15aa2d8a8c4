//! The proposer: from requests to drafts or errors.

use std::fmt;
use std::time::Duration;

use abi::{
    Conversation, Draft, Identity, Origin, Proposal, Proposer, Request, Step, Thinking, TrapRecord, Usage,
};

use crate::connection::Connection;
use crate::refusal::Refusal;
use crate::reply::{Reply, Whole};
use crate::{ApiKey, Authorities, Dialect, Endpoint, Limits, Proxy, RemoteError, excerpt, retry, wire};

/// The most requests that one draft may take, with those that were refused.
const MOST_TRIES: usize = 16;

/// The most tokens that a reply can have. A server that states more has miscounted.
const MOST_TOKENS: u64 = u32::MAX as u64;

/// The status that stands for a refusal inside a reply that has begun with success.
const BAD_REQUEST: u16 = 400;

/// A model behind an OpenAI-compatible endpoint, of which only the name is known.
///
/// The value learns from refusals which parts of a request the endpoint takes, and remembers it as long as it lives.
pub struct RemoteProposer {
    connection: Connection,
    model: String,
    thinking: Thinking,
    conversation: Conversation,
    dialect: Dialect,
    attend: Option<Attend>,
}

/// A function that is called with what happens between two requests for one draft.
type Attend = Box<dyn FnMut(Between<'_>) + Send>;

/// Something that happens between two requests for one draft, or at the end of the last one.
#[derive(Clone, Copy, Debug)]
pub enum Between<'a> {
    /// The next request waits, because the server is busy. The function that is told of it must return after that
    /// time, and not before.
    Wait {
        /// The time to wait.
        time: Duration,
        /// True if the server stated the time, and false if it is a step of the schedule of this crate.
        is_stated: bool,
        /// The status of the reply, 429, 503 or 529.
        status: u16,
        /// The server's words, as an excerpt.
        said: &'a str,
    },
    /// The server refuses a parameter, which later requests leave out or rename.
    Without {
        /// The parameter.
        parameter: &'static str,
        /// The server's words, as an excerpt.
        said: &'a str,
    },
    /// The server ended the reply with a word that is not known, which is taken for the model's own end.
    UnknownEnd {
        /// The word, as an excerpt.
        word: &'a str,
    },
    /// The protocol is spoken below another path of the same server.
    Moved {
        /// The address with that path.
        endpoint: &'a Endpoint,
    },
}

/// The next step after a refusal.
enum Next {
    /// The request is sent again, as it is now.
    Again,
    /// Nothing would help.
    GiveUp(RemoteError),
}

/// The changes of a request that one draft has tried already.
#[derive(Default)]
struct Tried {
    tries: usize,
    waited: Duration,
    /// The number of waits whose time no server stated.
    backoffs: usize,
    /// The address of a server without a path, before the usual path was added.
    bare: Option<Endpoint>,
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
        let connection = Connection::new(endpoint, key, limits, proxy, None);
        Self {
            connection,
            model,
            thinking: Thinking::Auto,
            conversation: Conversation::default(),
            dialect: Dialect::default(),
            attend: None,
        }
    }

    /// Returns the same proposer with other authorities for certificates than those that the client was built with.
    #[must_use]
    pub fn trusting(self, authorities: &Authorities, proxy: Option<&Proxy>) -> Self {
        let connection = self.connection.trusting(authorities, proxy);
        Self { connection, ..self }
    }

    /// Returns the same proposer with requests that begin in another dialect.
    #[must_use]
    pub fn speaking(self, dialect: Dialect) -> Self {
        Self { dialect, ..self }
    }

    /// Returns the same proposer, which calls `attend` with what happens between two requests for one draft. Without
    /// such a function the proposer never waits: a server that asks for it has refused the request.
    #[must_use]
    pub fn attended(self, attend: impl FnMut(Between<'_>) + Send + 'static) -> Self {
        Self { attend: Some(Box::new(attend)), ..self }
    }

    /// Returns the same proposer for another model at the same endpoint.
    #[must_use]
    pub fn named(self, model: String) -> Self {
        Self { model, ..self }
    }

    /// Tells the model from now on whether to think before it answers, as far as the endpoint takes it.
    pub fn set_thinking(&mut self, thinking: Thinking) {
        self.thinking = thinking;
    }

    /// Sends other messages before each prompt from now on.
    pub fn set_conversation(&mut self, conversation: Conversation) {
        self.conversation = conversation;
    }

    /// Returns the dialect of the next request, with what was learnt from refusals.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Returns the names of the models that the endpoint serves.
    ///
    /// # Errors
    /// [`RemoteError`] if the list cannot be fetched, or if it is no list of models.
    pub fn model_names(&mut self) -> Result<Vec<String>, RemoteError> {
        match self.listed() {
            Err(error) if error.may_lack_the_path() => {
                let Some(endpoint) = self.connection.endpoint().with_usual_path() else { return Err(error) };
                let bare = self.connection.endpoint().clone();
                self.connection.move_to(endpoint);
                self.listed().map_err(|_| {
                    self.connection.move_to(bare);
                    error
                })
            }
            listed => listed,
        }
    }

    /// Returns the name of the one model that the endpoint serves.
    ///
    /// # Errors
    /// [`RemoteError::NoName`] with the names if there are several or none, and [`RemoteError`] if the endpoint cannot be
    /// reached.
    pub fn only_model(&mut self) -> Result<String, RemoteError> {
        let known = match self.model_names() {
            Ok(known) => known,
            // A server need not list its models.
            Err(error) if error.may_lack_the_path() => Vec::new(),
            Err(error) => return Err(error),
        };
        match known.as_slice() {
            [only] => Ok(only.clone()),
            _ => Err(RemoteError::NoName { endpoint: self.connection.endpoint().clone(), known }),
        }
    }

    fn listed(&mut self) -> Result<Vec<String>, RemoteError> {
        let body = match self.connection.get("models") {
            Err(RemoteError::KeyRefused { status, said, .. })
                if Refusal::read(status, said.as_bytes()).wants_other_header()
                    && self.connection.use_other_header() =>
            {
                self.connection.get("models")?
            }
            got => got?,
        };
        wire::model_names(&body).ok_or_else(|| RemoteError::NotACompletion {
            endpoint: self.connection.endpoint().clone(),
            said: self.connection.redact(&excerpt::from_bytes(&body)),
        })
    }

    /// Sends the request once and reads its reply.
    fn send(&mut self, request: &Request<'_>, progress: &mut dyn FnMut(Step<'_>)) -> Result<Whole, Failure> {
        let body = wire::chat_request(&self.model, &self.conversation, request, &self.dialect, self.thinking);
        let mut response = self.connection.post("chat/completions", &body)?;
        if !response.is_success() {
            let (status, wait) = (response.status(), response.wait());
            let location = response.leads_to().map(String::into_bytes);
            let said = location.unwrap_or_else(|| response.read_excerpt());
            return Err(Failure::Refused { refusal: Refusal::read(status, &said), wait });
        }
        let mut reply = Reply::default();
        let read = |fault| self.connection.reply_error(fault);
        while let Some(bytes) = response.read_some()? {
            reply.push(bytes, progress).map_err(read)?;
        }
        Ok(reply.finish(progress).map_err(read)?)
    }

    /// Decides what follows a failed try: waiting, another dialect, another path, another header, or the error.
    fn next(&mut self, failure: Failure, request: &Request<'_>, tried: &mut Tried) -> Next {
        let (refusal, wait) = match failure {
            Failure::Other(error) if error.may_lack_the_path() && self.try_usual_path(tried) => {
                return Next::Again;
            }
            Failure::Other(error) => return self.reported(error, request, tried),
            Failure::Refused { refusal, wait } => (refusal, wait),
        };
        if matches!(refusal.status, 429 | 503 | 529) {
            if let Some(wait) = wait {
                return self.wait(wait, refusal, tried);
            }
            if self.backs_off(&refusal, tried) {
                return Next::Again;
            }
        }
        if self.adapt(&refusal, request, tried) {
            return Next::Again;
        }
        if refusal.wants_other_header() && self.connection.use_other_header() {
            return Next::Again;
        }
        let is_lost = matches!(refusal.status, 404 | 405) && !refusal.is_about_the_model();
        if is_lost && self.try_usual_path(tried) {
            return Next::Again;
        }
        Next::GiveUp(self.refused(refusal, tried))
    }

    /// Decides what follows an error that is no refusal by status. Some servers refuse a parameter inside a reply that
    /// has begun with success.
    fn reported(&mut self, error: RemoteError, request: &Request<'_>, tried: &mut Tried) -> Next {
        match &error {
            RemoteError::Reported { said, .. }
                if self.adapt(&Refusal::read(BAD_REQUEST, said.as_bytes()), request, tried) =>
            {
                Next::Again
            }
            _ => Next::GiveUp(error),
        }
    }

    /// Changes the dialect so that the next request avoids what `refusal` names. Returns false if there is no such
    /// change, or if too many were tried.
    fn adapt(&mut self, refusal: &Refusal, request: &Request<'_>, tried: &Tried) -> bool {
        let after = self.dialect.after(refusal, wire::optional(request, self.thinking));
        let Some((dialect, parameter)) = after.filter(|_| tried.tries < MOST_TRIES) else { return false };
        self.dialect = dialect;
        let said = self.connection.redact(&refusal.said);
        self.tell(Between::Without { parameter, said: &said });
        true
    }

    /// Adds the usual path to the address of a server without a path, once. Returns false if there is nothing to add.
    fn try_usual_path(&mut self, tried: &mut Tried) -> bool {
        let bare = self.connection.endpoint().clone();
        let Some(endpoint) = bare.with_usual_path() else { return false };
        self.tell(Between::Moved { endpoint: &endpoint });
        self.connection.move_to(endpoint);
        tried.bare = Some(bare);
        true
    }

    /// Waits as the server asks, unless that exceeds the time for the whole draft.
    fn wait(&mut self, time: Duration, refusal: Refusal, tried: &mut Tried) -> Next {
        let most = self.connection.limits().total;
        let waited = tried.waited.saturating_add(time);
        let said = self.connection.redact(&refusal.said);
        if waited > most || self.attend.is_none() || tried.tries >= MOST_TRIES {
            let endpoint = self.connection.endpoint().clone();
            return Next::GiveUp(RemoteError::Busy { endpoint, status: refusal.status, said, wait: time });
        }
        tried.waited = waited;
        self.tell(Between::Wait { time, is_stated: true, status: refusal.status, said: &said });
        Next::Again
    }

    /// Waits for the next time of [`retry::BACKOFF`], because a busy server stated none. Returns false if no time is
    /// left, if waiting exceeds the time for the whole draft, or if it would not help.
    fn backs_off(&mut self, refusal: &Refusal, tried: &mut Tried) -> bool {
        let Some(time) = retry::BACKOFF.get(tried.backoffs).copied() else { return false };
        let waited = tried.waited.saturating_add(time);
        let may_wait = waited <= self.connection.limits().total && tried.tries < MOST_TRIES;
        if !may_wait || self.attend.is_none() || refusal.is_about_payment() {
            return false;
        }
        tried.waited = waited;
        tried.backoffs += 1;
        let said = self.connection.redact(&refusal.said);
        self.tell(Between::Wait { time, is_stated: false, status: refusal.status, said: &said });
        true
    }

    fn tell(&mut self, between: Between<'_>) {
        if let Some(attend) = &mut self.attend {
            attend(between);
        }
    }

    /// Returns the error for a refusal that nothing helps against.
    fn refused(&mut self, refusal: Refusal, tried: &mut Tried) -> RemoteError {
        // Nothing was found below the usual path either, so the address is shown as it was given.
        if matches!(refusal.status, 404 | 405)
            && !refusal.is_about_the_model()
            && let Some(bare) = tried.bare.take()
        {
            self.connection.move_to(bare);
        }
        let said = self.connection.redact(&refusal.said);
        if refusal.is_about_the_model() {
            // The list of names only helps the user. If it cannot be fetched, the status alone is reported.
            if let Ok(known) = self.model_names()
                && !known.contains(&self.model)
            {
                let (endpoint, model) = (self.connection.endpoint().clone(), self.model.clone());
                return RemoteError::UnknownModel { endpoint, model, known, said };
            }
        }
        if matches!(refusal.status, 401 | 403) && !refusal.may_be_about_the_key() {
            let endpoint = self.connection.endpoint().clone();
            return RemoteError::Status { endpoint, status: refusal.status, said };
        }
        self.connection.status_error(refusal.status, said)
    }
}

/// A try that gave no draft.
enum Failure {
    /// The server refused the request, and may ask to wait.
    Refused { refusal: Refusal, wait: Option<Duration> },
    /// Anything else.
    Other(RemoteError),
}

impl From<RemoteError> for Failure {
    fn from(error: RemoteError) -> Self {
        Self::Other(error)
    }
}

impl Proposer for RemoteProposer {
    type Error = RemoteError;

    fn identity(&self) -> Identity {
        Identity { name: self.model.clone(), model_digest: None, reproducible: false }
    }

    fn propose(
        &mut self,
        request: &Request<'_>,
        progress: &mut dyn FnMut(Step<'_>),
    ) -> Result<Proposal<Draft>, RemoteError> {
        let mut tried = Tried::default();
        let whole = loop {
            let failure = match self.send(request, progress) {
                Ok(whole) => break whole,
                Err(failure) => failure,
            };
            tried.tries += 1;
            match self.next(failure, request, &mut tried) {
                Next::Again => progress(Step::Restart),
                Next::GiveUp(error) => return Err(error),
            }
        };
        let Whole { text, thoughts, stop, used, prompted, unknown_end } = whole;
        if let Some(word) = &unknown_end {
            self.tell(Between::UnknownEnd { word });
        }
        // A count of zero for a text is no count, and neither is one that no reply can have.
        let estimate = || Usage::estimate(&[&*thoughts, &*text].concat(), stop, request.max_new);
        let used = used.filter(|used| (1..=MOST_TOKENS).contains(used));
        let usage = used.map_or_else(estimate, Usage::Stated);
        let draft = Draft {
            text,
            thoughts,
            thinking: self.thinking,
            decoding: request.decoding,
            conversation: self.conversation.clone(),
            tokens: Vec::new(),
            logit_digests: Vec::new(),
            stop,
            usage,
            prompt_tokens: prompted,
            traps: TrapRecord::default(),
        };
        Ok(Proposal { value: draft, origin: Origin::RemoteModel { name: self.model.clone() } })
    }
}

impl fmt::Debug for RemoteProposer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { connection, model, thinking, conversation, dialect, attend: _ } = self;
        f.debug_struct("RemoteProposer")
            .field("connection", connection)
            .field("model", model)
            .field("thinking", thinking)
            .field("conversation", conversation)
            .field("dialect", dialect)
            .finish_non_exhaustive()
    }
}
