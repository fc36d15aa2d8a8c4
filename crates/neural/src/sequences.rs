//! Many sequences that take turns over one model.
//!
//! A sequence is one answer with its own session, decoding and traps. Each turn runs one sequence for a few
//! passes. A sequence can be put aside between any two passes, in the middle of its prompt too. Sequences
//! share nothing that is computed, so a sequence gives the same bits as the same generation alone.

use abi::counted;
use std::num::NonZeroUsize;
use std::sync::Arc;

use thiserror::Error;

use crate::backend::Backend;
use crate::generate::{
    Decoding, Ended, GenerateSpec, GeneratedToken, Generation, GenerationState, MOST_HELD,
};
use crate::model::Model;
use crate::session::{Session, SessionError};
use crate::speculate::{Effort, MOST_AHEAD};
use crate::traps::Traps;

/// The number of a sequence in its scheduler. Numbers ascend in the order of admission, and none is used
/// twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SequenceId(u64);

/// The limits that all sequences of one scheduler share: memory, and the length of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SequenceLimits {
    /// The most memory in bytes that the sessions of all started sequences may take together at their
    /// largest, beside the model.
    pub memory: usize,
    /// The most passes that one turn makes.
    pub quantum: NonZeroUsize,
}

/// A request for an answer: the prompt and its bounds, the choice of tokens, the traps, and the priority.
pub struct SequenceSpec<'a, T> {
    /// The prompt, the bound on new tokens, and the end tokens.
    pub generate: GenerateSpec<'a>,
    /// The way that the tokens of this sequence are chosen.
    pub decoding: Decoding<'a>,
    /// The traps of this sequence; other sequences do not meet them.
    pub traps: T,
    /// The number of turns that the sequence gets in each round, from the round after its admission on. Ready
    /// sequences with more turns left come first. Every ready sequence gets its turns, so none starves.
    pub priority: NonZeroUsize,
}

/// The reason why a sequence is not admitted. The scheduler is then unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SequenceRefusal {
    /// The sequence would not fit into the memory even if it were alone.
    #[error(
        "the sequence takes up to {needed} and the sequences may take {memory}; a bound of {needed} would admit it", needed = counted(*needed, "byte"))]
    Memory {
        /// The most memory in bytes that the sequence may take.
        needed: usize,
        /// The bound on the memory of all sequences, in bytes.
        memory: usize,
    },
    /// Prompt and new tokens do not fit the model's context.
    #[error(transparent)]
    Session(#[from] SessionError),
}

/// The state of a sequence, from its admission to its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SequenceState {
    /// The sequence waits for memory that other sequences have reserved; it starts once they have ended.
    Waiting,
    /// The sequence is started and gets turns.
    Ready,
    /// The sequence was put aside by [`SequenceScheduler::hold`] and gets no turns until it is resumed.
    Held,
    /// A trap of the sequence paused its answer; the sequence gets no turns until it is resumed.
    Parked,
    /// The sequence has an outcome, which [`SequenceScheduler::take`] returns.
    Ended,
}

/// The result of [`SequenceScheduler::turn`]: the sequence that ran, or that none could run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SequenceTurn {
    /// The sequence that ran, and the number of passes that it made.
    Ran(SequenceId, usize),
    /// No sequence is ready, so nothing was computed.
    Idle,
}

/// The outcome of a sequence that ended or was cancelled: its answer or error, its session and its traps.
pub struct SequenceOutcome<B: Backend, T> {
    /// The answer with its cost in passes, or the error that ended the sequence.
    pub answer: Result<(Generation, Effort), SessionError>,
    /// The session as the answer left it, for a caller that wants to go on.
    pub session: Session<B>,
    /// The traps of the sequence, with whatever they have recorded.
    pub traps: T,
}

struct Sequence<'a, B: Backend, T> {
    id: SequenceId,
    generation: GenerationState<'a, B>,
    session: Session<B>,
    decoding: Decoding<'a>,
    traps: T,
    priority: NonZeroUsize,
    /// Memory in bytes that is reserved for the sequence.
    bytes: usize,
    /// Turns that the sequence has left in this round.
    turns: usize,
    state: SequenceState,
    /// The error that ended the sequence, if one did.
    failure: Option<SessionError>,
}

