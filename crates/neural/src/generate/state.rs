//! The state of a generation between two passes.

use abi::Stop;

use crate::backend::Backend;
use crate::decoder::Want;
use crate::generate::{Decoding, Ended, GenerateSpec, GeneratedToken, Generation};
use crate::history::History;
use crate::session::{Logits, REWIND_HORIZON, Session, SessionError};
use crate::speculate::{Effort, verify};
use crate::stops::StopMatch;
use crate::traps::{Commit, Traps};

/// The most tokens that can be held without a copy of the session at the last commit point. A rewind over
/// these tokens and a draft stays within [`REWIND_HORIZON`]; with more held tokens the copy is needed.
pub(crate) const MOST_HELD: usize = REWIND_HORIZON / 2;

/// The state of one generation, which grows by one pass at a time. The caller must pass the same session,
/// decoding and traps to every call. Other generations may run in between.
pub(crate) struct GenerationState<'a, B: Backend> {
    spec: GenerateSpec<'a>,
    /// Position after the prompt.
    prompt_end: usize,
    /// Number of tokens of the prompt that were computed so far.
    fed: usize,
    /// Drafted tokens of the pass that is being examined.
    draft: Vec<u32>,
    tokens: Vec<GeneratedToken>,
    /// Number of `tokens` that are committed and were shown.
    shown: usize,
    /// The prompt and the ids of `tokens`.
    held: Vec<u32>,
    /// The bytes of `tokens`, if there are stop sequences to find in them.
    text: Vec<u8>,
    /// The session before the prompt, until the first token is shown.
    before: Option<Session<B>>,
    /// The session at the last commit point, if more tokens are held than a rewind reaches.
    anchor: Option<Session<B>>,
    effort: Effort,
    /// The position at which another token is to be chosen, if a trap reconsiders.
    back: Option<usize>,
    /// The end of the answer, once no token may follow.
    end: Option<(Ended, Option<StopMatch>)>,
}

impl<'a, B: Backend> GenerationState<'a, B> {
    /// Begins a generation before its prompt, and refuses one that does not fit the context.
    pub(crate) fn begin(session: &Session<B>, spec: &GenerateSpec<'a>) -> Result<Self, SessionError> {
        let (start, capacity) = (session.position(), session.model().config().max_positions);
        let position = start.saturating_add(spec.prompt.len());
        if position.saturating_add(spec.max_new) > capacity {
            return Err(SessionError::ContextOverflow { position, added: spec.max_new, capacity });
        }
        Ok(Self {
            spec: *spec,
            prompt_end: position,
            fed: 0,
            draft: Vec::new(),
            tokens: Vec::new(),
            shown: 0,
            held: spec.prompt.to_vec(),
            text: Vec::new(),
            before: Some(session.fork()),
            anchor: None,
            effort: Effort::default(),
            back: None,
            end: None,
        })
    }

    /// Returns the reason why the generation ended; `None` while it can go on.
    pub(crate) fn ended(&self) -> Option<Ended> {
        self.end.map(|(ended, _)| ended)
    }

    /// Lets a parked generation go on after its last token.
    pub(crate) fn resume(&mut self) {
        self.end = self.end.filter(|(ended, _)| *ended != Ended::Parked);
    }

    /// Drops the held tokens of a generation that will not go on.
    pub(crate) fn halt<T: Traps<B>>(&mut self, session: &mut Session<B>, traps: &mut T) {
        if self.shown < self.tokens.len() {
            self.drop_held(session, traps);
        }
    }

    /// Returns the memory in bytes that the copy at the last commit point takes beside the session.
    pub(crate) fn anchor_bytes(&self) -> usize {
        let memory = self.anchor.as_ref().map(Session::memory);
        memory.map_or(0, |memory| memory.pages - memory.shared + History::PAGE_BYTES)
    }

    /// Returns the answer and its effort. A generation that has not ended counts as halted at its committed
    /// tokens.
    pub(crate) fn finished(mut self) -> (Generation, Effort) {
        self.tokens.truncate(self.shown);
        let (ended, stopped) = self.end.unwrap_or((Ended::Halted, None));
        (Generation { tokens: self.tokens, ended, stopped }, self.effort)
    }

    /// Runs one pass through the model: a chunk of the prompt, or the last token and a draft after it.
    pub(crate) fn pass<T: Traps<B>>(
        &mut self,
        session: &mut Session<B>,
        decoding: &mut Decoding<'_>,
        traps: &mut T,
        on_token: &mut dyn FnMut(GeneratedToken),
    ) -> Result<(), SessionError> {
        let done = self.advance(session, decoding, traps, on_token);
        if done.is_err() {
            self.roll_back(session, traps);
        }
        done
    }

