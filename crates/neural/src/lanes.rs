//! Many sequences that take turns over one model.
//!
//! A lane is one answer with its own session, decoding and traps. Lanes take turns of a quantum of passes. A lane can be
//! put aside between any two passes, in the middle of its prompt too. Lanes share nothing that is computed, so a lane
//! gives the same bits as the same generation alone.

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

/// The number of a lane, ascending in the order of admission and never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaneId(u64);

/// The limits that all lanes of one model share: memory, and the length of a turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LaneLimits {
    /// The most memory in bytes that all started sessions may take together, at their largest, beside the model.
    pub memory: usize,
    /// The most passes of one turn.
    pub quantum: NonZeroUsize,
}

/// A request for an answer: the generation, its traps and its priority among the lanes.
pub struct LaneSpec<'a, T> {
    /// The prompt and the bounds of the answer.
    pub generate: GenerateSpec<'a>,
    /// The choice of its tokens.
    pub decoding: Decoding<'a>,
    /// The traps of this lane alone.
    pub traps: T,
    /// Turns of the lane in each round, from the round after its admission on. Of ready lanes those with more turns come
    /// first in a round. Every ready lane gets its turns, so none starves.
    pub priority: NonZeroUsize,
}

/// The reason why a lane is not admitted. A refusal leaves nothing behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LaneRefusal {
    /// The lane would not fit into the memory if it were alone.
    #[error(
        "the lane takes up to {needed} bytes and the lanes may take {memory}; a bound of {needed} would admit it"
    )]
    Memory {
        /// Bytes that the lane takes at most.
        needed: usize,
        /// The bound.
        memory: usize,
    },
    /// Prompt and new tokens do not fit the context.
    #[error(transparent)]
    Session(#[from] SessionError),
}

/// The state of a lane, from its admission to its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneState {
    /// The lane waits for memory that other lanes take; it starts once they have ended.
    Waiting,
    /// The lane gets turns.
    Ready,
    /// The lane was put aside by [`Lanes::hold`].
    Held,
    /// A trap of the lane parked its answer.
    Parked,
    /// The lane has an outcome, which [`Lanes::take`] returns.
    Ended,
}

/// The result of one turn: the lane that ran, or nothing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaneTurn {
    /// The lane made this many passes.
    Ran(LaneId, usize),
    /// No lane is ready.
    Idle,
}

/// The outcome of a lane: its answer or error, its session and its traps.
pub struct LaneOutcome<B: Backend, T> {
    /// The answer with its effort, or the error that ended the lane.
    pub answer: Result<(Generation, Effort), SessionError>,
    /// The session after the answer.
    pub session: Session<B>,
    /// The traps of the lane.
    pub traps: T,
}

struct Lane<'a, B: Backend, T> {
    id: LaneId,
    generation: GenerationState<'a, B>,
    session: Session<B>,
    decoding: Decoding<'a>,
    traps: T,
    priority: NonZeroUsize,
    /// Memory in bytes that is reserved for the lane.
    bytes: usize,
    /// Turns that the lane has left in this round.
    turns: usize,
    state: LaneState,
    /// The error that ended the lane, if one did.
    failure: Option<SessionError>,
}

/// The lanes of one model: which exist, whose turn it is, and the memory reserved for them.
pub struct Lanes<'a, B: Backend, T> {
    model: Arc<Model<B>>,
    limits: LaneLimits,
    /// In the order of admission.
    lanes: Vec<Lane<'a, B, T>>,
    next: u64,
    /// The lane that had the last turn.
    last: Option<LaneId>,
}

impl<'a, B: Backend, T: Traps<B>> Lanes<'a, B, T> {
    /// Creates a set of lanes over a model, without any lane yet.
    #[must_use]
    pub fn new(model: &Arc<Model<B>>, limits: LaneLimits) -> Self {
        Self { model: Arc::clone(model), limits, lanes: Vec::new(), next: 0, last: None }
    }