/// The sequences of one model that take turns: it knows their states, chooses the next one, and reserves
/// their memory.
pub struct SequenceScheduler<'a, B: Backend, T> {
    model: Arc<Model<B>>,
    limits: SequenceLimits,
    /// In the order of admission.
    sequences: Vec<Sequence<'a, B, T>>,
    next: u64,
    /// The sequence that had the last turn.
    last: Option<SequenceId>,
}

impl<'a, B: Backend, T: Traps<B>> SequenceScheduler<'a, B, T> {
    /// Creates a scheduler for sequences of `model`, without any sequence yet.
    #[must_use]
    pub fn new(model: &Arc<Model<B>>, limits: SequenceLimits) -> Self {
        Self { model: Arc::clone(model), limits, sequences: Vec::new(), next: 0, last: None }
    }

    /// Admits a sequence and returns its number. The sequence starts at once if its memory is free, and
    /// otherwise once earlier sequences have ended.
    ///
    /// # Errors
    /// [`SequenceRefusal::Memory`] if the sequence alone would exceed the bound on memory.
    /// [`SequenceRefusal::Session`] if prompt and new tokens do not fit the context.
    pub fn admit(&mut self, spec: SequenceSpec<'a, T>) -> Result<SequenceId, SequenceRefusal> {
        let SequenceSpec { generate, decoding, traps, priority } = spec;
        let session = Session::open(&self.model);
        let generation = GenerationState::begin(&session, &generate)?;
        let chunk = decoding.chunk.map_or(generate.prompt.len(), NonZeroUsize::get).max(MOST_AHEAD + 1);
        let positions = generate.prompt.len().saturating_add(generate.max_new);
        let mut needed = self.model.session_bytes(positions, chunk);
        if generate.max_new > MOST_HELD {
            needed = needed.saturating_add(self.model.anchor_bytes(positions, chunk));
        }
        let memory = self.limits.memory;
        if needed > memory {
            return Err(SequenceRefusal::Memory { needed, memory });
        }
        let id = SequenceId(self.next);
        self.next += 1;
        // A sequence admitted during a round gets its first turn in the next one, so a stream of new sequences starves none.
        let (turns, state) = (0, SequenceState::Waiting);
        self.sequences.push(Sequence {
            id,
            generation,
            session,
            decoding,
            traps,
            priority,
            bytes: needed,
            turns,
            state,
            failure: None,
        });
        self.start_waiting();
        Ok(id)
    }

    /// Returns the state of a sequence. Returns `None` if its outcome was taken, or if it was never admitted.
    #[must_use]
    pub fn state(&self, id: SequenceId) -> Option<SequenceState> {
        self.sequences.iter().find(|sequence| sequence.id == id).map(|sequence| sequence.state)
    }

    /// Returns the memory in bytes that is reserved for started sequences, which is at most
    /// [`SequenceLimits::memory`].
    #[must_use]
    pub fn reserved(&self) -> usize {
        let started = self.sequences.iter().filter(|sequence| sequence.has_memory());
        started.map(|sequence| sequence.bytes).sum()
    }