    fn advance<T: Traps<B>>(
        &mut self,
        session: &mut Session<B>,
        decoding: &mut Decoding<'_>,
        traps: &mut T,
        on_token: &mut dyn FnMut(GeneratedToken),
    ) -> Result<(), SessionError> {
        let Some(logits) = self.compute(session, decoding, traps)? else { return Ok(()) };
        if self.spec.max_new == 0 {
            self.end = Some((Ended::Stop(Stop::Length), None));
            return Ok(());
        }
        let accepted =
            self.take(&logits, session.position() - self.draft.len(), decoding, traps, on_token)?;
        self.effort.accepted += accepted;
        if let Some(to) = self.back.take() {
            return self.go_back(to, session, decoding, traps);
        }
        if accepted < self.draft.len() {
            let to = session.position() - (self.draft.len() - accepted);
            session.rewind(to)?;
            traps.rewound(to);
        }
        if self.end.is_some() && self.shown < self.tokens.len() {
            self.drop_held(session, traps);
        } else if self.tokens.len() - self.shown > MOST_HELD && self.anchor.is_none() {
            let mut anchor = session.fork();
            anchor.rewind(self.commit_point())?;
            self.anchor = Some(anchor);
        }
        Ok(())
    }

    /// Returns the logits that the next tokens are chosen from; `None` before the end of the prompt.
    fn compute<T: Traps<B>>(
        &mut self,
        session: &mut Session<B>,
        decoding: &mut Decoding<'_>,
        traps: &mut T,
    ) -> Result<Option<Logits>, SessionError> {
        let Some(last) = self.tokens.last() else {
            let rest = &self.spec.prompt[self.fed..];
            let chunk = &rest[..decoding.chunk.map_or(rest.len(), |chunk| chunk.get().min(rest.len()))];
            let logits = session.prefill_trapped(chunk, Want::Last, traps)?;
            self.fed += chunk.len();
            return Ok((self.fed == self.spec.prompt.len()).then_some(logits));
        };
        let vocab_size = session.model().config().vocab_size;
        self.draft = match &mut decoding.ahead {
            Some(ahead) if !traps.sequential() => {
                ahead.draft(&self.held, self.room() - 1, vocab_size, &mut self.effort)
            }
            _ => Vec::new(),
        };
        verify(session, last.id, &mut self.draft, traps, &mut self.effort).map(Some)
    }

    /// Returns the number of tokens that may still be chosen.
    fn room(&self) -> usize {
        self.spec.max_new - self.tokens.len()
    }

    /// Returns the position after the committed tokens.
    fn commit_point(&self) -> usize {
        self.prompt_end + self.shown
    }

    /// Chooses a token at `first`, and goes on to the next position as long as the choice equals the draft.
    /// Returns the number of drafted tokens that are part of the answer and can be followed by a later one.
    fn take<T: Traps<B>>(
        &mut self,
        logits: &Logits,
        first: usize,
        decoding: &Decoding<'_>,
        traps: &mut T,
        on_token: &mut dyn FnMut(GeneratedToken),
    ) -> Result<usize, SessionError> {
        for row in 0..logits.rows() {
            let (position, sampler) = (first + row, &decoding.sampler);
            traps.weigh(position, logits.row(row));
            let wanted = sampler.choose(logits, row, position);
            let id = match traps.mask(position) {
                None => Some(wanted),
                Some(mask) if mask.allows(wanted) => sampler.choose_within(mask, logits, row, position),
                Some(_) => {
                    // What was shown cannot be said otherwise.
                    self.back = traps.reconsider(position, wanted).filter(|to| *to >= self.commit_point());
                    if self.back.is_some() {
                        return Ok(row);
                    }
                    // A trap that has reconsidered may forbid more.
                    traps.mask(position).and_then(|mask| sampler.choose_within(mask, logits, row, position))
                }
            };
            let id = id.ok_or(SessionError::NothingAllowed { position })?;
            self.push(
                GeneratedToken { id, logits: logits.digest(row) },
                position,
                decoding,
                traps,
                on_token,
            )?;
            if self.end.is_some() || self.draft.get(row) != Some(&id) {
                return Ok(row);
            }
        }
        Ok(self.draft.len())
    }