    /// Admits a lane. The lane starts at once if its memory is free, and otherwise once earlier lanes have ended.
    ///
    /// # Errors
    /// [`LaneRefusal::Memory`] if the lane alone exceeds the bound. [`LaneRefusal::Session`] if prompt and new tokens do
    /// not fit the context.
    pub fn admit(&mut self, spec: LaneSpec<'a, T>) -> Result<LaneId, LaneRefusal> {
        let LaneSpec { generate, decoding, traps, priority } = spec;
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
            return Err(LaneRefusal::Memory { needed, memory });
        }
        let id = LaneId(self.next);
        self.next += 1;
        // A lane admitted during a round gets its first turn in the next one, so a stream of new lanes starves none.
        let (turns, state) = (0, LaneState::Waiting);
        self.lanes.push(Lane {
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

    /// Returns the state of a lane; none if the lane was taken or never admitted.
    #[must_use]
    pub fn state(&self, id: LaneId) -> Option<LaneState> {
        self.lanes.iter().find(|lane| lane.id == id).map(|lane| lane.state)
    }

    /// Returns the memory in bytes that is reserved for started lanes; at most the bound.
    #[must_use]
    pub fn reserved(&self) -> usize {
        let started = self.lanes.iter().filter(|lane| lane.has_memory());
        started.map(|lane| lane.bytes).sum()
    }

    /// Returns the memory in bytes that started lanes take now. The value is at most [`reserved`](Self::reserved), unless
    /// traps edit the passes: their edits are not reserved for.
    #[must_use]
    pub fn used(&self) -> usize {
        let started = self.lanes.iter().filter(|lane| lane.has_memory());
        let bytes = |lane: &Lane<'_, B, T>| {
            let memory = lane.session.memory();
            memory.pages + memory.history + lane.generation.anchor_bytes()
        };
        started.map(bytes).sum()
    }

    /// Puts a ready lane aside until [`resume`](Self::resume). Returns false if the lane was not ready.
    pub fn hold(&mut self, id: LaneId) -> bool {
        self.change(id, &[LaneState::Ready], LaneState::Held)
    }

    /// Lets a held or parked lane go on. Returns false if the lane was neither.
    pub fn resume(&mut self, id: LaneId) -> bool {
        if let Some(lane) = self.lanes.iter_mut().find(|lane| lane.id == id) {
            lane.generation.resume();
        }
        self.change(id, &[LaneState::Held, LaneState::Parked], LaneState::Ready)
    }

    /// Returns the outcome of a lane that has ended, and forgets the lane.
    pub fn take(&mut self, id: LaneId) -> Option<LaneOutcome<B, T>> {
        self.remove(id, |state| state == LaneState::Ended)
    }

    /// Ends a lane in any state and forgets it. The outcome has the tokens that were committed.
    pub fn cancel(&mut self, id: LaneId) -> Option<LaneOutcome<B, T>> {
        self.remove(id, |_| true)
    }

    /// Runs the next ready lane for a quantum of passes, or fewer if the lane ends or parks. `on_token` is called with the
    /// tokens that the lane commits. A lane that fails ends; the other lanes are not affected.
    pub fn turn(&mut self, on_token: &mut dyn FnMut(LaneId, GeneratedToken)) -> LaneTurn {
        let Some(at) = self.choose() else { return LaneTurn::Idle };
        let lane = &mut self.lanes[at];
        let (id, mut passes) = (lane.id, 0);
        lane.turns -= 1;
        while passes < self.limits.quantum.get() && lane.state == LaneState::Ready {
            passes += 1;
            let mut heard = |token| on_token(id, token);
            let done =
                lane.generation.pass(&mut lane.session, &mut lane.decoding, &mut lane.traps, &mut heard);
            lane.failure = done.err();
            lane.state = match lane.generation.ended() {
                _ if lane.failure.is_some() => LaneState::Ended,
                None => LaneState::Ready,
                Some(Ended::Parked) => LaneState::Parked,
                Some(_) => LaneState::Ended,
            };
        }
        self.last = Some(id);
        self.start_waiting();
        LaneTurn::Ran(id, passes)
    }

    /// The index of the lane whose turn it is: the one after the last lane that ran, among the ready ones with most turns
    /// left in this round.
    fn choose(&mut self) -> Option<usize> {
        let ready = |lane: &Lane<'_, B, T>| lane.state == LaneState::Ready;
        if !self.lanes.iter().any(|lane| ready(lane) && lane.turns > 0) {
            self.lanes.iter_mut().for_each(|lane| lane.turns = lane.priority.get());
        }
        let most = self.lanes.iter().filter(|lane| ready(lane)).map(|lane| lane.turns).max()?;
        let mut eligible =
            (0..self.lanes.len()).filter(|at| ready(&self.lanes[*at]) && self.lanes[*at].turns == most);
        let first = eligible.clone().next()?;
        Some(eligible.find(|at| Some(self.lanes[*at].id) > self.last).unwrap_or(first))
    }

    /// Starts waiting lanes in the order of admission, as long as there is memory for the next one.
    fn start_waiting(&mut self) {
        let mut reserved = self.reserved();
        for lane in self.lanes.iter_mut().filter(|lane| lane.state == LaneState::Waiting) {
            reserved += lane.bytes;
            if reserved > self.limits.memory {
                return;
            }
            lane.state = LaneState::Ready;
        }
    }

    fn change(&mut self, id: LaneId, from: &[LaneState], to: LaneState) -> bool {
        let lane = self.lanes.iter_mut().find(|lane| lane.id == id && from.contains(&lane.state));
        lane.map(|lane| lane.state = to).is_some()
    }

    fn remove(&mut self, id: LaneId, fits: impl Fn(LaneState) -> bool) -> Option<LaneOutcome<B, T>> {
        let at = self.lanes.iter().position(|lane| lane.id == id && fits(lane.state))?;
        let Lane { mut generation, mut session, mut traps, failure, .. } = self.lanes.remove(at);
        self.start_waiting();
        generation.halt(&mut session, &mut traps);
        let answer = failure.map_or_else(|| Ok(generation.finished()), Err);
        Some(LaneOutcome { answer, session, traps })
    }
}

impl<B: Backend, T> Lane<'_, B, T> {
    /// True if the session may hold pages, which a lane keeps until its outcome is taken.
    fn has_memory(&self) -> bool {
        self.state != LaneState::Waiting
    }
}