    /// Returns the memory in bytes that started sequences take now. The value is at most
    /// [`reserved`](Self::reserved), unless traps edit the passes: no memory is reserved for the record of
    /// their edits.
    #[must_use]
    pub fn used(&self) -> usize {
        let started = self.sequences.iter().filter(|sequence| sequence.has_memory());
        let bytes = |sequence: &Sequence<'_, B, T>| {
            let memory = sequence.session.memory();
            memory.pages + memory.history + sequence.generation.anchor_bytes()
        };
        started.map(bytes).sum()
    }

    /// Puts a ready sequence aside until [`resume`](Self::resume). Returns false, and changes nothing, if the
    /// sequence was not ready.
    pub fn hold(&mut self, id: SequenceId) -> bool {
        self.change(id, &[SequenceState::Ready], SequenceState::Held)
    }

    /// Lets a held or parked sequence go on. Returns false, and changes nothing, if the sequence was neither.
    pub fn resume(&mut self, id: SequenceId) -> bool {
        if let Some(sequence) = self.sequences.iter_mut().find(|sequence| sequence.id == id) {
            sequence.generation.resume();
        }
        self.change(id, &[SequenceState::Held, SequenceState::Parked], SequenceState::Ready)
    }

    /// Returns the outcome of a sequence that has ended, and forgets the sequence. Returns `None` if the
    /// sequence has not ended or does not exist.
    pub fn take(&mut self, id: SequenceId) -> Option<SequenceOutcome<B, T>> {
        self.remove(id, |state| state == SequenceState::Ended)
    }

    /// Ends a sequence in whatever state it is, and forgets it. The outcome has the tokens that were
    /// committed. Returns `None` if the sequence does not exist.
    pub fn cancel(&mut self, id: SequenceId) -> Option<SequenceOutcome<B, T>> {
        self.remove(id, |_| true)
    }

    /// Runs the next ready sequence for up to [`SequenceLimits::quantum`] passes, or fewer if the sequence
    /// ends or parks, and calls `on_token` with the tokens that it commits. A sequence that fails ends; the
    /// other sequences are not affected.
    pub fn turn(&mut self, on_token: &mut dyn FnMut(SequenceId, GeneratedToken)) -> SequenceTurn {
        let Some(at) = self.choose() else { return SequenceTurn::Idle };
        let sequence = &mut self.sequences[at];
        let (id, mut passes) = (sequence.id, 0);
        sequence.turns -= 1;
        while passes < self.limits.quantum.get() && sequence.state == SequenceState::Ready {
            passes += 1;
            let mut heard = |token| on_token(id, token);
            let done = sequence.generation.pass(
                &mut sequence.session,
                &mut sequence.decoding,
                &mut sequence.traps,
                &mut heard,
            );
            sequence.failure = done.err();
            sequence.state = match sequence.generation.ended() {
                _ if sequence.failure.is_some() => SequenceState::Ended,
                None => SequenceState::Ready,
                Some(Ended::Parked) => SequenceState::Parked,
                Some(_) => SequenceState::Ended,
            };
        }
        self.last = Some(id);
        self.start_waiting();
        SequenceTurn::Ran(id, passes)
    }

    /// Returns the index of the sequence whose turn it is: among the ready ones with most turns left in this
    /// round, the first after the sequence that ran last.
    fn choose(&mut self) -> Option<usize> {
        let ready = |sequence: &Sequence<'_, B, T>| sequence.state == SequenceState::Ready;
        if !self.sequences.iter().any(|sequence| ready(sequence) && sequence.turns > 0) {
            self.sequences.iter_mut().for_each(|sequence| sequence.turns = sequence.priority.get());
        }
        let most =
            self.sequences.iter().filter(|sequence| ready(sequence)).map(|sequence| sequence.turns).max()?;
        let mut eligible = (0..self.sequences.len())
            .filter(|at| ready(&self.sequences[*at]) && self.sequences[*at].turns == most);
        let first = eligible.clone().next()?;
        Some(eligible.find(|at| Some(self.sequences[*at].id) > self.last).unwrap_or(first))
    }

    /// Starts waiting sequences in the order of admission, as long as there is memory for the next one.
    fn start_waiting(&mut self) {
        let mut reserved = self.reserved();
        for sequence in self.sequences.iter_mut().filter(|sequence| sequence.state == SequenceState::Waiting)
        {
            reserved += sequence.bytes;
            if reserved > self.limits.memory {
                return;
            }
            sequence.state = SequenceState::Ready;
        }
    }

    fn change(&mut self, id: SequenceId, from: &[SequenceState], to: SequenceState) -> bool {
        let sequence =
            self.sequences.iter_mut().find(|sequence| sequence.id == id && from.contains(&sequence.state));
        sequence.map(|sequence| sequence.state = to).is_some()
    }

    fn remove(
        &mut self,
        id: SequenceId,
        fits: impl Fn(SequenceState) -> bool,
    ) -> Option<SequenceOutcome<B, T>> {
        let at = self.sequences.iter().position(|sequence| sequence.id == id && fits(sequence.state))?;
        let Sequence { mut generation, mut session, mut traps, failure, .. } = self.sequences.remove(at);
        self.start_waiting();
        generation.halt(&mut session, &mut traps);
        let answer = failure.map_or_else(|| Ok(generation.finished()), Err);
        Some(SequenceOutcome { answer, session, traps })
    }
}

impl<B: Backend, T> Sequence<'_, B, T> {
    /// Returns true if the session may hold pages, which a started sequence keeps until its outcome is taken.
    fn has_memory(&self) -> bool {
        self.state != SequenceState::Waiting
    }
}
