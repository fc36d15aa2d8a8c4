//! The implementation of the proposer: from a request to a draft.

use std::sync::Arc;

use abi::{
    Digest, Draft, EntryRecord, Identity, Origin, Proposal, Proposer, Request, Step, Stop, TrapRecord, Usage,
};
use constrain::{CompiledSchema, DeadEnd, SchemaConstraint};
use neural::{
    Ahead, Backend, Decoding, Ended, EntryTap, GenerateSpec, GeneratedToken, LookupDrafter, Sampler,
    SamplingSpec, Session, SessionError, TrapPlane, generate_in,
};
use text::{ReasonedReply, StreamedReply, Tokenizer};

use crate::answer_region::AnswerRegion;
use crate::answer_traps::{AnswerTraps, ShapedAnswer};
use crate::error::ProposeError;
use crate::interrupt::Interrupt;
use crate::local::{LocalModel, Schedule};

/// The largest number of tokens that the look-up compares to find a continuation to draft.
const LONGEST_MATCH: usize = 4;

impl<B: Backend> Proposer for LocalModel<B> {
    type Error = ProposeError;

    fn identity(&self) -> Identity {
        Identity {
            name: self.name().to_owned(),
            model_digest: Some(self.model().digest()),
            reproducible: true,
        }
    }

    fn propose(
        &mut self,
        request: &Request<'_>,
        progress: &mut dyn FnMut(Step<'_>),
    ) -> Result<Proposal<Draft>, ProposeError> {
        if request.max_new == 0 {
            return Err(ProposeError::NothingAsked);
        }
        let sampler = sampler(request.decoding)?;
        let schema = self.schema(request);
        let prompt = self.prompt_ids(request.facts, request.prompt)?;
        let max_new = usize::try_from(request.max_new).unwrap_or(usize::MAX);
        let spec = GenerateSpec { prompt: &prompt, max_new, end_tokens: self.end_tokens() };
        let mut shown = Shown::new(self.tokenizer(), self.chat().streamed());
        let Schedule { chunk, ahead } = self.schedule();
        let mut drafter = LookupDrafter { longest: LONGEST_MATCH };
        let ahead = (ahead > 0).then_some(Ahead { drafter: &mut drafter, most: ahead });
        let mut decoding = Decoding { chunk, ahead, ..Decoding::with(sampler) };
        let mut session = Session::open(self.model());
        let mut plane = self.plane(request, prompt.len(), schema.as_ref().map(|(_, compiled)| compiled));
        let mut on_token = |token: GeneratedToken| shown.push(token.id, progress);
        let generated = generate_in(&mut session, &spec, &mut decoding, &mut plane, &mut on_token);
        let (generation, _) = generated.map_err(|error| dead_end(error, &plane, shown.ids.len()))?;
        if let (Ended::Halted, Some(end)) = (generation.ended, bound_passed(&plane)) {
            return Err(end.clone().into());
        }
        let tokens: Vec<u32> = generation.tokens.iter().map(|token| token.id).collect();
        let ReasonedReply { answer, thoughts, calls_tool } =
            self.chat().read_reply(self.tokenizer(), &tokens)?;
        let stop = match generation.ended {
            Ended::Stop(Stop::End) | Ended::Halted | Ended::Parked if calls_tool => Stop::ToolCall,
            Ended::Stop(stop) => stop,
            Ended::Halted | Ended::Parked => Stop::End,
        };
        let draft = Draft {
            text: answer,
            thoughts,
            thinking: self.chat().thinking(),
            decoding: request.decoding,
            conversation: self.chat().conversation().clone(),
            logit_digests: generation.tokens.iter().map(|token| token.logits).collect(),
            tokens,
            stop,
            usage: Usage::Counted,
            prompt_tokens: Some(prompt.len() as u64),
            traps: TrapRecord { schema: schema.map(|(digest, _)| digest), ..self.record(&plane) },
        };
        Ok(Proposal { value: draft, origin: Origin::LocalModel { model: self.model().digest() } })
    }
}

impl<B: Backend> LocalModel<B> {
    /// Returns the automaton of the request's schema with the digest of the schema. None if the request has no
    /// schema, or if none can be made: then the answer is judged only.
    fn schema(&mut self, request: &Request<'_>) -> Option<(Digest, Arc<CompiledSchema>)> {
        let text = request.schema?;
        Some((Digest::hash_blob(text.as_bytes()), self.compiled(text).ok()?))
    }