    fn push<T: Traps<B>>(
        &mut self,
        token: GeneratedToken,
        position: usize,
        decoding: &Decoding<'_>,
        traps: &mut T,
        on_token: &mut dyn FnMut(GeneratedToken),
    ) -> Result<(), SessionError> {
        if self.spec.end_tokens.contains(&token.id) {
            return self.finish(Stop::End, None, position, traps, on_token);
        }
        let commit = traps.commit(position, token.id);
        self.tokens.push(token);
        self.held.push(token.id);
        match commit {
            Commit::Held => {}
            Commit::Begins => self.show_before(on_token),
            Commit::Visible => self.show(on_token),
            Commit::Park => {
                self.show(on_token);
                self.end = Some((Ended::Parked, None));
            }
            Commit::Halt => {
                self.end = Some((Ended::Halted, None));
                return Ok(());
            }
        }
        let stopped = decoding.stops.and_then(|(sequences, bytes)| {
            let before = self.text.len();
            self.text.extend(bytes.get(token.id as usize).into_iter().flatten());
            sequences.find(&self.text, before)
        });
        if stopped.is_some() {
            return self.finish(Stop::End, stopped, position, traps, on_token);
        }
        if self.room() == 0 {
            return self.finish(Stop::Length, None, position, traps, on_token);
        }
        Ok(())
    }

    /// Ends the answer. Held tokens become part of it only if the traps let it end here.
    fn finish<T: Traps<B>>(
        &mut self,
        stop: Stop,
        stopped: Option<StopMatch>,
        position: usize,
        traps: &mut T,
        on_token: &mut dyn FnMut(GeneratedToken),
    ) -> Result<(), SessionError> {
        let whole = traps.finish(stopped.map_or(0, |stopped| self.text.len() - stopped.kept));
        if whole {
            self.show(on_token);
        } else if stopped.is_some() {
            return Err(SessionError::NothingAllowed { position });
        }
        self.end = Some((Ended::Stop(stop), stopped));
        Ok(())
    }

    /// Takes the answer back to the position `to`, so that the next pass gives the logits for another token there. The
    /// pass computes the token before `to` again, with the same bits.
    fn go_back<T: Traps<B>>(
        &mut self,
        to: usize,
        session: &mut Session<B>,
        decoding: &Decoding<'_>,
        traps: &mut T,
    ) -> Result<(), SessionError> {
        self.tokens.truncate(to - self.prompt_end);
        self.held.truncate(self.spec.prompt.len() + self.tokens.len());
        if let Some((_, bytes)) = decoding.stops {
            let bytes = |token: &GeneratedToken| bytes.get(token.id as usize).into_iter().flatten();
            self.text = self.tokens.iter().flat_map(bytes).copied().collect();
        }
        if self.tokens.is_empty() {
            self.fed = self.spec.prompt.len() - 1;
        }
        // No more tokens are held than a rewind reaches.
        session.rewind(to - 1)?;
        self.draft.clear();
        traps.rewound(to - 1);
        traps.retracted(to);
        Ok(())
    }

    /// Shows all tokens up to here, at a commit point.
    fn show(&mut self, on_token: &mut dyn FnMut(GeneratedToken)) {
        self.show_up_to(self.tokens.len(), on_token);
    }

    /// Shows all tokens but the last one, at a commit point before it.
    fn show_before(&mut self, on_token: &mut dyn FnMut(GeneratedToken)) {
        self.show_up_to(self.tokens.len() - 1, on_token);
    }

    fn show_up_to(&mut self, count: usize, on_token: &mut dyn FnMut(GeneratedToken)) {
        self.tokens[self.shown..count].iter().for_each(|token| on_token(*token));
        self.shown = count;
        self.anchor = None;
        if self.shown > 0 {
            self.before = None;
        }
    }

    /// Takes the session back to the last commit point, or to before the prompt if nothing was shown.
    fn roll_back<T: Traps<B>>(&mut self, session: &mut Session<B>, traps: &mut T) {
        match self.before.take() {
            Some(before) => {
                *session = before;
                traps.rewound(session.position());
                // The prompt may end with tokens of a parked answer, which stay committed.
                traps.retracted(self.prompt_end);
                self.anchor = None;
            }
            None => self.drop_held(session, traps),
        }
    }

    /// Takes the session back to the prompt and the committed tokens.
    fn drop_held<T: Traps<B>>(&mut self, session: &mut Session<B>, traps: &mut T) {
        let kept = self.commit_point();
        self.tokens.truncate(self.shown);
        match self.anchor.take() {
            Some(anchor) => *session = anchor,
            // With more held tokens than the horizon allows there is an anchor.
            None => session.rewind(kept.min(session.position())).expect("within the horizon of a rewind"),
        }
        traps.rewound(kept);
        traps.retracted(kept);
    }
}