    /// Returns the traps for an answer to a prompt of `length` tokens, armed if there are any. The entry head
    /// is used only if there are no facts, because it was trained without them.
    fn plane(
        &self,
        request: &Request<'_>,
        length: usize,
        schema: Option<&Arc<CompiledSchema>>,
    ) -> TrapPlane<B, AnswerTraps<'_>> {
        let head = self
            .entry
            .as_ref()
            .filter(|head| request.facts.is_empty() && head.parts().model == self.model().digest());
        let entry = head.map(|head| EntryTap::new(head, length - 1));
        let interrupt = self.forbidden.interrupt(schema.is_none());
        let shaped = schema.map(|compiled| {
            let region = AnswerRegion::new(self.chat(), self.tokenizer());
            ShapedAnswer::new(SchemaConstraint::new(compiled), region)
        });
        let traps = AnswerTraps::new(interrupt, shaped);
        let armed = entry.is_some() || !traps.is_empty();
        TrapPlane { armed, entry, interrupt: Some(traps), ..TrapPlane::default() }
    }

    /// Returns the record of the traps: the forbidden text, and the request that the entry head read.
    fn record(&self, plane: &TrapPlane<B, AnswerTraps<'_>>) -> TrapRecord {
        // Parts of a million, because a ledger compares whole numbers.
        let millionths = |share: f64| (share * 1e6).floor() as i64;
        let entry = plane.entry.as_ref().and_then(EntryTap::request).map(|request| EntryRecord {
            capability: request.capability,
            confidence_ppm: millionths(request.confidence),
            threshold_ppm: millionths(request.threshold),
        });
        TrapRecord { forbidden: self.forbidden.text.to_record(), entry, schema: None }
    }
}

/// Returns the sampler of a rule. Nothing but the temperature and the seed has a part in it, so the record of a generation
/// says all that a replay needs. Every draft is stream 0 of its seed.
fn sampler(decoding: abi::Decoding) -> Result<Sampler, ProposeError> {
    if !decoding.is_in_range() {
        return Err(ProposeError::Temperature { temperature: decoding.temperature() });
    }
    let (temperature, seed) = (decoding.temperature(), decoding.seed());
    let spec = SamplingSpec { temperature, top_k: None, top_p: None, min_p: None, seed, stream: 0 };
    Sampler::new(spec).map_err(|_| ProposeError::Temperature { temperature })
}

/// Returns the reason why a generation failed. Where nothing may follow, the traps know more than the session.
fn dead_end<B: Backend>(
    error: SessionError,
    plane: &TrapPlane<B, AnswerTraps<'_>>,
    tokens: usize,
) -> ProposeError {
    let traps = plane.interrupt.as_ref();
    let is_speechless =
        traps.and_then(|traps| traps.interrupt.as_ref()).is_some_and(Interrupt::is_speechless);
    match (error, traps.and_then(|traps| traps.shaped.as_ref())) {
        (SessionError::NothingAllowed { .. }, None) if is_speechless => ProposeError::NothingElseToSay,
        (SessionError::NothingAllowed { .. }, Some(shaped)) => match shaped.constraint.dead_end() {
            Some(end) => end.clone().into(),
            None => ProposeError::SchemaAgainstForbidden { tokens },
        },
        (error, _) => error.into(),
    }
}

/// Returns the reason why the automaton of a schema took no further token. None if it took all of them.
fn bound_passed<'p, B: Backend>(plane: &'p TrapPlane<B, AnswerTraps<'_>>) -> Option<&'p DeadEnd> {
    plane.interrupt.as_ref()?.shaped.as_ref()?.constraint.dead_end()
}

/// The tokens that were shown so far, and the parts of their text that were told.
struct Shown<'a> {
    tokenizer: &'a Tokenizer,
    ids: Vec<u32>,
    reply: StreamedReply,
}

impl<'a> Shown<'a> {
    fn new(tokenizer: &'a Tokenizer, reply: StreamedReply) -> Self {
        Self { tokenizer, ids: Vec::new(), reply }
    }

    fn push(&mut self, id: u32, progress: &mut dyn FnMut(Step<'_>)) {
        self.ids.push(id);
        progress(Step::Tokens(self.ids.len() as u64));
        self.reply.tell_tokens(self.tokenizer, &self.ids, progress);
    }
}
